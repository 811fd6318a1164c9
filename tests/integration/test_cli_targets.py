"""`backlinks targets`, `backlinks optout`, and which pages are visited first because of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.store.frontier import VERIFY
from backlink_crawler.store.targets import with_watched
from backlink_crawler.store.verification import mark_for_verification
from tests.integration.test_cli import sentence
from tests.integration.worker import NORMALISE, Worker, add_seed, link, page_found

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database
    from tests.integration.test_cli import Backlinks

FROM, TWO, OTHER = "http://from.test/", "http://from.test/two", "http://other.test:8080/"


@pytest.fixture
def index(database: Database) -> Database:
    """Two sites that link to shop.test, all read, nothing held or due."""
    for address in (FROM, OTHER):
        add_seed(database, address)
    with Worker(database) as worker:
        hosts = worker.claim()
        worker.read(FROM, link("http://shop.test/"), link("http://shop.test/"), found=[page_found(TWO)])
        worker.read(TWO, link("https://blog.shop.test/a_b/c"))
        worker.read(OTHER, link("http://shop.test/x?y=1"), link("http://else.test/"))
        worker.release(*hosts.values())
    return database


def priorities(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Of the pages that were read: not of those of targets, which are to be checked."""
    query = "SELECT u.url, p.priority FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id WHERE p.visits > 0"
    return dict(connection.execute(query))


def listed(backlinks: Backlinks, database: Database) -> list[tuple[Any, ...]]:
    lines = backlinks("targets", "list", "--format", "jsonl", database=database).out.splitlines()
    return [tuple(json.loads(line)[column] for column in ("target", "mode", "links", "pages")) for line in lines]


def test_pages_that_link_to_a_watched_target_come_first(
    backlinks: Backlinks, index: Database, connection: psycopg.Connection[Any]
) -> None:
    before = priorities(connection)
    assert 1 not in before.values()
    ran = backlinks("targets", "add", "shop.test/*", database=index)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "https://shop.test/ (--mode prefix) is watched; 2 pages link to it and are visited first\n"
    assert priorities(connection) == before | {FROM: 1, OTHER: 1}
    query = "SELECT count(*) FROM queue_hosts WHERE priority = 1 AND claimable_at IS NOT NULL"
    assert connection.execute(query).fetchone() == (2,)
    ran = backlinks("targets", "remove", "shop.test/*", database=index)
    assert (ran.code, ran.out) == (0, "https://shop.test/ is no longer watched\n")
    assert priorities(connection) == before | {FROM: 4, OTHER: 4}
    assert connection.execute(query).fetchone() == (0,)


def test_a_page_that_another_target_needs_stays_first(
    backlinks: Backlinks, index: Database, connection: psycopg.Connection[Any]
) -> None:
    for target in ("shop.test", "else.test"):
        backlinks("targets", "add", target, database=index)
    backlinks("targets", "remove", "shop.test", database=index)
    assert priorities(connection) == {FROM: 4, TWO: 4, OTHER: 1}


def test_a_page_to_be_verified_stays_before_the_watched(
    backlinks: Backlinks, index: Database, connection: psycopg.Connection[Any]
) -> None:
    connection.execute("UPDATE pages SET priority = 0")
    backlinks("targets", "add", "shop.test", database=index)
    assert set(priorities(connection).values()) == {0}


def test_the_list_says_what_is_known_in_words_that_can_be_typed_again(backlinks: Backlinks, index: Database) -> None:
    ran = backlinks("targets", "list", database=index)
    assert (ran.code, ran.out) == (0, "")
    assert "no targets are watched; add one with `backlinks targets add TARGET`" in ran.err
    named = ("shop.test", "blog.shop.test", "shop.test/x", "http://shop.test/*", "http://shop.test/", "nowhere.test")
    for target in (*named, "SHOP.test", "http://shop.test/#top"):
        assert backlinks("targets", "add", target, database=index).code == 0
    expected = [
        ("blog.shop.test", "subdomains", 1, 1),
        ("http://shop.test/", "exact", 2, 1),
        ("shop.test/x", "prefix", 1, 1),
        ("nowhere.test", "domain", 0, 0),
        ("shop.test", "domain", 4, 3),
    ]
    assert listed(backlinks, index) == expected
    for target, *_ in expected:
        assert backlinks("targets", "remove", target, database=index).code == 0
    assert listed(backlinks, index) == []


def test_the_same_words_named_with_another_mode_mean_that(
    backlinks: Backlinks, index: Database, connection: psycopg.Connection[Any]
) -> None:
    backlinks("targets", "add", "http://shop.test/*", database=index)
    assert priorities(connection)[OTHER] == 1
    backlinks("targets", "add", "http://shop.test/", database=index)
    assert listed(backlinks, index) == [("http://shop.test/", "exact", 2, 1)]
    assert (priorities(connection)[FROM], priorities(connection)[OTHER]) == (1, 4)


def test_what_is_no_target_or_not_watched_is_exit_code_2(backlinks: Backlinks, index: Database) -> None:
    assert "write example.com" in sentence(backlinks("targets", "add", "two words", database=index), 2)
    said = sentence(backlinks("targets", "remove", "shop.test", database=index), 2)
    assert said == "shop.test is not watched; `backlinks targets list` shows what is."


@pytest.mark.parametrize(
    ("target", "mode", "expected"),
    [
        ("shop.test", None, {FROM: 2, TWO: 1, OTHER: 1}),
        ("blog.shop.test", None, {TWO: 1}),
        ("og.shop.test", "subdomains", {}),
        ("shop.test", "subdomains", {FROM: 2, TWO: 1, OTHER: 1}),
        ("http://shop.test/", None, {FROM: 2}),
        ("shop.test/*", None, {FROM: 2, OTHER: 1}),
        ("https://blog.shop.test/a_*", None, {TWO: 1}),
        ("https://blog.shop.test/a__*", None, {}),
        ("nowhere.test", None, {}),
    ],
)
def test_what_a_target_means_is_what_the_questions_take_it_for(
    backlinks: Backlinks,
    index: Database,
    connection: psycopg.Connection[Any],
    target: str,
    mode: str | None,
    expected: dict[str, int],
) -> None:
    """The pages that are watched are those that `backlinks links` names."""
    parsed = parse_target(target, mode, NORMALISE)
    asked = {"mode": parsed.mode, "domain": parsed.domain, "values": list(parsed.values)}
    query = "SELECT u.url, w.links FROM watched AS w INNER JOIN urls AS u ON w.page_id = u.id"
    assert dict(connection.execute(with_watched("named_target", query), asked).fetchall()) == expected
    options = ("--mode", mode) if mode else ()
    lines = backlinks("links", target, *options, "--format", "jsonl", database=index).out.splitlines()
    assert sorted(json.loads(line)["url_from"] for line in lines) == sorted(
        url for url, links in expected.items() for _ in range(links)
    )


def test_verification_makes_just_the_pages_with_a_targets_links_due_and_wakes_their_hosts(
    index: Database, connection: psycopg.Connection[Any]
) -> None:
    target = parse_target("http://shop.test/", None, NORMALISE)
    assert mark_for_verification(connection, target) == 1
    assert mark_for_verification(connection, target) == 1  # again is no harm
    due = "SELECT u.url, p.priority FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id WHERE next_visit <= now()"
    assert connection.execute(due).fetchall() == [(FROM, 0)]
    with Worker(index, queue=VERIFY) as worker:
        assert set(worker.claim()) == {"from.test"}
    assert mark_for_verification(connection, parse_target("nowhere.test", None, NORMALISE)) == 0
    assert mark_for_verification(connection, None) == 0  # nothing is watched


def test_verification_of_all_that_is_watched(
    backlinks: Backlinks, index: Database, connection: psycopg.Connection[Any]
) -> None:
    for target in ("blog.shop.test", "else.test"):
        backlinks("targets", "add", target, database=index)
    assert mark_for_verification(connection, None) == 2
    assert priorities(connection) | {FROM: -1} == {FROM: -1, TWO: 0, OTHER: 0}


def test_verification_leaves_the_resting_resting_and_opted_out_hosts_alone(
    backlinks: Backlinks, index: Database, connection: psycopg.Connection[Any]
) -> None:
    resting = """
    UPDATE crawled_hosts SET rests_until = now() + interval '1 hour'
    WHERE host_id = (SELECT id FROM hosts WHERE name = 'from.test')"""
    connection.execute(resting.encode())
    backlinks("optout", "add", "other.test", database=index)
    assert mark_for_verification(connection, parse_target("shop.test", None, NORMALISE)) == 2
    state = """
    SELECT h.name, q.claimable_at = c.rests_until FROM queue_hosts AS q INNER JOIN crawled_hosts AS c USING (host_id)
    INNER JOIN hosts AS h ON c.host_id = h.id WHERE q.queue_id = 2"""
    assert connection.execute(state.encode()).fetchall() == [("from.test", True)]
    assert priorities(connection)[OTHER] != 0
    assert (
        sentence(backlinks("verify", "else.test", database=index), 1)
        == "no page with a link to else.test is known, or none of them may be visited."
    )


def test_verify_wants_a_target_or_all(backlinks: Backlinks, index: Database) -> None:
    for arguments in ((), ("shop.test", "--all")):
        assert sentence(backlinks("verify", *arguments), 2).startswith("name a TARGET, or give --all for every target")
    said = sentence(backlinks("verify", "--all", database=index), 1)
    assert said == "no page with a link to a watched target is known, or none of them may be visited."


def test_optouts_are_listed_added_and_removed(backlinks: Backlinks, database: Database) -> None:
    ran = backlinks("optout", "list", database=database)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "nobody has opted out; add one who did with `backlinks optout add DOMAIN`\n"
    ran = backlinks("optout", "add", "Example.COM", "--note", "mail of\x1b[2J\nMay", database=database)
    assert (ran.code, ran.out) == (0, "example.com is no longer crawled\n")
    backlinks("optout", "add", "https://www.röstwerk.test:8443/page", database=database)
    backlinks("optout", "add", "example.com", database=database)  # again, and the note stays
    assert backlinks("optout", "list", database=database).out.splitlines()[2:] == [
        " example.com               mail of [2J May",
        " www.xn--rstwerk-90a.test",
    ]
    ran = backlinks("optout", "remove", "example.com", database=database)
    assert (ran.code, ran.out) == (0, "example.com may be crawled again\n")
    said = sentence(backlinks("optout", "remove", "example.com", database=database), 2)
    assert said == "example.com has not opted out; `backlinks optout list` shows who has."
    assert "is neither a domain" in sentence(backlinks("optout", "add", "hub", database=database), 2)
