"""What a run says of what it could not read, and what of it was no fault of theirs."""

from __future__ import annotations

import pytest
from twisted.internet.error import NoRouteError
from twisted.python.failure import Failure

from backlink_crawler.crawl.failures import Failures
from backlink_crawler.crawl.fetch.outcomes import outcome_of_failure
from backlink_crawler.model import Cover, DuePage, Outcome, PageKind, Visit


def visit(number: int, outcome: Outcome, reason: str = "", *, code: int | None = None, **facts: object) -> Visit:
    page = DuePage(number, f"http://host{number}.test/", number, 1, PageKind.PAGE, int(facts.pop("visits", 0)), **facts)  # type: ignore[arg-type, call-overload]
    return Visit(page, outcome, reason, code)


def seen(*visits: Visit) -> Failures:
    failures = Failures()
    for each in visits:
        failures.see(each)
    return failures


def ids(pages: list[DuePage]) -> list[int]:
    return [page.page_id for page in pages]


def test_what_is_surely_ours_is_no_fault_of_theirs_and_all_is_when_nobody_answers() -> None:
    ours = [
        visit(1, Outcome.ADDRESS_REFUSED, "refused_private_address"),
        visit(2, Outcome.ADDRESS_REFUSED, "refused_no_contact"),
        visit(3, Outcome.CONNECTION_ERROR, "no_route"),
        visit(4, Outcome.CONNECTION_ERROR, "no_room"),
    ]
    perhaps = [
        visit(5, Outcome.DNS_ERROR),
        visit(6, Outcome.TIMEOUT),
        visit(7, Outcome.ADDRESS_REFUSED, "refused_port"),
    ]
    assert ids(seen(*ours, *perhaps, visit(8, Outcome.SERVER_ERROR, code=500)).not_theirs()) == [1, 2, 3, 4]
    assert ids(seen(*ours, *perhaps).not_theirs()) == [1, 2, 3, 4, 5, 6, 7]


def test_where_seeds_start_is_known_by_its_depth() -> None:
    start, deeper = (visit(number, Outcome.TIMEOUT, covers=(Cover(1, number),)) for number in (0, 1))
    assert ids(seen(start, deeper).starts()) == [0]


@pytest.mark.parametrize(
    ("visits", "verdict"),
    [
        ([], "not tried"),
        ([visit(1, Outcome.TIMEOUT)], "nothing"),
        ([visit(1, Outcome.TIMEOUT), visit(2, Outcome.NOT_MODIFIED, code=304)], "pages"),
        ([visit(1, Outcome.GONE, code=404)], "nothing"),
        ([visit(1, Outcome.GONE, code=404, visits=3)], "not tried"),
        ([visit(1, Outcome.TIMEOUT, visits=3)], "nothing"),
    ],
)
def test_a_run_has_read_pages_or_nothing(visits: list[Visit], verdict: str) -> None:
    assert seen(*visits).verdict == verdict


def test_each_kind_is_said_with_three_hosts_at_most_and_what_would_help() -> None:
    failures = seen(*(visit(number, Outcome.DNS_ERROR) for number in range(5)), visit(9, Outcome.HTTP_ERROR, code=418))
    first, second = failures.lines()
    help_ = "no address is known: look at the name, DNS and VPN, or name one in BACKLINKS_RESOLVE"
    assert first == f"dns_error: host0.test, host1.test, host2.test and others; {help_}"
    assert second == "http_error: host9.test"
    assert (failures.counts(), failures.counts(asked=False)) == ({"dns_error": 5, "http_error": 1}, {})


def test_no_route_has_a_reason_of_its_own() -> None:
    assert outcome_of_failure(Failure(NoRouteError()), "http://a.test/") == (Outcome.CONNECTION_ERROR, "no_route")
