"""Topics of domains, from the lists of the user to the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backlink_crawler.rank.job import rank
from tests.integration.small_index import SmallIndex
from tests.integration.worker import link

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg

    from backlink_crawler.store.database import Database
    from tests.integration.conftest import Ran

TOPICS = "SELECT domain, topic, score, share FROM domain_topics ORDER BY domain, topic"


@pytest.fixture
def index(database: Database) -> SmallIndex:
    """a.test and b.test link to c.test, a.test to d.test as well, nobody to them. What e.test links with is nofollow."""
    made = SmallIndex(database)
    made.read(0, "http://a.test/", link("http://c.test/"), link("http://d.test/"))
    made.read(0, "http://b.test/", link("http://c.test/"))
    made.read(0, "http://e.test/", link("http://d.test/", rel="nofollow"))
    return made


@pytest.mark.usefixtures("index")
def test_topics_by_hand(database: Database, connection: psycopg.Connection, backlinks: Callable[..., Ran]) -> None:
    """In units of the floor: a, b and e have 1. c has 1 + .85 × (½ + 1) = 2.275, of which .425 come from a and .85 from
    b; d has 1 + .85 × ½ = 1.425, of which .425 come from a.
    """
    assert backlinks("topics", "add", "coffee", "a.test", "https://www.e.test/x", database=database).code == 0
    assert backlinks("topics", "add", "tea", "b.test", database=database).code == 0
    rank(database, lambda _: None)
    assert connection.execute(TOPICS).fetchall() == [
        ("a.test", "coffee", 1, 1),
        ("b.test", "tea", 1, 1),
        ("c.test", "coffee", pytest.approx(0.425 / 2.275, abs=1e-4), pytest.approx(1 / 3, abs=1e-3)),
        ("c.test", "tea", pytest.approx(0.85 / 2.275, abs=1e-4), pytest.approx(2 / 3, abs=1e-3)),
        ("d.test", "coffee", pytest.approx(0.425 / 1.425, abs=1e-4), 1),
        ("e.test", "coffee", 1, 1),
    ]
    connection.commit()
    assert backlinks("topics", "remove", "coffee", database=database).code == 0
    rank(database, lambda _: None)
    assert {row[1] for row in connection.execute(TOPICS)} == {"tea"}
    connection.commit()
    assert backlinks("topics", "remove", "tea", "b.test", database=database).code == 0
    rank(database, lambda _: None)
    assert connection.execute(TOPICS).fetchall() == []


@pytest.mark.usefixtures("index")
def test_of_a_domain_the_three_largest_topics_are_kept(
    database: Database, connection: psycopg.Connection, backlinks: Callable[..., Ran]
) -> None:
    for topic in ("one", "two", "three", "four"):
        ran = backlinks("topics", "add", topic, "a.test", database=database)
        assert ran.code == 0, ran.err
    rank(database, lambda _: None)
    found = connection.execute("SELECT topic, share FROM domain_topics WHERE domain = 'd.test' ORDER BY topic")
    assert found.fetchall() == [("four", 0.25), ("one", 0.25), ("three", 0.25)]


def test_topics_are_named_in_a_file_too(database: Database, backlinks: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "topics.csv"
    file.write_text(
        "topic,domain\n# my own\ncoffee,a.test\ntea, https://www.b.test/leaves\ntea,b.test\n", encoding="utf-8"
    )
    added = backlinks("topics", "add", "--file", file, database=database)
    assert (added.code, added.out) == (0, "2 more domains stand for their topics from the next `backlinks rank` on\n")
    listed = backlinks("topics", "list", "--format", "csv", database=database)
    assert listed.out == "topic,domain\ncoffee,a.test\ntea,b.test\n"
    removed = backlinks("topics", "remove", "tea", database=database)
    assert removed.out == "1 domain stands no longer for tea\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add",), "name a topic and at least one domain, or a file with --file"),
        (("add", "coffee"), "name a topic and at least one domain, or a file with --file"),
        (("add", " ", "a.test"), "a topic needs a name"),
        (("add", "coffee", "ftp://a.test"), "ftp"),
        (("add", "--file", "{empty}"), "has no lines of a topic and a domain"),
        (("add", "--file", "{wrong}"), "line 2: write a topic, a comma and a domain"),
        (("add", "coffee", "--file", "{wrong}"), "leave out either the file or the topic"),
        (("remove", "coffee"), "there is no topic coffee; `backlinks topics list` shows what there is"),
        (("remove", "coffee", "a.test"), "none of these domains stands for coffee"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    database: Database, backlinks: Callable[..., Ran], tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    files = {"empty": tmp_path / "empty.csv", "wrong": tmp_path / "wrong.csv"}
    files["empty"].write_text("topic,domain\n", encoding="utf-8")
    files["wrong"].write_text("coffee,a.test\ncoffee\n", encoding="utf-8")
    ran = backlinks("topics", *(each.format(**files) for each in arguments), database=database)
    assert (ran.code, sentence in ran.err) == (2, True), ran.err
