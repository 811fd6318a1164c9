"""What kinds of live links a target has, and what share of them each kind is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.store import mixes as counting
from backlink_crawler.store import profiles
from backlink_crawler.store.asking import answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Connection
    from backlink_crawler.store.profiles import Kept

_REL = ("dofollow", "nofollow", "sponsored", "ugc")
_NONE_LIVE = "no link is live."
_NOT_KNOWN = {
    "position": "of no live link is it known where on its page it stands.",
    "anchors": "the classes of anchors are not known yet: `backlinks rank` tells them of text and image links.",
    "languages": "of no page that links is the language known; `backlinks rank` tells it by its words.",
}


class Share(NamedTuple):
    """share: of 1, of the known links of the mix; of tlds, of its referring domains. refdomains: None: not counted."""

    word: str
    links: int
    refdomains: int | None
    share: float


class Mix(NamedTuple):
    """The most frequent words of a mix, those first. words: how many there are. known: links of which the word is known.

    Of rel a link may have several words; sitewide links count as well where they stand. as_of: None: now. looked_at, of:
    of so many links, so many were looked at, those found last; None: all were. why: nothing is known.
    """

    shares: Sequence[Share]
    words: int
    known: int
    as_of: datetime | None
    looked_at: int | None
    of: int | None
    why: str | None

    @property
    def note(self) -> str | None:
        """What must be said beside it; None: nothing."""
        if self.looked_at is not None:
            return f"of {self.of:,} links the {self.looked_at:,} that were found last"
        return f"as of {self.as_of:%Y-%m-%d %H:%M} UTC" if self.as_of else None


def rel_mix(totals: Mapping[str, Any]) -> Mix:
    """Of the row of the question overview, which counts no other referring domains than dofollow ones."""
    known = totals["backlinks"]
    if not known:
        return Mix((), 0, 0, None, None, None, _NONE_LIVE)
    counted = [(word, totals[f"{word}_links"], totals.get(f"{word}_refdomains")) for word in _REL]
    shares = [Share(word, links, refdomains, links / known) for word, links, refdomains in counted if links]
    return Mix(shares, len(shares), known, None, None, None, None)


def kept_mixes(kept: Kept) -> dict[str, Mix]:
    """As of the last ranking."""
    return _by_name(kept.mixes, Mix((), 0, 0, kept.figures.as_of, None, None, None))


def mixes(connection: Connection, target: Target, links: int) -> dict[str, Mix]:
    """links: how many live and unverified ones it has. Of very many, some are looked at."""
    most = profiles.MOST_COUNTED if links > profiles.MOST_COUNTED else None
    columns, found = answer(connection, counting.mixes(target, newest=most))
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    return _by_name(rows, Mix((), 0, 0, None, most, most and links, None))


def _by_name(rows: Iterable[Mapping[str, Any]], empty: Mix) -> dict[str, Mix]:
    """empty: says how they were counted."""
    by_mix: dict[str, list[Mapping[str, Any]]] = {name: [] for name in counting.MIXES}
    for row in rows:
        by_mix[row["mix"]].append(row)
    not_known = _NOT_KNOWN if by_mix["type"] else {}
    if _are_not_classed(by_mix):
        by_mix["anchors"] = []
    return {
        name: _filled(empty, each, "refdomains" if name == "tlds" else "links")
        if each
        else empty._replace(why=not_known.get(name, _NONE_LIVE))
        for name, each in by_mix.items()
    }


def _are_not_classed(by_mix: Mapping[str, Sequence[Mapping[str, Any]]]) -> bool:
    """Only what takes no ranking is known of the words of links: that there are none, or that they are an image's."""
    classed = sum(row["links"] for row in by_mix["anchors"])
    with_words = sum(row["links"] for row in by_mix["type"] if row["word"] in {"text", "image"})
    return classed < with_words and {row["word"] for row in by_mix["anchors"]} <= {"image", "empty"}


def _filled(empty: Mix, rows: Sequence[Mapping[str, Any]], of: str) -> Mix:
    """of: what shares are of."""
    shares = [Share(row["word"], row["links"], row["refdomains"], row[of] / row[f"known_{of}"]) for row in rows]
    shares.sort(key=lambda share: (-share.share, share.word))
    return empty._replace(shares=shares, words=rows[0]["words"], known=rows[0]["known_links"])
