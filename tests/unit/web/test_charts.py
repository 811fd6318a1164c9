"""Charts: where their points, bars and ticks are, and what they say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from backlink_crawler.web import charts
from backlink_crawler.web.charts import Box, Point, Series, Tick

FIRST = date(2026, 3, 30)


def days(number: int) -> list[date]:
    return [FIRST + timedelta(days=place) for place in range(number)]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 0, [0, 1]),
        (0, 1, [0, 1]),
        (0, 3, [0, 1, 2, 3]),
        (0, 7, [0, 2, 4, 6, 8]),
        (0, 54, [0, 20, 40, 60]),
        (0, 100, [0, 50, 100]),
        (-3, 9, [-5, 0, 5, 10]),
        (-40, 0, [-40, -30, -20, -10, 0]),
        (0, 9_000_000_000_000, [0, 5_000_000_000_000, 10_000_000_000_000]),
    ],
)
def test_ticks_are_round_and_embrace_what_is_shown(low: int, high: int, ticks: list[int]) -> None:
    assert charts.round_ticks(low, high) == ticks


@pytest.mark.parametrize(
    ("number", "label"),
    [
        (0, "0"),
        (5, "5"),
        (1_500, "1,500"),
        (9_999, "9,999"),
        (20_000, "20k"),
        (1_500_000, "1.5M"),
        (1_250_000_000, "1.25B"),
        (9_000_000_000_000, "9T"),
    ],
)
def test_labels_of_an_axis_are_short(number: int, label: str) -> None:
    assert charts.compact(number) == label


def test_a_line_goes_from_the_first_day_to_the_last() -> None:
    chart = charts.lines("Domains", days(5), [Series("Domains", [0, 2, 4, 4, 8])])
    assert chart is not None
    assert chart.lines[0].pieces == ["44,156 131,119.5 218,83 305,83 392,10"]
    assert chart.lines[0].dots == []
    assert chart.up == [Tick(156, "0"), Tick(119.5, "2"), Tick(83, "4"), Tick(46.5, "6"), Tick(10, "8")]
    assert chart.across == [
        Tick(44, "2026-03-30", "start"),
        Tick(218, "2026-04-01", "middle"),
        Tick(392, "2026-04-03", "end"),
    ]
    assert chart.says == "Domains: 0 on 2026-03-30, 8 on 2026-04-03; at least 0, at most 8."


def test_a_line_has_a_gap_where_nothing_is_known() -> None:
    chart = charts.lines("Domains", days(5), [Series("Domains", [None, 2, None, 1, 2])])
    assert chart is not None
    assert chart.lines[0].pieces == ["305,83 392,10"]
    assert chart.lines[0].dots == [Point(131, 10)]


def test_one_day_is_a_dot_in_the_middle() -> None:
    chart = charts.lines("Domains", days(1), [Series("Domains", [3])])
    assert chart is not None
    assert (chart.lines[0].pieces, chart.lines[0].dots) == ([], [Point(218, 10)])
    assert chart.across == [Tick(218, "2026-03-30", "middle")]
    assert chart.says == "Domains: 3 on 2026-03-30."


def test_two_lines_have_one_scale() -> None:
    chart = charts.lines("Both", days(2), [Series("Links", [10, 10]), Series("Domains", [5, 0])])
    assert chart is not None
    assert [line.pieces for line in chart.lines] == [["44,10 392,10"], ["44,83 392,156"]]


def test_zeros_are_a_line_at_the_bottom() -> None:
    chart = charts.lines("Domains", days(3), [Series("Domains", [0, 0, 0])])
    assert chart is not None
    assert chart.lines[0].pieces == ["44,156 218,156 392,156"]


@pytest.mark.parametrize("series", [[], [Series("Domains", [])], [Series("Domains", [None])]])
def test_of_what_is_not_known_there_is_no_line(series: list[Series]) -> None:
    assert charts.lines("Domains", days(len(series[0].values) if series else 0), series) is None


def test_bars_rise_and_fall_from_one_line() -> None:
    chart = charts.bars("Links", days(4), Series("New", [10, 0, 5, 0]), Series("Lost", [0, 0, 5, 0]))
    assert chart is not None
    assert chart.zero == 107.3
    assert chart.rising == [Box(67.5, 10.0, 40, 97.3), Box(241.5, 58.7, 40, 48.6)]
    assert chart.falling == [Box(241.5, 107.3, 40, 48.7)]
    assert [tick.label for tick in chart.up] == ["5", "0", "5", "10"]
    assert chart.across == [Tick(87.5, "2026-03-30", "middle"), Tick(348.5, "2026-04-02", "middle")]
    assert chart.says == "New: 15, most on 2026-03-30: 10. Lost: 5, most on 2026-04-01: 5."


def test_a_small_bar_beside_a_huge_one_is_seen() -> None:
    chart = charts.bars("Links", days(2), Series("New", [10**12, 1]), Series("Lost", [0, 1]))
    assert chart is not None
    assert [box.height for box in chart.rising][1] == 1
    assert chart.falling[0].height == 1


def test_days_on_which_nothing_happened_have_no_bars() -> None:
    chart = charts.bars("Links", days(3), Series("New", [0, 0, 0]), Series("Lost", [0, 0, 0]))
    assert chart is not None
    assert (chart.rising, chart.falling, chart.zero) == ([], [], 156)
    assert chart.says == "New: none. Lost: none."
    assert charts.bars("Links", [], Series("New", []), Series("Lost", [])) is None


def test_a_stack_is_as_wide_as_the_chart() -> None:
    chart = charts.stack("Types", [("text", 0.75), ("image", 0.25)])
    assert chart is not None
    assert [(part.word, part.box, part.colour) for part in chart.parts] == [
        ("text", Box(0, 0, 299, 22), 1),
        ("image", Box(300, 0, 99, 22), 2),
    ]
    assert chart.says == "text 75 %, image 25 %."


def test_what_has_no_colour_is_the_rest() -> None:
    chart = charts.stack("Languages", [(f"l{place}", 0.1) for place in range(10)])
    assert chart is not None
    assert [part.word for part in chart.parts] == ["l0", "l1", "l2", "l3", "l4", "l5", "l6", "the rest"]
    assert chart.parts[-1].share == pytest.approx(0.3)
    some = charts.stack("Languages", [("de", 0.6), ("fr", 0.1)])
    assert some is not None
    assert some.says == "de 60 %, fr 10 %, the rest 30 %."


def test_a_stack_of_nothing_is_none() -> None:
    assert charts.stack("Types", []) is None
    assert charts.stack("Types", [("text", 0)]) is None


def test_rows_have_their_words_above_their_bars() -> None:
    chart = charts.rows("Anchors", [("coffee", 40, "40 links"), ("", 10, "10 links"), ("tea", 0, "0 links")])
    assert chart is not None
    assert [(row.label, row.base, row.box) for row in chart.rows] == [
        ("coffee", 13, Box(0, 18, 400, 10)),
        ("", 45, Box(0, 50, 100, 10)),
        ("tea", 77, Box(0, 82, 0, 10)),
    ]
    assert chart.height == 96
    assert chart.says == "coffee: 40 links; (none): 10 links; tea: 0 links."
    assert charts.rows("Anchors", []) is None


def test_rows_may_be_parts_of_a_whole() -> None:
    chart = charts.rows("Rel", [("dofollow", 0.75, "75 %")], most=1)
    assert chart is not None
    assert chart.rows[0].box.width == 300


def test_rows_of_zeros_have_no_bars() -> None:
    chart = charts.rows("Anchors", [("a", 0, "0")])
    assert chart is not None
    assert chart.rows[0].box.width == 0


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("short", "short"),
        (
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
            "Donaudampfschifffahrtse…",
        ),
        ("咖啡咖啡咖啡咖啡咖啡咖啡咖啡咖啡", "咖啡咖啡咖啡咖啡咖啡咖…"),
        ("محمصة القهوة", "محمصة القهوة"),
        ("a\u202egnp.exe\x00\n b", "a gnp.exe b"),
    ],
)
def test_a_label_is_cut_where_its_room_ends(label: str, shown: str) -> None:
    assert charts.fitted(label, 160) == shown
