"""Intents as rows of the staging tables. A row's fields bear the names of its table's columns. No SQL is run here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.changes.page import PageChange, moved_to
from backlink_crawler.model import LinkStatus

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from backlink_crawler.changes.comparing import ChangedLink, Comparison, FoundLink
    from backlink_crawler.changes.life import Absence
    from backlink_crawler.changes.observation import Observation
    from backlink_crawler.model import Link, Url


class UrlRow(NamedTuple):
    hash: str
    url: str
    host: str
    domain: str


class LinkRow(NamedTuple):
    """A link that was not known. number: of it in this batch."""

    page_id: int
    hash: str
    first_seen: datetime
    absent_since: datetime | None
    last_seen: datetime | None
    position: int
    link_type: int
    anchor_source: int
    status: int
    lost_reason: int | None
    origin: int | None
    is_dofollow: bool
    rel: list[str]
    rendered_rel: list[str] | None
    anchor: str
    snippet_left: str | None
    snippet_right: str | None
    link_position: int
    block_words: int | None
    link_density: int | None
    order_on_page: int | None
    path_hash: int | None
    number: int


class ChangeRow(NamedTuple):
    """A known link after the observation. has_looks: it was seen, and what it looks like stands here."""

    link_id: int
    page_id: int
    old_page_id: int
    first_seen: datetime | None
    absent_since: datetime | None
    last_seen: datetime | None
    status: int
    old_status: int
    lost_reason: int | None
    has_looks: bool
    is_dofollow: bool
    position: int | None = None
    anchor_source: int | None = None
    origin: int | None = None
    rel: list[str] | None = None
    rendered_rel: list[str] | None = None
    anchor: str | None = None
    snippet_left: str | None = None
    snippet_right: str | None = None
    link_position: int | None = None
    block_words: int | None = None
    link_density: int | None = None
    order_on_page: int | None = None
    path_hash: int | None = None


class EventRow(NamedTuple):
    """link_id: of a known link; number: of a new one."""

    link_id: int | None
    number: int | None
    page_id: int
    happened_at: datetime
    kind: int
    before: str | None
    after: str | None


@dataclass(slots=True)
class Staged:
    """Rows by staging table, `staged_` before its name."""

    urls: dict[str, UrlRow] = field(default_factory=dict)
    visits: list[PageChange] = field(default_factory=list)
    links: list[LinkRow] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)

    @property
    def changes_sums(self) -> bool:
        return bool(self.links or self.changes) or any(visit.turned for visit in self.visits)

    def tables(self) -> dict[str, Collection[NamedTuple]]:
        rows: dict[str, Collection[Any]] = {
            "staged_urls": self.urls.values(),
            "staged_visits": self.visits,
            "staged_links": self.links,
            "staged_changes": self.changes,
            "staged_events": self.events,
        }
        return {table: each for table, each in rows.items() if each}

    def add_url(self, url: Url) -> str:
        self.urls[url.hash] = UrlRow(url.hash, url.text, url.host, url.domain)
        return url.hash

    def add(self, observation: Observation, comparison: Comparison, page: PageChange) -> None:
        self.visits.append(page)
        if target := moved_to(observation):
            self.add_url(target)
        for found in comparison.found:
            self._add_found(observation, found)
        for change in comparison.changes:
            self._add_change(observation, change)

    def _add_found(self, observation: Observation, found: FoundLink) -> None:
        link, absence, number = found.link, found.absence, len(self.links)
        assert link.to is not None
        self.links.append(
            LinkRow(
                page_id=observation.visit.page.page_id,
                hash=self.add_url(link.to),
                first_seen=observation.at,
                absent_since=absence.since if absence else None,
                last_seen=observation.at if absence else None,
                position=link.position,
                link_type=int(link.link_type),
                anchor_source=int(link.anchor_source),
                status=int(absence.status if absence else LinkStatus.LIVE),
                lost_reason=_reason(absence),
                origin=int(link.origin) or None,
                is_dofollow=found.is_dofollow,
                rel=list(link.rel),
                rendered_rel=None if link.rendered_rel is None else list(link.rendered_rel),
                anchor=link.anchor,
                snippet_left=link.snippet_left or None,
                snippet_right=link.snippet_right or None,
                link_position=int(link.placement.position),
                block_words=link.placement.block_words,
                link_density=link.placement.density,
                order_on_page=link.placement.order,
                path_hash=link.placement.path,
                number=number,
            )
        )
        page_id = observation.visit.page.page_id
        self.events.extend(
            EventRow(None, number, page_id, event.happened_at, int(event.kind), event.before, event.after)
            for event in found.events
        )

    def _add_change(self, observation: Observation, change: ChangedLink) -> None:
        known, absence, page_id = change.known, change.absence, observation.visit.page.page_id
        self.changes.append(
            ChangeRow(
                link_id=known.link_id,
                page_id=page_id,
                old_page_id=known.page_id or page_id,
                first_seen=change.first_seen,
                absent_since=absence.since if absence else None,
                last_seen=change.last_seen if absence else None,
                status=int(absence.status if absence else LinkStatus.LIVE),
                old_status=known.status,
                lost_reason=_reason(absence),
                has_looks=change.looks is not None,
                is_dofollow=change.is_dofollow,
                **_looks(change.looks),
            )
        )
        self.events.extend(
            EventRow(known.link_id, None, page_id, event.happened_at, int(event.kind), event.before, event.after)
            for event in change.events
        )


def _reason(absence: Absence | None) -> int | None:
    return None if absence is None or absence.reason is None else int(absence.reason)


def _looks(link: Link | None) -> dict[str, Any]:
    if link is None:
        return {}
    return {
        "position": link.position,
        "anchor_source": int(link.anchor_source),
        "origin": int(link.origin) or None,
        "rel": list(link.rel),
        "rendered_rel": None if link.rendered_rel is None else list(link.rendered_rel),
        "anchor": link.anchor,
        "snippet_left": link.snippet_left or None,
        "snippet_right": link.snippet_right or None,
        "link_position": int(link.placement.position),
        "block_words": link.placement.block_words,
        "link_density": link.placement.density,
        "order_on_page": link.placement.order,
        "path_hash": link.placement.path,
    }
