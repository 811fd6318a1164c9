"""Which of a page's links is which, from one visit to the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.model import AnchorSource, LinkOrigin, LinkStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from backlink_crawler.model import Link


class KnownLink(NamedTuple):
    """A stored link. page_id: on which it stands.

    unrendered: it is absent, and a rendering has shown that. last_seen, absent_since: None while it is live.
    """

    link_id: int
    link_type: int
    url_to: str
    anchor: str
    rel: tuple[str, ...]
    rendered_rel: tuple[str, ...] | None = None
    status: int = LinkStatus.LIVE
    is_dofollow: bool = True
    anchor_source: int = AnchorSource.NONE
    origin: int = LinkOrigin.HTML
    unrendered: bool = False
    position: int = 0
    snippet_left: str = ""
    snippet_right: str = ""
    link_position: int = 0
    block_words: int | None = None
    link_density: int | None = None
    path_hash: int | None = None
    page_id: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    absent_since: datetime | None = None
    lost_reason: int | None = None


@dataclass(slots=True)
class Matched:
    """found: new links. kept: known links as they look now. gone: those that were not seen; still_lost: nor before."""

    found: list[Link] = field(default_factory=list)
    gone: list[KnownLink] = field(default_factory=list)
    still_lost: list[KnownLink] = field(default_factory=list)
    kept: list[tuple[KnownLink, Link]] = field(default_factory=list)

    def not_seen(self, olds: Iterable[KnownLink]) -> None:
        for old in olds:
            (self.still_lost if old.status == LinkStatus.LOST else self.gone).append(old)


def merge_rendered(html: list[Link], rendered: list[Link], *, is_whole: bool = True) -> list[Link]:
    """One list of a page's links as its HTML has them and as its rendering has them, each with its origin.

    Both normalised and tagged. What both have is as the HTML says, but for rel, which is kept of both. is_whole: scripts
    got all that they asked for, so that what the rendering lacks was removed by them.
    """
    known = [
        KnownLink(number, link.link_type, link.to.text if link.to else "", link.anchor, link.rel)
        for number, link in enumerate(html)
    ]
    matched = match_links(known, rendered)
    for link in html:
        link.origin = LinkOrigin.REMOVED if is_whole else LinkOrigin.HTML
    for old, new in matched.kept:
        link = html[old.link_id]
        link.origin = LinkOrigin.BOTH
        if new.rel != link.rel:
            link.rendered_rel = new.rel
            link.is_nofollow |= new.is_nofollow
            link.is_sponsored |= new.is_sponsored
            link.is_ugc |= new.is_ugc
    for link in matched.found:
        link.origin = LinkOrigin.RENDERED
    return html + matched.found


def match_links(known: Iterable[KnownLink], seen: Iterable[Link], *, is_half: bool = False) -> Matched:
    """Both in document order. Links of one type to one URL are paired: equal anchor and rel first, then in order.

    So an edited anchor is one change, and of two links to one URL the one that was removed is the one that is gone.
    Lost and missing links are paired after live ones. is_half: only the HTML was read, so that a link which only the
    rendered page has is paired with its own words only, and after those that may be missing in the HTML.
    """
    groups: dict[tuple[int, str], tuple[list[KnownLink], list[Link]]] = defaultdict(lambda: ([], []))
    for old in known:
        groups[old.link_type, old.url_to][0].append(old)
    for new in seen:
        assert new.to is not None
        groups[new.link_type, new.to.text][1].append(new)
    matched = Matched()
    for olds, news in groups.values():
        _match_group(sorted(olds, key=_half_order if is_half else _order), news, matched, is_half=is_half)
    return matched


def without_equal(known: Iterable[KnownLink], seen: Iterable[Link]) -> set[str]:
    """Hashes of the URLs that links go to for which no known link has equal type, anchor and rel.

    Only among these may one be a link that was lost.
    """
    words = Counter((old.link_type, old.url_to, old.anchor, old.rel) for old in known)
    wanting = set()
    for new in seen:
        assert new.to is not None
        key = (new.link_type, new.to.text, new.anchor, new.rel)
        if words[key]:
            words[key] -= 1
        else:
            wanting.add(new.to.hash)
    return wanting


def _order(old: KnownLink) -> tuple[bool, ...]:
    return (old.status != LinkStatus.LIVE,)


def _half_order(old: KnownLink) -> tuple[bool, ...]:
    return old.status == LinkStatus.LOST, old.origin == LinkOrigin.RENDERED, old.status != LinkStatus.LIVE


def _match_group(olds: list[KnownLink], news: list[Link], matched: Matched, *, is_half: bool) -> None:
    by_words: dict[tuple[str, tuple[str, ...]], list[KnownLink]] = defaultdict(list)
    for old in reversed(olds):
        by_words[old.anchor, old.rel].append(old)
    edited, taken = [], set()
    for new in news:
        if same := by_words.get((new.anchor, new.rel)):
            old = same.pop()
            taken.add(old.link_id)
            matched.kept.append((old, new))
        else:
            edited.append(new)
    rest = [old for old in olds if old.link_id not in taken]
    if is_half:
        matched.not_seen(old for old in rest if old.origin == LinkOrigin.RENDERED)
        rest = [old for old in rest if old.origin != LinkOrigin.RENDERED]
    matched.kept.extend(zip(rest, edited, strict=False))
    matched.found.extend(edited[len(rest) :])
    matched.not_seen(rest[len(edited) :])
