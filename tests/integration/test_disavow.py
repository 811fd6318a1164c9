"""`backlinks disavow`: what gets into the file, and what the lines of another file would do."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.ask import disavow as ask
from backlink_crawler.model import Placement, Position
from tests.integration.small_index import SmallIndex
from tests.integration.test_cli_db import sentence
from tests.integration.worker import link

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from backlink_crawler.model import Link
    from backlink_crawler.store.database import Database
    from tests.integration.conftest import Ran

    Backlinks = Callable[..., Ran]

TO = "http://shop.test/"
TODAY = datetime.now(UTC).date().isoformat()


def placed(position: Position, rel: str = "") -> Link:
    made = link(TO, "shop", rel)
    made.placement = Placement(position)
    return made


@pytest.fixture
def index(database: Database) -> Database:
    """Domains that link to shop.test: from footers, from texts, nofollow, no more, and one that links to others only."""
    with SmallIndex(database) as made:
        made.read(0, "http://footer.test/a", placed(Position.FOOTER))
        made.read(0, "http://www.footer.test/b", placed(Position.FOOTER))
        made.read(0, "http://text.test/a", placed(Position.CONTENT), placed(Position.FOOTER))
        made.read(0, "http://text.test/b", placed(Position.CONTENT))
        made.read(0, "http://quoted.test/", placed(Position.CONTENT, "nofollow"))
        made.read(0, "http://ann.blogspot.com/", placed(Position.FOOTER))
        made.read(0, "http://bob.blogspot.com/", placed(Position.FOOTER))
        made.read(0, "http://strong.test/", placed(Position.FOOTER))
        made.read(0, "http://past.test/", placed(Position.FOOTER))
        made.read(0, "http://other.test/", link("http://elsewhere.test/"))
        for at in (1, 2):
            made.read(at, "http://past.test/")
    return database


def mark(
    backlinks: Backlinks, database: Database, *names: str, note: str = "", by: str = "Ann", word: str = "disavow"
) -> None:
    ran = backlinks("mark", *names, "--as", word, "--note", note, "--by", by, database=database)
    assert ran.code == 0, ran.err


def test_the_file_has_what_people_marked_and_why(index: Database, backlinks: Backlinks, tmp_path: Path) -> None:
    mark(backlinks, index, "footer.test", "past.test", note="paid\nlinks \x1b[1m")
    mark(backlinks, index, "http://text.test/a", "http://quoted.test/", by="Bob")
    mark(backlinks, index, "strong.test", word="ignore")
    file = tmp_path / "disavow.txt"
    ran = backlinks("disavow", "shop.test", "-o", file, database=index)
    assert (ran.code, ran.out, ran.err) == (0, "", "2 domains and 2 pages to disavow\n")
    assert file.read_bytes().decode() == (
        f"# shop.test: 2 domains and 2 URLs, as people have marked them; {TODAY}\n"
        f"# paid links  [1m (Ann, {TODAY})\n"
        "domain:footer.test\n"
        "domain:past.test\n"
        f"# no reason given (Bob, {TODAY})\n"
        "http://quoted.test/\n"
        "http://text.test/a\n"
    )
    assert backlinks("disavow", "shop.test", database=index).out == file.read_text("utf-8")
    again = backlinks("disavow", "shop.test", "--check", file, "--format", "csv", database=index)
    assert "wrong" not in again.out


def test_what_a_marked_domain_covers_and_what_links_elsewhere_is_left_out_and_said(
    index: Database, backlinks: Backlinks
) -> None:
    mark(backlinks, index, "footer.test", "http://footer.test/a", "other.test", "shop.test", "unheard-of.test")
    ran = backlinks("disavow", "shop.test", database=index)
    assert ran.out.splitlines()[2:] == ["domain:footer.test"]
    more = (
        "and no link from there to shop.test is known; --all takes in such ones too. What is uploaded takes the place of the "
        "whole file before"
    )
    assert ran.err.splitlines() == [
        "1 domain and 0 pages to disavow",
        "1 marked page is left out: their domain is in the file",
        f"2 more domains and pages are marked as disavow, {more}",
    ]
    ran = backlinks("disavow", "shop.test", "--all", database=index)
    assert ran.out.splitlines()[2:] == ["domain:footer.test", "domain:other.test", "domain:unheard-of.test"]


@pytest.mark.parametrize("target", ["shop.test", "shop.test/*", "http://shop.test/", "https://shop.test"])
def test_links_to_a_part_of_the_target_are_found_too(index: Database, backlinks: Backlinks, target: str) -> None:
    mark(backlinks, index, "past.test", "http://text.test/b")
    ran = backlinks("disavow", target, database=index)
    assert ran.out.splitlines()[2:] == ["domain:past.test", "http://text.test/b"]


def test_where_nothing_is_marked_no_file_is_written(index: Database, backlinks: Backlinks, tmp_path: Path) -> None:
    file = tmp_path / "disavow.txt"
    ran = backlinks("disavow", "shop.test", "-o", file, database=index)
    assert sentence(ran, 1) == "nothing is marked as disavow; `backlinks mark DOMAIN --as disavow` marks a domain."
    mark(backlinks, index, "other.test")
    ran = backlinks("disavow", "shop.test", "-o", file, database=index)
    assert sentence(ran, 1) == (
        "1 domain or page is marked as disavow, and no link from there to shop.test is known; --all takes in what is known "
        "to link to others only, or not at all."
    )
    assert not file.exists()


def test_more_than_is_taken_is_refused(index: Database, backlinks: Backlinks, monkeypatch: pytest.MonkeyPatch) -> None:
    mark(backlinks, index, "footer.test", "text.test")
    monkeypatch.setattr(ask, "MAX_LINES", 3)
    assert "the file would have 4 lines and" in sentence(backlinks("disavow", "shop.test", database=index), 1)
    monkeypatch.setattr(ask, "MAX_LINES", 4)
    assert backlinks("disavow", "shop.test", database=index).code == 0
    monkeypatch.setattr(ask, "MAX_BYTES", 100)
    assert "100 bytes) are taken at most" in sentence(backlinks("disavow", "shop.test", database=index), 1)


def checked(
    backlinks: Backlinks, database: Database, file: Path, target: str = "shop.test"
) -> tuple[Ran, dict[str, Any]]:
    ran = backlinks("disavow", target, "--check", file, "--format", "csv", database=database)
    return ran, {row["line"]: row for row in csv.DictReader(io.StringIO(ran.out))}


def test_each_line_of_a_file_says_which_links_it_matches(index: Database, backlinks: Backlinks, tmp_path: Path) -> None:
    file = tmp_path / "disavow.txt"
    lines = (
        *("# old", "domain:footer.test", "domain:www.footer.test", "http://footer.test/a", "domain:past.test"),
        *(
            "http://quoted.test/",
            "domain:other.test",
            "http://quoted.test/",
            "domain:unheard-of.test",
            "domain:text.test",
        ),
        *("http://text.test/b", "domain:blogspot.com", "spam.test", "domain:shop.test", "http://past.test/"),
    )
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    ran, rows = checked(backlinks, index, file)
    columns = ("entry", "state", "links", "dofollow_links", "lost_links", "good_links", "why")
    assert {number: tuple(row[name] for name in columns) for number, row in rows.items()} == {
        "2": ("domain:footer.test", "live", "2", "2", "0", "0", ""),
        "3": ("domain:www.footer.test", "covered", "1", "1", "0", "0", "line 2 covers it"),
        "4": ("http://footer.test/a", "covered", "1", "1", "0", "0", "line 2 covers it"),
        "5": ("domain:past.test", "lost", "0", "0", "1", "0", ""),
        "6": ("http://quoted.test/", "live", "1", "0", "0", "0", ""),
        "7": ("domain:other.test", "unknown", "0", "0", "0", "0", "no link from it is known"),
        "8": ("http://quoted.test/", "duplicate", "1", "0", "0", "0", "line 6 is the same"),
        "9": ("domain:unheard-of.test", "unknown", "0", "0", "0", "0", "no link from it is known"),
        "10": ("domain:text.test", "harms", "3", "3", "0", "2", "2 dofollow links stand in the text of a page"),
        "11": ("http://text.test/b", "covered", "1", "1", "0", "1", "line 10 covers it"),
        "12": (
            *("domain:blogspot.com", "live", "2", "2", "0", "0"),
            "blogspot.com is a public suffix: it covers every domain below it",
        ),
        "13": (
            *("spam.test", "wrong", "", "", "", ""),
            "write domain:spam.test for all of it, or the URL of a page with https://.",
        ),
        "14": (
            *("domain:shop.test", "wrong", "0", "0", "0", "0"),
            "it is shop.test itself: links inside a site are not disavowed.",
        ),
        "15": ("http://past.test/", "covered", "0", "0", "1", "0", "line 5 covers it"),
    }
    assert list(rows) == ["13", "14", "10", "8", "3", "4", "11", "15", "2", "6", "12", "5", "7", "9"]
    assert ran.code == 1
    assert ran.err == (
        "14 lines: 1 line would harm 2 good links, 2 wrong, 1 said twice, 4 covered by another line, 3 with live links, "
        "1 with lost links only, 2 without known links\n"
    )


def test_good_links_are_those_of_strong_domains_too_and_of_those_marked_as_won(
    index: Database, backlinks: Backlinks, tmp_path: Path
) -> None:
    with index.connect() as connection:
        connection.execute(
            "INSERT INTO domain_ranks (domain_id, follow_refdomains, follow_domains_to, authority, percentile, "
            "pagerank_ratio) SELECT id, 9, 1, 57, CASE name WHEN 'strong.test' THEN 90 ELSE 89.9 END, 8 FROM domains"
        )
    mark(backlinks, index, "footer.test", "http://quoted.test/", word="won")
    file = tmp_path / "disavow.txt"
    file.write_text("domain:strong.test\nhttp://www.footer.test/b\nhttp://quoted.test/\ndomain:past.test\n", "utf-8")
    ran, rows = checked(backlinks, index, file)
    assert {number: (row["state"], row["good_links"], row["why"]) for number, row in rows.items()} == {
        "1": ("harms", "1", "its authority (57) is above that of 90 % of this index (90 % is high)"),
        "2": ("harms", "1", "it is marked as won"),
        "3": ("live", "0", ""),  # nofollow: nothing is lost with it
        "4": ("lost", "0", ""),
    }
    assert ran.code == 1


def test_a_file_in_which_nothing_is_wrong_ends_well(index: Database, backlinks: Backlinks, tmp_path: Path) -> None:
    file = tmp_path / "disavow.txt"
    file.write_text("domain:footer.test\ndomain:other.test\n", "utf-8")
    ran = backlinks("disavow", "shop.test", "--check", file, database=index)
    assert ran.code == 0
    assert ran.err == "2 lines: 1 with live links, 1 without known links\n"
    assert ran.out.splitlines()[:2] == [
        "disavow: what the lines of the file mean for links to shop.test",
        " line  entry               state    links  lost_links  good_links  why",
    ]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.txt", b"# nothing\n", "has no line with a URL or domain:…."),
        ("a.txt", b"\x00\x01", "it is a binary file"),
    ],
)
def test_a_file_that_says_nothing_is_refused(
    index: Database, backlinks: Backlinks, tmp_path: Path, name: str, body: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(body)
    assert said in sentence(backlinks("disavow", "shop.test", "--check", tmp_path / name, database=index), 2)


def test_what_is_wrong_with_the_whole_file_is_said_first(index: Database, backlinks: Backlinks, tmp_path: Path) -> None:
    file = tmp_path / "disavow.csv"
    file.write_bytes("\ufeffdomain:footer.test\n".encode("utf-16-le"))
    ran = backlinks("disavow", "shop.test", "--check", file, database=index)
    assert ran.code == 1
    assert ran.err.splitlines()[:2] == [
        "backlinks: the whole file: it is UTF-16; only UTF-8 is taken: save it as UTF-8.",
        "backlinks: the whole file: its name must end in .txt.",
    ]
    assert "domain:footer.test" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "csv"), "a disavow file has one format, and a name that ends in .txt; --format is for --check."),
        (("--all", "--check", "-"), "--all and --check exclude each other: leave out one of them."),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    index: Database, backlinks: Backlinks, arguments: tuple[str, ...], said: str
) -> None:
    assert sentence(backlinks("disavow", "shop.test", *arguments, database=index), 2) == said


def test_a_domain_line_that_covers_a_page_marked_as_won_harms(
    index: Database, backlinks: Backlinks, tmp_path: Path
) -> None:
    mark(backlinks, index, "http://footer.test/a", word="won")
    file = tmp_path / "disavow.txt"
    file.write_text("domain:footer.test\ndomain:past.test,\nhttps://*.other.test/\n")
    ran = backlinks("disavow", "shop.test", "--check", file, "--format", "json", database=index)
    assert ran.code == 1
    states = {row["line"]: (row["state"], row["good_links"]) for row in json.loads(ran.out)}
    assert states == {1: ("harms", 1), 2: ("wrong", None), 3: ("wrong", None)}


def test_what_two_people_marked_in_turn_has_a_comment_each(index: Database, backlinks: Backlinks) -> None:
    for name, by in (("footer.test", "Ann"), ("past.test", "Bob"), ("strong.test", "Ann")):
        mark(backlinks, index, name, by=by)
    ran = backlinks("disavow", "shop.test", database=index)
    assert ran.out.splitlines()[1:] == [
        f"# no reason given (Ann, {TODAY})",
        "domain:footer.test",
        "domain:strong.test",
        f"# no reason given (Bob, {TODAY})",
        "domain:past.test",
    ]
