"""A target among the domains that link to it: the graph, and `backlinks network`."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.ask import network
from backlink_crawler.ask.network import Edge, Neighbourhood, Node, neighbourhood
from backlink_crawler.ask.questions import UnknownTarget
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.rank.job import rank
from backlink_crawler.store import profiles
from tests.integration.small_index import SmallIndex
from tests.integration.worker import NORMALISE, link

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from backlink_crawler.store.database import Database
    from tests.integration.conftest import Ran

TO, A, B, C, D = (f"http://{name}.test/" for name in ("to", "a", "b", "c", "d"))


@pytest.fixture
def index(database: Database) -> SmallIndex:
    """a, b and c link to to.test, d does not. a and b link to each other, to.test to a, and everybody to d."""
    made = SmallIndex(database)
    made.read(0, A, link(TO, "one"), link(TO, "two"), link(TO, "three"), link(B, "b", "nofollow"), link(D))
    made.read(0, B, link(TO, "one"), link(TO, "two"), link(A, "one"), link(A, "two"), link(C), link(D))
    made.read(0, C, link(TO), link(D))
    made.read(0, TO, link(A), link(D))
    made.read(0, D, link(A))
    return made


def around(database: Database, name: str) -> Neighbourhood:
    return neighbourhood(database, parse_target(name, None, NORMALISE))


@pytest.mark.usefixtures("index")
def test_a_neighbourhood_by_hand(database: Database) -> None:
    """Of a and b there are three links both ways, of b and c one."""
    found = around(database, "to.test")
    assert found.nodes == [
        Node("to.test", None, 0, 0),
        Node("a.test", None, 3, 3),
        Node("b.test", None, 2, 4),
        Node("c.test", None, 1, 1),
    ]
    assert sorted(found.edges) == [
        Edge("a.test", "b.test", 1, 0),
        Edge("a.test", "to.test", 3, 3),
        Edge("b.test", "a.test", 2, 2),
        Edge("b.test", "c.test", 1, 1),
        Edge("b.test", "to.test", 2, 2),
        Edge("c.test", "to.test", 1, 1),
        Edge("to.test", "a.test", 1, 1),
    ]
    assert [edge.links for edge in found.edges] == [3, 2, 2, 1, 1, 1, 1]
    assert found.refdomains == 3


def test_of_a_large_target_those_that_the_last_ranking_has_kept_and_that_still_link(
    index: SmallIndex, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "MOST_COUNTED", 0)
    rank(database, lambda _: None)
    ranked = [node.domain for node in around(database, "to.test").nodes]
    assert sorted(ranked) == ["a.test", "b.test", "c.test", "to.test"]
    index.read(1, "http://e.test/", link(TO))
    for at in (1, 2):
        index.read(at, C, link(D))
    assert [node.domain for node in around(database, "to.test").nodes] == [name for name in ranked if name != "c.test"]
    rank(database, lambda _: None)
    assert "e.test" in [node.domain for node in around(database, "to.test").nodes]


@pytest.mark.usefixtures("index")
def test_authority_goes_before_links_and_what_is_not_known_comes_last(
    database: Database, connection: psycopg.Connection
) -> None:
    connection.execute(
        "INSERT INTO domain_ranks (domain_id, follow_refdomains, follow_domains_to, authority, percentile, pagerank_ratio) "
        "SELECT id, 0, 1, CASE name WHEN 'c.test' THEN 49 ELSE 7 END, 0, 1 FROM domains WHERE name IN ('b.test', 'c.test', 'to.test')"
    )
    connection.commit()
    assert [node[:2] for node in around(database, "to.test").nodes] == [
        ("to.test", 7),
        ("c.test", 49),
        ("b.test", 7),
        ("a.test", None),
    ]


@pytest.mark.usefixtures("index")
def test_of_many_domains_the_first_are_shown_with_the_links_among_them(
    database: Database, monkeypatch: pytest.MonkeyPatch, backlinks: Callable[..., Ran]
) -> None:
    monkeypatch.setattr(network, "MOST", 3)
    found = around(database, "to.test")
    assert [node.domain for node in found.nodes] == ["to.test", "a.test", "b.test"]
    assert {edge[:2] for edge in found.edges} == {
        ("a.test", "to.test"),
        ("b.test", "to.test"),
        ("a.test", "b.test"),
        ("b.test", "a.test"),
        ("to.test", "a.test"),
    }
    assert found.refdomains == 3
    ran = backlinks("network", "to.test", database=database)
    assert ran.out.splitlines()[0] == "network: of the 2 of 3 domains that link to to.test"


def test_links_that_are_lost_join_nothing(database: Database, index: SmallIndex) -> None:
    for at in (1, 2):
        index.read(at, B, link(TO, "one"), link(C))
        index.read(at, C)
    found = around(database, "to.test")
    assert [node.domain for node in found.nodes] == ["to.test", "a.test", "b.test"]
    assert {edge[:2] for edge in found.edges} == {
        ("a.test", "to.test"),
        ("b.test", "to.test"),
        ("a.test", "b.test"),
        ("to.test", "a.test"),
    }


@pytest.mark.usefixtures("index")
def test_the_command_answers_in_every_form(database: Database, backlinks: Callable[..., Ran]) -> None:
    table = backlinks("network", "to.test", database=database)
    assert (table.code, table.err) == (0, "")
    head, titles, _, *lines = (line.split() for line in table.out.splitlines())
    assert " ".join(head) == "network: of the 3 domains that link to to.test"
    assert titles == ["domain", "links", "links_among"]
    assert lines == [["a.test", "3", "3"], ["b.test", "2", "4"], ["c.test", "1", "1"]]
    ran = backlinks("network", "to.test", "--format", "json", "--limit", 1, database=database)
    assert json.loads(ran.out) == [{"domain": "a.test", "authority": None, "links": 3, "links_among": 3}]
    ran = backlinks("network", "to.test", "--edges", "--format", "csv", database=database)
    first, *others = csv.DictReader(io.StringIO(ran.out))
    assert first == {"domain_from": "a.test", "domain_to": "to.test", "links": "3", "dofollow_links": "3"}
    assert len(others) == 6


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("options", [[], ["--edges"]])
def test_the_printed_sql_gives_the_same_rows(
    database: Database, connection: psycopg.Connection, backlinks: Callable[..., Ran], options: list[str]
) -> None:
    printed = backlinks("network", "to.test", *options, "--sql", database=database).out
    asked = backlinks("network", "to.test", *options, "--format", "jsonl", database=database).out
    names = [row[0] for row in connection.execute(printed.encode())]
    assert names == [next(iter(json.loads(line).values())) for line in asked.splitlines()]


def test_what_cannot_be_answered_is_said_in_a_sentence(
    database: Database, index: SmallIndex, backlinks: Callable[..., Ran]
) -> None:
    def refused(*words: Any) -> tuple[int, str, str]:
        return backlinks("network", *words, database=database)

    for at in (1, 2):
        index.read(at, B, link(TO, "one"))
    ran = refused("nobody.test")
    assert (ran[0], ran[1]) == (1, "")
    assert ran[2].startswith("backlinks: no links to nobody.test are known")
    assert refused("nobody.test", "--edges", "--format", "csv")[1] == "domain_from,domain_to,links,dofollow_links\n"
    lost = "backlinks: no link to c.test is live; `backlinks lost c.test` shows those that were.\n"
    assert refused("c.test") == (1, "", lost)
    code, _, said = refused("https://to.test/a")
    assert code == 2
    assert "networks are told of whole domains: write to.test instead of https://to.test/a." in said


def test_nothing_crawled_is_said(database: Database) -> None:
    with pytest.raises(UnknownTarget, match="crawl"):
        around(database, "to.test")
