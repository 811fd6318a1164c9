"""What programs get: every row, whole files, a header or `[]` where nothing is, and the same exit code in every format."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.many_links import fill_many
from tests.integration.shop import fill_shop
from tests.integration.test_cli import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.integration.test_cli import Backlinks

BACKLINKS = str(Path(sys.executable).with_name("backlinks"))
MACHINES = ("csv", "json", "jsonl")
LINKS = 2_500


@pytest.fixture(scope="module")
def shop(embedded_server: Server) -> Iterator[Database]:
    """Read-only for all tests of this file."""
    made = embedded_server.copy()
    fill_shop(made)
    yield made
    embedded_server.drop(made)


@pytest.fixture(scope="module")
def many(embedded_server: Server) -> Iterator[Database]:
    """LINKS links from one page to one URL. Read-only for all tests of this file."""
    made = embedded_server.copy()
    fill_many(made, LINKS)
    yield made
    embedded_server.drop(made)


def number_of_rows(form: str, said: str) -> int:
    match form:
        case "csv":
            return len(list(csv.DictReader(io.StringIO(said))))
        case "json":
            return len(json.loads(said))
        case _:
            return len(said.splitlines())


@pytest.mark.parametrize("form", MACHINES)
def test_programs_get_every_row_unless_they_ask_for_less(backlinks: Backlinks, many: Database, form: str) -> None:
    ran = backlinks("links", "to.test", "--format", form, database=many)
    assert (ran.code, ran.err, number_of_rows(form, ran.out)) == (0, "", LINKS)
    ran = backlinks("links", "to.test", "--format", form, "--limit", 7, database=many)
    assert (number_of_rows(form, ran.out), ran.err) == (7, "only the first 7 rows are shown; --limit 0 shows all\n")


def test_people_get_a_hundred_rows_and_are_told(backlinks: Backlinks, many: Database) -> None:
    ran = backlinks("links", "to.test", database=many)
    assert len(ran.out.splitlines()) == 103
    assert ran.err == "only the first 100 rows are shown; --limit 0 shows all\n"
    assert len(backlinks("links", "to.test", "--limit", 0, database=many).out.splitlines()) == LINKS + 3


@pytest.mark.parametrize(("ending", "form"), [("csv", "csv"), ("JSON", "json"), ("jsonl", "jsonl"), ("txt", "table")])
def test_a_file_gets_every_row_in_the_format_of_its_ending(
    backlinks: Backlinks, many: Database, tmp_path: Path, ending: str, form: str
) -> None:
    file = tmp_path / f"links.{ending}"
    ran = backlinks("links", "to.test", "--output", file, database=many)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert number_of_rows(form, file.read_text("utf-8")) == LINKS + (3 if form == "table" else 0)
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_a_named_format_counts_more_than_the_ending(backlinks: Backlinks, shop: Database, tmp_path: Path) -> None:
    file = tmp_path / "links.csv"
    backlinks("links", "shop.test", "--output", file, "--format", "json", "--limit", 2, database=shop)
    assert len(json.loads(file.read_text("utf-8"))) == 2


def test_a_file_that_cannot_be_written_is_one_sentence(backlinks: Backlinks, shop: Database, tmp_path: Path) -> None:
    file = tmp_path / "no" / "links.csv"
    said = sentence(backlinks("links", "shop.test", "--output", file, database=shop), 1)
    assert said == f"cannot write {file}: No such file or directory."
    assert backlinks("links", "shop.test", "--output", tmp_path, database=shop).code == 2


def test_a_device_that_is_full_is_one_sentence(backlinks: Backlinks, shop: Database) -> None:
    said = sentence(backlinks("links", "shop.test", "--format", "csv", "--output", "/dev/full", database=shop), 1)
    assert said == "cannot write /dev/full: No space left on device."


def test_a_file_has_its_name_when_it_is_complete(many: Database, tmp_path: Path) -> None:
    """Of one that is ended in the middle, what was there before stays, and no part is left."""
    file, pipe = tmp_path / "links.csv", tmp_path / "pipe"
    file.write_text("of yesterday")
    os.mkfifo(pipe)
    # The program waits in the middle of its work, for somebody who reads the pipe.
    program = (
        "import sys; from backlink_crawler.cli import main, output\n"
        f"written = output.Output._write_pieces\n"
        f"def slowly(self, out, pieces): written(self, out, pieces); open({str(pipe)!r}, 'w').write('x')\n"
        "output.Output._write_pieces = slowly\n"
        f"sys.argv = ['backlinks', 'links', 'to.test', '--output', {str(file)!r}]; main()"
    )
    environment = os.environ | {"BACKLINKS_DATABASE_URL": many.dsn}
    with subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=subprocess.DEVNULL) as process:
        part = tmp_path / "links.csv.part"
        deadline = time.monotonic() + 60
        while (not part.exists() or part.stat().st_size < 1000) and time.monotonic() < deadline:
            time.sleep(0.05)
        while process.poll() is None and time.monotonic() < deadline:
            process.terminate()  # a shell's background job ignores Ctrl-C; just before it waits for the pipe, it waits on
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
    assert file.read_text() == "of yesterday"
    assert not part.exists()
    assert process.returncode != 0


def test_a_pipe_can_be_written_to(backlinks: Backlinks, shop: Database, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    assert backlinks("links", "shop.test", "--output", pipe, database=shop).code == 0
    reader.join(10)
    assert number_of_rows("csv", read[0]) == 8


def test_a_byte_order_mark_is_for_csv(backlinks: Backlinks, shop: Database, tmp_path: Path) -> None:
    file = tmp_path / "links.csv"
    backlinks("links", "shop.test", "--bom", "--output", file, database=shop)
    assert file.read_bytes().startswith(codecs.BOM_UTF8 + b"url_from,")
    assert backlinks("anchors", "shop.test", "--bom", "--format", "csv", database=shop).out.startswith("\ufeffanchor,")
    assert not backlinks("anchors", "shop.test", "--format", "csv", database=shop).out.startswith("\ufeff")
    for form in ("table", "json", "jsonl"):
        said = sentence(backlinks("anchors", "shop.test", "--bom", "--format", form, database=shop), 2)
        assert said == "--bom is for --format csv."


EMPTY = {"csv": "refdomains", "json": "[]\n", "jsonl": "", "table": ""}


@pytest.mark.parametrize("form", EMPTY)
@pytest.mark.parametrize(
    ("question", "begins"),
    [
        (("refdomains", "nowhere.test"), "domain_from,links,"),
        (("anchors", "shop.test", "--status", "lost"), "anchor,links_percent,"),
        (("links", "shop.test", "--origin", "rendered"), "url_from,url_to,"),
        (("lost", "shop.test"), "url_from,url_to,"),
        (("overview", "http://shop.test/nothing"), "target,backlinks,"),
        (("linked", "shop.test"), "domain_to,links,"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_without_rows_there_is_a_header_or_an_empty_list_and_exit_code_1_in_every_format(
    backlinks: Backlinks, shop: Database, question: tuple[str, ...], begins: str, form: str
) -> None:
    ran = backlinks(*question, "--format", form, database=shop)
    assert ran.code == 1
    assert ran.err.startswith("backlinks: ")
    assert ran.err.count("\n") == 1
    if form == "csv":
        assert ran.out.startswith(begins)
        assert ran.out.count("\n") == 1
    else:
        assert ran.out == EMPTY[form]


@pytest.mark.parametrize("command", [("seeds", "list"), ("targets", "list"), ("optout", "list"), ("skip", "list")])
def test_an_empty_list_is_one_in_every_format(
    backlinks: Backlinks, database: Database, command: tuple[str, str], tmp_path: Path
) -> None:
    with database.connect() as connection:
        connection.execute("DELETE FROM skipped_domains")
    said = {form: backlinks(*command, "--format", form, database=database) for form in EMPTY}
    assert {ran.code for ran in said.values()} == {0}
    assert len({ran.err for ran in said.values()}) == 1
    assert (said["json"].out, said["jsonl"].out, said["table"].out) == ("[]\n", "", "")
    assert said["csv"].out.count("\n") == 1
    backlinks(*command, "--output", tmp_path / "list.json", database=database)
    assert (tmp_path / "list.json").read_text() == "[]\n"


@pytest.mark.parametrize("form", ["table", *MACHINES])
def test_exit_codes_are_the_same_in_every_format(backlinks: Backlinks, shop: Database, form: str) -> None:
    assert backlinks("links", "shop.test", "--format", form, database=shop).code == 0
    assert backlinks("links", "nowhere.test", "--format", form, database=shop).code == 1
    assert backlinks("links", "two words", "--format", form, database=shop).code == 2
    assert backlinks("links", "shop.test", "--sort", "colour", "--format", form, database=shop).code == 2
    assert backlinks("links", "shop.test", "--format", form, database_url="postgresql://127.0.0.1:1/x").code == 3


def test_the_first_rows_come_before_the_last_are_read(many: Database) -> None:
    """Whoever takes the first rows only, gets them although the rest has no place to go."""
    environment = os.environ | {"BACKLINKS_DATABASE_URL": many.dsn}
    for form in ("table", *MACHINES):
        command = [BACKLINKS, "links", "to.test", "--format", form, "--limit", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            assert process.stdout.readline()
            process.stdout.close()
            assert process.wait(60) == 141, form


def test_status_is_told_in_every_format(backlinks: Backlinks, shop: Database) -> None:
    said = {form: backlinks("status", "--format", form, database=shop) for form in ("table", *MACHINES)}
    assert len({(ran.code, ran.err) for ran in said.values()}) == 1
    (listed,) = json.loads(said["json"].out)
    line = json.loads(said["jsonl"].out)
    assert listed.keys() == line.keys() >= {"workers", "pages_due", "seeds", "healthy", "problem"}
    (row,) = csv.DictReader(io.StringIO(said["csv"].out))
    assert row["seeds kept"] == "4"
    assert json.loads(backlinks("status", "--json", database=shop).out).keys() == line.keys()


def test_times_are_in_utc_whatever_the_zone_of_whoever_asks(
    backlinks: Backlinks, shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> list[str]:
        time.tzset()
        forms = [backlinks("links", "shop.test", "--format", form, database=shop).out for form in ("table", *MACHINES)]
        return [*forms, backlinks("new", "shop.test", "--since", "2026-01-31", "--sql").out]

    here = asked()
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")  # a day ahead of Honolulu
    there = asked()
    monkeypatch.undo()
    time.tzset()
    assert here == there
    assert "first_seen (UTC)" in here[0]
    assert "+00:00" in here[1]
    assert "timestamptz '2026-01-31 00:00+00'" in here[-1]


def test_counts_are_in_words(backlinks: Backlinks, shop: Database) -> None:
    assert backlinks("links", "shop.test", "--limit", 1, database=shop).err == (
        "only the first row is shown; --limit 0 shows all\n"
    )
    ran = backlinks("targets", "add", "http://newsxshop.test/x", database=shop)
    assert ran.out == ("http://newsxshop.test/x (--mode exact) is watched; 1 page links to it and is visited first\n")
    ran = backlinks("seeds", "add", "http://gamma.test/", database=shop)
    assert ran.out == "1 seed kept; `backlinks crawl` crawls it\n"
