"""The value of links: its factors, and the weights that a person may change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest

from backlink_crawler.model import LinkType, Outcome, Placement, Position
from backlink_crawler.rank.job import rank
from tests.integration.small_index import SmallIndex
from tests.integration.worker import link

if TYPE_CHECKING:
    from backlink_crawler.model import Link
    from backlink_crawler.store.database import Database
    from tests.integration.test_cli import Backlinks

TARGET = "http://to.test/"
FACTORS = "SELECT value_authority, value_trust, value_position, value_relevance, value_follow, value_outgoing, value FROM backlinks"


def placed(rel: str, placement: Placement) -> Link:
    made = link(TARGET, "beans", rel)
    made.placement = placement
    return made


@pytest.fixture
def index(database: Database) -> SmallIndex:
    """An editorial link, the only one of its page; and a nofollow link in a footer, one of four that leave theirs."""
    made = SmallIndex(database)
    made.read(0, "http://good.test/", placed("", Placement(Position.CONTENT)))
    others = [link(f"http://other.test/{number}") for number in range(3)]
    made.read(0, "http://poor.test/", placed("nofollow", Placement(Position.FOOTER)), *others)
    return made


def factors(connection: psycopg.Connection, domain: str) -> list[float]:
    row = connection.execute(f"{FACTORS} WHERE domain_to = 'to.test' AND domain_from = %s", [domain]).fetchone()
    connection.commit()
    assert row is not None
    return [pytest.approx(value, abs=0.001) for value in row]


@pytest.mark.usefixtures("index")
def test_what_is_not_known_counts_half(connection: psycopg.Connection) -> None:
    assert factors(connection, "good.test") == [0.7, 0.9, 1.0, 0.75, 1.0, 1.0, 47.2]
    # a footer: 1 - .7 × .9; four links out: 1 - .4 × (1 - 1 ÷ ln 5.718) = .829
    assert factors(connection, "poor.test") == [0.7, 0.9, 0.37, 0.75, 0.2, 0.829, 2.9]


def test_scores_take_the_place_of_halves(database: Database, index: SmallIndex, connection: psycopg.Connection) -> None:
    """good.test has no follow link to it: authority 0. It says what the target says of itself: relevance 1."""
    index.read(0, TARGET, title="beans")
    index.read(0, "http://third.test/", link("http://other.test/4", "something else"))
    rank(database, lambda _: None)
    assert factors(connection, "good.test") == [0.4, 0.9, 1.0, 1.0, 1.0, 1.0, 36.0]


@pytest.mark.usefixtures("index")
def test_a_person_changes_the_weights(connection: psycopg.Connection) -> None:
    connection.execute("UPDATE value_weights SET authority = 0, trust = 0, relevance = 0, footer = 0.5, outgoing = 0")
    assert factors(connection, "good.test")[6] == 100
    assert factors(connection, "poor.test") == [1.0, 1.0, 0.65, 1.0, 0.2, 1.0, 13.0]
    with pytest.raises(psycopg.errors.CheckViolation, match="value_weights_are_shares"):
        connection.execute("UPDATE value_weights SET authority = 60")


@pytest.mark.usefixtures("index")
def test_links_are_sorted_by_value(backlinks: Backlinks, database: Database) -> None:
    ran = backlinks("links", "to.test", "--sort", "value:desc", "--format", "json", database=database)
    assert [(row["domain_from"], row["value"]) for row in json.loads(ran.out)] == [
        ("good.test", 47.2),
        ("poor.test", 2.9),
    ]


def test_a_sitewide_link_is_worth_little_wherever_it_stands(database: Database, connection: psycopg.Connection) -> None:
    with SmallIndex(database) as index:
        for number in range(5):
            index.read(0, f"http://wide.test/{number}", placed("", Placement(Position.CONTENT, path=7)))
    rank(database, lambda _: None)
    assert factors(connection, "wide.test")[2] == 0.37


def test_a_target_has_a_mix_of_positions(
    database: Database, index: SmallIndex, connection: psycopg.Connection, backlinks: Backlinks
) -> None:
    mix = (
        "SELECT content_links, footer_links, nav_links, sitewide_links FROM target_overview WHERE domain_to = 'to.test'"
    )
    edges = "SELECT domain_from, content_links FROM referring_domains WHERE domain_to = 'to.test' ORDER BY 1"
    assert connection.execute(mix).fetchone() == (None, None, None, None)
    assert connection.execute(edges).fetchall() == [("good.test", 1), ("poor.test", 0)]
    connection.commit()
    rank(database, lambda _: None)
    assert connection.execute(mix).fetchone() == (1, 1, 0, 0)
    connection.commit()
    index.read(1, "http://good.test/", placed("", Placement(Position.NAV)), link("http://other.test/new"))
    assert connection.execute(edges).fetchall() == [("good.test", 0), ("poor.test", 0)]
    for target in ("to.test", "http://to.test/"):  # as it is kept of a domain, and as it is counted of anything else
        ran = backlinks("overview", target, "--format", "json", database=database)
        (told,) = json.loads(ran.out)
        is_kept = target == "to.test"
        assert [told[f"{name}_links"] for name in ("content", "nav", "footer")] == [int(is_kept), int(not is_kept), 1]


def test_the_relevance_of_an_edge_with_many_links_is_kept(
    database: Database, index: SmallIndex, connection: psycopg.Connection
) -> None:
    index.read(0, TARGET, title="beans")
    index.read(0, "http://third.test/", link("http://other.test/4", "something else"))
    for number in range(9):
        index.read(0, f"http://many.test/{number}", link(TARGET, "beans" if number == 5 else "here"))
    rank(database, lambda _: None)
    largest = "SELECT max(relevance) FROM backlinks WHERE domain_from = 'many.test'"
    shown = "SELECT relevance FROM referring_domains WHERE domain_from = 'many.test'"
    assert connection.execute(shown).fetchone() == connection.execute(largest).fetchone() != (None,)
    assert connection.execute("SELECT count(*) FROM edge_relevance").fetchone() == (1,)


def test_of_a_page_without_facts_the_other_links_are_not_known(
    database: Database, connection: psycopg.Connection
) -> None:
    with SmallIndex(database) as index:
        made = link(TARGET, link_type=LinkType.REDIRECT)
        index.read(0, "http://old.test/", made, outcome=Outcome.REDIRECT, http_code=301)
    assert factors(connection, "old.test")[5] == 0.8


def test_an_edge_that_grows_keeps_its_relevance(
    database: Database, index: SmallIndex, connection: psycopg.Connection
) -> None:
    index.read(0, TARGET, title="beans")
    index.read(0, "http://third.test/", link("http://other.test/4", "something else"))
    index.read(0, "http://many.test/", link(TARGET, "beans"))
    rank(database, lambda _: None)
    shown = "SELECT relevance FROM referring_domains WHERE domain_from = 'many.test'"
    before = connection.execute(shown).fetchone()
    connection.commit()
    for number in range(9):
        index.read(1, f"http://many.test/{number}", link(TARGET, "here"))
    assert connection.execute(shown).fetchone() == before != (None,)
