"""Tables: what has no room gives way in an order of its own, and what counts is never cut."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from rich.cells import cell_len

from backlink_crawler.ask.formats import Format, render
from backlink_crawler.ask.tables import AtLeast, printable, record

SEEN = datetime(2026, 11, 26, 14, 5, 59, tzinfo=UTC)
LONG = "https://example.test/a/long/path/to/somewhere/index.html"


def table(columns: str, *rows: tuple[Any, ...], width: int | None = None) -> list[str]:
    return "\n".join(render(columns.split(), rows, Format.TABLE, width=width)).split("\n")


def test_a_table() -> None:
    assert table("name links c live", ("x", 1234, None, True), ("京都", 5, "q", False)) == [
        " name  links  c  live",
        " ────────────────────",
        " x     1,234     yes",
        " 京都      5  q  no",
    ]


def test_fractions_have_as_many_decimals_as_the_longest_of_them_and_three_at_most() -> None:
    assert table("name relevance", ("x", 0.5), ("y", 0.07142857), ("z", None), ("q", 1234.0))[2:] == [
        " x         0.500",
        " y         0.071",
        " z",
        " q     1,234.000",
    ]
    assert printable(0.07142857) == "0.071"


def test_where_there_is_no_terminal_nothing_is_cut() -> None:
    assert table("url anchor first_seen", (LONG, "w" * 200, SEEN))[2] == f" {LONG}  {'w' * 200}  2026-11-26 14:05"


def test_titles_break_before_anything_is_cut() -> None:
    row = ("a.test", 7, 12345678, SEEN)
    assert table("domain dofollow_links restored_refdomains first_seen", row, width=67) == [
        " domain  dofollow_links  restored_refdomains  first_seen (UTC)",
        " ─────────────────────────────────────────────────────────────",
        " a.test               7           12,345,678  2026-11-26 14:05",
    ]
    assert table("domain dofollow_links restored_refdomains first_seen", row, width=50) == [
        "         dofollow_   restored_",
        " domain      links  refdomains  first_seen (UTC)",
        " ───────────────────────────────────────────────",
        " a.test          7  12,345,678  2026-11-26 14:05",
    ]


def test_then_times_are_cut_to_dates() -> None:
    row = ("http://a.test/some/path.html", SEEN, "live")
    assert table("url last_seen status", row, width=55)[2] == " http://a.test/some/path.html  2026-11-26 14:05  live"
    assert table("url last_seen status", row, width=50) == [
        "                               last_seen",
        " url                           (UTC)       status",
        " ────────────────────────────────────────────────",
        " http://a.test/some/path.html  2026-11-26  live",
    ]


def test_then_texts_give_way_addresses_in_their_middle() -> None:
    rows = [(LONG, "an anchor of several words", 1, "live"), ("b", "京都" * 20, 22, "unverified")]
    assert table("url_from anchor links status", *rows, width=70) == [
        " url_from                  anchor                    links  status",
        " ─────────────────────────────────────────────────────────────────────",
        " https://exam…/index.html  an anchor of several wo…      1  live",
        " b                         京都京都京都京都京都京 …     22  unverified",
    ]


def test_then_columns_are_left_out_and_named() -> None:
    row = (LONG, "an anchor of several words", True, ["nofollow"], 5, SEEN, SEEN, "unverified", LONG)
    columns = "url_from anchor is_dofollow rel links first_seen last_seen status url_to"
    assert table(columns, row, width=100) == [
        "                                         is_",
        " url_from            anchor              dofollow  rel       links  status      url_to",
        " ─────────────────────────────────────────────────────────────────────────────────────────────────",
        " https://e…dex.html  an anchor of seve…  yes       nofollow      5  unverified  https://e…dex.html",
        "not shown, for lack of room: first_seen, last_seen",
    ]
    assert table(columns, row, width=60) == [
        "                                 is_",
        " url_from            anchor      dofollow  links  status",
        " ───────────────────────────────────────────────────────────",
        " https://e…dex.html  an anchor…  yes           5  unverified",
        "not shown, for lack of room: rel, first_seen, last_seen,",
        "url_to",
    ]


@pytest.mark.parametrize("width", range(80, 200))
def test_what_counts_is_whole_at_every_width(width: int) -> None:
    row = (LONG, 123_456_789, "anchor_changed", "link_removed", "unverified", False, SEEN, "w" * 300, LONG)
    lines = table("url_from links event reason status is_dofollow last_seen anchor url_to", row, width=width)
    assert max(map(cell_len, lines)) <= width
    text = "\n".join(lines)
    assert {"123,456,789", "anchor_changed", "link_removed", "unverified", "no"} <= set(text.split())
    assert "2026-11-26" in text or "last_seen" in lines[-1]


@pytest.mark.parametrize("width", range(1, 40))
def test_a_terminal_that_is_far_too_narrow_gets_a_table_too(width: int) -> None:
    assert table("url links status", ("x" * 50, 1, "live"), width=width)[0].startswith(" url")


def test_times_whose_day_says_too_little_are_whole() -> None:
    assert table("host rests_until", ("h" * 60 + ".test", SEEN), width=44) == [
        "                            rests_until",
        " host                       (UTC)",
        " ───────────────────────────────────────────",
        " hhhhhhhhhhhh…hhhhhhh.test  2026-11-26 14:05",
    ]


def test_times_are_in_utc_and_say_so() -> None:
    vienna = SEEN.astimezone(timezone(timedelta(hours=1)))
    assert table("day first_seen", (date(2026, 11, 26), vienna)) == [
        " day (UTC)   first_seen (UTC)",
        " ────────────────────────────",
        " 2026-11-26  2026-11-26 14:05",
    ]
    assert record(["first_seen"], [vienna]) == " first_seen  2026-11-26 14:05 UTC"


def test_a_table_without_rows_has_its_columns() -> None:
    assert table("a bc") == [" a  bc", " ─────"]


def test_a_long_table_has_its_columns_once() -> None:
    said = table("n", *((number,) for number in range(2_500)))
    assert (said[0], said[2], said[1002], len(said)) == ("   n", "   0", " 1,000", 2_502)


def test_later_rows_that_are_wider_are_whole_and_fit() -> None:
    rows = [("u" * 30, 1, SEEN)] * 1_000 + [("https://" + "v" * 60, 123_456_789, SEEN)]
    said = table("url links last_seen", *rows, width=50)
    assert said[3] == f" {'u' * 30}      1  2026-11-26"
    assert said[-1] == " https://vvvv…vvvvvvvvvvv  123,456,789  2026-11-26"


def test_a_record_is_a_line_a_column_each_whole() -> None:
    said = record(["name", "links", "none"], ["x\x1b[2J" + "y" * 200, 1234, None])
    assert said == f" name   x [2J{'y' * 200}\n links  1,234\n none"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *((None, ""), (True, "yes"), (False, "no"), (1234567, "1,234,567"), (12.5, "12.5"), (Decimal("8.30"), "8.30")),
        *((AtLeast(50000), "50,000 or more"), (["nofollow", "ugc"], "nofollow ugc"), ("a\x1bb\u202ec", "a b c")),
    ],
)
def test_a_value(value: object, shown: str) -> None:
    assert printable(value) == shown
