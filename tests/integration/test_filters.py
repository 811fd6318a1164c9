"""What links are chosen by, which of them are alike, and answers in parts: rows written out for a small index."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.ask import paging
from backlink_crawler.ask.questions import QUESTIONS, UnknownTarget, ask, meaning
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import Outcome, Placement, Position
from backlink_crawler.rank.job import rank
from backlink_crawler.store import asking, similar
from backlink_crawler.store.asking import Filters
from tests.integration.small_index import SmallIndex, day
from tests.integration.worker import NORMALISE, link, visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlink_crawler.model import Link, Target
    from backlink_crawler.store.asking import Query
    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.integration.test_cli import Backlinks

SHOP, BEANS = "http://shop.test/", "http://shop.test/beans"
MENUS = [f"http://menu.test/{number}" for number in range(1, 6)]


@pytest.fixture(scope="module")
def index(embedded_server: Server) -> Iterator[Database]:
    """Read-only for all tests of this file."""
    made = embedded_server.copy()
    with SmallIndex(made) as crawl:
        _read(crawl, 1.5, "http://austria.test/", "de-AT", link(SHOP, "Kaffee", "noopener nofollow"))
        crawl.read(2.5, "http://gone.test/", link(SHOP, "old"))
        crawl.read(2.5, "http://edited.test/", link(SHOP, "edited"))
        _read(crawl, 5.5, "http://wrong.test/", "DE_at", link(SHOP, "Kaffee", "NoOpener"), link("http://coffee.test/"))
        crawl.read(9.5, "http://coffee.test/", link(BEANS, "beans"))
        for at in (10.5, 11.5):
            crawl.read(at, "http://gone.test/", outcome=Outcome.GONE, http_code=404)
            crawl.read(at, "http://edited.test/")
        for number, address in enumerate(MENUS, 12):
            anchor = "another" if address == MENUS[2] else "menu"
            crawl.read(number + 0.5, address, _placed(SHOP, anchor, -77), _placed(SHOP, "menu", 5))
    rank(made, lambda _: None)
    yield made
    embedded_server.drop(made)


def _read(crawl: SmallIndex, at: float, address: str, language: str, *links: Link) -> None:
    made = visit(crawl.page(address), *links)
    assert made.facts
    made.facts.language, made.observed_at = language, day(at)
    crawl.record(made)


def _placed(to: str, anchor: str, path: int) -> Link:
    made = link(to, anchor)
    made.placement = Placement(Position.FOOTER, 4, 100, 900, path)
    return made


def of(question: str, target: Target) -> Callable[[Filters], Query]:
    return partial(QUESTIONS[question], target)


def answer(index: Database, columns: str, question: str = "links", **filters: Any) -> list[tuple[Any, ...]]:
    names, rows = ask(index, question, SHOP_TEST, Filters(**filters))
    return [tuple(row[names.index(column)] for column in columns.split()) for row in rows]


SHOP_TEST = parse_target("shop.test", None, NORMALISE)
AUSTRIA, WRONG, COFFEE = ("austria.test",), ("wrong.test",), ("coffee.test",)
MENU = ("menu.test",)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"rel": "noopener"}, [WRONG, AUSTRIA]),
        ({"rel": "NoFollow"}, [AUSTRIA]),
        ({"language": "de"}, [WRONG, AUSTRIA]),
        ({"language": "DE"}, [WRONG, AUSTRIA]),
        ({"language": "en", "first_until": date(2026, 3, 10)}, [COFFEE]),
        ({"first_from": date(2026, 3, 6), "first_until": date(2026, 3, 10)}, [COFFEE, WRONG]),
        ({"first_from": date(2026, 3, 6), "first_until": date(2026, 3, 6)}, [WRONG]),
        ({"first_until": date(2026, 3, 9)}, [WRONG, AUSTRIA]),
        ({"first_from": date(2026, 3, 16)}, [MENU] * 4),
        ({"max_authority": 0}, [*[MENU] * 10, WRONG, AUSTRIA]),
        ({"max_authority": 100}, [*[MENU] * 10, COFFEE, WRONG, AUSTRIA]),
        ({"min_authority": 1, "max_authority": 100}, [COFFEE]),
        ({"lost_reason": "page_gone"}, [("gone.test",)]),
        ({"lost_reason": "link_removed"}, [("edited.test",)]),
        ({"lost_reason": "link_removed", "status": "all"}, [("edited.test",)]),
    ],
)
def test_links_that_pass(index: Database, filters: dict[str, Any], expected: list[tuple[str]]) -> None:
    assert answer(index, "domain_from", **filters) == expected
    found = paging.page(index, of("links", SHOP_TEST), Filters(**filters))
    assert ([(row[found.columns.index("domain_from")],) for row in found.rows], found.next) == (expected, None)


def test_new_and_lost_links_that_pass(index: Database) -> None:
    since = "now() - interval '1 day'"
    assert answer(index, "domain_from", "new", since=since, language="de", rel="nofollow") == [AUSTRIA]
    assert answer(index, "domain_from", "lost", since=since, lost_reason="page_gone") == [("gone.test",)]
    assert answer(index, "domain_from", "refdomains", max_authority=0) == [MENU, WRONG, AUSTRIA]


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"language": "it"}, "no links to shop.test on pages in the language it have the status live or unverified; "),
        ({"rel": "me"}, "no links to shop.test with me in their rel have the status live or unverified; "),
        ({"lost_reason": "page_redirected"}, "no links to shop.test lost for the reason page_redirected are known."),
        (
            {"first_until": date(2026, 1, 31)},
            "no links to shop.test first seen until 2026-01-31 have the status live or unverified; ",
        ),
        (
            {"min_authority": 40, "max_authority": 50},
            "no links to shop.test from domains of authority 40 or more from domains of authority 50 or less have the ",
        ),
    ],
)
def test_when_none_passes_the_sentence_says_which(index: Database, filters: dict[str, Any], said: str) -> None:
    with pytest.raises(UnknownTarget) as caught:
        answer(index, "", **filters)
    assert str(caught.value).startswith(said)


def test_a_heading_says_which(index: Database) -> None:
    filters = Filters(first_from=date(2026, 3, 6), first_until=date(2026, 3, 6), group_similar=True)
    assert meaning("links", SHOP_TEST, filters) == (
        "links to shop.test and all its hosts first seen on 2026-03-06, one row for those that are alike"
    )


def test_the_options_are_the_filters(index: Database, backlinks: Backlinks) -> None:
    options = ("--rel", "NoOpener", "--language", "DE", "--first-seen", "..2026-03-05", "--max-authority", 50)
    ran = backlinks("links", "shop.test", *options, "--format", "csv", database=index)
    assert [line.split(",")[0] for line in ran.out.splitlines()] == ["url_from", "http://austria.test/"]
    for refused, said in (
        (("--language", "de-AT"), "--language de-AT: write the code without a region, such as de or pt."),
        (("--first-seen", "2026-03-09..2026-03-05"), "2026-03-09..2026-03-05 ends before it begins; write the earlier"),
        (("--first-seen", "last week"), "'last week' are no days; write 2026-01-01..2026-01-31, "),
        (("--first-seen", ".."), "'..' are no days; write 2026-01-01..2026-01-31, "),
        (("--lost-reason", "page_gone", "--status", "live"), "--lost-reason is of lost links: leave out --status."),
    ):
        ran = backlinks("links", "shop.test", *refused, database=index)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"backlinks: {said}")


ALIKE = [
    (MENUS[4], "menu", 4, True),
    (MENUS[4], "menu", 5, True),
    (MENUS[2], "another", 1, True),
    ("http://coffee.test/", "beans", 1, True),
    ("http://wrong.test/", "Kaffee", 1, True),
    ("http://austria.test/", "Kaffee", 1, True),
]
ALIKE_COLUMNS = "url_from anchor similar similar_is_exact"


@pytest.mark.parametrize("limit", [None, 100, 6, 5])
def test_links_that_are_alike_are_one_row_where_the_first_stands(index: Database, limit: int | None) -> None:
    got = answer(index, ALIKE_COLUMNS, group_similar=True, limit=limit)
    assert sorted(got[:2], key=lambda row: row[2]) == ALIKE[:2]
    assert got[2:] == ALIKE[2:limit]
    exact = Filters(group_similar=True, limit=limit)
    names, rows = ask(index, "links", parse_target(SHOP, None, NORMALISE), exact)
    assert [row[names.index("similar")] for row in rows][2:] == [1, 1, 1]


def test_of_links_that_are_alike_only_those_that_pass_are_counted(index: Database) -> None:
    filters = {"group_similar": True, "first_until": date(2026, 3, 15)}
    assert answer(index, "anchor similar", **filters, sort="similar")[0] == ("menu", 3)
    assert answer(index, "anchor similar", **filters)[-1] == ("Kaffee", 1)
    for status, number in (("all", 8), ("lost", 2), ("live", 6)):
        assert len(answer(index, "anchor", group_similar=True, status=status)) == number


def test_alike_links_are_looked_for_among_all_when_the_first_do_not_fill_a_page(
    index: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "_NEAR", similar._NEAR.replace("20000", "3"))
    assert [row[2] for row in answer(index, ALIKE_COLUMNS, group_similar=True)][2:] == [1, 1, 1, 1]
    assert {row[2] for row in answer(index, ALIKE_COLUMNS, group_similar=True, limit=2)} == {4, 5}


def test_how_many_are_alike_is_at_least_so_many_where_a_domain_has_very_many_links(
    index: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "_COUNTED", similar._COUNTED.replace("2000", "4"))
    monkeypatch.setattr(similar, "_FOUND", similar._FOUND.replace("2000", "4"))
    monkeypatch.setattr(paging, "LOOKED_AT", 3)
    found = paging.page(index, of("links", SHOP_TEST), Filters(group_similar=True, limit=2))
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    assert [(row["domain_from"], row["similar_is_exact"]) for row in rows] == [("menu.test", False)] * 2
    assert all(1 <= row["similar"] <= 5 for row in rows)


def test_one_of_each_domain_is_not_one_of_those_that_are_alike(index: Database) -> None:
    with pytest.raises(InvalidInput, match="exclude each other"):
        answer(index, "", one_per_domain=True, group_similar=True)


def pages(index: Database, question: str, filters: Filters, target: Target = SHOP_TEST) -> Iterator[paging.Page]:
    """Each page of the answer, on one session."""
    with index.connect() as connection:
        while True:
            page = paging.page(connection, of(question, target), filters)
            yield page
            if page.next is None:
                return
            filters = replace(filters, after=page.next)


@pytest.mark.parametrize("looked_at", [1, 3, 4, 20_000])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize(
    ("question", "filters"),
    [
        ("links", {}),
        ("links", {"language": "de"}),
        ("links", {"language": "en", "status": "all"}),
        ("links", {"anchor": "a"}),
        ("links", {"status": "unverified"}),
        ("links", {"group_similar": True}),
        ("links", {"group_similar": True, "status": "all"}),
        ("links", {"group_similar": True, "anchor": "e", "status": "unverified"}),
        ("new", {"rel": "noopener"}),
        ("lost", {"lost_reason": "page_gone"}),
    ],
)
def test_parts_together_are_the_whole_answer(
    index: Database,
    monkeypatch: pytest.MonkeyPatch,
    question: str,
    filters: dict[str, Any],
    limit: int,
    looked_at: int,
) -> None:
    monkeypatch.setattr(paging, "LOOKED_AT", looked_at)
    with index.connect() as connection:
        columns, whole = asking.answer(connection, QUESTIONS[question](SHOP_TEST, Filters(limit=None, **filters)))
    seen = list(pages(index, question, Filters(limit=limit, **filters)))
    assert [row for page in seen for row in page.rows] == whole
    assert all(page.columns == columns for page in seen)
    assert all(len(page.rows) <= limit for page in seen)
    for page in seen[:-1]:
        is_full = len(page.rows) == limit and page.looked_at is None
        assert is_full or page.looked_at == looked_at
    assert seen[-1].looked_at is None


def test_a_part_says_how_many_links_were_looked_at(index: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "LOOKED_AT", 10)
    first, *others = pages(index, "links", Filters(language="de"))
    assert (first.rows, first.looked_at) == ([], 10)
    assert [len(page.rows) for page in others] == [2]


def test_what_an_index_serves_has_no_parts(index: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "LOOKED_AT", 1)
    assert [(len(page.rows), page.looked_at) for page in pages(index, "links", Filters(limit=8))] == [
        (8, None),
        (5, None),
    ]
    source = parse_target("menu.test", None, NORMALISE)
    found = paging.page(index, of("links", SHOP_TEST), Filters(source=source, anchor="menu"))
    assert (len(found.rows), found.looked_at) == (9, None)
    exact = parse_target(BEANS, None, NORMALISE)
    assert len(paging.page(index, of("links", exact), Filters(language="en")).rows) == 1


SORTED = [
    *((question, {}) for question in QUESTIONS if question != "overview"),
    ("links", {"status": "all"}),
    ("links", {"status": "unverified"}),
    ("links", {"status": "all", "group_similar": True}),
    ("links", {"one_per_domain": True}),
    ("links", {"one_per_domain": True, "anchor": "e", "status": "all"}),
    ("refdomains", {"is_lost": True}),
]


@pytest.mark.parametrize(("question", "filters"), SORTED)
def test_pages_of_a_sorted_answer_are_the_whole_answer(index: Database, question: str, filters: dict[str, Any]) -> None:
    """By each column, in both directions; where many rows have the same value, or none."""
    with index.connect() as connection:
        target = parse_target(SHOP, None, NORMALISE) if question in {"anchors", "daily"} else SHOP_TEST
        columns, _ = asking.answer(connection, QUESTIONS[question](target, Filters(**filters)))
        for sort in (f"{column}:{way}" for column in columns for way in ("asc", "desc")):
            query = QUESTIONS[question](target, Filters(limit=None, sort=sort, **filters))
            _, whole = asking.answer(connection, query)
            seen = list(pages(index, question, Filters(limit=5, sort=sort, **filters), target))
            assert [row for page in seen for row in page.rows] == whole, sort
            assert [len(page.rows) for page in seen[:-1]] == [5] * (len(seen) - 1), sort


@pytest.mark.parametrize(
    "filters", [{}, {"min_authority": 0.0}, {"anchor": "e"}, {"status": "all"}, {"dofollow": True}]
)
def test_pages_of_one_link_a_domain_are_the_whole_answer(index: Database, filters: dict[str, Any]) -> None:
    with index.connect() as connection:
        asked = Filters(limit=None, one_per_domain=True, **filters)
        _, whole = asking.answer(connection, QUESTIONS["links"](SHOP_TEST, asked))
    seen = list(pages(index, "links", Filters(limit=1, one_per_domain=True, **filters)))
    assert len(seen) > 1
    assert [row for page in seen for row in page.rows] == whole


@pytest.mark.parametrize(
    "after",
    [
        *("1,1", "1", "[]", "{}", "null", '["authority"]', '["authority","5"]', '["authority","5","1"]', "[" * 20_000),
        *('["authority","5","1","1","1"]', '["authority","high","1","1"]', '["authority",5,"1","1"]'),
        *('["authority","5","x","1"]', '["authority","5",1,1]', '["authority:asc","5","1","1"]'),
        *('["trust","5","1","1"]', '["authority","\\u0000","1","1"]', '["authority","\\ud800","1","1"]'),
        '["authority","\' OR TRUE --","1","1"]',
    ],
)
def test_a_cursor_that_is_none_of_a_sorted_answer_is_refused(index: Database, after: str) -> None:
    with pytest.raises(InvalidInput, match="is not a cursor of this question"):
        paging.page(index, of("links", SHOP_TEST), Filters(after=after, sort="authority"))


def test_a_cursor_of_a_sorted_answer_is_text_whatever_it_says(index: Database) -> None:
    filters = Filters(after='["anchor","%s \' OR TRUE -- %(domain_to)s \\\\ {}","1","1"]', sort="anchor", status="all")
    expected = ["Kaffee", "Kaffee", "another", "beans", "edited", *["menu"] * 9, "old"]
    found = paging.page(index, of("links", SHOP_TEST), filters)
    assert [row[found.columns.index("anchor")] for row in found.rows] == expected


@pytest.mark.parametrize(
    ("question", "after"),
    [
        ("links", "1"),
        ("links", "2026-01-01,1"),
        ("links", f"{2**63},1"),
        ("links", "1,²"),
        ("links", "1,1 OR TRUE"),
        ("daily", "1"),
        ("daily", "10000-01-01"),
        ("daily", "2026-02-30"),
        ("history", "1,1"),
        ("refdomains", "now(),1"),
        ("overview", "1"),
    ],
)
def test_a_cursor_that_is_none_of_the_question_is_refused(index: Database, question: str, after: str) -> None:
    with pytest.raises(InvalidInput, match="is not a cursor of this question"):
        paging.page(index, of(question, SHOP_TEST), Filters(after=after))


def test_a_cursor_at_either_end_of_what_can_be_is_one(index: Database) -> None:
    assert paging.page(index, of("links", SHOP_TEST), Filters(after=f"{-(2**63) + 1},1", language="de")).rows == []
    assert len(paging.page(index, of("links", SHOP_TEST), Filters(after=f"{2**63 - 1},1", language="de")).rows) == 2
    assert paging.page(index, of("daily", SHOP_TEST), Filters(after="0001-01-01")).rows == []
