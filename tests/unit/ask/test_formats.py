"""Rows as text: what spreadsheets and terminals would obey is neutralised, and an export begins with its first rows."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.ask.formats import Format, render, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator


def text(columns: list[str], rows: list[tuple[Any, ...]], form: Format) -> str:
    return "\n".join(render(columns, rows, form, width=None))


def cell(value: Any) -> str:
    """As a spreadsheet reads it."""
    (row,) = list(csv.reader(io.StringIO(text(["first", "x"], [("", value)], Format.CSV))))[1:]
    return row[1]


@pytest.mark.parametrize(
    "value",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(1)", "=", "-"),
        *("＝1+1", "＋1", "－1", "＠SUM(A1)", "﹦1", "﹢1", "﹣1", "﹫1", "⁼1", "⁺1", "₊1", "−1"),
        *(" =1", "\xa0=1", "\u3000=1", "\u2003+1", "   ＝1"),
    ],
)
def test_a_cell_that_begins_as_a_formula_does_is_none(value: str) -> None:
    assert cell(value) == f"'{value}"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("\t=1", "' =1"),
        ("\r=1", "' =1"),
        ("\n=1", "' =1"),
        ("\u200b=1", "' =1"),
        ("\ufeff@a", "' @a"),
        ("\x00-1", "' -1"),
        (["=1", "b"], "'=1 b"),
    ],
)
def test_nor_after_what_is_not_seen(value: object, read: str) -> None:
    assert cell(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("a=b", "a=b"),
        ("1-2", "1-2"),
        ("'quoted", "'quoted"),
        (-5, "-5"),
        (-0.5, "-0.5"),
        (True, "True"),
        (None, ""),
        (datetime(2026, 11, 26, tzinfo=UTC), "2026-11-26T00:00:00+00:00"),
        ('say "hi", then\nleave', 'say "hi", then leave'),
        ("Käse\u202eesrever", "Käse esrever"),
    ],
)
def test_other_cells_are_as_they_were(value: object, read: str) -> None:
    assert cell(value) == read


def test_csv_is_quoted_as_rfc_4180_says() -> None:
    assert text(["a", "b"], [('x "y"', "1,2"), ("", "z")], Format.CSV) == 'a,b\n"x ""y""","1,2"\n,z'


HOSTILE = "a\x1b\x07\x7f\x9b\u202e\u2066\u200b\u2028\ufeff\U000e0041\nb"


def test_json_escapes_what_a_terminal_obeys_and_loses_nothing() -> None:
    for said in (to_json({HOSTILE: HOSTILE}), text(["x"], [(HOSTILE,)], Format.JSONL)):
        assert said.isprintable()
        assert HOSTILE in json.loads(said).values()
    assert to_json("\U000e0041\x7f é") == '"\\udb40\\udc41\\u007f é"'


@pytest.mark.parametrize("number", [0, 1, 2, 1000, 1001, 2500])
def test_json_is_one_list_of_any_length(number: int) -> None:
    rows = [(each, ["nofollow"], HOSTILE) for each in range(number)]
    said = text(["number", "rel", "text"], rows, Format.JSON)
    assert json.loads(said) == [{"number": each, "rel": ["nofollow"], "text": HOSTILE} for each in range(number)]
    assert len(said.splitlines()) == (number + 2 if number else 1)


@pytest.mark.parametrize("form", list(Format))
def test_the_first_rows_are_given_before_the_last_are_taken(form: Format) -> None:
    taken = 0

    def rows() -> Iterator[tuple[int, str]]:
        nonlocal taken
        for taken in range(1, 100_001):
            yield taken, "x"

    pieces = render(["number", "text"], rows(), form, width=None)
    said = ""
    while "1" not in said:
        said += next(pieces)
    assert taken <= 2_000
    pieces.close()
