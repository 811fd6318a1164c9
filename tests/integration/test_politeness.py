"""What the database knows of a host's wishes: opted out, when it was last asked, how often it asked to be left alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from backlink_crawler.crawl.feed.feed import Feed
from backlink_crawler.crawl.feed.limits import Limits
from backlink_crawler.manners.robots import RobotsAnswer, RobotsPolicy
from backlink_crawler.model import Outcome, Visit
from backlink_crawler.store.frontier import Frontier, ReleasedHost
from backlink_crawler.store.optouts import add_optout, remove_optout
from tests.integration.worker import Worker, add_seed, page_found

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database

HOSTS = ("from.test", "www.from.test", "from.test:8080", "deep.www.from.test:81", "notfrom.test", "test.from.example")


def opt_out(connection: psycopg.Connection, *domains: str) -> None:
    for domain in domains:
        add_optout(connection, domain, None)


def opt_in(connection: psycopg.Connection, *domains: str) -> None:
    for domain in domains:
        assert remove_optout(connection, domain)


def set_host(connection: psycopg.Connection, assignments: str) -> None:
    connection.execute(f"UPDATE crawled_hosts SET {assignments}".encode())


@pytest.mark.both_servers
@pytest.mark.parametrize(
    ("domain", "closed"),
    [
        ("from.test", {"from.test", "www.from.test", "from.test:8080", "deep.www.from.test:81"}),
        ("www.from.test", {"www.from.test", "deep.www.from.test:81"}),
        ("om.test", set()),
        ("test", {"from.test", "www.from.test", "from.test:8080", "deep.www.from.test:81", "notfrom.test"}),
    ],
)
def test_whoever_opted_out_is_not_claimed_whatever_the_port(
    database: Database, connection: psycopg.Connection, domain: str, closed: set[str]
) -> None:
    for host in HOSTS:
        add_seed(database, f"http://{host}/")
    opt_out(connection, domain, "elsewhere.test")
    with Worker(database) as worker:
        open_hosts = set(HOSTS) - closed
        assert worker.run(worker.frontier.due())[:3] == (len(open_hosts), 0, len(open_hosts))
        assert set(worker.claim()) == open_hosts
        opt_in(connection, domain, "elsewhere.test")
        assert set(worker.claim()) == closed


@pytest.mark.parametrize(
    ("host", "domain"),
    [("from.test.", "from.test"), ("192.0.2.7:8080", "192.0.2.7"), ("[2001:db8::7]:8080", "[2001:db8::7]")],
)
def test_addresses_and_trailing_dots_opt_out_too(
    database: Database, connection: psycopg.Connection, host: str, domain: str
) -> None:
    add_seed(database, f"http://{host}/")
    opt_out(connection, domain)
    with Worker(database) as worker:
        assert worker.claim() == {}
        assert worker.run(worker.frontier.due())[:3] == (0, 0, 0)


def test_a_host_that_is_found_below_a_domain_that_opted_out_is_never_claimed(
    database: Database, connection: psycopg.Connection
) -> None:
    opt_out(connection, "www.from.test")
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        worker.claim()
        found = [page_found("http://deep.www.from.test/"), page_found("http://other.from.test/")]
        worker.read("http://from.test/", found=found)
        assert set(worker.claim()) == {"other.from.test"}
        assert worker.run(worker.frontier.due())[:3] == (1, 0, 1)


def test_a_run_ends_though_pages_of_an_opted_out_host_are_due(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as first, Worker(database) as second:
        first.claim()
        opt_out(connection, "from.test")
        assert second.run(second.frontier.is_any_held()) is False
        set_host(connection, "worker = NULL, leased_until = NULL")
        assert second.run(second.frontier.wake_missed()) is False
        assert second.claim() == {}
        opt_in(connection, "from.test")
        assert set(second.claim()) == {"from.test"}


def test_a_host_in_work_that_opts_out_is_given_up_at_the_next_renewal(
    database: Database, connection: psycopg.Connection
) -> None:
    for number in range(3):
        add_seed(database, f"http://from.test/{number}")

    async def crawl() -> list[str]:
        frontier = await Frontier.open(database, uuid4())
        feed = Feed(frontier, Limits(1, 1, 0.0, None, None), lambda: None)
        turns = []
        while turn := await feed.next():
            turns.append("robots" if turn.page is None else turn.page.url)
            if turn.page is None:
                turn.host.robots, turn.host.robots_until = RobotsPolicy(), float("inf")
            else:
                opt_out(connection, "from.test")
                await feed.renew()
            feed.done(turn.host)
            if turn.page:
                feed.recorded([Visit(turn.page, Outcome.OK)])
        await feed.release_all()
        await frontier.release_rest()
        await frontier.close()
        return turns

    turns = asyncio.run(asyncio.wait_for(crawl(), 30))
    assert turns == ["robots", "http://from.test/0"]
    assert connection.execute("SELECT count(*) FROM crawled_hosts WHERE worker IS NOT NULL").fetchone() == (0,)


@pytest.mark.both_servers
def test_after_a_lease_that_was_not_given_back_its_end_counts_as_a_request(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as killed, Worker(database) as heir, Worker(database) as next_heir:
        assert killed.claim()["from.test"].seconds_since_request is None
        set_host(connection, "leased_until = now() - interval '3 s', last_request = now() - interval '50 s'")
        since = heir.claim()["from.test"].seconds_since_request
        assert since is not None
        assert 3.0 <= since < 20.0
        heir.release(heir.claimed["from.test"])  # it made no request itself
        since = next_heir.claim()["from.test"].seconds_since_request
        assert since is not None
        assert 3.0 <= since < 20.0


def test_a_release_tells_the_next_worker_of_back_offs_and_rests(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        claimed = worker.claim()["from.test"]
        assert claimed.back_offs == 0
        worker.run(worker.frontier.release([ReleasedHost(claimed, 0.0, 100.0, 3)]))
        connection.execute("UPDATE queue_hosts SET claimable_at = now()")  # as if something had woken it
        assert worker.claim() == {}
        set_host(connection, "rests_until = now()")
        assert worker.claim()["from.test"].back_offs == 3


def test_a_robots_txt_that_another_host_lends_is_no_younger_for_that(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    add_seed(database, "http://www.from.test/")
    with Worker(database) as worker:
        worker.remember_robots(worker.claim()["www.from.test"], RobotsAnswer(200, "x"))
        connection.execute("UPDATE robots SET fetched_at = now() - interval '23 h'")
        worker.run(worker.frontier.robots.copy("from.test", "www.from.test"))
        answer, seconds_left = worker.run(worker.frontier.robots.known("from.test"))
        assert answer == RobotsAnswer(200, "x")
        assert timedelta(minutes=59) < timedelta(seconds=seconds_left) <= timedelta(hours=1)
        worker.frontier.robots.remember("from.test", RobotsAnswer(404, None), "www.from.test")
        assert worker.run(worker.frontier.robots.known("www.from.test"))[0] == RobotsAnswer(404, None)
