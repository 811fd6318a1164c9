"""How relevant links are, and which language pages have, as `backlinks rank` makes it of an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.rank.job import rank
from backlink_crawler.rank.steps.languages import NOT_INSTALLED
from tests.integration.small_index import SmallIndex
from tests.integration.worker import link

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from backlink_crawler.store.database import Database
    from tests.integration.conftest import Ran

RELEVANCE = "SELECT domain_from, url_to, relevance, relevance_basis FROM backlinks ORDER BY domain_from, url_to"
GERMAN = "Die schönsten Wanderungen zu den Berghütten im Karwendel und was man dabei über den Kaffee lernt"


def ranked(database: Database) -> None:
    rank(database, lambda _: None)


@pytest.fixture
def index(database: Database) -> SmallIndex:
    """Two pages that link to a third, which is read as well. Of its three pages two have `alpha`, two `delta`."""
    made = SmallIndex(database)
    made.read(
        0, "http://a.test/", link("http://t.test/", "alpha"), link("http://u.test/", "epsilon"), title="Alpha beta"
    )
    made.read(0, "http://b.test/", link("http://t.test/", "delta"), title="Gamma")
    made.read(0, "http://t.test/", title="Alpha, delta")
    return made


def test_relevance_by_hand(database: Database, index: SmallIndex, connection: psycopg.Connection) -> None:
    """A word on two of three pages weighs ln(4 ÷ 3), one on one page ln 2.

    From a.test: (alpha + beta by weight, of length 1) + alpha, to length 1, is .832 alpha + .555 beta. The target without
    its own anchor: (alpha + delta) ÷ √2 + delta, to length 1, is .383 alpha + .924 delta. So .318.
    From b.test: .707 gamma + .707 delta, and .924 alpha + .383 delta. So .271.
    Of u.test nothing is known but what a.test itself says.
    """
    assert {row[2] for row in connection.execute(RELEVANCE)} == {None}
    connection.commit()
    ranked(database)
    assert connection.execute(RELEVANCE).fetchall() == [
        ("a.test", "http://t.test/", pytest.approx(0.32), "both"),
        ("a.test", "http://u.test/", None, None),
        ("b.test", "http://t.test/", pytest.approx(0.27), "both"),
    ]
    edges = "SELECT domain_from, domain_to, relevance FROM referring_domains ORDER BY 1, 2"
    assert connection.execute(edges).fetchall() == [
        ("a.test", "t.test", pytest.approx(0.32)),
        ("a.test", "u.test", None),
        ("b.test", "t.test", pytest.approx(0.27)),
    ]


def test_the_weight_of_each_word_can_be_had_from_the_index(
    database: Database, index: SmallIndex, connection: psycopg.Connection
) -> None:
    ranked(database)
    words = "SELECT word, pages FROM index_words ORDER BY word"
    assert connection.execute(words).fetchall() == [("alpha", 2), ("delta", 2), ("en:", 3)]
    figures = "SELECT figures -> 'relevance' ->> 'pages' FROM ranking_runs"
    assert connection.execute(figures).fetchall() == [("3",)]


def test_what_another_domain_calls_a_page_that_was_never_read_says_what_it_is_about(
    database: Database, index: SmallIndex, connection: psycopg.Connection
) -> None:
    index.read(1, "http://c.test/", link("http://u.test/", "epsilon"), title="Zeta")
    ranked(database)
    found = connection.execute(
        "SELECT domain_from, relevance > 0.2, relevance_basis FROM backlinks WHERE url_to = 'http://u.test/' ORDER BY 1"
    )
    assert found.fetchall() == [("a.test", True, "anchors"), ("c.test", True, "anchors")]


def test_a_second_ranking_writes_what_has_changed_and_forgets_what_is_gone(
    database: Database, index: SmallIndex, connection: psycopg.Connection
) -> None:
    ranked(database)
    kept = "SELECT block, relevance, basis, xmin::text FROM link_relevance ORDER BY 1"
    before = connection.execute(kept).fetchall()
    connection.commit()
    ranked(database)
    assert connection.execute(kept).fetchall() == before
    connection.execute("DELETE FROM links WHERE anchor = 'alpha'")  # as pruning does when it was lost long ago
    connection.commit()
    ranked(database)
    assert connection.execute("SELECT count(relevance) FROM backlinks").fetchone() == (1,)
    assert connection.execute("SELECT count(relevance) FROM referring_domains").fetchone() == (1,)


def test_a_page_that_has_moved_is_about_what_is_there_now(
    database: Database, index: SmallIndex, connection: psycopg.Connection
) -> None:
    index.read(1, "http://c.test/", link("http://old.test/", "naked"), title="Alpha")
    index.read(1, "http://old.test/", title="Old")
    connection.execute(
        "UPDATE pages SET moved_to_id = url_id('http://t.test/') WHERE page_id = url_id('http://old.test/')"
    )
    connection.commit()
    ranked(database)
    found = connection.execute("SELECT relevance > 0.2 FROM backlinks WHERE url_to = 'http://old.test/'")
    assert found.fetchall() == [(True,)]


@pytest.mark.usefixtures("index")
def test_links_and_domains_are_sorted_and_filtered_by_relevance(
    database: Database, backlinks: Callable[..., Ran]
) -> None:
    def asked(*words: object) -> list[str]:
        ran = backlinks(*words, "--format", "csv", database=database)
        assert ran.code == 0, ran.err
        return [line.split(",")[0] for line in ran.out.splitlines()[1:]]

    none = backlinks("links", "t.test", "--min-relevance", 0.1, database=database)
    assert none.code == 1
    assert "the relevance of no link is known yet: `backlinks rank` computes it" in none.err
    ranked(database)
    none = backlinks("links", "t.test", "--min-relevance", 0.9, database=database)
    assert none.code == 1
    assert "no links to t.test with a relevance of at least 0.9 have the status live or unverified" in none.err
    assert asked("links", "t.test", "--sort", "relevance") == ["http://a.test/", "http://b.test/"]
    assert asked("links", "t.test", "--sort", "relevance:asc") == ["http://b.test/", "http://a.test/"]
    assert asked("links", "t.test", "--min-relevance", 0.3) == ["http://a.test/"]
    for target in ("t.test", "http://t.test/"):
        assert asked("refdomains", target, "--min-relevance", 0.3) == ["a.test"]
        assert asked("refdomains", target, "--sort", "relevance") == ["a.test", "b.test"]
        assert asked("refdomains", target, "--since", "7d", "--min-relevance", 0.3, "--dofollow") == ["a.test"]
    wrong = backlinks("links", "t.test", "--min-relevance", 2, database=database)
    assert (wrong.code, "0<=x<=1" in wrong.err) == (2, True)


@pytest.mark.usefixtures("index")
def test_a_table_shows_relevance_once_it_is_known(database: Database, backlinks: Callable[..., Ran]) -> None:
    for question in ("links", "refdomains"):
        assert "relevance" not in backlinks(question, "t.test", database=database).out
    ranked(database)
    for question in ("links", "refdomains"):
        assert "0.32" in backlinks(question, "t.test", database=database).out


def test_the_language_of_a_page_that_declares_none_is_detected_once(
    database: Database, connection: psycopg.Connection
) -> None:
    pytest.importorskip("py3langid")
    index = SmallIndex(database)

    def read(at: int, title: str, language: str) -> None:
        made = index_visit(index, at, title, language)
        index.record(made)

    languages = "SELECT language, language_detected FROM crawled_pages"
    read(0, GERMAN, "")
    assert connection.execute(languages).fetchall() == [(None, None)]
    connection.commit()
    ranked(database)
    assert connection.execute(languages).fetchall() == [(None, "de")]
    assert connection.execute("SELECT DISTINCT language_from FROM backlinks").fetchall() == [("de",)]
    connection.commit()
    read(1, GERMAN, "")
    assert connection.execute(languages).fetchall() == [(None, "de")]
    connection.commit()
    read(2, "ok", "")
    assert connection.execute(languages).fetchall() == [(None, None)]
    connection.commit()
    ranked(database)
    assert connection.execute(languages).fetchall() == [(None, None)]
    assert connection.execute("SELECT language_detected FROM page_facts").fetchall() == [("und",)]
    connection.commit()
    read(3, GERMAN, "fr")
    ranked(database)
    assert connection.execute(languages).fetchall() == [("fr", None)]


def test_without_the_detector_the_rest_is_ranked(
    database: Database, index: SmallIndex, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "py3langid.langid", None)
    ranked(database)
    told = "SELECT figures -> 'languages' ->> 'skipped' FROM ranking_runs"
    assert connection.execute(told).fetchall() == [(NOT_INSTALLED,)]
    assert connection.execute("SELECT count(relevance) FROM backlinks").fetchone() == (2,)


def index_visit(index: SmallIndex, at: int, title: str, language: str) -> Any:
    from tests.integration.archive import day
    from tests.integration.worker import visit

    made = visit(index.page("http://a.test/"), link("http://t.test/", "x"), title=title)
    assert made.facts
    made.facts.language, made.observed_at = language, day(at)
    return made
