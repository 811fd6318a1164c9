"""Whom a target is like, and who might link to it next, from pages to answers."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.ask import paging
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import Outcome
from backlink_crawler.rank.job import rank
from backlink_crawler.store import prospects
from backlink_crawler.store.asking import Filters
from tests.integration.small_index import SmallIndex
from tests.integration.worker import NORMALISE, link

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from backlink_crawler.store.database import Database
    from tests.integration.conftest import Ran

SHOP, RIVAL, THIRD = "http://shop.test/", "http://rival.test/", "http://third.test/"


@pytest.fixture
def index(database: Database) -> SmallIndex:
    """Two sites link to shop.test by follow links, e.test by a nofollow one, and c.test and d.test do not."""
    made = SmallIndex(database)
    made.read(0, "http://a.test/", link(SHOP), link(RIVAL))
    made.read(0, "http://b.test/", link(SHOP), link(RIVAL), link(THIRD))
    made.read(0, "http://c.test/", link(RIVAL, "R"), link(RIVAL, "R again", "nofollow"), title="Roasters")
    made.read(0, "http://d.test/", link(THIRD, "T"), link(RIVAL, "R", "nofollow"))
    made.read(0, "http://e.test/", link(RIVAL), link(THIRD), link(SHOP, rel="nofollow"))
    return made


def rows(connection: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    found = connection.execute(query.encode()).fetchall()
    connection.commit()
    return found


def near(*values: float) -> tuple[Any, ...]:
    return tuple(pytest.approx(value, abs=2e-5) for value in values)


@pytest.mark.usefixtures("index")
def test_competitors_by_hand(connection: psycopg.Connection) -> None:
    """a.test follows to 2 domains, b.test to 3: 1 ÷ ln(e + 2) = .64456 and 1 ÷ ln(e + 3) = .57350, 1.21806 together.

    rival.test has both, of its 4: √(1 × 2 ÷ 7). third.test has b.test, of its 3: √(.57350 ÷ 1.21806 × 1 ÷ 6).
    """
    columns = "domain_to, shared_refdomains, refdomains, weight_share, refdomain_share, similarity, authority, topic"
    assert rows(connection, f"SELECT {columns} FROM competitors('shop.test')") == [
        ("rival.test", 2, 4, *near(1, 0.28571, 0.53452), None, None),
        ("third.test", 1, 3, *near(0.47083, 0.16667, 0.28013), None, None),
    ]
    assert rows(connection, "SELECT domain_to FROM competitors('shop.test', 1)") == [("rival.test",)]
    assert rows(connection, "SELECT domain_to FROM competitors('nobody.test')") == []


@pytest.mark.usefixtures("index")
def test_prospects_by_hand(connection: psycopg.Connection) -> None:
    """Both follow to one domain: 1 ÷ ln(e + 1) = .76146. d.test: .28013 × .76146. c.test: .53452 × .76146 × ½."""
    factors = "domain_from, links_to, competitors_linked, out_domains, follow_share, overlap, link_weight, score"
    expected = [
        ("d.test", 1, ["third.test"], 1, 1, *near(0.28013, 0.76146, 0.21331)),
        ("c.test", 1, ["rival.test"], 1, 0.5, *near(0.53452, 0.76146, 0.20351)),
    ]
    assert rows(connection, f"SELECT {factors} FROM prospects('shop.test')") == expected
    assert rows(connection, f"SELECT {factors} FROM prospects('shop.test', most => NULL)") == expected
    assert rows(connection, f"SELECT {factors} FROM prospects('shop.test', prospect => 'c.test')") == expected[1:]
    page = "SELECT url_from, title_from, url_to, anchor, authority, relevance, risk FROM prospects('shop.test', prospect => 'c.test')"
    assert rows(connection, page) == [("http://c.test/", "Roasters", RIVAL, "R", None, None, None)]


def keep(connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, **rules: int) -> prospects.Kept:
    """As a ranking does, with these rules."""
    monkeypatch.setattr(prospects, "RULES", prospects.RULES | rules)
    with connection.transaction():
        return prospects.keep(connection)


@pytest.mark.usefixtures("index")
def test_what_a_ranking_keeps_of_large_domains_are_the_same_answers(
    database: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    rank(database, lambda _: None)
    questions = ("competitors('shop.test')", "competitors('shop.test', 1)", "prospects('shop.test')")
    questions += ("prospects('shop.test', ARRAY['third.test'])", "prospects('shop.test', prospect => 'c.test')")
    live = [rows(connection, f"SELECT * FROM {question}") for question in questions]
    assert [len(each) for each in live] == [2, 1, 2, 1, 1]
    assert keep(connection, monkeypatch, many_refdomains=0, some_refdomains=0) == (3, 3)
    assert [rows(connection, f"SELECT * FROM {question}") for question in questions] == live


def test_competitors_of_a_large_domain_are_those_of_the_last_ranking(
    index: SmallIndex, database: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    rank(database, lambda _: None)
    names = "SELECT domain_to FROM competitors('shop.test')"
    assert keep(connection, monkeypatch, many_refdomains=1) == (3, 0)
    index.read(1, "http://a.test/", link(SHOP), link(RIVAL), link("http://fourth.test/"))
    assert rows(connection, names) == [("rival.test",), ("third.test",)]
    keep(connection, monkeypatch)
    assert rows(connection, names) == [("rival.test",), ("fourth.test",), ("third.test",)]
    keep(connection, monkeypatch, many_refdomains=1_000)
    assert rows(connection, "SELECT * FROM domain_competitors") == []


@pytest.mark.usefixtures("index")
def test_of_a_large_competitor_its_strongest_refdomains_are_looked_at(
    database: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rival.test has a, b, c and e.test, third.test b, d and e.test: the two strongest of each are told by hand."""
    rank(database, lambda _: None)
    connection.execute(
        "UPDATE domain_ranks AS r SET authority = 50 FROM domains AS d "
        "WHERE r.domain_id = d.id AND d.name = ANY('{c.test,d.test}')"
    )
    connection.execute(
        "UPDATE domain_ranks AS r SET authority = 40 FROM domains AS d "
        "WHERE r.domain_id = d.id AND d.name = ANY('{a.test,b.test}')"
    )
    connection.commit()
    names = "SELECT domain_from FROM prospects('shop.test') ORDER BY 1"
    kept = (
        "SELECT t.name, f.name, s.place FROM strong_refdomains AS s INNER JOIN domains AS t ON s.domain_to_id = t.id "
        "INNER JOIN domains AS f ON s.domain_from_id = f.id WHERE t.name <> 'shop.test' ORDER BY t.name, s.place"
    )
    assert keep(connection, monkeypatch, some_refdomains=2, strongest=2) == (0, 2)
    assert rows(connection, kept) == [
        ("rival.test", "c.test", 1),
        ("rival.test", "a.test", 2),
        ("third.test", "d.test", 1),
        ("third.test", "b.test", 2),
    ]
    assert rows(connection, names) == [("c.test",), ("d.test",)]
    connection.execute("UPDATE domain_ranks SET authority = 90 WHERE authority = 40")
    connection.commit()
    keep(connection, monkeypatch, some_refdomains=2, strongest=1)
    assert rows(connection, kept) == [("rival.test", "a.test", 1), ("third.test", "b.test", 1)]
    assert rows(connection, names) == [("c.test",), ("d.test",)]  # where the strongest link to it already, others are


@pytest.fixture
def alike(database: Database) -> Database:
    """Seven prospects that link alike, seven competitors that are linked to alike, and three of six lost links are scored."""
    made = SmallIndex(database)
    rivals = [link(f"http://rival{number}.test/") for number in range(7)]
    made.read(0, "http://a.test/", link(SHOP), *rivals)
    for number in range(7):
        made.read(0, f"http://p{number}.test/", *rivals)
    for number in range(6):
        made.read(0, f"http://l{number}.test/", link(SHOP), *([link("http://other.test/")] if number % 2 else []))
    for at in (1, 2):
        for number in range(6):
            made.read(at, f"http://l{number}.test/", *([link("http://other.test/")] if number % 2 else []))
    return database


@pytest.mark.parametrize("is_ranked", [False, True])
def test_pages_of_rows_with_equal_scores_or_none_have_each_row_once(alike: Database, *, is_ranked: bool) -> None:
    if is_ranked:
        rank(alike, lambda _: None)
    target = parse_target("shop.test", None, NORMALISE)
    questions = (
        (7, partial(prospects.prospects, target, [])),
        (7, partial(prospects.competitors, target)),
        (6, partial(prospects.leads, "lost", target, [])),
    )
    for limit, sort, (number, query) in product((1, 2, 4, 6), (None, "authority", "authority:asc"), questions):
        filters = Filters(limit=limit, sort=sort)
        whole = paging.page(alike, query, replace(filters, limit=100)).rows
        seen = []
        while page := paging.page(alike, query, filters):
            seen += page.rows
            filters = replace(filters, after=page.next)
            if page.next is None:
                break
        assert (len(seen), seen) == (number, whole), (limit, sort)


@pytest.mark.usefixtures("index")
def test_named_competitors_count_one_each_and_are_no_prospects(connection: psycopg.Connection) -> None:
    factors = "domain_from, links_to, overlap, score"
    assert rows(connection, f"SELECT {factors} FROM prospects('shop.test', ARRAY['third.test'])") == [
        ("d.test", 1, 1, *near(0.76146))
    ]
    new = rows(connection, f"SELECT {factors} FROM prospects('new.test', ARRAY['rival.test', 'third.test', 'e.test'])")
    assert new == [
        ("b.test", 2, 2, *near(2 * 0.57350)),
        ("d.test", 1, 1, *near(0.76146)),
        ("a.test", 1, 1, *near(0.64456)),
        ("c.test", 1, 1, *near(0.76146 / 2)),
    ]


@pytest.mark.usefixtures("index")
def test_what_is_known_counts_and_what_is_not_is_as_the_mean_of_what_is(connection: psycopg.Connection) -> None:
    """c.test: .20351 × √49 ÷ 10 × (¼ + ¾ × .4). d.test: .21331 × √1 ÷ 10, since 1 is the least, × .55, the mean."""
    connection.execute(
        "INSERT INTO domain_ranks (domain_id, follow_refdomains, follow_domains_to, authority, percentile, pagerank_ratio) "
        "SELECT id, 0, 1, CASE name WHEN 'c.test' THEN 49 ELSE 0 END, 0, 1 FROM domains WHERE name IN ('c.test', 'd.test')"
    )
    connection.execute(
        "INSERT INTO link_relevance (block, relevance, basis) SELECT id >> 6, set_byte(decode(repeat('ff', 64), 'hex'), "
        "(id & 63)::integer, 40), decode(repeat('00', 64), 'hex') FROM links WHERE anchor = 'R' AND is_dofollow"
    )
    assert rows(connection, "SELECT domain_from, authority, relevance, risk, score FROM prospects('shop.test')") == [
        ("c.test", 49, *near(0.4), None, *near(0.20351 * 0.7 * 0.55)),
        ("d.test", 0, None, None, *near(0.21331 * 0.1 * 0.55)),
    ]


@pytest.mark.usefixtures("index")
def test_a_risk_takes_its_part_of_the_score(connection: psycopg.Connection) -> None:
    """Of d.test .6 is known, and of c.test nothing."""
    connection.execute(
        "INSERT INTO domain_risks (domain_id, target_id, risk, reasons) SELECT id, 0, 0.6, '{reciprocity}' FROM domains "
        "WHERE name = 'd.test'"
    )
    assert rows(connection, "SELECT domain_from, risk, score FROM prospects('shop.test')") == [
        ("c.test", None, *near(0.20351)),
        ("d.test", *near(0.6), *near(0.21331 * 0.4)),
    ]


@pytest.mark.usefixtures("index")
def test_marks_leave_out_and_are_shown(database: Database, backlinks: Callable[..., Ran]) -> None:
    def asked(*arguments: str) -> list[tuple[str, str | None]]:
        ran = backlinks("prospects", "shop.test", *arguments, "--format", "json", database=database)
        return [(row["domain_from"], row["mark"]) for row in json.loads(ran.out or "[]")]

    backlinks("mark", "c.test", "--as", "contacted", database=database)
    assert asked() == [("d.test", None), ("c.test", "contacted")]
    backlinks("mark", "d.test", "--as", "declined", database=database)
    assert asked() == [("c.test", "contacted")]


def test_an_index_that_is_ranked_gives_the_same_structure(
    database: Database, index: SmallIndex, connection: psycopg.Connection
) -> None:
    """What the ranking has counted is what is counted without it."""
    structure = (
        "SELECT domain_from, overlap, out_domains, link_weight, follow_share FROM prospects('shop.test') ORDER BY 1"
    )
    before = rows(connection, structure)
    rank(database, lambda _: None)
    assert rows(connection, structure) == before
    index.read(1, "http://f.test/", link(RIVAL), link(THIRD))  # newer than the ranking
    assert [row[0] for row in rows(connection, structure)] == ["c.test", "d.test", "f.test"]


@pytest.mark.usefixtures("index")
def test_the_pages_of_a_prospect_show_what_they_cite(connection: psycopg.Connection) -> None:
    pages = "SELECT url_from, title_from, url_to, anchor, domain_to FROM prospect_pages('shop.test', 'c.test')"
    assert rows(connection, pages) == [("http://c.test/", "Roasters", RIVAL, "R", "rival.test")]


@pytest.mark.usefixtures("index")
def test_commands_answer_in_every_form(database: Database, backlinks: Callable[..., Ran]) -> None:
    ran = backlinks("competitors", "shop.test", "--format", "json", database=database)
    assert [row["domain_to"] for row in json.loads(ran.out)] == ["rival.test", "third.test"]
    table = backlinks("prospects", "shop.test", database=database)
    assert table.code == 0, table.err
    assert "links to rival.test; 1 domain in all" in table.out
    assert "risk" not in table.out
    named = backlinks(
        "prospects", "shop.test", "--competitors", "third.test", "rival.test", "--format", "csv", database=database
    )
    assert [line.split(",")[0] for line in named.out.splitlines()] == ["domain_from", "d.test", "c.test"]
    by_name = backlinks(
        "prospects", "shop.test", "--sort", "domain_from", "--limit", "1", "--format", "csv", database=database
    )
    assert by_name.out.splitlines()[1].startswith("c.test,")


@pytest.mark.usefixtures("index")
def test_the_printed_sql_gives_the_same_rows(
    database: Database, connection: psycopg.Connection, backlinks: Callable[..., Ran]
) -> None:
    for arguments in (
        ["prospects"],
        ["competitors"],
        ["prospects", "--list", "lost"],
        ["prospects", "--competitors", RIVAL[7:-1]],
    ):
        command, *options = arguments
        printed = backlinks(command, "shop.test", *options, "--sql", database=database)
        asked = backlinks(command, "shop.test", *options, "--format", "jsonl", database=database)
        assert len(rows(connection, printed.out)) == len(asked.out.splitlines())


@pytest.mark.usefixtures("index")
def test_a_prospect_is_explained_factor_by_factor(database: Database, backlinks: Callable[..., Ran]) -> None:
    ran = backlinks("prospects", "shop.test", "--explain", "c.test", database=database)
    assert ran.out.splitlines()[:9] == [
        "prospects: why c.test might link to shop.test",
        " overlap 0.535: it links to rival.test; the sum of how similar they are",
        " × link weight 0.761: it links to 1 domain in all; 1 ÷ ln(e + 1)",
        " × authority is not known: the mean of those that are, else 1",
        " × relevance is not known: the mean of those that are, else 1",
        " × risk is not known: 1",
        " × follow share 0.500: of its links to them",
        " = score 0.2035",
        "pages where the link could stand, and what they cite",
    ]
    assert "Roasters" in ran.out
    none = backlinks("prospects", "shop.test", "--explain", "a.test", database=database)
    assert (none.code, none.err) == (
        1,
        (
            "backlinks: a.test is no prospect of shop.test: it links to it already, or to none of its competitors that is known, or "
            "others are better by far, or it is marked as won, declined, ignore or disavow.\n"
        ),
    )


def test_lost_links_are_worth_asking_for(database: Database, index: SmallIndex, backlinks: Callable[..., Ran]) -> None:
    index.read(1, "http://a.test/", link(RIVAL))
    index.read(2, "http://a.test/", link(RIVAL))
    for at in (1, 2):
        index.read(at, "http://b.test/", outcome=Outcome.GONE, http_code=404)
    ran = backlinks("prospects", "shop.test", "--list", "lost", "--format", "jsonl", database=database)
    found = {row["domain_from"]: row for row in map(json.loads, ran.out.splitlines())}
    assert {name: (row["lost_reason"], row["url_from"], row["url_to"]) for name, row in found.items()} == {
        "a.test": ("link_removed", "http://a.test/", SHOP),
        "b.test": ("page_gone", "http://b.test/", SHOP),
    }
    assert found["b.test"]["reason"] == "the page is gone: ask where its content went, and whether it can link again"


def test_links_to_dead_and_moved_pages_are_misdirected(
    database: Database, index: SmallIndex, connection: psycopg.Connection, backlinks: Callable[..., Ran]
) -> None:
    index.read(1, "http://g.test/", link(f"{SHOP}old"), link(f"{SHOP}copy"), link(SHOP))
    index.read(1, f"{SHOP}old", outcome=Outcome.GONE, http_code=404)
    index.read(1, f"{SHOP}copy")
    index.read(1, SHOP)
    connection.execute("UPDATE page_facts SET canonical = %s WHERE page_id = url_id(%s)", [SHOP, f"{SHOP}copy"])
    connection.commit()
    ran = backlinks("prospects", "shop.test", "--list", "misdirected", "--format", "jsonl", database=database)
    assert {(row["url_to"], row["right_url"], row["domain_from"]) for row in map(json.loads, ran.out.splitlines())} == {
        (f"{SHOP}old", None, "g.test"),
        (f"{SHOP}copy", SHOP, "g.test"),
    }


def test_dead_pages_of_competitors_that_are_linked_to(
    database: Database, index: SmallIndex, backlinks: Callable[..., Ran]
) -> None:
    index.read(1, RIVAL, outcome=Outcome.GONE, http_code=410)
    ran = backlinks("prospects", "shop.test", "--list", "broken", "--format", "json", database=database)
    (row,) = json.loads(ran.out)
    assert (row["url_to"], row["refdomains"], row["http_code_to"], row["domain_to"]) == (RIVAL, 4, 410, "rival.test")
    assert row["score"] == pytest.approx(4 * 0.53452, abs=1e-4)  # no authority is known: each of the four counts 1
    assert row["reason"] == (
        "4 domains still link to this page of a competitor, which is gone: offer yours on the same subject"
    )


def test_domains_of_the_topic_that_nobody_has_reached(
    database: Database, index: SmallIndex, backlinks: Callable[..., Ran]
) -> None:
    index.read(1, "http://h.test/", link(SHOP), link("http://far.test/", "Far"))
    index.read(1, "http://far.test/", link("http://farther.test/", "Farther"))
    backlinks("topics", "add", "coffee", "h.test", database=database)
    rank(database, lambda _: None)
    ran = backlinks(
        "prospects", "shop.test", "--list", "topic", "--competitors", RIVAL[7:-1], "--format", "json", database=database
    )
    (row,) = json.loads(ran.out)
    assert (row["domain_from"], row["topic"], row["share"]) == ("far.test", "coffee", 1)
    assert (row["url_from"], row["url_to"], row["anchor"]) == ("http://far.test/", "http://farther.test/", "Farther")


def test_pages_that_name_a_brand_without_a_link(
    database: Database, index: SmallIndex, backlinks: Callable[..., Ran]
) -> None:
    index.read(1, "http://i.test/", link(RIVAL), title="The Shop, tested")
    index.read(1, "http://j.test/", link(RIVAL), title="Bean+Leaf", headings="On Workshops")
    index.read(1, "http://k.test/", link(SHOP), title="Shop")
    backlinks("targets", "add", "shop.test", "--brand", "Bean+Leaf", database=database)
    ran = backlinks("prospects", "shop.test", "--list", "mentions", "--format", "jsonl", database=database)
    assert {(row["url_from"], row["reason"]) for row in map(json.loads, ran.out.splitlines())} == {
        ("http://i.test/", "its title names you, and it does not link to you"),
        ("http://j.test/", "its title names you, and it does not link to you"),
    }


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("prospects", "nobody.test"), 1, "no links to nobody.test are known"),
        (("competitors", "nobody.test"), 1, "no links to nobody.test are known"),
        (("prospects", "shop.test", "--competitors", "nobody.test"), 1, "no links to nobody.test are known"),
        (("prospects", "shop.test", "rival.test"), 2, "leave out rival.test, or name it after --competitors"),
        (("prospects", "https://shop.test/a"), 2, "write shop.test instead of https://shop.test/a"),
        (("prospects", "shop.test", "--list", "lost", "--explain", "c.test"), 2, "leave out one of them"),
        (("prospects", "shop.test", "--list", "lost", "--competitors", "third.test"), 2, "leave out --competitors"),
        (("prospects", "shop.test", "--list", "topic"), 1, "`backlinks topics add` names topics"),
        (("prospects", "shop.test", "--list", "lost"), 1, "no domain is known that once linked to shop.test"),
        (("competitors", "shop.test", "--sort", "nonsense"), 2, "choose one of domain_to, similarity"),
    ],
)
@pytest.mark.usefixtures("index")
def test_what_cannot_be_answered_is_said_in_a_sentence(
    database: Database, backlinks: Callable[..., Ran], arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = backlinks(*arguments, database=database)
    assert (ran.code, ran.out) == (code, "")
    assert sentence in ran.err


def test_a_reader_of_views_may_ask_the_functions(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("DROP ROLE IF EXISTS reader_of_prospects")
        connection.execute("CREATE ROLE reader_of_prospects")
        connection.execute("SET ROLE reader_of_prospects")
        for call in (
            "competitors('x.test')",
            "prospects('x.test')",
            "prospect_pages('x.test', 'y.test')",
            "lost_leads('x.test')",
        ):
            assert connection.execute(f"SELECT * FROM {call}".encode()).fetchall() == []
        connection.rollback()


def test_scores_that_are_not_known_come_last(database: Database, backlinks: Callable[..., Ran]) -> None:
    made = SmallIndex(database)
    made.read(0, "http://a.test/", link(SHOP))
    made.read(0, "http://b.test/", link(SHOP), link("http://c.test/"))
    made.read(0, "http://c.test/", link("http://b.test/"))
    rank(database, lambda _: None)
    made.read(1, "http://new.test/", link(SHOP))
    for at in (5, 6):
        for name in ("a", "b", "new"):
            made.read(at, f"http://{name}.test/")
    ran = backlinks("prospects", "shop.test", "--list", "lost", "--format", "json", database=database)
    assert [row["domain_from"] for row in json.loads(ran.out)] == ["b.test", "a.test", "new.test"]


def test_a_title_that_names_it_goes_before_a_heading(database: Database, connection: psycopg.Connection) -> None:
    made = SmallIndex(database)
    made.read(0, "http://a.test/1", headings="About shop")
    made.read(0, "http://a.test/2", title="Shop is great")
    assert rows(connection, "SELECT url_from FROM mention_leads('shop.test')") == [("http://a.test/2",)]


def test_who_is_not_to_be_asked_is_no_lead(
    database: Database, connection: psycopg.Connection, backlinks: Callable[..., Ran]
) -> None:
    made = SmallIndex(database)
    made.read(0, "http://a.test/", link("http://shop.test/gone"))
    for at in (0, 0.1):
        made.read(at, "http://shop.test/gone", outcome=Outcome.GONE, http_code=404)
    leads = "SELECT domain_from FROM misdirected_leads('shop.test')"
    backlinks("mark", "a.test", "--as", "won", database=database)
    assert rows(connection, leads) == [("a.test",)]
    backlinks("mark", "a.test", "--as", "disavow", database=database)
    assert rows(connection, leads) == []
