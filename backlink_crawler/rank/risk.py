"""Link-scheme risk: how far what is known of a domain's links is from what is usual in this index.

risk = 1 − Π (1 − weight × factor) over the signals; a factor rises from 0 at the 90th percentile of the signal's values in the
index to 1 at the 99th. NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from backlink_crawler.rank.libraries import np
from backlink_crawler.rank.scale import significant

LOW, HIGH = 90, 99  # percentiles between which a factor rises
LEAST_JUDGED = 100  # values: of fewer there is no 99th percentile, and nobody is judged by the signal


class Signal(NamedTuple):
    """least: below it a value is no pattern, however rare. weight: where nobody has chosen another. policy: of Google's spam
    policies, in words of ours (docs/methods.md). of_pair: of a source and a target, not of all that a source links to.
    """

    name: str
    weight: float
    least: float
    policy: str
    of_pair: bool = False


# A place in it is the number by which a signal is stored: new ones come at the end.
SIGNALS = (
    Signal("reciprocity", 0.6, 0.15, "excessive_exchanges"),
    Signal("exchange_page", 0.6, 0.5, "excessive_exchanges"),
    Signal("closed_farm", 0.5, 0.5, "excessive_exchanges"),
    Signal("same_links", 0.4, 0.5, "low_value_content"),
    Signal("many_targets", 0.2, 100, "low_quality_directories"),
    Signal("near_support", 0.3, 0.9, "link_spam"),
    Signal("untrusted", 0.3, 0.9, "link_spam"),
    Signal("same_pairs", 0.5, 0.5, "automated_links"),
    Signal("money_anchors", 0.5, 0.5, "optimised_anchors"),
    Signal("same_anchors", 0.3, 0.3, "automated_links"),
    Signal("wordless_links", 0.4, 0.3, "hidden_links"),
    Signal("comment_links", 0.4, 0.5, "comment_links"),
    Signal("sitewide_keywords", 0.6, 0.5, "template_links", of_pair=True),
    Signal("burst", 0.5, 5, "automated_links", of_pair=True),
)
NUMBERS = {signal.name: number for number, signal in enumerate(SIGNALS)}


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of a signal in this index. judged: values that are known. low, high: the two percentiles; None: too few are."""

    judged: int
    low: float | None = None
    high: float | None = None


def usual(values: Any) -> Usual:
    """values: those that are known, without NaN."""
    if len(values) < LEAST_JUDGED:
        return Usual(len(values))
    low, high = np.percentile(values, (LOW, HIGH))
    return Usual(len(values), float(low), float(high))


def factors(values: Any, known: Usual, least: float) -> Any:
    """0 to 1, to three decimals, from the 90th percentile, or `least` where that is more, to the 99th. 0 of NaN, of what is
    not above the 90th percentile, and of all where nobody is judged.
    """
    if known.low is None or known.high is None:
        return np.zeros(len(values))
    low = max(known.low, least)
    rising = np.ones(len(values)) if known.high <= low else np.clip((values - low) / (known.high - low), 0.0, 1.0)
    return np.where((values > known.low) & (values >= least), np.round(rising, 3), 0.0)


@dataclass(frozen=True, slots=True)
class Known:
    """Values of a signal. domains: keys of sources. targets: of the other side of pairs; None: it is of sources alone.
    among: the values that percentiles are of; None: these. None of them is NaN.
    """

    domains: Any
    values: Any
    targets: Any = None
    among: Any = None


@dataclass(frozen=True, slots=True)
class Reasons:
    """Of one signal: those with a factor above 0, as arrays side by side. targets: 0: whichever it is."""

    usual: Usual
    domains: Any
    targets: Any
    values: Any
    percentiles: Any
    factors: Any


def reasons(signal: Signal, known: Known) -> Reasons:
    ordered = np.sort(known.values if known.among is None else known.among)
    found = usual(ordered)
    rising = factors(known.values, found, signal.least)
    chosen = np.flatnonzero(rising)
    values = known.values[chosen]
    targets = np.zeros(len(chosen), dtype=np.int32) if known.targets is None else known.targets[chosen]
    percentiles = np.searchsorted(ordered, values) * 1000 // max(1, len(ordered)) / 10
    return Reasons(found, known.domains[chosen], targets, significant(values), percentiles, rising[chosen])
