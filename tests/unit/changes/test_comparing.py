"""When the next visit must come, by what this one did not see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backlink_crawler.changes.comparing import compare
from backlink_crawler.changes.matching import KnownLink
from backlink_crawler.changes.observation import Observation, PageState
from backlink_crawler.model import (
    DuePage,
    LinkOrigin,
    LinkStatus,
    LinkType,
    Outcome,
    PageFacts,
    PageKind,
    Rendering,
    Settled,
    Visit,
)

PAGE = DuePage(1, "https://from.example/", 1, 0, PageKind.PAGE, 0)
MISSED = datetime(2026, 1, 1, tzinfo=UTC)
LAST = MISSED + timedelta(days=1)


def absent(number: int, origin: LinkOrigin, *, since: datetime | None = MISSED) -> KnownLink:
    status = LinkStatus.LIVE if since is None else LinkStatus.MISSING
    to = f"https://to.example/{number}"
    return KnownLink(number, LinkType.TEXT, to, "", (), status=status, origin=origin, absent_since=since)


@pytest.mark.parametrize(
    ("known", "days", "soon", "apart", "status"),
    [
        ([absent(1, LinkOrigin.BOTH, since=None)], 2, True, False, [LinkStatus.MISSING]),
        ([absent(1, LinkOrigin.BOTH)], 2, True, True, []),
        ([absent(1, LinkOrigin.BOTH)], 7, False, False, [LinkStatus.LOST]),
        ([absent(1, LinkOrigin.HTML)], 2, False, False, [LinkStatus.LOST]),
        (
            [absent(1, LinkOrigin.BOTH), absent(2, LinkOrigin.HTML, since=None)],
            2,
            True,
            False,
            [LinkStatus.MISSING],
        ),
    ],
)
def test_visits_that_can_only_wait_for_a_whole_rendering_are_days_apart(
    known: list[KnownLink], days: int, soon: bool, apart: bool, status: list[LinkStatus]
) -> None:
    visit = Visit(PAGE, Outcome.OK, http_code=200, facts=PageFacts(), rendering=Rendering(1.0, [], True, False))
    state = PageState(settled=Settled.READ, has_missing=True, last_visited=LAST, settled_at=LAST)
    comparison = compare(Observation(visit, state, at=MISSED + timedelta(days=days)), known)
    assert (comparison.soon, comparison.apart) == (soon, apart)
    assert [change.absence.status for change in comparison.changes if change.absence] == status
