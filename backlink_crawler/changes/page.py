"""What an observation makes of its page: its new state, and when it is due again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.changes.life import PERMANENT
from backlink_crawler.frontier.revisit import next_visit, priority
from backlink_crawler.links.text import storable
from backlink_crawler.model import Outcome, PageFacts, PageKind, RenderReason

if TYPE_CHECKING:
    from backlink_crawler.changes.comparing import Comparison
    from backlink_crawler.changes.observation import Observation
    from backlink_crawler.frontier.revisit import History, Pace
    from backlink_crawler.model import Url

MOST_DOUBTS = 1_000  # that are counted
_NO_FACTS = PageFacts()
_PLAIN = frozenset({None, RenderReason.ENOUGH_HTML})


class PageChange(NamedTuple):
    """One visit, and the page after it. What is None of a page stays as it is, but for reason, unverified_since and
    unrendered_since.

    visit_settled: what it settled; settled: the same, if it counts. counts: it is conclusive and not late, so that
    digests and history become its own. read: facts do; partial: but for those that only a rendering shows. is_latest:
    outcome and the like do. doubted_since, doubts, doubted_for: the doubt after it, as in PageState. turned: the page's
    links are unverified now and were not, or the other way round. moved_to: hash of the URL to which the page has moved.
    is_first: the page was never visited. becomes_page: it was taken for a sitemap.
    """

    page_id: int
    host_id: int
    observed_at: datetime
    next_visit: datetime | None
    settled_at: datetime | None
    confirmed_at: datetime | None
    unverified_since: datetime | None
    rendered_at: datetime | None
    unrendered_since: datetime | None
    links_digest: int | None
    found_digest: int | None
    rendered_digest: int | None
    size: int
    elapsed_ms: int
    rendered_ms: int | None
    links_found: int
    links_gone: int
    links_external: int
    links_internal: int
    compared: float
    changes: float
    compared_days: float
    failures: int
    outcome: int
    http_code: int | None
    visit_settled: int | None
    settled: int | None
    priority: int
    kind: int
    rendering: int | None
    counts: bool
    is_latest: bool
    is_first: bool
    becomes_page: bool
    by_crawl: bool
    turned: bool
    has_missing: bool | None
    read: bool
    partial: bool
    rendered: bool
    gained: bool | None
    nofollow: bool
    noindex: bool
    moved_to: str | None
    reason: str | None
    language: str | None
    title: str | None
    headings: str | None
    canonical: str | None
    etag: str | None
    last_modified: str | None
    ending: int | None
    doubted_since: datetime | None
    doubts: int
    doubted_for: str | None
    redirects_to: int | None
    text_simhash: int | None


def page_change(observation: Observation, comparison: Comparison, pace: Pace) -> PageChange:
    visit, state, settled = observation.visit, observation.state, observation.settled
    facts, rendering = visit.facts or _NO_FACTS, visit.rendering
    counts = settled is not None and not observation.is_late
    history = _history(observation, comparison)
    # one that loses most links is beside the facts of the last good one next time as well
    read = counts and visit.facts is not None and not observation.loses_most_links
    doubted_since, doubts, doubted_for = _doubted(observation)
    target = moved_to(observation)
    rendered = observation.is_rendered and not comparison.unrendered
    unrendered_since = observation.unrendered_since(rendered=rendered)
    return PageChange(
        page_id=visit.page.page_id,
        host_id=visit.page.host_id,
        observed_at=observation.at,
        next_visit=_due(observation, comparison, pace) if observation.by_crawl else None,
        settled_at=observation.at if counts else None,
        confirmed_at=observation.confirmed_at,
        unverified_since=observation.unverified_since,
        rendered_at=observation.at if rendered else state.rendered_at,
        unrendered_since=unrendered_since,
        links_digest=observation.links_digest if counts else None,
        found_digest=observation.found_digest if counts else None,
        rendered_digest=observation.rendered_digest if counts else None,
        size=visit.size,
        elapsed_ms=round(visit.elapsed * 1000),
        rendered_ms=round(rendering.seconds * 1000) if rendering else None,
        links_found=len(comparison.found),
        links_gone=sum(
            change.known.absent_since is None and change.absence is not None for change in comparison.changes
        ),
        links_external=facts.links_external,
        links_internal=facts.links_internal,
        compared=history.compared,
        changes=history.changes,
        compared_days=history.days,
        failures=history.failures,
        outcome=int(visit.outcome),
        http_code=visit.http_code,
        visit_settled=None if settled is None else int(settled),
        settled=int(settled) if counts and settled is not None else None,
        priority=int(priority(history, visit.page.kind)),
        kind=int(visit.page.kind),
        rendering=None if visit.render_reason in _PLAIN else visit.render_reason,
        counts=counts,
        is_latest=observation.is_latest,
        is_first=state.last_visited is None,
        becomes_page=state.kind != visit.page.kind and visit.page.kind is PageKind.PAGE,
        by_crawl=observation.read_by_crawl,
        turned=_turned(observation, unrendered_since),
        has_missing=comparison.has_missing,
        read=read,
        partial=observation.is_partial and state.rendered_at is not None,
        rendered=rendered,
        gained=rendering.gained if rendering and counts else None,
        nofollow=facts.robots.nofollow,
        noindex=facts.robots.noindex,
        moved_to=target.hash if target else None,
        reason=storable(visit.reason)[:200] or None,
        language=facts.language or None,
        title=facts.title or None,
        headings=facts.headings or None,
        canonical=facts.canonical or None,
        etag=storable(visit.etag)[:200] or None,
        last_modified=storable(visit.last_modified)[:100] or None,
        ending=_ending(observation) if read else None,
        doubted_since=doubted_since,
        doubts=doubts,
        doubted_for=doubted_for,
        redirects_to=observation.redirects_to,
        text_simhash=facts.text_simhash,
    )


def _ending(observation: Observation) -> int:
    """How its HTML ends when it is whole: the best that was seen, unless it is believed to end otherwise by now."""
    before, now = observation.state.ending, observation.visit.ending
    return int(now if before is None or observation.doubt else min(before, now))


def _doubted(observation: Observation) -> tuple[datetime | None, int, str | None]:
    """An inconclusive visit that was not doubted leaves the doubts as they are."""
    state, doubt = observation.state, observation.doubt
    if doubt is not None:
        return doubt.since, min(doubt.visits, MOST_DOUBTS), doubt.reason
    if observation.settled is None or observation.is_late or not observation.is_latest:
        return state.doubted_since, state.doubts, state.doubted_for
    return None, 0, None


def _history(observation: Observation, comparison: Comparison) -> History:
    """What the first rendering of a page adds is no change of the page."""
    is_first = observation.visit.rendering is not None and observation.state.rendered_digest is None
    return observation.history(changed=comparison.shows_change(in_html=is_first))


def _due(observation: Observation, comparison: Comparison, pace: Pace) -> datetime:
    visit = observation.visit
    history = _history(observation, comparison)
    wait = next_visit(
        history,
        visit.outcome,
        observation.settled,
        pace,
        has_missing=comparison.soon,
        apart=comparison.apart or (observation.doubt is not None and observation.settled is None),
        kind=visit.page.kind,
    )
    return observation.at + max(wait, timedelta(seconds=visit.host_rests))


def _turned(observation: Observation, unrendered_since: datetime | None) -> bool:
    state = observation.state
    if state.confirmed_at is None:
        return False
    before, after = state.unverified_since, observation.unverified_since
    return (before is None) is not (after is None) or (state.unrendered_since is None) is not (unrendered_since is None)


def moved_to(observation: Observation) -> Url | None:
    """Where the page has moved for good within its domain: to the same path, over https or on another host.

    Its links have moved with it, and are neither lost nor found.
    """
    visit = observation.visit
    target = visit.redirect_to
    if visit.outcome is not Outcome.REDIRECT or visit.http_code not in PERMANENT or target is None:
        return None
    return target if path_of(target.text) == path_of(visit.page.url) else None


def path_of(url: str) -> str:
    """Path and query."""
    return url.split("/", 3)[3]
