"""A batch of visits as the rows of the staging tables. No SQL is run here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backlink_crawler.frontier.matching import KnownLink, match_links
from backlink_crawler.links.text import storable
from backlink_crawler.model import LinkStatus, Outcome, PageFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from backlink_crawler.model import Link, Url, Visit

MISSING, RESTORED, REL_CHANGED, ANCHOR_CHANGED = 0, 2, 3, 4  # link_events.kind
_NO_FACTS = PageFacts()
_READ = frozenset({Outcome.OK, Outcome.REDIRECT})


@dataclass(slots=True)
class Staged:
    """Rows by staging table."""

    urls: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    visits: list[tuple[Any, ...]] = field(default_factory=list)
    links: list[tuple[Any, ...]] = field(default_factory=list)
    changes: list[tuple[Any, ...]] = field(default_factory=list)
    pages: list[tuple[Any, ...]] = field(default_factory=list)
    hops: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def dated(self) -> bool:
        """Does a sitemap say of any page when it changed?"""
        return any(lastmod for *_, lastmod in self.pages)

    def add_url(self, url: Url) -> str:
        self.urls[url.hash] = (url.hash, url.text, url.domain)
        return url.hash


def reads_links(visit: Visit) -> bool:
    """Does this visit say which links the page has?"""
    return visit.outcome in _READ


def links_digest(visit: Visit) -> int:
    """A signed 64-bit hash of a page's links: type, target, anchor and rel of each, in order, and the page's nofollow."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(b"nofollow" if visit.facts and visit.facts.robots.nofollow else b"")
    for link in visit.links:
        assert link.to is not None
        parts = (link.to.hash, str(int(link.link_type)), link.anchor, " ".join(link.rel))
        digest.update("\0".join(parts).encode("utf-8", "replace") + b"\1")
    return int.from_bytes(digest.digest(), "big", signed=True)


def stage(
    visits: Sequence[Visit],
    digests: Mapping[int, int],
    known: Mapping[int, list[KnownLink]],
    hop_seeds: AbstractSet[int],
) -> Staged:
    """digests, known: what is stored of the pages that were read before. hop_seeds: seeds whose links are followed out."""
    staged = Staged()
    for visit in visits:
        _stage_visit(visit, staged)
        for found in visit.found:
            staged.pages.append(
                (
                    staged.add_url(found.url),
                    visit.page.seed_id,
                    found.depth,
                    int(found.kind),
                    found.url.host,
                    found.lastmod,
                ),
            )
        if not reads_links(visit):
            continue
        if digests.get(visit.page.page_id) != links_digest(visit):
            _stage_links(visit, known.get(visit.page.page_id, ()), staged)
        if visit.page.seed_id in hop_seeds:  # of unchanged pages too: the seed may have got its hops since
            for link in visit.links:
                if link.to and not link.is_nofollow and not (visit.facts and visit.facts.robots.nofollow):
                    staged.hops.append((visit.page.seed_id, link.to.hash, link.to.host, link.to.domain))
    return staged


def _stage_visit(visit: Visit, staged: Staged) -> None:
    facts = visit.facts or _NO_FACTS
    reads = reads_links(visit)
    staged.visits.append(
        (
            visit.page.page_id,
            visit.page.host_id,
            visit.page.seed_id,
            visit.next_visit,
            links_digest(visit) if reads else None,
            visit.size,
            round(visit.elapsed * 1000),
            facts.links_external,
            facts.links_internal,
            int(visit.outcome),
            visit.http_code,
            reads or visit.outcome is Outcome.NOT_MODIFIED,
            visit.facts is not None,
            facts.robots.nofollow,
            facts.robots.noindex,
            storable(visit.reason)[:200] or None,
            facts.language or None,
            facts.title or None,
            facts.canonical or None,
        ),
    )


def _stage_links(visit: Visit, known: Iterable[KnownLink], staged: Staged) -> None:
    page_nofollow = bool(visit.facts and visit.facts.robots.nofollow)
    matched = match_links(known, visit.links)
    for link in matched.found:
        assert link.to is not None
        staged.links.append(
            (
                visit.page.page_id,
                staged.add_url(link.to),
                link.position,
                int(link.link_type),
                int(link.anchor_source),
                _is_dofollow(link, page_nofollow=page_nofollow),
                list(link.rel),
                link.anchor,
                link.snippet_left or None,
                link.snippet_right or None,
            ),
        )
    for old in matched.gone:
        staged.changes.append((old.link_id, MISSING, [], None, None, None, None, None))
    for old, new in matched.kept:
        _stage_changes(old, new, _is_dofollow(new, page_nofollow=page_nofollow), staged)


def _stage_changes(old: KnownLink, new: Link, is_dofollow: bool, staged: Staged) -> None:
    now = (list(new.rel), new.anchor, int(new.anchor_source), is_dofollow)
    events: list[tuple[int | None, str | None, str | None]] = []
    if old.status != LinkStatus.LIVE:
        events.append((RESTORED, None, None))
    if old.rel != new.rel:
        events.append((REL_CHANGED, " ".join(old.rel), " ".join(new.rel)))
    if old.anchor != new.anchor:
        events.append((ANCHOR_CHANGED, old.anchor, new.anchor))
    if not events and (old.is_dofollow != is_dofollow or old.anchor_source != new.anchor_source):
        events.append((None, None, None))  # the page's own nofollow changed: no event of the link's
    staged.changes.extend((old.link_id, kind, *now, before, after) for kind, before, after in events)


def _is_dofollow(link: Link, *, page_nofollow: bool) -> bool:
    return not (link.is_nofollow or link.is_sponsored or link.is_ugc or page_nofollow)
