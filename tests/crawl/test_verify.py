"""`backlinks verify`: is that still so, now? Against a web that changes between two runs, and within one."""

from __future__ import annotations

import csv
import io
import json
import signal
import time
from typing import TYPE_CHECKING, Any

from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_little_web import rows
from tests.crawl.test_workers import ended

if TYPE_CHECKING:
    import subprocess

    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Start

SOON = ("-s", "DOWNLOAD_DELAY=0", "-s", "BACKLINKS_VERIFY_AGAIN_SECONDS=0.2")
TO = '<p><a href="http://shop.test/{}">{}</a></p>'


def page(*paths: str) -> str:
    """With a link to each, and enough others that no reading loses most of its links."""
    others = "".join(f'<a href="http://else.test/{number}">else</a>' for number in range(8))
    return f"<html><title>page</title><body>{''.join(TO.format(path, path) for path in paths)}{others}</body></html>"


def output_of(process: subprocess.Popen[str]) -> str:
    return "\n".join(ended(process))


def table(lines: list[str], first: str) -> list[list[str]]:
    """The rows below the one that begins so, as words."""
    start = next(number for number, line in enumerate(lines) if line.strip().startswith(first))
    return [line.split() for line in lines[start + 1 :] if line.strip(" ─")]


def test_verify_says_what_is_so_now_and_what_has_changed(start: Start, database: Database) -> None:
    pages: dict[str, Any] = {
        "stays.test/": page("a"),
        "drops.test/": page("a", "b"),
        "goes.test/": page("a"),
        "falls.test/": page("a"),
        "edits.test/": page("a"),
        "adds.test/": page("a"),
    }
    with SmallWeb(pages) as web:
        seeds = ",".join(web.url(name) for name in pages)
        crawl = start("crawl", "--seeds", seeds, *SOON)
        ended(crawl)
        assert crawl.returncode == 0
        pages["drops.test/"] = page("a")
        pages["goes.test/"] = Answer("", 404)
        pages["falls.test/"] = Answer("", 500)
        pages["edits.test/"] = page("a").replace(">a<", ">better<")
        pages["adds.test/"] = page("a", "new")
        verify = start("verify", "shop.test", *SOON)
        lines = ended(verify)
        assert verify.returncode == 0, lines
        assert "links to shop.test from 6 domains: 5 live, 0 missing, 2 lost, 1 unverified" in lines
        assert table(lines, "domain_from") == [
            ["drops.test", "1", "0", "1", "0", "1", "lost"],
            ["goes.test", "0", "0", "1", "0", "1", "lost"],
            ["falls.test", "0", "0", "0", "1", "nothing"],
            ["adds.test", "2", "0", "0", "0", "1", "found"],
            ["edits.test", "1", "0", "0", "0", "1", "anchor", "changed"],
            ["stays.test", "1", "0", "0", "0", "nothing"],
        ]
        # those that lacked a link were asked twice, the others once; nobody else was asked
        asked = {host: len(web.paths(host)) - 1 for host in ("stays.test", "drops.test", "goes.test", "falls.test")}
        assert asked == {"stays.test": 1, "drops.test": 2, "goes.test": 2, "falls.test": 1}
        assert rows(database, "SELECT count(*) FROM backlinks WHERE status = 'lost' AND domain_to = 'shop.test'") == [
            (2,)
        ]


def test_what_is_missing_for_a_moment_is_not_lost(start: Start, database: Database) -> None:
    pages: dict[str, Any] = {"blinks.test/": page("a")}
    with SmallWeb(pages) as web:
        ended(start("crawl", "--seeds", web.url("blinks.test/"), *SOON))

        def blinking(host: str, path: str) -> Any:
            return page() if len(web.paths(host)) == 2 else pages.get(host + path, Answer("", 404))

        web.page = blinking  # type: ignore[method-assign]
        verify = start("verify", "shop.test", "--format", "json", *SOON)
        output = output_of(verify)
        (found,) = json.loads(output[output.index("[\n") : output.rindex("]") + 1])
        assert (found["live"], found["missing"], found["lost"], found["restored"]) == (1, 0, 0, 0), output
        assert len(web.paths("blinks.test")) == 3


def test_one_that_loses_most_of_its_links_at_once_is_missing_and_not_lost(start: Start, database: Database) -> None:
    pages: dict[str, Any] = {"empties.test/": page("a")}
    with SmallWeb(pages) as web:
        ended(start("crawl", "--seeds", web.url("empties.test/"), *SOON))
        pages["empties.test/"] = "<html><title>page</title><body><p>nothing here</p></body></html>"
        lines = ended(start("verify", "shop.test", *SOON))
        assert table(lines, "domain_from") == [["empties.test", "0", "1", "0", "0", "1", "newly", "missing"]]


def test_pages_that_could_not_be_asked_are_said_to_be_as_before(start: Start, database: Database) -> None:
    pages: dict[str, Any] = {"busy.test/": page("a"), "free.test/": page("a")}
    with SmallWeb(pages) as web:
        ended(start("crawl", "--seeds", f"{web.url('busy.test/')},{web.url('free.test/')}", *SOON))
        with database.connect() as connection:
            connection.execute(
                "UPDATE crawled_hosts SET rests_until = now() + interval '1 hour', back_offs = 1 "
                "WHERE host_id = (SELECT id FROM hosts WHERE name LIKE 'busy.test%')"
            )
        lines = ended(start("verify", "shop.test", *SOON))
        assert "links to shop.test from 2 domains: 1 live, 0 missing, 0 lost, 0 unverified, 1 not asked" in lines
        assert table(lines, "domain_from")[0] == ["busy.test", "0", "0", "0", "0", "1", "nothing"]


def test_links_of_a_file_are_verified_known_or_not(start: Start, database: Database, tmp_path: Any) -> None:
    """Nobody has crawled any of these pages."""
    pages: dict[str, Any] = {
        "kept.test/post": '<p><a href="http://shop.test/a" rel="sponsored">the shop</a>',
        "broken.test/post": "<p>We thank the shop.",
        "gone.test/post": Answer("", 404),
        "other.test/post": '<p><a href="http://shop.test/b">b</a>',
        "down.test/post": Answer("", 500),
    }
    with SmallWeb(pages) as web:
        file = tmp_path / "promised.csv"
        file.write_text(
            "Page;Paid;Target\n"
            f"{web.url('kept.test/post')};50;shop.test\n"
            f"{web.url('broken.test/post')};50;shop.test\n"
            f"{web.url('gone.test/post')};50;http://shop.test/a\n"
            f"{web.url('other.test/post')};50;http://shop.test/a\n"
            f"{web.url('down.test/post')};50;shop.test\n"
            f"{web.url('a.shop.test/post')};50;shop.test\n"
        )
        verify = start("verify", "--file", str(file), "--format", "csv", *SOON)
        lines = ended(verify)
        assert verify.returncode == 1, lines
        begin = lines.index("page,target,status,rel,anchor,why")
        found = list(csv.DictReader(io.StringIO("\n".join(lines[begin : begin + 6]))))
        assert {row["page"].split("/")[2].split(".")[0]: (row["status"], row["why"]) for row in found} == {
            "kept": ("live", ""),
            "broken": ("not there", ""),
            "gone": ("not there", "gone 404"),
            "other": ("not there", ""),
            "down": ("unverified", "server_error 500"),
        }
        assert (found[0]["rel"], found[0]["anchor"]) == ("sponsored", "the shop")
        assert lines[-1] == "1 of 5 links are live; 1 refused"
        said = "line 7: page and target are both on shop.test; only links between domains are kept."
        assert f"pairs, {said}" in lines, lines
        # they are nobody's pages, and are not visited by nights
        assert rows(database, "SELECT count(*) FROM pages WHERE next_visit IS NOT NULL AND settled IS NOT NULL") == [
            (0,)
        ]
        # a promise that was kept and is broken
        pages["kept.test/post"] = "<p>We thank the shop."
        file.write_text(f"{web.url('kept.test/post')}\tshop.test\n")
        lines = ended(start("verify", "--file", str(file), *SOON))
        assert table(lines, "page ")[0][2] == "lost", lines


def test_a_file_of_pairs_that_cannot_be_used_is_a_sentence(start: Start, tmp_path: Any) -> None:
    file = tmp_path / "pairs.csv"
    for text, said in (
        ("", f"no valid pair of page and target in {file}: it is empty"),
        ("page,target\n,\n", "line 2: write the page, a comma, and the target: "),
        ("https://a.test/ shop.test\n", "line 1: 'https://a.test/ shop.test'"),
    ):
        file.write_text(text)
        verify = start("verify", "--file", str(file))
        lines = ended(verify)
        assert verify.returncode == 2
        assert said in lines[-1] or "write the page" in lines[-1], lines
    verify = start("verify", "--file", str(tmp_path / "none.csv"))
    assert ended(verify) == [f"backlinks: cannot read {tmp_path / 'none.csv'}: No such file or directory."]


def test_ctrl_c_while_it_waits_to_ask_again_ends_it_with_what_is_known(start: Start, database: Database) -> None:
    pages: dict[str, Any] = {"drops.test/": page("a", "b")}
    with SmallWeb(pages) as web:
        ended(start("crawl", "--seeds", web.url("drops.test/"), *SOON))
        pages["drops.test/"] = page("a")
        verify = start("verify", "shop.test", "-s", "DOWNLOAD_DELAY=0", "-s", "BACKLINKS_VERIFY_AGAIN_SECONDS=300")
        deadline = time.monotonic() + 60
        while rows(database, "SELECT count(*) FROM links WHERE status = 1") != [(1,)] and time.monotonic() < deadline:
            time.sleep(0.2)
        time.sleep(1)
        verify.send_signal(signal.SIGINT)
        began = time.monotonic()
        lines = ended(verify)
        assert time.monotonic() - began < 20
        assert verify.returncode == 0, lines
        assert table(lines, "domain_from") == [["drops.test", "1", "1", "0", "0", "1", "newly", "missing"]]
