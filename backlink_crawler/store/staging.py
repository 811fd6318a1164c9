"""A batch of visits as the rows of the staging tables. No SQL is run here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.changes.life import fate, settles
from backlink_crawler.changes.matching import KnownLink, match_links
from backlink_crawler.frontier.revisit import History, Pace, failed, next_visit, priority
from backlink_crawler.links.text import storable
from backlink_crawler.model import LinkOrigin, LinkStatus, LinkType, Outcome, PageFacts, RenderReason, Settled
from backlink_crawler.urls.scope import path_refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from backlink_crawler.model import Discovery, Link, Url, Visit

MISSING, LOST, RESTORED, REL_CHANGED, ANCHOR_CHANGED = 0, 1, 2, 3, 4  # link_events.kind
_NO_FACTS = PageFacts()
_PLAIN = frozenset({None, RenderReason.ENOUGH_HTML})


@dataclass(frozen=True, slots=True)
class PageState:
    """What is stored of a page. days_since_read: None when it never was."""

    links_digest: int | None = None
    found_digest: int | None = None
    rendered_digest: int | None = None
    settled: Settled | None = None
    has_missing: bool = False
    unverified: bool = False
    unrendered: bool = False
    history: History = field(default_factory=History)
    days_since_read: float | None = None


class Reading:
    """A visit beside what is stored of its page.

    said: what the visit says of the page, None when it cannot tell. same: just what is stored, nothing to compare.
    A visit that read the page without rendering it says nothing of links that stand only in the rendered page.
    """

    def __init__(self, visit: Visit, state: PageState) -> None:
        self.visit, self.state = visit, state
        self.said = settles(visit.outcome, visit.http_code, state.settled)
        is_copy = visit.outcome is Outcome.NOT_MODIFIED
        if is_copy and (state.settled is not Settled.READ or state.has_missing):
            self.said = None  # nobody asked whether it had changed
        told = self.said is not None and not is_copy
        self.links_digest = links_digest(visit) if told else None
        self.found_digest = found_digest(visit.found) if told else None
        settled_again = self.said is not None and self.said is state.settled
        self.rendered_digest = rendered_digest(visit) if visit.rendering else None
        same_links = is_copy or self.links_digest == state.links_digest
        same_rendered = visit.rendering is None or self.rendered_digest == state.rendered_digest
        self.same = settled_again and same_links and same_rendered and not state.has_missing
        self.same_found = settled_again and (is_copy or self.found_digest == state.found_digest)

    @property
    def is_half(self) -> bool:
        """Was only the HTML read?"""
        return self.said is Settled.READ and self.visit.rendering is None

    @property
    def compares(self) -> bool:
        """Must its links be compared with those that are stored?"""
        return not self.same and (self.said is not None or bool(self.visit.links))

    @property
    def history(self) -> History:
        """With this visit in it."""
        state = self.state
        if self.said is None:
            return failed(state.history)
        if state.days_since_read is None:
            return History()
        found_changed = state.found_digest is not None and not self.same_found
        same_links = self.said is state.settled and self.links_digest == state.links_digest
        same_rendered = (
            None in {self.rendered_digest, state.rendered_digest} or self.rendered_digest == state.rendered_digest
        )
        links_changed = not self.same and not (same_links and same_rendered)
        return state.history.after(changed=links_changed or found_changed, days=state.days_since_read)


@dataclass(slots=True)
class Staged:
    """Rows by staging table."""

    urls: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    visits: list[tuple[Any, ...]] = field(default_factory=list)
    links: list[tuple[Any, ...]] = field(default_factory=list)
    changes: list[tuple[Any, ...]] = field(default_factory=list)
    pages: list[tuple[Any, ...]] = field(default_factory=list)
    hops: list[tuple[Any, ...]] = field(default_factory=list)
    turned: bool = False

    @property
    def dated(self) -> bool:
        """Does a sitemap say of any page when it changed?"""
        return any(lastmod for *_, lastmod in self.pages)

    def add_url(self, url: Url) -> str:
        self.urls[url.hash] = (url.hash, url.text, url.domain)
        return url.hash


def links_digest(visit: Visit) -> int:
    """A signed 64-bit hash of the links in a page's HTML: type, target, anchor and rel of each, in order.

    With the page's nofollow.
    """
    digest = hashlib.blake2b(digest_size=8)
    digest.update(b"nofollow" if visit.facts and visit.facts.robots.nofollow else b"")
    for link in visit.links:
        if link.origin is not LinkOrigin.RENDERED:
            digest.update(_identity(link))
    return int.from_bytes(digest.digest(), "big", signed=True)


def rendered_digest(visit: Visit) -> int:
    """A signed 64-bit hash of what a rendered page has: links, where each stands, rel, and pages that it led to."""
    digest = hashlib.blake2b(digest_size=8)
    for link in visit.links:
        digest.update(bytes([link.origin]) + _identity(link))
        if link.rendered_rel is not None:
            digest.update(" ".join(link.rendered_rel).encode("utf-8", "replace") + b"\1")
    assert visit.rendering is not None
    digest.update(found_digest(visit.rendering.found).to_bytes(8, "big", signed=True))
    return int.from_bytes(digest.digest(), "big", signed=True)


def _identity(link: Link) -> bytes:
    assert link.to is not None
    parts = (link.to.hash, str(int(link.link_type)), link.anchor, " ".join(link.rel))
    return "\0".join(parts).encode("utf-8", "replace") + b"\1"


def found_digest(found: Iterable[Discovery]) -> int:
    """A signed 64-bit hash of the pages that a page leads to, whatever their order, with what a sitemap says of each."""
    digest = hashlib.blake2b(digest_size=8)
    for each in sorted(f"{each.url.hash}{each.lastmod or ''}" for each in found):
        digest.update(each.encode())
    return int.from_bytes(digest.digest(), "big", signed=True)


def stage(
    readings: Sequence[Reading],
    known: Mapping[int, list[KnownLink]],
    hop_seeds: AbstractSet[int],
    pace: Pace,
) -> Staged:
    """known: the stored links of those pages whose reading compares. hop_seeds: whose links are followed out."""
    staged = Staged()
    for reading in readings:
        visit = reading.visit
        doubts = _Doubts(None if reading.said is None else False, soon=False)
        if reading.compares:
            doubts = _stage_links(reading, known.get(visit.page.page_id, ()), staged)
        _stage_visit(reading, doubts, pace, staged)
        _stage_found(visit, visit.told if reading.same_found else (*visit.found, *visit.told), staged)
        if visit.rendering and not (reading.same_found and reading.rendered_digest == reading.state.rendered_digest):
            _stage_found(visit, visit.rendering.found, staged)
        if visit.page.seed_id in hop_seeds and not (reading.same and reading.same_found):
            _stage_hops(visit, staged)
    return staged


def _stage_found(visit: Visit, found: Iterable[Discovery], staged: Staged) -> None:
    seed_id = visit.page.seed_id
    staged.pages.extend(
        (staged.add_url(each.url), seed_id, each.depth, int(each.kind), each.url.host, each.lastmod) for each in found
    )


def _stage_hops(visit: Visit, staged: Staged) -> None:
    if visit.facts and visit.facts.robots.nofollow:
        return
    for link in visit.links:
        if link.to and not link.is_nofollow and not path_refusal(link.to):
            staged.hops.append((visit.page.seed_id, staged.add_url(link.to), link.to.host, link.to.domain))


class _Doubts(NamedTuple):
    """has_missing: as in `pages`; None: as it is. soon: another visit like this one would settle it."""

    has_missing: bool | None
    soon: bool


def _stage_visit(reading: Reading, doubts: _Doubts, pace: Pace, staged: Staged) -> None:
    visit, said, history = reading.visit, reading.said, reading.history
    facts = visit.facts or _NO_FACTS
    kind = visit.page.kind
    wait = next_visit(history, visit.outcome, said, pace, has_missing=doubts.soon, kind=kind)
    wait = max(wait, timedelta(seconds=visit.host_rests))
    state, rendering = reading.state, visit.rendering
    unrendered = state.rendered_digest is not None and reading.is_half
    turned = state.settled is not None and state.unverified is not (said is None)
    turned |= state.rendered_digest is not None and said is not None and state.unrendered is not unrendered
    staged.turned |= turned
    staged.visits.append(
        (
            visit.page.page_id,
            visit.page.host_id,
            visit.page.seed_id,
            wait,
            reading.links_digest,
            reading.found_digest,
            visit.size,
            round(visit.elapsed * 1000),
            facts.links_external,
            facts.links_internal,
            history.compared,
            history.changes,
            history.days,
            history.failures,
            int(visit.outcome),
            visit.http_code,
            said if said is None else int(said),
            int(priority(history, kind)),
            int(kind),
            said in {Settled.READ, Settled.MOVED},
            said is None,
            turned,
            doubts.has_missing,
            visit.facts is not None,
            facts.robots.nofollow,
            facts.robots.noindex,
            storable(visit.reason)[:200] or None,
            facts.language or None,
            facts.title or None,
            facts.canonical or None,
            storable(visit.etag)[:200] or None,
            storable(visit.last_modified)[:100] or None,
            rendering is not None,
            reading.rendered_digest,
            rendering.gained if rendering else None,
            None if visit.render_reason in _PLAIN else visit.render_reason,
            round(rendering.seconds * 1000) if rendering else None,
        ),
    )


def _stage_links(reading: Reading, known: Iterable[KnownLink], staged: Staged) -> _Doubts:
    """The page's next reading is compared when a link of it is missing, or is not among the digested."""
    visit, said = reading.visit, reading.said
    page_nofollow = bool(visit.facts and visit.facts.robots.nofollow)
    if said is None:  # only where it redirects to is known
        known = [old for old in known if old.link_type == LinkType.REDIRECT]
    matched = match_links(known, visit.links, is_half=reading.is_half)
    staged.links.extend(_link_row(link, visit.page.page_id, page_nofollow, staged) for link in matched.found)
    for old, new in matched.kept:
        if reading.is_half:
            _as_rendered_before(new, old)
        _stage_changes(reading, old, new, _is_dofollow(new, page_nofollow=page_nofollow), staged)
    unsettled, soon = said is None, False
    for old in matched.gone:
        if reading.is_half and old.origin == LinkOrigin.RENDERED:
            unsettled |= old.status == LinkStatus.MISSING  # which only a rendering can settle
            continue
        if said is None:
            status, reason = LinkStatus.MISSING, None
        else:
            unheard = (
                reading.visit.rendering
                and reading.state.unrendered
                and old.origin == LinkOrigin.RENDERED
                and not old.unrendered
            )
            status, reason = fate(LinkStatus(old.status), said, None if unheard else reading.state.settled)
        soon |= status is LinkStatus.MISSING
        if status != old.status:
            kind, after = (MISSING, None) if reason is None else (LOST, reason.name.lower())
            now = (int(status), None if reason is None else int(reason), *[None] * 6)
            staged.changes.append((visit.page.page_id, old.link_id, kind, *now, None, after))
    return _Doubts(unsettled or soon, soon)


def _link_row(link: Link, page_id: int, page_nofollow: bool, staged: Staged) -> tuple[Any, ...]:
    assert link.to is not None
    return (
        page_id,
        staged.add_url(link.to),
        link.position,
        int(link.link_type),
        int(link.anchor_source),
        _is_dofollow(link, page_nofollow=page_nofollow),
        list(link.rel),
        link.anchor,
        link.snippet_left or None,
        link.snippet_right or None,
        int(link.origin) or None,
        None if link.rendered_rel is None else list(link.rendered_rel),
    )


def _as_rendered_before(link: Link, old: KnownLink) -> None:
    """What was not looked at this time is as it was."""
    link.origin = LinkOrigin.BOTH if old.origin == LinkOrigin.RENDERED else LinkOrigin(old.origin)
    if old.rendered_rel is not None:
        link.rendered_rel = old.rendered_rel
        link.is_nofollow |= "nofollow" in old.rendered_rel
        link.is_sponsored |= "sponsored" in old.rendered_rel
        link.is_ugc |= "ugc" in old.rendered_rel


def _stage_changes(reading: Reading, old: KnownLink, new: Link, is_dofollow: bool, staged: Staged) -> None:
    rendered_rel = None if new.rendered_rel is None else list(new.rendered_rel)
    words = (list(new.rel), new.anchor, int(new.anchor_source))
    now = (int(LinkStatus.LIVE), None, *words, is_dofollow, int(new.origin) or None, rendered_rel)
    was_rendered = old.origin != LinkOrigin.HTML and reading.visit.rendering is not None
    was, is_now = (each.rel if each.rendered_rel is None else each.rendered_rel for each in (old, new))
    events: list[tuple[int | None, str | None, str | None]] = []
    if old.status != LinkStatus.LIVE:
        events.append((RESTORED, None, None))
    if old.rel != new.rel:
        events.append((REL_CHANGED, " ".join(old.rel), " ".join(new.rel)))
    elif was_rendered and was != is_now:
        events.append((REL_CHANGED, " ".join(was), " ".join(is_now)))
    if old.anchor != new.anchor:
        events.append((ANCHOR_CHANGED, old.anchor, new.anchor))
    looks = (old.is_dofollow, old.anchor_source, old.origin, old.rendered_rel)
    if not events and looks != (is_dofollow, new.anchor_source, new.origin, new.rendered_rel):
        events.append((None, None, None))  # no event of the link's: the page's own nofollow, or that it was rendered
    page_id = reading.visit.page.page_id
    staged.changes.extend((page_id, old.link_id, kind, *now, before, after) for kind, before, after in events)


def _is_dofollow(link: Link, *, page_nofollow: bool) -> bool:
    return not (link.is_nofollow or link.is_sponsored or link.is_ugc or page_nofollow)
