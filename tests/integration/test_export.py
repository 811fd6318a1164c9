"""`backlinks export`: whole answers as files, in each format; what goes on after an interruption, and what begins again."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import openpyxl
import pytest
from pyarrow import parquet

from backlink_crawler.ask import exporting, files, questions
from backlink_crawler.ask.files import FileFormat
from backlink_crawler.model import Target, TargetMode
from backlink_crawler.store import asking
from backlink_crawler.store.asking import Filters
from backlink_crawler.store.column_types import Column, ColumnType
from tests.integration.many_links import fill_many
from tests.integration.shop import fill_shop
from tests.integration.test_cli import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.integration.test_cli import Backlinks

LINKS = 2_500
TEXTS = ("csv", "json", "jsonl")
BINARIES = ("xlsx", "parquet")
QUESTIONS = ("refdomains", "links", "anchors", "best", "linked", "new", "history", "daily")


@pytest.fixture(scope="module")
def shop(embedded_server: Server) -> Iterator[Database]:
    """Read-only for all tests of this file."""
    made = embedded_server.copy()
    fill_shop(made)
    yield made
    embedded_server.drop(made)


@pytest.fixture(scope="module")
def kept_many(embedded_server: Server) -> Iterator[Database]:
    """LINKS links from one page to one URL."""
    made = embedded_server.copy()
    fill_many(made, LINKS)
    yield made
    embedded_server.drop(made)


@pytest.fixture
def many(kept_many: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Read-only. A note of the rows so far after each hundred."""
    monkeypatch.setattr(exporting, "_ROWS_AT_ONCE", 100)
    monkeypatch.setattr(exporting, "_SECONDS_BETWEEN_NOTES", 0)
    return kept_many


def sheets_of(file: Path) -> list[list[tuple[object, ...]]]:
    return [[tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in openpyxl.load_workbook(file)]


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_text_is_that_of_the_question_s_command(
    backlinks: Backlinks, shop: Database, tmp_path: Path, question: str, form: str
) -> None:
    target = "beta.test" if question == "linked" else "shop.test"
    file = tmp_path / f"rows.{form}"
    ran = backlinks("export", target, "--what", question, "-o", file, database=shop)
    said = backlinks(question, target, "--format", form, database=shop)
    assert (ran.code, ran.err) == (0, "")
    assert file.read_text("utf-8") == said.out
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("question", QUESTIONS)
def test_workbooks_and_parquet_have_the_same_columns_and_rows(
    backlinks: Backlinks, shop: Database, tmp_path: Path, question: str
) -> None:
    target = "beta.test" if question == "linked" else "shop.test"
    said = list(csv.reader(io.StringIO(backlinks(question, target, "--format", "csv", database=shop).out)))
    for form in BINARIES:
        assert backlinks("export", target, "--what", question, "-o", tmp_path / f"x.{form}", database=shop).code == 0
    ((titles, *rows),) = sheets_of(tmp_path / "x.xlsx")
    assert [str(title).removesuffix(" (UTC)") for title in titles] == said[0]
    table = parquet.read_table(tmp_path / "x.parquet")
    assert table.column_names == said[0]
    assert len(rows) == table.num_rows == len(said) - 1


def test_the_type_of_every_column_is_known(shop: Database) -> None:
    target = Target(TargetMode.DOMAIN, "shop.test", ("shop.test",))
    for question, query in questions.QUESTIONS.items():
        columns, _ = asking.run(shop, query(target, Filters()))
        assert [column for column in columns if column.type is ColumnType.OTHER] == [], question


def test_parquet_has_the_types_of_the_query_where_all_values_are_null(
    backlinks: Backlinks, shop: Database, tmp_path: Path
) -> None:
    file = tmp_path / "links.parquet"
    ran = backlinks("export", "shop.test", "--what", "links", "-o", file, database=shop)
    assert ran.out == f"8 rows written to {file}\n"
    table = parquet.read_table(file)
    types = {field.name: str(field.type) for field in table.schema}
    assert {name: types[name] for name in ("url_from", "rel", "lost_at", "authority", "is_dofollow", "link_id")} == {
        "url_from": "string",
        "rel": "list<element: string>",
        "lost_at": "timestamp[us, tz=UTC]",
        "authority": "float",
        "is_dofollow": "bool",
        "link_id": "int64",
    }
    assert table["lost_at"].null_count == table["authority"].null_count == 8
    (gamma,) = (row for row in table.to_pylist() if row["domain_from"] == "gamma.test")
    assert (gamma["rel"], gamma["is_dofollow"]) == (["nofollow", "ugc"], False)
    (formula,) = (row for row in table.to_pylist() if "HYPERLINK" in row["anchor"])
    assert formula["anchor"] == "=HYPERLINK(1)"
    assert str(parquet.read_schema(_daily(backlinks, shop, tmp_path)).field("day").type) == "date32[day]"


def _daily(backlinks: Backlinks, shop: Database, folder: Path) -> Path:
    backlinks("export", "shop.test", "--what", "daily", "-o", folder / "daily.parquet", database=shop)
    return folder / "daily.parquet"


def test_a_workbook_has_numbers_times_and_texts_and_no_formulas(
    backlinks: Backlinks, shop: Database, tmp_path: Path
) -> None:
    file = tmp_path / "links.xlsx"
    backlinks("export", "shop.test", "--what", "links", "-o", file, database=shop)
    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    titles = [cell.value for cell in sheet[1]]
    assert "first_seen (UTC)" in titles
    rows = [dict(zip(titles, row, strict=True)) for row in sheet.iter_rows(min_row=2)]
    (formula,) = (row for row in rows if "HYPERLINK" in str(row["anchor"].value))
    assert (formula["anchor"].value, formula["anchor"].data_type) == ("=HYPERLINK(1)", "s")
    assert (formula["first_seen (UTC)"].data_type, formula["link_id"].data_type) == ("d", "n")
    assert formula["is_dofollow"].value is True
    assert formula["lost_at (UTC)"].value is None


HOSTILE = (
    ("=1+1", "=1+1"),
    ("a\x00b\x08c\x1b[31m\u202e", "a b c [31m "),
    ("\ufffe\uffff", "  "),
    ("_x0041_ & <b>\"'", "_x005F_x0041_ & <b>\"'"),  # spreadsheets show it as it was; openpyxl as it is written
    ("x" * 40_000, "x" * 32_767),
    ("\U0001f600" * 20_000, "\U0001f600" * 16_383),
    ("", None),
    (None, None),
)


def test_hostile_texts_leave_a_workbook_whole(tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    files.write(
        file,
        FileFormat.XLSX,
        [Column("text", ColumnType.TEXT), Column("number", ColumnType.INTEGER)],
        [(text, 1) for text, _ in HOSTILE],
    )
    ((_, *rows),) = sheets_of(file)
    assert [row[0] for row in rows] == [shown for _, shown in HOSTILE]


def test_what_a_sheet_cannot_hold_as_a_number_or_time_is_a_text(tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    columns = [Column("key", ColumnType.BIG), Column("at", ColumnType.TIME)]
    old, new = datetime(1815, 6, 18, tzinfo=UTC), datetime.fromisoformat("2026-01-31T01:00+02:00")
    files.write(file, FileFormat.XLSX, columns, [(2**60 + 1, old), (7, new)])
    assert sheets_of(file) == [
        [("key", "at (UTC)"), ("1152921504606846977", "1815-06-18T00:00:00+00:00"), (7, datetime(2026, 1, 30, 23))]  # noqa: DTZ001  a sheet's
    ]


@pytest.mark.parametrize("form", FileFormat)
def test_no_rows_are_a_file_too(tmp_path: Path, form: FileFormat) -> None:
    file = tmp_path / f"x{form.ending}"
    columns = [Column("url", ColumnType.TEXT), Column("at", ColumnType.TIME)]
    assert files.write(file, form, columns, []) == files.Written(0)
    match form:
        case FileFormat.XLSX:
            assert sheets_of(file) == [[("url", "at (UTC)")]]
        case FileFormat.PARQUET:
            assert (parquet.read_table(file).num_rows, parquet.read_schema(file).names) == (0, ["url", "at"])
        case _:
            assert file.read_text() == {"csv": "url,at\n", "json": "[]\n", "jsonl": ""}[form]


def test_more_rows_than_a_sheet_holds_go_on_in_further_sheets(
    backlinks: Backlinks, many: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ROWS_OF_A_SHEET", 1_000)
    file = tmp_path / "links.xlsx"
    ran = backlinks("export", "to.test", "--what", "links", "-o", file, database=many)
    assert ran.out == f"2,500 rows written to {file}, in 3 sheets, as one holds 1,000 rows\n"
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["rows", "rows 2", "rows 3"]
    assert [sheet.max_row - 1 for sheet in book] == [1_000, 1_000, 500]
    assert [sheet.sheet_view.tabSelected for sheet in book] == [True, None, None]
    titles = [cell.value for cell in book["rows"][1]]
    for sheet in book:
        assert [cell.value for cell in sheet[1]] == titles
        assert sheet.cell(2, titles.index("first_seen (UTC)") + 1).number_format == "yyyy-mm-dd hh:mm:ss"
    ids = [row[titles.index("link_id")].value for sheet in book for row in sheet.iter_rows(min_row=2)]
    assert len(set(ids)) == LINKS
    assert ids == sorted(ids, reverse=True)


def test_what_nothing_answers_makes_no_file(backlinks: Backlinks, shop: Database, tmp_path: Path) -> None:
    for form in FileFormat:
        ran = backlinks("export", "nowhere.test", "--what", "links", "-o", tmp_path / f"x{form.ending}", database=shop)
        assert sentence(ran, 1).startswith("no links to nowhere.test are known")
    assert list(tmp_path.iterdir()) == []


def test_a_format_whose_library_is_missing_is_one_sentence(
    backlinks: Backlinks, shop: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert files.available() == tuple(FileFormat)
    monkeypatch.setattr(files, "find_spec", lambda _name: None)
    assert files.available() == (FileFormat.CSV, FileFormat.JSON, FileFormat.JSONL)
    for form in BINARIES:
        ran = backlinks("export", "shop.test", "--what", "links", "-o", tmp_path / f"x.{form}", database=shop)
        assert sentence(ran, 1) == (
            f"{form} needs a library that is not here: pip install 'backlink-crawler[export]' adds it."
        )
    assert backlinks("export", "shop.test", "--what", "links", "-o", tmp_path / "x.csv", database=shop).code == 0


def test_text_formats_need_none_of_the_libraries() -> None:
    program = "import sys, backlink_crawler.cli.export; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(said.stdout.split()) & {"pyarrow", "rustpy_xlsxwriter", "rich.progress"} == set()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--what", "links", "-o", "x.txt"),
            "the ending of x.txt says no format: end it by one of .csv, .json, .jsonl, .xlsx, .parquet, or name one by --format.",
        ),
        (
            ("--what", "links", "-o", "x.csv", "--event", "lost"),
            "--what links has no --event: `backlinks links --help` shows what it has.",
        ),
        (
            ("--what", "daily", "-o", "x.csv", "--dofollow"),
            "--what daily has no --dofollow: `backlinks daily --help` shows what it has.",
        ),
        (
            ("--what", "refdomains", "-o", "x.csv", "--lost", "--status", "all"),
            "--lost and --status exclude each other: leave out one of them.",
        ),
        (
            ("--what", "prospects", "-o", "x.csv", "--list", "lost", "--competitors", "a.test"),
            "--list lost does not ask for competitors: leave out --competitors.",
        ),
        (
            ("--what", "links", "-o", "/dev/null", "--format", "csv"),
            "/dev/null is no file: `backlinks links TARGET --format csv` and the like write to pipes.",
        ),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    backlinks: Backlinks, shop: Database, arguments: tuple[str, ...], said: str
) -> None:
    assert sentence(backlinks("export", "shop.test", *arguments, database=shop), 2) == said


def test_filters_are_those_of_the_question(backlinks: Backlinks, shop: Database, tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    asked = ("--what", "links", "-o", file)
    backlinks("export", "shop.test", *asked, "--from", "alpha.test", "--dofollow", database=shop)
    assert {json.loads(line)["anchor"] for line in file.read_text().splitlines()} == {"Shop"}
    backlinks("export", "shop.test", *asked, "--anchor", "=Two", "--format", "csv", database=shop)
    assert [row["anchor"] for row in csv.DictReader(io.StringIO(file.read_text()))] == ["Two"]


@pytest.mark.parametrize(
    ("targets", "question", "options"),
    [
        ("shop.test", "competitors", ()),
        ("shop.test", "prospects", ()),
        ("shop.test", "prospects", ("--list", "lost")),
        ("shop.test", "risk", ()),
        ("shop.test", "networks", ()),
        ("shop.test", "mirrors", ()),
        ("shop.test shop.test/blog/*", "intersect", ()),
        ("shop.test", "intersect", ("--not", "shop.test/blog/*", "--dofollow")),
        ("shop.test http://shop.test/", "compare", ()),
        ("shop.test nobody.test", "compare", ()),
    ],
)
def test_an_export_is_the_answer_of_the_question_s_command(
    backlinks: Backlinks, shop: Database, tmp_path: Path, targets: str, question: str, options: tuple[str, ...]
) -> None:
    said = backlinks(question, *targets.split(), *options, "--format", "csv", database=shop)
    ran = backlinks("export", *targets.split(), "--what", question, *options, "-o", tmp_path / "x.csv", database=shop)
    assert (ran.code, ran.err) == (said.code, said.err)
    assert (tmp_path / "x.csv").exists() == (said.code == 0)
    if said.code == 0:
        assert (tmp_path / "x.csv").read_text() == said.out


@pytest.mark.parametrize(
    ("options", "is_steady"),
    [
        ((), True),
        (("--anchor", "e"), True),
        (("--one-per-domain",), False),
        (("--one-per-domain", "--anchor", "e"), False),
    ],
)
def test_a_row_for_a_domain_may_be_another_link_when_the_index_has_learnt_more(
    backlinks: Backlinks,
    shop: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    *,
    is_steady: bool,
) -> None:
    """So an export that was interrupted before does not go on."""
    seen: list[exporting.Asked] = []
    whole = exporting.export
    monkeypatch.setattr(exporting, "export", lambda *given: seen.append(given[2]) or whole(*given))
    backlinks("export", "shop.test", "--what", "links", *options, "-o", tmp_path / "x.csv", database=shop)
    assert (seen[0].identity(FileFormat.CSV)["last_batch"] is None) == is_steady


def test_two_targets_of_a_question_about_one_are_one_sentence(backlinks: Backlinks, shop: Database) -> None:
    ran = backlinks("export", "shop.test", "news.shop.test", "--what", "links", "-o", "x.csv", database=shop)
    assert sentence(ran, 2) == "--what links is asked of one target: leave out news.shop.test."


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_shown_how_far_it_is(
    backlinks: Backlinks, many: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    ran = backlinks("export", "to.test", "--what", "links", "-o", tmp_path / "x.csv", database=many)
    assert ran.code == 0
    assert "rows" in terminal.getvalue()
