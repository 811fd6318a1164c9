"""The questions, in the four modes, with every filter: rows written out for the index of shop.py."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from backlink_crawler.ask.formats import Format, render
from backlink_crawler.ask.questions import QUESTIONS, UnknownTarget, ask
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import TargetMode
from backlink_crawler.store.asking import Filters, Query, run, run_on
from backlink_crawler.store.cursors import cursor
from tests.integration.shop import STRANGE, fill_shop
from tests.integration.worker import NORMALISE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server

ALPHA, BETA, GAMMA = "alpha.test", "beta.test", "gamma.test"


@pytest.fixture(scope="module")
def shop(embedded_server: Server) -> Iterator[Database]:
    """Read-only for all tests of this file."""
    made = embedded_server.copy()
    fill_shop(made)
    yield made
    embedded_server.drop(made)


def answer(
    shop: Database, question: str, target: str, columns: str, mode: TargetMode | None = None, **filters: Any
) -> list[tuple[Any, ...]]:
    """The asked columns of the answer's rows."""
    names, rows = ask(shop, question, parse_target(target, mode, NORMALISE), Filters(**filters))
    return [tuple(row[names.index(column)] for column in columns.split()) for row in rows]


COUNTS = "domain_from links dofollow_links refpages pages_to"


def test_referring_domains_of_a_domain(shop: Database) -> None:
    assert answer(shop, "refdomains", "shop.test", f"{COUNTS} status") == [
        (ALPHA, 4, 2, 2, 3, "live"),
        (BETA, 3, 3, 1, 3, "live"),
        (GAMMA, 1, 0, 1, 1, "live"),
    ]


@pytest.mark.parametrize(
    ("target", "mode", "expected"),
    [
        ("http://shop.test/", None, [(ALPHA, 2, 2, 2, 1), (BETA, 1, 1, 1, 1), (GAMMA, 1, 0, 1, 1)]),
        ("http://shop.test/blog/one", None, [(ALPHA, 1, 0, 1, 1)]),
        ("https://shop.test/blog/two?x=1#part", None, [(BETA, 1, 1, 1, 1)]),
        ("shop.test/blog/", None, [(ALPHA, 1, 0, 1, 1), (BETA, 1, 1, 1, 1)]),
        ("http://shop.test/blog*", None, [(BETA, 1, 1, 1, 1), (ALPHA, 1, 0, 1, 1)]),
        ("news.shop.test", None, [(ALPHA, 1, 0, 1, 1)]),
        ("shop.test", TargetMode.SUBDOMAINS, [(ALPHA, 4, 2, 2, 3), (BETA, 3, 3, 1, 3), (GAMMA, 1, 0, 1, 1)]),
        ("news.shop.test", TargetMode.DOMAIN, [(ALPHA, 4, 2, 2, 3), (BETA, 3, 3, 1, 3), (GAMMA, 1, 0, 1, 1)]),
        ("shop.test", TargetMode.EXACT, None),  # https://shop.test/, to which nobody links
    ],
)
def test_referring_domains_by_mode(
    shop: Database, target: str, mode: TargetMode | None, expected: list[tuple[Any, ...]] | None
) -> None:
    if expected is None:
        with pytest.raises(UnknownTarget, match="use that as the target"):
            answer(shop, "refdomains", target, COUNTS, mode)
        return
    assert sorted(answer(shop, "refdomains", target, COUNTS, mode)) == sorted(expected)


def test_a_prefix_is_no_pattern(shop: Database) -> None:
    """`_` and `%` mean themselves."""
    assert answer(shop, "links", "http://shop.test/blog_*", "url_to") == [("http://shop.test/blog_x/",)]
    with pytest.raises(UnknownTarget):
        answer(shop, "links", "http://shop.test/bl%25*", "url_to")


def test_subdomains_are_told_from_names_that_only_end_alike(shop: Database) -> None:
    assert answer(shop, "links", "news.shop.test", "anchor", TargetMode.SUBDOMAINS) == [("News",)]
    assert answer(shop, "links", "newsxshop.test", "anchor") == [("not a subdomain",)]


def test_links_of_a_url_are_rows_each(shop: Database) -> None:
    got = answer(shop, "links", "http://shop.test/", "url_from anchor rel is_dofollow link_type status")
    assert sorted(got, key=str) == [
        ("http://beta.test/", "=HYPERLINK(1)", [], True, "text", "live"),
        ("http://blog.alpha.test/a", "Shop", [], True, "text", "live"),
        ("http://blog.alpha.test/b", "Shop", [], True, "text", "live"),
        ("http://gamma.test/", "Shop", ["nofollow", "ugc"], False, "text", "live"),
    ]


def test_anchors_count_domains_pages_and_links(shop: Database) -> None:
    first, *others = answer(shop, "anchors", "shop.test", "anchor refdomains refpages links dofollow_links")
    assert [first, *sorted(others)] == [
        ("Shop", 3, 4, 4, 3),
        ("=HYPERLINK(1)", 1, 1, 1, 1),
        ("Blog", 1, 1, 1, 0),
        ("News", 1, 1, 1, 0),
        ("Two", 1, 1, 1, 1),
    ]
    blog = answer(shop, "anchors", "shop.test/blog/", "anchor refdomains links")
    assert sorted(blog) == [("Blog", 1, 1), ("Two", 1, 1)]


def test_overview_of_a_domain_says_how_well_it_is_covered(shop: Database) -> None:
    columns = (
        "backlinks dofollow_links nofollow_links sponsored_links ugc_links refpages refdomains dofollow_refdomains "
        "lost_links unverified_links pages_known pages_visited"
    )
    assert answer(shop, "overview", "shop.test", columns) == [(8, 5, 2, 1, 1, 4, 3, 2, 0, 0, 4, 4)]
    assert answer(shop, "overview", "http://shop.test/", columns) == [(4, 3, 1, 0, 1, 4, 3, 2, 0, 0, 4, 4)]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("live", {"http://shop.test/", "http://shop.test/blog_x/", "https://shop.test/blog/two?x=1"}),
        ("missing", {"http://shop.test/gone"}),
        ("lost", None),
        ("unverified", None),
        (
            "all",
            {
                *("http://shop.test/", "http://shop.test/blog_x/", "https://shop.test/blog/two?x=1"),
                "http://shop.test/gone",
            },
        ),
    ],
)
def test_links_by_status(shop: Database, status: str, expected: set[str] | None) -> None:
    if expected is None:
        with pytest.raises(UnknownTarget, match=f"no links to shop.test have the status {status}; --status all"):
            answer(shop, "links", "shop.test", "url_to", status=status)
        return
    got = answer(shop, "links", "shop.test", "url_to domain_from", status=status)
    assert {url_to for url_to, domain_from in got if domain_from == BETA} == expected


def test_dofollow_leaves_the_others_out(shop: Database) -> None:
    assert answer(shop, "refdomains", "shop.test", "domain_from", dofollow=True) == [(ALPHA,), (BETA,)]
    assert len(answer(shop, "links", "shop.test", "url_to", dofollow=True)) == 5
    assert answer(shop, "anchors", "shop.test", "anchor links", dofollow=True)[0] == ("Shop", 3)
    with pytest.raises(UnknownTarget, match=r"no dofollow links to news\.shop\.test have the status live"):
        answer(shop, "links", "news.shop.test", "url_to", dofollow=True)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (None, [ALPHA, BETA, GAMMA]),
        ("links", [ALPHA, BETA, GAMMA]),
        ("links:asc", [GAMMA, BETA, ALPHA]),
        ("dofollow_links:desc", [BETA, ALPHA, GAMMA]),
        ("refpages", [ALPHA, BETA, GAMMA]),  # a tie is settled by the name
        ("domain_from", [ALPHA, BETA, GAMMA]),
        ("domain_from:desc", [GAMMA, BETA, ALPHA]),
    ],
)
def test_sorting(shop: Database, sort: str | None, expected: list[str]) -> None:
    assert answer(shop, "refdomains", "shop.test", "domain_from", sort=sort) == [(name,) for name in expected]


@pytest.mark.parametrize("sort", ["nonsense", "links:up", "links; DROP TABLE links", "links,first_seen"])
def test_a_sort_that_is_no_column_is_refused_with_the_columns_there_are(shop: Database, sort: str) -> None:
    for question in ("refdomains", "links", "anchors"):
        with pytest.raises(InvalidInput, match="choose one of"):
            answer(shop, question, "shop.test", "", sort=sort)


def test_a_limit_is_the_number_of_rows(shop: Database) -> None:
    assert answer(shop, "refdomains", "shop.test", "domain_from", limit=1) == [(ALPHA,)]
    assert len(answer(shop, "links", "shop.test", "url_to", limit=3)) == 3
    assert len(answer(shop, "links", "shop.test", "url_to", limit=None)) == 8


def test_quotes_percents_and_semicolons_of_the_web_are_data(shop: Database) -> None:
    assert answer(shop, "links", "it's.test", "url_to anchor") == [("http://it's.test/100%25?a=%25s", STRANGE)]
    assert answer(shop, "links", "http://it's.test/100%25?a=%25s", "anchor") == [(STRANGE,)]
    assert answer(shop, "refdomains", "it's.test", "domain_from") == [(GAMMA,)]
    for target in ("'; DROP TABLE links; --.test", "%.test", "shop.test' OR '1'='1"):
        with pytest.raises((InvalidInput, UnknownTarget)):
            answer(shop, "links", target, "url_to")
    assert len(answer(shop, "links", "shop.test", "url_to")) == 8


def test_an_unknown_target_names_the_nearest(shop: Database) -> None:
    with pytest.raises(UnknownTarget) as caught:
        answer(shop, "refdomains", "shopp.test", "domain_from")
    assert str(caught.value).startswith(
        "no links to shopp.test are known; the nearest known targets are shop.test, newsxshop.test"
    )
    with pytest.raises(UnknownTarget) as caught:
        answer(shop, "refdomains", "nothing-like-it.example", "domain_from")
    assert str(caught.value) == "no links to nothing-like-it.example are known."


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("target", ["shop.test", "shop.test/blog/", "http://shop.test/", "news.shop.test", "it's.test"])
@pytest.mark.parametrize(
    "filters",
    [Filters(), Filters("all", dofollow=True, limit=None), Filters("live", since="now() - interval '7 days'")],
)
def test_the_printed_sql_runs_unchanged_and_gives_the_same_rows(
    shop: Database, question: str, target: str, filters: Filters
) -> None:
    parsed = parse_target(target, None, NORMALISE)
    query = QUESTIONS[question](parsed, filters)
    with psycopg.connect(shop.dsn) as plain:
        printed = plain.execute(query.literal().encode()).fetchall()
        assert printed == run_on(plain, query).fetchall()
        assert query.literal().endswith(";")
        assert "%(" not in query.literal()


WALKED = [question for question in QUESTIONS if question != "overview"]


@pytest.mark.parametrize("question", WALKED)
@pytest.mark.parametrize("target", ["shop.test", "shop.test/blog/", "http://shop.test/", "news.shop.test"])
def test_page_after_page_has_every_row_once_and_in_order(shop: Database, question: str, target: str) -> None:
    parsed = parse_target(target, None, NORMALISE)
    whole = QUESTIONS[question](parsed, Filters(limit=None))
    with shop.connect() as connection:
        expected = run_on(connection, whole).fetchall()
        seen: list[tuple[Any, ...]] = []
        after = None
        while True:
            query = QUESTIONS[question](parsed, Filters(limit=2, after=after))
            page = run_on(connection, query)
            rows = page.fetchall()
            seen += rows
            if len(rows) < 2:
                break
            after = cursor(query, [column.name for column in page.description or ()], rows[-1])
    assert seen == expected


@pytest.mark.parametrize(
    "after", ["", "1", "1,2,3", "1,x", "1;DROP TABLE links,2", "now(),1", "2026-02-30,1", "1" * 20 + ",1"]
)
def test_a_cursor_that_is_none_is_refused(shop: Database, after: str) -> None:
    with pytest.raises(InvalidInput, match="is not a cursor of this question"):
        answer(shop, "links", "shop.test", "url_to", after=after)


def test_after_the_last_row_there_is_none(shop: Database) -> None:
    assert answer(shop, "links", "shop.test", "url_to", after="0,0") == []


def test_the_best_pages_are_those_with_most_referring_domains(shop: Database) -> None:
    columns = "url_to refdomains refpages links dofollow_links"
    assert answer(shop, "best", "shop.test", columns)[0] == ("http://shop.test/", 3, 4, 4, 3)
    assert sorted(answer(shop, "best", "shop.test/blog/", "url_to")) == [
        ("http://shop.test/blog/one",),
        ("https://shop.test/blog/two?x=1",),
    ]
    assert answer(shop, "best", "shop.test", columns, dofollow=True)[0] == ("http://shop.test/", 2, 3, 3, 3)


def test_linked_is_what_a_domain_links_out_to(shop: Database) -> None:
    assert sorted(answer(shop, "linked", "gamma.test", "domain_to links dofollow_links status")) == [
        ("it's.test", 1, 1, "live"),
        ("newsxshop.test", 1, 1, "live"),
        ("shop.test", 1, 0, "live"),
    ]
    assert answer(shop, "linked", "blog.alpha.test", "domain_to links") == [("shop.test", 4)]
    with pytest.raises(UnknownTarget, match=r"no links from shop\.test are known"):
        answer(shop, "linked", "shop.test", "domain_to")


def test_nothing_of_the_shop_is_broken(shop: Database) -> None:
    with pytest.raises(UnknownTarget, match="none points to a page that is known to be gone"):
        answer(shop, "broken", "shop.test", "url_to")


def test_daily_is_what_was_learnt_each_day(shop: Database) -> None:
    (row,) = answer(shop, "daily", "shop.test", "new_links lost_links restored_links new_refdomains lost_refdomains")
    assert row == (9, 0, 0, 3, 0)


def test_an_answer_may_be_left_before_its_end(shop: Database) -> None:
    """And whoever asks next is not kept waiting."""
    for _ in range(3):
        names, rows = ask(shop, "links", parse_target("shop.test", None, NORMALISE), Filters(limit=None))
        assert len(next(rows)) == len(names)
        del rows


def test_an_export_needs_no_more_memory_than_its_rows_at_once(shop: Database) -> None:
    """300 MB pass through."""
    query = Query("SELECT number, repeat('x', 3000) AS text FROM generate_series(1, 100000) AS number", {})
    tracemalloc.start()
    columns, rows = run(shop, query)
    printed = sum(len(piece) for piece in render(columns, rows, Format.CSV, width=None))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert printed > 300_000_000
    assert most < 30_000_000
