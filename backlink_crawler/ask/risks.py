"""Domains whose links look like link schemes, and what the risk of each is made of, in words. Nobody is called bad by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.ask.answers import answered, missing
from backlink_crawler.ask.questions import NO_RISKS
from backlink_crawler.store import asking, schemes
from backlink_crawler.store.column_types import Column, ColumnType
from backlink_crawler.store.risk import has_risks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backlink_crawler.ask.answers import Answer
    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Filters
    from backlink_crawler.store.database import Database

# What each signal has seen of a domain. {share}: its value in percent; {value}: the value; {target}: the domain linked to.
WORDINGS = {
    "reciprocity": "of the domains that it links to and those that link to it, {share} do both",
    "exchange_page": "one of its pages links to many domains, and {share} of them link back",
    "closed_farm": "{share} of its neighbours swap links with it in one closed group",
    "same_links": "at least two others link to what it links to: their likeness is {value}, where 1 is the same",
    "many_targets": "it links to {value} domains",
    "near_support": "{share} of what its PageRank is beyond the least comes over two links or fewer",
    "untrusted": "{share} of its PageRank does not come from trusted domains",
    "same_pairs": "for {share} of what it links to, two other domains use the very same words",
    "money_anchors": "{share} of its anchors are or hold a keyword of what they lead to",
    "same_anchors": "its anchors are the same wherever they lead: {value}, from 0 (all differ) to 1 (there is one)",
    "wordless_links": "{share} of its anchors are signs and spaces without a word",
    "comment_links": "{share} of its links stand in comments",
    "sitewide_keywords": "{share} of its pages link to {target} from one place, with a keyword",
    "burst": "it came to link to {target} in a week of unusually many such domains, and half of these have its anchor: "
    "{value} deviations above the median week",
}
COLUMNS = (*schemes.REASONS, "sentence")


class Explained(NamedTuple):
    """risk: 0 to 1. rows: with COLUMNS, what adds most first."""

    risk: float
    rows: Sequence[tuple[Any, ...]]


def risks(database: Database, target: Target, filters: Filters) -> Answer:
    """(columns, rows), the highest risk first. Raises UnknownTarget where there is none, saying what to do."""
    query = schemes.risks(target, filters)
    if filters.after is not None:
        return asking.run(database, query)
    none = (
        f"no domain that links to {target} stands out in this index as link schemes do; who hides well does not, either."
        if has_risks(database)
        else f"{NO_RISKS}."
    )
    return answered(database, query, target, none)


def explained(database: Database, target: Target, source: Target) -> Explained:
    """What the source's risk for the target is made of. Raises UnknownTarget where it has none."""
    found = list(reasons(database, target, source)[1])
    known = list(asking.run(database, schemes.risk(target, source))[1])
    if not known:
        none = f"no link from {source} to {target} is known; `backlinks risk {target}` lists domains with a risk."
    elif known[0][0] is None:
        is_new = f"the risk of {source} is not known, as no ranking has seen it yet; run `backlinks rank`."
        none = is_new if has_risks(database) else f"{NO_RISKS}."
    elif not found:
        none = f"nothing of {source} stands out in this index as link schemes do: its risk is 0."
    else:
        return Explained(known[0][0], found)
    raise missing(database, list(COLUMNS), target, none)


def reasons(database: Database, target: Target, source: Target) -> Answer:
    """(columns, rows) as COLUMNS has them, what adds most first; no rows where nothing stands out."""
    columns, rows = asking.run(database, schemes.reasons(target, source))
    told = ((*row, sentence(dict(zip(columns, row, strict=True)), target)) for row in rows)
    return [*columns, Column("sentence", ColumnType.TEXT)], told


def sentence(reason: Mapping[str, Any], target: Target) -> str:
    """reason: signal, value, percentile, weight and factor of a row."""
    value = reason["value"]
    seen = WORDINGS[reason["signal"]].format(share=f"{value:.0%}", value=f"{value:,.4g}", target=target)
    rare = f"{reason['percentile']:g} % of those that are known here have less"
    return f"{seen}; {rare}; weight {reason['weight']:g} × factor {reason['factor']:g}"
