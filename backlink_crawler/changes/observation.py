"""A visit or a capture beside what is stored of its page: what it settles, and whether its links must be compared.

An observation has a time of its own, and may be recorded after later ones. The rules for a late one:

- it never overrides what a later one has settled about the page or a link;
- a link that it saw was there: first_seen moves back to it, or the link is added;
- what it saw and later visits did not is missing or lost as of the first of these (life.absence_after);
- what it did not see, and later visits did not either, is judged again with it among them.

So the same visits and captures give the same first_seen, last_seen and status, in whichever order they are recorded, as
long as all of them are kept, links keep their anchors and rel, equal links come and go together, no redirect is
temporary, and none of them is doubted: a doubted one is believed for what was recorded before it (doubt.py), and a late
one is taken at its word.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from backlink_crawler.changes.digests import found_digest, links_digest, rendered_digest
from backlink_crawler.changes.life import PERMANENT, OtherVisit, settles
from backlink_crawler.frontier.revisit import History, failed
from backlink_crawler.model import Outcome, PageKind, Settled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from backlink_crawler.changes.doubt import Doubt
    from backlink_crawler.model import Ending, Url, Visit

_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class PageState:
    """What is stored of a page. last_visited, settled_at, confirmed_at, rendered_at: None when it never was.

    unrendered_since: the first visit after rendered_at that read it without rendering it; None: there is none. by_crawl: a
    crawl has read it, not only captures. ending: of its HTML, when it was whole; None: it was never read. doubted_since:
    the first of the visits in a row, `doubts` of them, that were doubted for `doubted_for`.
    """

    links_digest: int | None = None
    found_digest: int | None = None
    rendered_digest: int | None = None
    settled: Settled | None = None
    has_missing: bool = False
    by_crawl: bool = False
    kind: int = PageKind.PAGE
    history: History = field(default_factory=History)
    last_visited: datetime | None = None
    settled_at: datetime | None = None
    confirmed_at: datetime | None = None
    rendered_at: datetime | None = None
    unrendered_since: datetime | None = None
    unverified_since: datetime | None = None
    ending: Ending | None = None
    doubted_since: datetime | None = None
    doubts: int = 0
    doubted_for: str | None = None


class Observation:
    """visits: of the same page, before and after, in the order of their times; only one that may be late needs them.

    settled: what it settles about the page; None: inconclusive. doubt: of what it settles; None: there is none.
    target: where it redirects to for good; None: nowhere. is_late: a later one was conclusive. is_latest: of all
    visits. is_recorded: one of the same time is. same: what is stored, so that there is nothing to compare.
    """

    def __init__(
        self,
        visit: Visit,
        state: PageState,
        *,
        at: datetime | None = None,
        by_crawl: bool = True,
        visits: Sequence[OtherVisit] = (),
    ) -> None:
        """at: when it was made, by the database's clock; None: as the visit says."""
        self.visit, self.state, self.by_crawl, self.visits = visit, state, by_crawl, visits
        self.at = at or visit.observed_at
        self.doubt: Doubt | None = None
        self.target = _target(visit)
        self.is_latest = state.last_visited is None or self.at > state.last_visited
        self.is_late = state.settled_at is not None and self.at < state.settled_at
        self.is_recorded = self.at in {state.last_visited, state.settled_at} or any(
            each.observed_at == self.at for each in visits
        )
        self.settled = self._settled()
        is_copy = visit.outcome is Outcome.NOT_MODIFIED
        is_read = self.settled is not None and not is_copy
        self.links_digest = links_digest(visit) if is_read else None
        self.found_digest = found_digest(visit.found) if is_read else None
        self.rendered_digest = rendered_digest(visit) if visit.rendering else None
        settled_again = self.settled is not None and self.settled is state.settled and not self.is_late
        same_links = is_copy or self.links_digest == state.links_digest
        same_rendered = visit.rendering is None or self.rendered_digest == state.rendered_digest
        self.same = settled_again and same_links and same_rendered and not state.has_missing
        self.same_found = settled_again and (is_copy or self.found_digest == state.found_digest)

    def _settled(self) -> Settled | None:
        before = self.state.settled
        if self.is_late:
            before = next(
                (each.settled for each in reversed(self.visits) if each.observed_at < self.at and each.settled), None
            )
        if self.visit.outcome is Outcome.NOT_MODIFIED and (
            self.is_late or before is not Settled.READ or self.state.has_missing
        ):
            return None  # the request was not conditional
        return settles(self.visit.outcome, self.visit.http_code, before)

    def doubted(self, doubt: Doubt) -> Observation:
        """The same with this doubt. One that settles nothing is as if the page had not been read."""
        if doubt.settles:
            self.doubt = doubt
            return self
        visit = replace(
            self.visit,
            outcome=Outcome.NOT_WHOLE,
            reason=doubt.reason,
            facts=None,
            links=[],
            found=[],
            rendering=None,
            redirect_to=None,
        )
        made = Observation(visit, self.state, at=self.at, by_crawl=self.by_crawl, visits=self.visits)
        made.doubt, made.target = doubt, self.target
        return made

    @property
    def redirects_to(self) -> int | None:
        """The URL that it redirects to for good, as it is stored."""
        return None if self.target is None else as_number(self.target.hash)

    @property
    def loses_most_links(self) -> bool:
        """So many of its links are gone at once that they are not lost yet."""
        return self.doubt is not None and self.settled is not None and not self.doubt.believed

    @property
    def is_half(self) -> bool:
        """Was only the HTML read? Then it says nothing of links that stand only in the rendered page."""
        return self.settled is Settled.READ and self.visit.rendering is None

    @property
    def is_partial(self) -> bool:
        """Was it read, and not rendered, or not wholly? Then it says nothing of rendered links that it lacks."""
        rendering = self.visit.rendering
        return self.settled is Settled.READ and (rendering is None or not rendering.is_whole)

    @property
    def compares(self) -> bool:
        """Must its links be compared with those that are stored?"""
        if self.is_recorded or (self.is_late and self.settled is None):
            return False
        return not self.same and (self.settled is not None or bool(self.visit.links))

    @property
    def all_visits(self) -> list[OtherVisit]:
        """Of the page, this one among them, in the order of their times. The last conclusive one is always known."""
        visits = {each.observed_at: each for each in (*self.visits, OtherVisit(self.at, self.settled))}
        if self.state.settled_at is not None:
            visits.setdefault(self.state.settled_at, OtherVisit(self.state.settled_at, self.state.settled))
        return [visits[at] for at in sorted(visits)]

    @property
    def unverified_since(self) -> datetime | None:
        """Of the page, with this visit."""
        confirmed = self.confirmed_at
        if confirmed is None:
            return None
        if not self.read_by_crawl:
            return confirmed
        if not self.is_latest:
            visits = self.all_visits
            settled = max((each.observed_at for each in visits if each.settled is not None), default=confirmed)
            return next((each.observed_at for each in visits if each.observed_at > settled), None)
        return None if self.settled is not None else self.state.unverified_since or self.at

    @property
    def read_by_crawl(self) -> bool:
        """Has a crawl read the page, now or before?"""
        return self.state.by_crawl or (self.by_crawl and self.settled in {Settled.READ, Settled.MOVED})

    @property
    def confirmed_at(self) -> datetime | None:
        """Of the page, with this visit."""
        before = self.state.confirmed_at
        if self.settled not in {Settled.READ, Settled.MOVED}:
            return before
        return self.at if before is None else max(before, self.at)

    @property
    def is_rendered(self) -> bool:
        """Was the page rendered, and is that the last word so far? A late rendering says nothing of what is there now."""
        return self.visit.rendering is not None and self.settled is not None and not self.is_late

    def unrendered_since(self, *, rendered: bool) -> datetime | None:
        """Of the page, with this visit. rendered: and it was rendered so that nothing is left to be asked."""
        if rendered or self.state.rendered_at is None:
            return None
        is_read = self.settled in {Settled.READ, Settled.MOVED} and not self.is_late
        return self.state.unrendered_since or (self.at if is_read else None)

    def history(self, *, changed: bool) -> History:
        """With this visit in it. changed: did the comparison find anything?"""
        state = self.state
        if self.is_late or not self.is_latest:
            return state.history
        if self.settled is None:
            return failed(state.history)
        if state.confirmed_at is None:
            return History()
        found_changed = state.found_digest is not None and not self.same_found
        days = (self.at - state.confirmed_at).total_seconds() / _SECONDS_A_DAY
        return state.history.after(changed=changed or found_changed, days=days)


def as_number(url_hash: str) -> int:
    """Of a URL's hash the first 64 bits, signed."""
    return int.from_bytes(bytes.fromhex(url_hash[:16]), "big", signed=True)


def _target(visit: Visit) -> Url | None:
    if visit.outcome is not Outcome.REDIRECT or visit.http_code not in PERMANENT:
        return None
    return visit.redirect_to or next((link.to for link in visit.links), None)
