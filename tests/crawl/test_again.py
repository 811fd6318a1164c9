"""Runs after something went wrong on our side, and runs that have nothing to do: as a user types them."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING

import pytest

from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_little_web import rows
from tests.crawl.test_manners import site
from tests.crawl.test_workers import ended

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler, Start

QUICK = ("-s", "DOWNLOAD_TIMEOUT=2")
NO_DNS = """
import socket
def getaddrinfo(*_, **__):
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
socket.getaddrinfo = getaddrinfo
"""


def visited(database: Database) -> dict[str, str]:
    query = "SELECT url, outcome FROM crawled_pages WHERE last_visited IS NOT NULL"
    return {"/" + url.split("/", 3)[3]: outcome for url, outcome in rows(database, query)}


def test_networks_that_were_not_allowed_are_due_as_soon_as_they_are(crawler: Crawler, database: Database) -> None:
    with SmallWeb(site("127.0.0.1", 3)) as web:
        seeds = f"seeds={web.url('127.0.0.1/')}"
        code, output = crawler.run("-a", seeds, BACKLINKS_RESOLVE="")
        assert code == 5, output
        lines = output.splitlines()
        assert lines[0].startswith("finished: 1 page in ")
        refused, would_help = "address_refused (refused_private_address)", "BACKLINKS_ALLOW_NETWORKS=127.0.0.1"
        assert lines[1:] == [
            "not read: address_refused 1",
            f"  {refused}: 127.0.0.1:{web.port}; this is no public address; {would_help} would allow it",
            "still due: 1 page on 1 host",
            "backlinks: no page could be read.",
        ]
        assert web.asked == []
        code, output = crawler.run("-a", seeds, BACKLINKS_RESOLVE="", BACKLINKS_ALLOW_NETWORKS="127.0.0.1")
        assert (code, output.split(" in ")[0]) == (0, "finished: 3 pages")


def test_without_dns_nothing_is_locked(crawler: Crawler, database: Database) -> None:
    with SmallWeb(site("one.test", 3) | site("two.test", 2)) as web:
        seeds = f"seeds={web.url('one.test/')},{web.url('two.test/')}"
        (crawler.folder / "sitecustomize.py").write_text(NO_DNS)  # every Python that finds this begins with it
        mistaken = {"BACKLINKS_RESOLVE": "", "BACKLINKS_CONTACT": "https://bot.example/"}
        for _ in range(3):  # whoever mends it needs some attempts
            code, output = crawler.run("-a", seeds, PYTHONPATH=str(crawler.folder), **mistaken)
            assert (code, "  dns_error: " in output, "BACKLINKS_RESOLVE" in output) == (5, True, True), output
            assert "still due: 2 pages on 2 hosts" in output
        code, output = crawler.run("-a", seeds)
        assert (code, output.split(" in ")[0]) == (0, "finished: 5 pages"), output


def test_a_site_behind_a_network_that_was_down_is_due_again_though_others_answered(
    crawler: Crawler, database: Database
) -> None:
    with SmallWeb(site("up.test", 3)) as web, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and does not listen
        port = closed.getsockname()[1]
        seeds = f"seeds={web.url('up.test/')},http://down.test:{port}/"
        code, output = crawler.run("-a", seeds, *QUICK)
        assert code == 0, output
        assert f"  connection_error (refused): down.test:{port}; nobody answers there: " in output
        assert "still due: 1 page on 1 host" in output
        before = len(web.asked)
        closed.close()
        with SmallWeb(site("down.test", 2), port=port) as down:
            code, output = crawler.run("-a", seeds)
            assert (code, output.split(" in ")[0]) == (0, "finished: 2 pages"), output
            assert down.paths("down.test") == ["/", "/1"]
        assert len(web.asked) == before


def test_recrawl_visits_all_that_the_run_covers_and_nothing_else(
    crawler: Crawler, database: Database, start: Start
) -> None:
    with SmallWeb(site("one.test", 4) | site("two.test", 2)) as web:
        one, two = f"seeds={web.url('one.test/')}", f"seeds={web.url('two.test/')}"
        for seeds in (one, two):
            assert crawler.run("-a", seeds)[0] == 0
        before = len(web.asked)
        code, output = crawler.run("-a", one)
        said = r"nothing is due before (20\d\d-\d\d-\d\d \d\d:\d\d) UTC, 3 days from now; --recrawl \(-a recrawl=yes\) visits all now"
        first, last = output.splitlines()
        assert (code, first.split(" in ")[0], len(web.asked)) == (0, "finished: 0 pages", before)
        told = re.fullmatch(said, last)
        assert told, last
        query = "SELECT to_char(min(next_visit) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM crawled_pages WHERE host = %s"
        ((due,),) = rows(database, query, f"one.test:{web.port}")
        assert told[1] == due
        code, output = crawler.run("-a", one, "-a", "recrawl=yes")
        assert (code, output.split(" in ")[0]) == (0, "finished: 4 pages"), output
        assert {asked.host for asked in web.asked[before:]} == {"one.test"}
        # by several workers each page once
        before = len(web.asked)
        crawl = start("crawl", "--workers", 2, "--recrawl", "--seeds", web.url("one.test/"), "-s", "DOWNLOAD_DELAY=0")
        lines = ended(crawl)
        assert (crawl.returncode, lines[-1].split(",")[0]) == (0, "2 workers: 4 pages"), lines
        assert sorted(web.paths("one.test")[-4:]) == ["/", "/1", "/2", "/3"]
        assert len(web.asked) == before + 4
        code, output = crawler.run("-a", one, "-a", "recrawl=soon")
        assert (code, output.splitlines()[-1]) == (
            2,
            "backlinks: recrawl=soon is neither yes nor a moment such as 2026-01-31T09:00:00+00:00.",
        )


def test_recrawl_tries_hosts_that_could_not_be_reached_and_not_those_that_asked_to_be_left_alone(
    crawler: Crawler, database: Database
) -> None:
    pages = site("busy.test", 3) | {"busy.test/1": Answer("slow", 429, {"Retry-After": "3600"})}
    with SmallWeb(pages) as web:
        seeds = f"seeds={web.url('busy.test/')}"
        assert crawler.run("-a", seeds)[0] == 0
        before = len(web.asked)
        code, output = crawler.run("-a", seeds, "-a", "recrawl=yes")
        assert (code, len(web.asked)) == (0, before)
        last = output.splitlines()[-1]
        assert re.fullmatch(r"still due: 3 pages on 1 host; the first of them may be asked again at .* UTC", last), last


def test_what_a_run_says_adds_up(crawler: Crawler, database: Database) -> None:
    robots = (
        "User-agent: *\nDisallow: /2\nSitemap: http://sum.test:{port}/map.xml\nSitemap: http://sum.test:{port}/none.xml"
    )
    pages = site("sum.test", 5, robots) | {
        "sum.test/3": Answer("", 404),
        "sum.test/4": Answer("%PDF", headers={"Content-Type": "application/pdf"}),
        "sum.test/map.xml": "<urlset><url><loc>http://sum.test:{port}/listed</loc></url></urlset>",
        "sum.test/listed": "listed",
    }
    with SmallWeb(pages) as web:
        seeds = f"seeds={web.url('sum.test/')}"
        code, output = crawler.run("-a", seeds, "-a", "render=never")
        assert code == 0
        lines = output.splitlines()
        assert re.sub(r" in .*/s\)", "", lines[0]) == (
            "finished: 5 pages and 2 sitemaps, 0 new links, 0 new referring domains, 5 new pages found"
        )
        assert lines[1:4] == [
            "not read: gone 1, not_html 1",
            "not asked for: robots_forbidden 1",
            "sitemaps not read: gone 1",
        ]
        assert sorted(line.split(";")[0] for line in lines[4:]) == [
            f"  gone: sum.test:{web.port}",
            f"  not_html: sum.test:{web.port}",
            f"  robots_forbidden (disallowed): sum.test:{web.port}",
        ]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_can_read_no_page_ends_with_exit_code_5(start: Start, database: Database, workers: int) -> None:
    with SmallWeb({"bad.test/": Answer("", 500), "worse.test/": Answer("", 403)}) as web:
        seeds = f"{web.url('bad.test/')},{web.url('worse.test/')}"
        crawl = start("crawl", "--workers", workers, "--seeds", seeds, "-s", "DOWNLOAD_DELAY=0")
        lines = ended(crawl)
        assert (crawl.returncode, lines[-1]) == (5, "backlinks: no page could be read."), lines


def test_a_page_that_is_gone_again_is_no_failure_of_the_run(crawler: Crawler, database: Database) -> None:
    with SmallWeb({"gone.test/": Answer("", 404)}) as web:
        seeds = f"seeds={web.url('gone.test/')}"
        assert crawler.run("-a", seeds)[0] == 5
        assert crawler.run("-a", seeds, "-a", "recrawl=yes")[0] == 0
        assert web.paths("gone.test") == ["/", "/"]
