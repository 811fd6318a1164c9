"""What an overview shows: tiles, charts and figures, and what stands beside what is not known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from backlink_crawler.ask.mixes import Mix, Share
from backlink_crawler.ask.overviews import Coverage, Overview, Told, Top
from backlink_crawler.ask.trends import Changes, Stood, Trend
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.urls.normalise import Normaliser
from backlink_crawler.web import pictures
from backlink_crawler.web.charts import Bars, Lines, Rows, Stack
from backlink_crawler.web.pictures import Record, Tile
from backlink_crawler.web.rendering import url

THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOTALS = {
    "backlinks": 1_200,
    "refpages": 1_000,
    "refdomains": 300,
    "dofollow_refdomains": 200,
    "dofollow_links": 900,
    "authority": 41.0,
    "trust": None,
    "unverified_links": 7,
    "missing_links": 2,
    "lost_links": 1_500,
}
COVERAGE = Coverage(400, 300, 0.75, datetime(2026, 1, 2, 3, 4, tzinfo=UTC), THEN, None, None)
EMPTY = Mix((), 0, 0, None, None, None, "no link is live.")


def overview(**parts: Any) -> Overview:
    given: dict[str, Any] = {
        "target": parse_target("example.com", None, Normaliser(())),
        "totals": TOTALS,
        "trend": Trend((), (), 1, "nothing has been recorded."),
        "coverage": COVERAGE,
        "mixes": {},
        "top": {},
        "told": Told((), {}, None, None),
    }
    return Overview(**given | parts)


def to(question: str, /, **chosen: Any) -> str:
    return url(question, target="example.com", **chosen)


def mix(*shares: Share, **parts: Any) -> Mix:
    given: dict[str, Any] = {
        "words": len(shares),
        "known": 100,
        "as_of": None,
        "looked_at": None,
        "of": None,
        "why": None,
    }
    return Mix(shares, **given | parts)


def test_tiles_say_what_they_count_and_how_well() -> None:
    read = "75 % read, until 2026-03-01"
    assert pictures.tiles(overview()) == [
        Tile("Backlinks", "1,200", f"live, on 1,000 pages; {read}"),
        Tile("Referring domains", "300", f"200 with a follow link; {read}"),
        Tile("Follow", "75 %", f"900 of 1,200 live links; {read}"),
        Tile("Authority", "41", "of 100"),
        Tile("Trust", "–", "not known: `backlinks rank` computes it for whole domains"),
        Tile("Unverified", "7", f"not read again since they were seen; {read}"),
        Tile("Missing", "2", f"not there when last read, to be confirmed; {read}"),
        Tile("Lost", "1,500", f"of all that were ever seen; {read}"),
    ]


def test_of_no_live_link_none_is_followed() -> None:
    found = overview(
        totals=TOTALS | {"backlinks": 0, "refpages": 0, "dofollow_links": 0},
        coverage=Coverage(None, None, None, None, None, None, "no page is in the frontier."),
    )
    unknown = "how much of what links was read is not known"
    assert pictures.tiles(found)[2] == Tile("Follow", "–", f"0 of 0 live links; {unknown}")


@pytest.mark.parametrize(
    ("coverage", "said"),
    [
        (
            COVERAGE,
            (
                "300 of the 400 known pages of the domains that link were read (75 %), from 2026-01-02 03:04 to 2026-03-01 12:00 "
                "UTC."
            ),
        ),
        (
            COVERAGE._replace(as_of=THEN),
            (
                "300 of the 400 known pages of the domains that link were read (75 %), from 2026-01-02 03:04 to 2026-03-01 12:00 "
                "UTC; as of 2026-03-01 12:00 UTC."
            ),
        ),
        (
            Coverage(None, None, None, None, None, None, "no page is in the frontier."),
            "How well the domains that link are crawled is not known: no page is in the frontier.",
        ),
    ],
)
def test_coverage_is_a_sentence(coverage: Coverage, said: str) -> None:
    assert pictures.coverage_in_words(coverage) == said


def test_what_is_restored_came_again() -> None:
    first, second = date(2026, 3, 2), date(2026, 3, 9)
    trend = Trend(
        [Changes(first, 5, 1, 2, 3, 0, 1), Changes(second, 0, 4, 0, 0, 2, 0)],
        [Stood(first, 20, None), Stood(second, 16, 8)],
        7,
        None,
    )
    domains, domain_changes, links, link_changes = pictures.over_time(trend)
    assert isinstance(domains.chart, Lines)
    assert domains.title == "Referring domains over time (by week)"
    assert domains.chart.says == "Referring domains: 8 on 2026-03-09."
    assert isinstance(domain_changes.chart, Bars)
    assert domain_changes.chart.says == "New or restored: 4, most on 2026-03-02: 4. Lost: 2, most on 2026-03-09: 2."
    assert links.table is not None
    assert links.table.lines == [Record("2026-03-09", ["16"]), Record("2026-03-02", ["20"])]
    assert link_changes.table is not None
    assert link_changes.table.lines == [Record("2026-03-09", ["0", "4"]), Record("2026-03-02", ["7", "1"])]
    assert pictures.days_of(trend).lines == [
        Record("2026-03-09", ["8", "16", "0", "0", "2", "0", "0", "4"]),
        Record("2026-03-02", ["–", "20", "3", "1", "0", "5", "2", "1"]),
    ]


def test_words_that_exclude_each_other_are_parts_of_a_whole() -> None:
    types = mix(Share("text", 90, 30, 0.9), Share("image", 10, 9, 0.1))
    (picture,) = pictures.mixes(overview(mixes={"type": types}), to)
    assert isinstance(picture.chart, Stack)
    assert picture.note == "Shares of 100 live links."
    assert picture.table is not None
    assert picture.table.heads == ("Type", "Share", "Links", "Referring domains")
    assert picture.table.lines == [
        Record("text", ["90 %", "90", "30"], "/links?target=example.com&type=text"),
        Record("image", ["10 %", "10", "9"], "/links?target=example.com&type=image"),
    ]


def test_words_that_do_not_have_a_bar_each() -> None:
    rel = mix(Share("dofollow", 75, 8, 0.75), Share("ugc", 20, None, 0.2))
    (picture,) = pictures.mixes(overview(mixes={"rel": rel}), to)
    assert isinstance(picture.chart, Rows)
    assert [row.box.width for row in picture.chart.rows] == [300, 80]
    assert picture.note == "Shares of 100 live links; a link may count more than once."
    assert picture.table is not None
    assert picture.table.lines == [
        Record("dofollow", ["75 %", "75", "8"], "/links?target=example.com&dofollow=true"),
        Record("ugc", ["20 %", "20", "–"], "/links?target=example.com&rel=ugc"),
    ]


@pytest.mark.parametrize(
    ("counted", "note"),
    [
        (
            mix(Share("de", 5, 2, 0.5), words=30),
            "Shares of links from pages whose language is known; 29 more words are not shown.",
        ),
        (
            mix(Share("de", 5, 2, 0.5), looked_at=1_000, of=50_000),
            "Shares of links from pages whose language is known, of 50,000 links the 1,000 that were found last.",
        ),
        (
            mix(Share("de", 5, 2, 0.5), as_of=THEN),
            "Shares of links from pages whose language is known, as of 2026-03-01 12:00 UTC.",
        ),
    ],
)
def test_a_mix_says_how_it_was_counted(counted: Mix, note: str) -> None:
    (picture,) = pictures.mixes(overview(mixes={"languages": counted}), to)
    assert picture.note == note


def test_a_mix_of_nothing_says_why() -> None:
    (picture,) = pictures.mixes(overview(mixes={"tlds": EMPTY}), to)
    assert (picture.chart, picture.table, picture.why) == (None, None, "no link is live.")


def top(columns: str, *rows: tuple[Any, ...], order: str = "links", why: str | None = None) -> Top:
    return Top(columns.split(), rows, order, why)


def test_tops_lead_to_their_links() -> None:
    found = overview(
        top={
            "anchors": top("anchor links refdomains dofollow_links", ("", 9, 3, 2), ("a & b", 1, 1, 0)),
            "best": top(
                "url_to refdomains links dofollow_links", ("https://example.com/", 4, 9, 9), order="referring domains"
            ),
            "refdomains": top(
                "domain_from authority links dofollow_links",
                ("a.test", 50.5, 3, 3),
                ("b.test", None, 1, 0),
                order="authority",
            ),
        }
    )
    anchors, pages, domains = pictures.tops(found, to)
    assert [picture.table.lines for picture in (anchors, pages, domains) if picture.table] == [
        [
            Record("(no words)", ["9", "3", "2"], "/links?target=example.com&anchor=%3D"),
            Record("a & b", ["1", "1", "0"], "/links?target=example.com&anchor=%3Da+%26+b"),
        ],
        [Record("example.com", ["4", "9", "9"], "/links?target=example.com&page=https%3A%2F%2Fexample.com%2F")],
        [
            Record("a.test", ["50.5", "3", "3"], "/links?target=example.com&from=a.test"),
            Record("b.test", ["–", "1", "0"], "/links?target=example.com&from=b.test"),
        ],
    ]
    assert isinstance(domains.chart, Rows)
    assert [row.box.width for row in domains.chart.rows] == [202, 0]
    assert domains.chart.says == "a.test: 50.5; b.test: not ranked."
    assert domains.note == "By authority."


def test_a_list_of_nothing_says_why() -> None:
    nothing = top("anchor links", why="no link is live.")
    found = overview(top=dict.fromkeys(("anchors", "best", "refdomains"), nothing))
    assert {(picture.chart, picture.why) for picture in pictures.tops(found, to)} == {(None, "no link is live.")}
