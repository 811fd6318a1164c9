"""Exports that were ended in the middle: what goes on where it was, and what begins again."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.ask import exporting
from tests.integration.many_links import fill_many
from tests.integration.test_cli import sentence
from tests.integration.worker import Worker, add_seed, link

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.integration.test_cli import Backlinks

LINKS = 2_500
BINARIES = ("xlsx", "parquet")
# Killed while it takes row number 1,700; the rows before 1,600 are written and noted.
KILLED = """
import os, signal, sys
from backlink_crawler.ask import exporting
from backlink_crawler.cli import export, main
exporting._ROWS_AT_ONCE, exporting._SECONDS_BETWEEN_NOTES = 100, 0
def watch(rows, before):
    for number, row in enumerate(rows, 1):
        if number == 1700:
            os.kill(os.getpid(), signal.{signal})
        yield row
export._continuing = watch
sys.argv = ["backlinks", *{arguments}]
main()
"""


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


def interrupted(database: Database, arguments: list[str], number: str = "SIGKILL") -> subprocess.CompletedProcess[str]:
    program = KILLED.format(signal=number, arguments=repr(["export", *arguments]))
    environment = os.environ | {"BACKLINKS_DATABASE_URL": database.dsn}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("question", "form"), [("links", "csv"), ("new", "jsonl")])
def test_what_was_killed_goes_on_where_it_ended(
    backlinks: Backlinks, many: Database, tmp_path: Path, question: str, form: str
) -> None:
    file, whole = tmp_path / f"links.{form}", backlinks(question, "to.test", "--format", form, database=many).out
    arguments = ["to.test", "--what", question, "-o", str(file)]
    assert interrupted(many, arguments).returncode == -signal.SIGKILL
    assert not file.exists()
    with (tmp_path / f"links.{form}.part").open("a") as part:
        part.write("half a ro")
    ran = backlinks("export", *arguments, database=many)
    assert (ran.code, ran.err) == (0, "goes on after the 1,600 rows of an interrupted export\n")
    assert ran.out == f"2,500 rows written to {file}\n"
    assert file.read_text("utf-8") == whole
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_who_ends_an_export_is_told_that_it_can_go_on(backlinks: Backlinks, many: Database, tmp_path: Path) -> None:
    file = tmp_path / "links.csv"
    arguments = ["to.test", "--what", "links", "-o", str(file)]
    ran = interrupted(many, arguments, "SIGTERM")
    assert ran.returncode == 128 + signal.SIGTERM
    assert ran.stderr == "interrupted: the same command goes on after the rows of links.csv.part\n"
    assert backlinks("export", *arguments, database=many).code == 0
    assert len(file.read_text().splitlines()) == LINKS + 1


@pytest.mark.parametrize(
    ("arguments", "is_damaged"),
    [
        (["--dofollow"], False),
        (["--mode", "exact"], False),
        ([], True),
    ],
)
def test_rows_of_another_question_and_damaged_ones_are_not_taken_over(
    backlinks: Backlinks, many: Database, tmp_path: Path, arguments: list[str], is_damaged: bool
) -> None:
    file, part = tmp_path / "links.csv", tmp_path / "links.csv.part"
    interrupted(many, ["http://to.test/", "--mode", "domain", "--what", "links", "-o", str(file)])
    if is_damaged:
        text = part.read_bytes()
        part.write_bytes(text[:500] + b"X" + text[501:])
    asked = ["http://to.test/", "--mode", "domain", *arguments]
    ran = backlinks("export", *asked, "--what", "links", "-o", file, database=many)
    assert (ran.code, ran.err) == (0, "")
    assert file.read_text() == backlinks("links", *asked, "--format", "csv", database=many).out


def test_a_part_that_is_shorter_than_its_note_says_is_begun_again(
    backlinks: Backlinks, many: Database, tmp_path: Path
) -> None:
    file, part = tmp_path / "links.csv", tmp_path / "links.csv.part"
    arguments = ["to.test", "--what", "links", "-o", str(file)]
    interrupted(many, arguments)
    os.truncate(part, json.loads((tmp_path / "links.csv.part.json").read_text())["so_far"]["size"] - 1)
    ran = backlinks("export", *arguments, database=many)
    assert (ran.code, ran.err) == (0, "")
    assert len(file.read_text().splitlines()) == LINKS + 1


@pytest.mark.parametrize(
    ("question", "goes_on"),
    [(("links",), True), (("anchors",), False), (("links", "--group-similar"), False)],
)
def test_a_list_by_counts_is_begun_again_when_the_index_has_learnt_more(
    backlinks: Backlinks,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    question: tuple[str, ...],
    goes_on: bool,
) -> None:
    """A row whose count has changed might stand in both parts of the list, or in neither."""
    monkeypatch.setattr(exporting, "_ROWS_AT_ONCE", 2)
    monkeypatch.setattr(exporting, "_SECONDS_BETWEEN_NOTES", 0)
    add_seed(database, "http://from.test/")
    shown = [link("http://to.test/", f"anchor {number}") for number in range(6)]
    file, arguments = tmp_path / "rows.csv", ("to.test", "--what", *question, "-o", tmp_path / "rows.csv")
    with Worker(database) as worker:
        worker.claim()
        worker.read("http://from.test/", *shown)
        _interrupt_after(3, monkeypatch)
        assert "goes on after the rows of rows.csv.part" in backlinks("export", *arguments, database=database).err
        monkeypatch.undo()
        worker.read("http://from.test/", *shown, link("http://to.test/", "anchor 7"))
    ran = backlinks("export", *arguments, database=database)
    assert ran.err == ("goes on after the 2 rows of an interrupted export\n" if goes_on else "")
    assert len(file.read_text().splitlines()) == (7 if goes_on else 8)


def _interrupt_after(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    render = exporting.render
    seen: list[object] = []

    def broken(columns, chunk, *others, **named):
        seen.extend(chunk)
        if len(seen) > rows:
            raise OSError(28, "No space left on device")
        return render(columns, chunk, *others, **named)

    monkeypatch.setattr(exporting, "render", broken)


@pytest.mark.parametrize("form", BINARIES)
def test_of_a_workbook_or_parquet_that_was_ended_no_part_is_left(
    backlinks: Backlinks, many: Database, tmp_path: Path, form: str
) -> None:
    file = tmp_path / f"links.{form}"
    file.write_text("of yesterday")
    arguments = ["to.test", "--what", "links", "-o", str(file)]
    assert interrupted(many, arguments, "SIGTERM").returncode == 128 + signal.SIGTERM
    assert [each.name for each in tmp_path.iterdir()] == [file.name]
    assert file.read_text() == "of yesterday"
    assert backlinks("export", *arguments, database=many).err == ""


def test_two_exports_do_not_write_one_file(backlinks: Backlinks, many: Database, tmp_path: Path) -> None:
    part = tmp_path / "links.csv.part"
    (tmp_path / "links.csv.part.json").write_text("{}")
    with part.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        ran = backlinks("export", "to.test", "--what", "links", "-o", tmp_path / "links.csv", database=many)
    assert sentence(ran, 1) == f"another export is writing {part}: wait for its end, or name another file."
