"""`backlinks seeds` and `backlinks skip`: what is crawled, and what hops never enter."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.integration.test_cli import sentence
from tests.integration.worker import Worker, link, page_found

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from backlink_crawler.store.database import Database
    from tests.integration.test_cli import Backlinks


def listed(backlinks: Backlinks, database: Database) -> list[tuple[object, ...]]:
    """url, scope, max_depth, max_pages, hops of every kept seed."""
    lines = backlinks("seeds", "list", "--format", "jsonl", database=database).out.splitlines()
    columns = ("url", "scope", "max_depth", "max_pages", "hops")
    return [tuple(json.loads(line)[column] for column in columns) for line in lines]


def test_seeds_are_kept_by_url_domain_and_file(backlinks: Backlinks, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "seeds.csv"
    file.write_text("url,scope,max_depth,max_pages,hops\nhttp://c.test/blog/,prefix,3,50,1\nd.test,,,,\n")
    ran = backlinks("seeds", "add", "https://a.test/start", "b.test", file, database=database)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "4 seeds kept; `backlinks crawl` crawls them\n"
    assert listed(backlinks, database) == [
        ("http://c.test/blog/", "prefix", 3, 50, 1),
        ("https://a.test/start", "host", None, None, 0),
        ("https://b.test/", "domain", None, None, 0),
        ("https://d.test/", "domain", None, None, 0),
    ]


def test_options_hold_for_all_that_is_named_and_replace_old_limits(backlinks: Backlinks, database: Database) -> None:
    backlinks("seeds", "add", "a.test", "http://b.test/", database=database)
    backlinks(
        *(
            "seeds",
            "add",
            "a.test",
            "http://b.test/",
            "--scope",
            "host",
            "--max-pages",
            7,
            "--max-depth",
            2,
            "--hops",
            1,
        ),
        database=database,
    )
    assert listed(backlinks, database) == [
        ("http://b.test/", "host", 2, 7, 1),
        ("https://a.test/", "host", 2, 7, 1),
    ]


def test_bad_seeds_are_named_and_the_good_ones_kept(backlinks: Backlinks, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "seeds.txt"
    file.write_text("# mine\nhttp://good.test/\nhttp://user:secret@bad.test/\nnot a site\n\nmailto:me@bad.test\n")
    ran = backlinks("seeds", "add", file, "http://also.test:8080/", database=database)
    assert (ran.code, ran.out) == (1, "kept 2, refused 3\n")
    assert ran.err.splitlines() == [
        f"backlinks: seeds: {file}, line 3: it has a user name or password; the crawler logs in nowhere, leave them out",
        f"backlinks: seeds: {file}, line 4: 'not a site' has a space in it; write %20, or one seed a line",
        f"backlinks: seeds: {file}, line 6: it has a user name or password; the crawler logs in nowhere, leave them out",
    ]
    assert [row[0] for row in listed(backlinks, database)] == ["http://also.test:8080/", "http://good.test/"]


@pytest.mark.parametrize("name", ["nonsense", "no-such-file.txt", "ftp://a.test/", "http://[::1", "http://a b.test/"])
def test_nothing_valid_is_exit_code_2_and_keeps_nothing(backlinks: Backlinks, database: Database, name: str) -> None:
    ran = backlinks("seeds", "add", name, database=database)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[-1] == "backlinks: no seed was kept."
    assert listed(backlinks, database) == []


def test_an_international_name_is_kept_in_ascii(backlinks: Backlinks, database: Database) -> None:
    assert backlinks("seeds", "add", "röstwerk.test", database=database).code == 0
    assert listed(backlinks, database)[0][0] == "https://xn--rstwerk-90a.test/"


def test_a_seed_that_is_removed_is_not_crawled_and_what_it_found_stays(
    backlinks: Backlinks, database: Database, connection: psycopg.Connection
) -> None:
    backlinks("seeds", "add", "http://a.test/", "http://b.test/", database=database)
    with Worker(database) as worker:
        hosts = worker.claim()
        worker.read("http://a.test/", link("http://to.test/"))
        worker.release(*hosts.values())
    ran = backlinks("seeds", "remove", "http://a.test/", database=database)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert [row[0] for row in listed(backlinks, database)] == ["http://b.test/"]
    assert connection.execute("SELECT domain_to FROM backlinks").fetchall() == [("to.test",)]
    with Worker(database) as worker:
        assert set(worker.claim()) == {"b.test"}


def test_removing_what_is_not_kept_is_exit_code_2(backlinks: Backlinks, database: Database) -> None:
    backlinks("seeds", "add", "http://a.test/", database=database)
    ran = backlinks("seeds", "remove", "http://a.test/", "http://b.test/", database=database)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "backlinks: http://b.test/ is not a kept seed; `backlinks seeds list` shows them.\n"
    assert listed(backlinks, database) == []
    assert "is neither a domain" in sentence(backlinks("seeds", "remove", "nonsense", database=database), 2)


def test_the_list_says_how_much_is_known_and_visited(backlinks: Backlinks, database: Database) -> None:
    backlinks("seeds", "add", "http://a.test/", "--hops", 1, database=database)
    with Worker(database) as worker:
        worker.claim()
        found = [page_found("http://a.test/x"), page_found("http://a.test/y")]
        worker.read("http://a.test/", link("http://new.test/"), found=found)
    ran = backlinks("seeds", "list", "--format", "csv", database=database)
    titles, row = ran.out.splitlines()
    values = dict(zip(titles.split(","), row.split(","), strict=True))
    assert {name: values[name] for name in ("pages_known", "pages_visited", "found_by_hops")} == {
        "pages_known": "3",
        "pages_visited": "1",
        "found_by_hops": "1",
    }


def test_an_empty_list_says_how_to_fill_it(backlinks: Backlinks, database: Database) -> None:
    ran = backlinks("seeds", "list", database=database)
    assert (ran.code, ran.out) == (0, "")
    assert "add some with `backlinks seeds add URL…`" in ran.err


def test_adding_the_first_seed_makes_the_schema(backlinks: Backlinks, empty_database: Database) -> None:
    assert backlinks("seeds", "add", "a.test", database=empty_database).code == 0
    assert backlinks("db", "status", database=empty_database).code == 0


def test_skipped_domains_are_listed_added_and_removed(backlinks: Backlinks, database: Database) -> None:
    assert " facebook.com          hub" in backlinks("skip", "list", database=database).out.splitlines()
    ran = backlinks("skip", "add", "https://www.hub.test/page", "--note", "links to all", database=database)
    assert (ran.code, ran.out) == (0, "hops never enter hub.test\n")
    assert " hub.test              links to all" in backlinks("skip", "list", database=database).out.splitlines()
    backlinks("skip", "add", "hub.test", database=database)  # again, and the note stays
    assert " hub.test              links to all" in backlinks("skip", "list", database=database).out.splitlines()
    ran = backlinks("skip", "remove", "hub.test", database=database)
    assert (ran.code, ran.out) == (0, "hops may enter hub.test\n")
    assert "hub.test" not in backlinks("skip", "list", database=database).out
    said = sentence(backlinks("skip", "remove", "hub.test", database=database), 2)
    assert said == "hub.test is not skipped; `backlinks skip list` shows what is."
    assert "is neither a domain" in sentence(backlinks("skip", "add", "hub", database=database), 2)


def test_the_note_of_a_skipped_domain_does_not_steer_the_terminal(backlinks: Backlinks, database: Database) -> None:
    backlinks("skip", "add", "hub.test", "--note", "two\nlines\x1b[2J", database=database)
    lines = backlinks("skip", "list", database=database).out.splitlines()
    assert len([line for line in lines if line.startswith(" hub.test")]) == 1
    assert not [line for line in lines if "\x1b" in line or line.lstrip().startswith("lines")]


def test_fifty_thousand_lines_are_kept_and_listed_in_seconds(
    backlinks: Backlinks, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "seeds.csv"
    lines = [f"{number};site{number}.example;{number / 7:.1f}" for number in range(50_000)]
    file.write_bytes("\r\n".join(["Rank;Domain;Traffic", *lines]).encode("utf-16"))
    began = time.process_time()
    ran = backlinks("seeds", "add", file, database=database)
    assert (ran.code, ran.err) == (0, "")
    assert len(listed(backlinks, database)) == 50_000
    assert time.process_time() - began < 30  # of this process, whatever else the machine does
