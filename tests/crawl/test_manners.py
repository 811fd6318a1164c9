"""A site is asked no faster than it wishes, not at all when it does not want it, and left alone when it says so.

What a site was asked, and when, is what its server saw.
"""

from __future__ import annotations

import gzip
import itertools
import socket
import struct
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.model import Outcome, PageKind
from backlink_crawler.store.optouts import add_optout, remove_optout
from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_little_web import rows
from tests.integration.worker import add_seed

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

ANUBIS = (
    '<script id="anubis_challenge" type="application/json">{}</script>'
    "<script src=/.within.website/x/cmd/anubis/static/js/main.mjs></script>"
)


XML = {"Content-Type": "application/xml"}


def text(body: str) -> Answer:
    return Answer(body, headers={"Content-Type": "text/plain"})


def moved(to: str) -> Answer:
    return Answer("", 301, {"Location": to})


def listing(*urls: str) -> Answer:
    """A sitemap."""
    return Answer(
        "<urlset>" + "".join(f"<url><loc>{url}</loc></url>" for url in urls) + "</urlset>",
        headers={"Content-Type": "application/xml"},
    )


def reset(connection: socket.socket) -> None:
    """As a server does that dies while it is asked."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def site(host: str, pages: int, robots: str = "") -> dict[str, Any]:
    """`/` leads to `/1` and so on, which are all of them."""
    links = "".join(f"<a href=/{number}>{number}</a> " for number in range(1, pages))
    made: dict[str, Any] = {f"{host}/{number}": f"page {number}" for number in range(1, pages)}
    return made | {f"{host}/": links, f"{host}/robots.txt": text(robots)}


def gaps(web: SmallWeb, host: str) -> list[float]:
    """Seconds between each two requests that the host's server saw, robots.txt counted."""
    moments = sorted(asked.at for asked in web.asked if asked.host == host)
    return [later - earlier for earlier, later in itertools.pairwise(moments)]


def all_is_due(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE pages SET next_visit = now()")
        connection.execute("UPDATE crawled_hosts SET rests_until = NULL")
        connection.execute("UPDATE queue_hosts SET claimable_at = now()")


def rest(database: Database) -> tuple[int, float | None]:
    """(back_offs, seconds that the only host still rests)"""
    ((back_offs, seconds),) = rows(
        database, "SELECT back_offs, extract(EPOCH FROM rests_until - now())::float8 FROM crawled_hosts"
    )
    return back_offs, seconds


def outcomes(database: Database) -> dict[str, tuple[Outcome | None, str | None]]:
    """By path: how the last visit ended."""
    query = "SELECT u.url, p.outcome, p.reason FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id"
    return {
        "/" + url.split("/", 3)[3]: (None if outcome is None else Outcome(outcome), reason)
        for url, outcome, reason in rows(database, query)
    }


@pytest.mark.parametrize("said", ["3600", "a date"])
def test_after_a_429_the_whole_host_rests_as_long_as_it_asks(crawler: Crawler, database: Database, said: str) -> None:
    pages = site("busy.test", 8) | site("open.test", 8)
    value = said if said == "3600" else format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    pages |= {f"busy.test/{number}": Answer("slow", 429, {"Retry-After": value}) for number in range(1, 8)}
    with SmallWeb(pages) as web:
        seeds = crawler.seeds(f"{web.url('busy.test/')}\n{web.url('open.test/')}")
        code, output = crawler.run("-a", seeds)
        assert code == 0, output
        assert len(web.paths("busy.test")) == 2  # `/`, and the first that was too much
        assert sorted(web.paths("open.test")) == ["/", *(f"/{number}" for number in range(1, 8))]
        assert "rate_limited 1" in output
        assert "still due: 6 pages on 1 host" in output
        asked = len(web.asked)
        code, output = crawler.run("-a", seeds)  # whichever worker it is
        assert (code, len(web.asked)) == (0, asked), output
    query = (
        "SELECT h.back_offs, extract(EPOCH FROM h.rests_until - now())::float8, p.next_visit >= h.rests_until, p.reason "
        "FROM crawled_hosts AS h INNER JOIN pages AS p ON p.host_id = h.host_id WHERE p.outcome = 4"
    )
    ((back_offs, seconds, not_before, reason),) = rows(database, query)
    assert (back_offs, not_before, reason) == (1, True, None)
    assert 3500 < seconds <= 3601


def test_a_503_backs_off_twice_as_long_each_time_and_a_good_answer_ends_it(
    crawler: Crawler, database: Database
) -> None:
    pages = site("busy.test", 2) | {"busy.test/": Answer("down", 503, {"Retry-After": "-7"})}
    with SmallWeb(pages) as web:
        run = ("-a", f"seeds={web.url('busy.test/')}")
        for back_offs, shortest, longest in ((1, 20, 60), (2, 50, 120), (3, 110, 240)):
            code, output = crawler.run(*run)
            assert code == 5, output  # there was nothing else to read
            found, seconds = rest(database)
            assert found == back_offs
            assert seconds is not None
            assert shortest < seconds <= longest
            all_is_due(database)
        assert outcomes(database) == {"/": (Outcome.SERVER_ERROR, None)}
        pages["busy.test/"] = "open again"
        crawler.run(*run)
        assert rest(database) == (0, None)


def test_what_is_back_off_can_be_set(crawler: Crawler, database: Database) -> None:
    pages = {"busy.test/": Answer("down", 503, {"Retry-After": "9000"})}
    with SmallWeb(pages) as web:
        settings = ("-s", "BACKLINKS_RETRY_AFTER_LONGEST=1000", "-s", "BACKLINKS_BACK_OFF_FIRST=4000")
        crawler.run("-a", f"seeds={web.url('busy.test/')}", *settings)
    back_offs, seconds = rest(database)
    assert back_offs == 1
    assert seconds is not None
    assert 1990 < seconds <= 4000
    code, output = crawler.run("-a", "seeds=http://busy.test/", "-s", "BACKLINKS_BACK_OFF_FIRST=soon")
    assert (code, output) == (2, "backlinks: BACKLINKS_BACK_OFF_FIRST=soon is not a number.\n")


@pytest.mark.parametrize(("status", "reason"), [(429, "robots_rate_limited"), (503, "robots_unavailable")])
def test_a_robots_txt_that_says_slow_down_closes_the_site_for_a_while(
    crawler: Crawler, database: Database, status: int, reason: str
) -> None:
    pages = site("busy.test", 3) | {"busy.test/robots.txt": Answer("slow", status, {"Retry-After": "900"})}
    with SmallWeb(pages) as web:
        run = ("-a", f"seeds={web.url('busy.test/')}")
        code, output = crawler.run(*run)
        assert code == 5, output
        assert [asked.path for asked in web.asked] == ["/robots.txt"]
        assert outcomes(database) == {"/": (Outcome.ROBOTS_FORBIDDEN, reason)}
        back_offs, seconds = rest(database)
        assert back_offs == 1
        assert seconds is not None
        assert 800 < seconds <= 901
        pages["busy.test/robots.txt"] = text("")
        all_is_due(database)
        crawler.run(*run)
        assert [asked.path for asked in web.asked[1:3]] == ["/robots.txt", "/"]


def test_any_other_4xx_opens_a_site_and_5xx_closes_it(crawler: Crawler, database: Database) -> None:
    names = {"gone": 404, "secret": 403, "odd": 418, "broken": 500, "gateway": 502}
    pages: dict[str, Any] = {f"{name}.test/": "open" for name in names}
    pages |= {f"{name}.test/robots.txt": Answer("", status) for name, status in names.items()}
    with SmallWeb(pages) as web:
        code, output = crawler.run("-a", crawler.seeds("\n".join(web.url(f"{name}.test/") for name in names)))
        assert code == 0, output
        assert {asked.host for asked in web.asked if asked.path == "/"} == {"gone.test", "secret.test", "odd.test"}


def test_a_robots_txt_is_followed_over_five_redirects_and_other_hosts(crawler: Crawler, database: Database) -> None:
    pages: dict[str, Any] = {f"{name}.test/{path}": "open" for name in ("five", "six") for path in ("", "closed")}
    pages |= {f"five.test/{number}": moved(f"/{number + 1}") for number in range(1, 4)}
    pages |= {
        "five.test/robots.txt": moved("/1"),
        "five.test/4": moved("http://other.test:{port}/rules"),
        "other.test/rules": text("User-agent: *\nDisallow: /closed\n"),
    }
    pages |= {f"six.test/{number}": moved(f"/{number + 1}") for number in range(1, 9)}
    pages |= {"six.test/robots.txt": moved("/1")}
    with SmallWeb(pages) as web:
        urls = [web.url(f"{name}.test/{path}") for name in ("five", "six") for path in ("", "closed")]
        code, output = crawler.run("-a", crawler.seeds("\n".join(urls)))
        assert code == 0, output
        assert web.paths("five.test") == ["/1", "/2", "/3", "/4", "/"]
        assert web.paths("other.test") == ["/rules"]
        assert web.paths("six.test")[:5] == ["/1", "/2", "/3", "/4", "/5"]
        assert sorted(web.paths("six.test")[5:]) == ["/", "/closed"]


def slowly(connection: socket.socket) -> None:
    """An empty robots.txt that takes a second."""
    time.sleep(1.0)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize("order", [("new.test", "old.test"), ("old.test", "new.test")])
def test_a_robots_txt_that_is_on_its_way_is_not_asked_for_again(
    crawler: Crawler, database: Database, order: tuple[str, str]
) -> None:
    """Whether its own host asks for it first, or another, whose redirect led there."""
    pages: dict[str, Any] = {
        "old.test/robots.txt": moved("http://new.test:{port}/robots.txt"),
        "new.test/robots.txt": slowly,
        "old.test/": "old",
        "new.test/": "new",
    }
    with SmallWeb(pages) as web:
        for host in order:
            add_seed(database, web.url(f"{host}/"))
        code, output = crawler.run("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8")
        assert code == 0, output
        asked = Counter((asked.host, asked.path) for asked in web.asked)
    assert asked == dict.fromkeys(
        [("new.test", "/robots.txt"), ("old.test", "/robots.txt"), ("new.test", "/"), ("old.test", "/")], 1
    )


def test_a_robots_txt_that_is_on_its_way_is_not_asked_for_by_two_redirects(
    crawler: Crawler, database: Database
) -> None:
    pages: dict[str, Any] = {"new.test/robots.txt": slowly}
    for host in ("old.test", "older.test"):
        pages |= {f"{host}/robots.txt": moved("http://new.test:{port}/robots.txt"), f"{host}/": host}
    with SmallWeb(pages) as web:
        for host in ("old.test", "older.test", "new.test"):
            add_seed(database, web.url(f"{host}/"))
        with database.connect() as connection:
            connection.execute(
                "UPDATE crawled_hosts SET rests_until = now() + interval '1 day' FROM hosts"
                " WHERE hosts.id = host_id AND hosts.name LIKE 'new.%'"
            )
            connection.execute(
                "UPDATE queue_hosts SET claimable_at = now() + interval '1 day' FROM hosts"
                " WHERE hosts.id = host_id AND hosts.name LIKE 'new.%'"
            )
        code, output = crawler.run()
        assert code == 0, output
        asked = Counter((asked.host, asked.path) for asked in web.asked)
    assert asked == dict.fromkeys(
        [("new.test", "/robots.txt")]
        + [(host, path) for host in ("old.test", "older.test") for path in ("/robots.txt", "/")],
        1,
    )


def test_redirects_of_robots_txt_count_for_the_delay_of_each_host(crawler: Crawler) -> None:
    """Both are asked for pages too; by whom is all the same."""
    pages = site("bare.test", 3) | site("www.bare.test", 3)
    pages["bare.test/robots.txt"] = Answer("", 301, {"Location": "/moved"})
    pages["bare.test/moved"] = Answer("", 301, {"Location": "http://www.bare.test:{port}/robots.txt"})
    with SmallWeb(pages) as web:
        seeds = crawler.seeds(f"{web.url('bare.test/')}\n{web.url('www.bare.test/')}")
        code, output = crawler.run("-a", seeds, "-s", "DOWNLOAD_DELAY=0.4")
        assert code == 0, output
        assert sorted(web.paths("bare.test")) == ["/", "/1", "/2", "/moved"]
        assert sorted(web.paths("www.bare.test")) == ["/", "/1", "/2"]
        assert [asked.path for asked in web.asked if asked.host == "www.bare.test"].count("/robots.txt") == 1
        assert min(gaps(web, "bare.test")) >= 0.4
        assert min(gaps(web, "www.bare.test")) >= 0.4


def test_a_robots_txt_elsewhere_is_asked_for_in_a_turn_of_the_other_host(crawler: Crawler) -> None:
    """Which is asked for its own pages all the while."""
    pages = site("bare.test", 3) | site("www.bare.test", 8)
    pages |= {
        "bare.test/robots.txt": moved("http://www.bare.test:{port}/rules"),
        "www.bare.test/rules": text("User-agent: *\nDisallow: /1\n"),
    }
    with SmallWeb(pages) as web:
        seeds = crawler.seeds(f"{web.url('bare.test/')}\n{web.url('www.bare.test/')}")
        code, output = crawler.run("-a", seeds, "-s", "DOWNLOAD_DELAY=0.4")
        assert code == 0, output
        assert sorted(web.paths("bare.test")) == ["/", "/2"]
        assert sorted(web.paths("www.bare.test")) == ["/", *(f"/{number}" for number in range(1, 8)), "/rules"]
        assert web.paths("www.bare.test")[-1] != "/rules"  # it need not wait for the last page
        assert min(gaps(web, "bare.test")) >= 0.4
        assert min(gaps(web, "www.bare.test")) >= 0.4


def test_a_host_that_is_not_crawled_is_not_asked_for_rules_faster_than_the_delay(crawler: Crawler) -> None:
    hosts = [f"from{number}.test" for number in range(3)]
    pages: dict[str, Any] = {"rules.test/rules": text("User-agent: *\nDisallow: /1\n")}
    for host in hosts:
        pages |= site(host, 2) | {f"{host}/robots.txt": moved("http://rules.test:{port}/rules")}
    with SmallWeb(pages) as web:
        seeds = crawler.seeds("\n".join(web.url(f"{host}/") for host in hosts))
        code, output = crawler.run("-a", seeds, "-s", "DOWNLOAD_DELAY=0.4")
        assert code == 0, output
        assert [web.paths(host) for host in hosts] == [["/"]] * 3
        assert web.paths("rules.test") == ["/rules"] * 3
        assert min(gaps(web, "rules.test")) >= 0.4


def test_a_robots_txt_at_a_host_that_has_opted_out_cannot_be_had(crawler: Crawler, database: Database) -> None:
    pages = site("from.test", 2) | {"from.test/robots.txt": moved("http://www.closed.test:{port}/robots.txt")}
    with database.connect() as connection:
        connection.execute("INSERT INTO optouts (domain) VALUES ('closed.test')")
    with SmallWeb(pages) as web:
        code, output = crawler.run("-a", f"seeds={web.url('from.test/')}")
        assert code == 5, output
        assert [(asked.host, asked.path) for asked in web.asked] == [("from.test", "/robots.txt")]
    assert outcomes(database) == {"/": (Outcome.ROBOTS_FORBIDDEN, "robots_unavailable")}


@pytest.mark.parametrize("delay", ["1e9", "1e13", "1e14"])
def test_a_delay_beyond_all_reason_is_a_week_and_nobody_elses_business(
    crawler: Crawler, database: Database, delay: str
) -> None:
    """As seconds they are 31 years, more than a date has room for, and more than a period has room for."""
    pages = site("odd.test", 3, f"User-agent: *\nCrawl-delay: {delay}\n") | site("good.test", 8)
    with SmallWeb(pages) as web:
        code, output = crawler.run("-a", crawler.seeds(f"{web.url('odd.test/')}\n{web.url('good.test/')}"))
        assert code == 0, output
        assert output.startswith("finished: 8 pages in ")
        assert "still due: 1 page on 1 host" in output
        assert sorted(web.paths("good.test")) == ["/", *(f"/{number}" for number in range(1, 8))]
        assert web.paths("odd.test") == []
    query = "SELECT split_part(name, ':', 1), rests_until <= now() + interval '7 days' FROM hosts INNER JOIN crawled_hosts ON id = host_id WHERE rests_until > now()"
    assert rows(database, query) == [("odd.test", True)]
    assert rows(database, "SELECT count(*) FROM crawled_hosts WHERE worker IS NOT NULL") == [(0,)]


def test_a_sitemap_that_has_moved_is_read_where_it_is_now(crawler: Crawler, database: Database) -> None:
    pages = {
        "shop.test/robots.txt": text("Sitemap: http://shop.test:{port}/sitemap.xml\n"),
        "shop.test/": "<a href=/about>about</a>",
        "shop.test/about": "about",
        "shop.test/sitemap.xml": moved("/sitemap_index.xml"),
        "shop.test/sitemap_index.xml": listing("http://shop.test:{port}/one", "http://shop.test:{port}/two"),
        "shop.test/one": "one",
        "shop.test/two": "two",
    }
    with SmallWeb(pages) as web:
        code, output = crawler.run("-a", f"seeds={web.url('shop.test/')}")
        assert code == 0, output
        asked = ["/", "/about", "/one", "/sitemap.xml", "/sitemap_index.xml", "/two"]
        assert sorted(web.paths("shop.test")) == asked
    query = (
        "SELECT substring(u.url FROM ':[0-9]+(/.*)'), p.kind, p.outcome FROM pages AS p "
        "INNER JOIN urls AS u ON p.page_id = u.id ORDER BY 1"
    )
    page, sitemap = PageKind.PAGE, PageKind.SITEMAP
    assert rows(database, query) == [
        ("/", page, Outcome.OK),
        ("/about", page, Outcome.OK),
        ("/one", page, Outcome.OK),
        ("/sitemap.xml", sitemap, Outcome.REDIRECT),
        ("/sitemap_index.xml", sitemap, Outcome.OK),
        ("/two", page, Outcome.OK),
    ]


def test_sitemaps_in_one_another_are_followed_so_deep(crawler: Crawler, database: Database) -> None:
    index = "<sitemapindex><sitemap><loc>/map-%d</loc></sitemap></sitemapindex>"
    pages: dict[str, Any] = {f"shop.test/map-{n}": Answer(index % (n + 1), headers=XML) for n in range(9)}
    pages |= {"shop.test/robots.txt": text("Sitemap: /map-0\n"), "shop.test/": "start"}
    with SmallWeb(pages) as web:
        code, output = crawler.run("-a", f"seeds={web.url('shop.test/')}")
        assert code == 0, output
        assert sorted(web.paths("shop.test")) == ["/", *(f"/map-{n}" for n in range(6))]
    assert rows(database, "SELECT stats -> 'sitemaps/refused_too_deep' FROM sources") == [("1",)]


def test_a_sitemap_may_be_larger_than_a_page_however_it_is_compressed(crawler: Crawler, database: Database) -> None:
    body = f"<urlset><!--{'x' * 900_000}-->{'<x>-</x>' * 1_400_000}<url><loc>/found</loc></url></urlset>".encode()
    packed = gzip.compress(body, mtime=0)
    pages: dict[str, Any] = {
        "shop.test/robots.txt": text(
            "Sitemap: /plain.xml\nSitemap: /encoded.xml\nSitemap: /file.xml.gz\nSitemap: /none.xml"
        ),
        "shop.test/": "start",
        "shop.test/plain.xml": Answer(body, headers=XML),
        "shop.test/encoded.xml": Answer(packed, headers=XML | {"Content-Encoding": "gzip"}),
        "shop.test/file.xml.gz": Answer(packed, headers={"Content-Type": "application/gzip"}),
        "shop.test/none.xml": Answer("<html>Not here"),
        "shop.test/found": "found",
    }
    with SmallWeb(pages) as web:
        code, output = crawler.run("-a", f"seeds={web.url('shop.test/')}")
        assert code == 0, output
        assert "/found" in web.paths("shop.test")
    query = "SELECT v.outcome, v.reason, v.size FROM visits AS v INNER JOIN pages AS p USING (page_id) WHERE p.kind = 1"
    assert sorted(rows(database, query), key=str) == [
        (0, "sitemap_unreadable", 14),
        *[(0, None, len(body))] * 3,
    ]


def test_a_missing_sitemap_that_leads_to_the_start_page_makes_no_sitemap_of_it(
    crawler: Crawler, database: Database
) -> None:
    pages = {
        "www.shop.test/robots.txt": text("Sitemap: http://www.shop.test:{port}/sitemap.xml\n"),
        "www.shop.test/start": "<p>start",
        "www.shop.test/sitemap.xml": moved("/"),
        "www.shop.test/": "<html><a href=http://target.test/>word</a> <a href=/y>y</a>",
        "www.shop.test/y": "y",
    }
    with SmallWeb(pages) as web:
        code, output = crawler.run("-a", f"seeds={web.url('www.shop.test/start')}")
        assert code == 0, output
        assert "/y" in web.paths("www.shop.test")
    assert rows(database, "SELECT domain_from FROM backlinks WHERE domain_to = 'target.test'") == [("shop.test",)]
    assert rows(database, "SELECT count(*) FROM crawled_pages") == [(3,)]


def test_a_long_delay_that_a_former_run_was_told_of_keeps_no_run_waiting(crawler: Crawler, database: Database) -> None:
    """The host was asked a moment ago by a worker that was killed, and its robots.txt is too old to be used."""
    with SmallWeb(site("slow.test", 2, "User-agent: *\nCrawl-delay: 3600\n")) as web:
        crawler.run("-a", f"seeds={web.url('slow.test/')}")
        with database.connect() as connection:
            connection.execute("UPDATE robots SET fetched_at = now() - interval '25 hours'")
            connection.execute("UPDATE crawled_hosts SET rests_until = NULL, last_request = now()")
            connection.execute("UPDATE queue_hosts SET claimable_at = now()")
        asked = len(web.asked)
        code, output = crawler.run("-a", f"seeds={web.url('slow.test/')}")
        assert code == 0, output
        assert len(web.asked) == asked


def test_a_sitemap_that_leads_to_another_domain_is_no_link_and_is_not_followed(
    crawler: Crawler, database: Database
) -> None:
    """Nobody recommends anything by it, and another domain says nothing of which pages this one has."""
    pages = {
        "shop.test/robots.txt": text("Sitemap: http://shop.test:{port}/sitemap.xml\n"),
        "shop.test/": "<a href=http://target.test/>word</a>",
        "shop.test/sitemap.xml": moved("http://maps.elsewhere.test:{port}/shop.xml"),
        "shop.test/hidden": "hidden",
        "maps.elsewhere.test/shop.xml": listing("http://shop.test:{port}/hidden"),
    }
    with SmallWeb(pages) as web:
        for _ in range(2):  # a permanent redirect is believed at the second visit
            code, output = crawler.run("-a", f"seeds={web.url('shop.test/')}")
            assert code == 0, output
            all_is_due(database)
        assert sorted(web.paths("shop.test")) == ["/", "/", "/sitemap.xml", "/sitemap.xml"]
        assert "maps.elsewhere.test" not in {asked.host for asked in web.asked}
    assert rows(database, "SELECT url_to, link_type, status FROM backlinks") == [
        ("http://target.test/", "text", "live")
    ]
    assert rows(database, "SELECT count(*) FROM domains WHERE name = 'elsewhere.test'") == [(0,)]


@pytest.mark.parametrize("resets", [False, True], ids=["nothing listens", "connections are reset"])
def test_of_a_host_that_is_down_ten_pages_are_tried_and_it_rests_for_an_hour(
    crawler: Crawler, database: Database, *, resets: bool
) -> None:
    """Its robots.txt is known from the night before, so that it is a page that finds out. Another host answers: it is not
    our network that is down.
    """
    down, up = site("down.test", 30), {"up.test/": "up"}
    with SmallWeb(up) as other:
        pages = dict(down)
        with SmallWeb(pages) as web:
            run = ("-a", f"seeds={web.url('down.test/')},{other.url('up.test/')}")
            code, output = crawler.run(*run)
            assert (code, output.startswith("finished: 31 pages in ")) == (0, True), output
            all_is_due(database)
            with database.connect() as connection:
                connection.execute("UPDATE pages SET failures = 5")  # it was down before: its start is no exception
            if resets:
                pages |= dict.fromkeys(pages, reset)
                before = len(web.asked)
                code, output = crawler.run(*run)
                assert len(web.asked) - before == 10
        if not resets:
            code, output = crawler.run(*run)
    assert code == 0, output
    assert output.startswith("finished: 11 pages in ")
    assert "connection_error 10" in output
    assert "still due: 20 pages on 1 host" in output
    assert rows(database, "SELECT count(*) FROM visits WHERE outcome = %s", Outcome.CONNECTION_ERROR) == [(10,)]
    assert rows(database, "SELECT count(*) FROM pages WHERE visits = 1 AND next_visit <= now()") == [(20,)]
    query = "SELECT extract(EPOCH FROM rests_until - now())::float8 FROM crawled_hosts WHERE rests_until IS NOT NULL"
    ((seconds,),) = rows(database, query)
    assert 3500 < seconds <= 3600


def test_a_host_that_answers_now_and_then_is_not_down(crawler: Crawler, database: Database) -> None:
    """Nine in a row without an answer are not ten, however often it happens."""
    turns = itertools.cycle([reset] * 9 + [Answer("here I am")])

    class Unsteady(SmallWeb):
        def page(self, host: str, path: str) -> Any:
            return super().page(host, path) if path in {"/", "/robots.txt"} else next(turns)

    with Unsteady(site("unsteady.test", 31)) as web:
        code, output = crawler.run("-a", f"seeds={web.url('unsteady.test/')}")
        assert code == 0, output
        assert output.startswith("finished: 31 pages in ")
        assert "connection_error 27" in output
    assert rest(database) == (0, None)


def test_a_slow_answer_does_not_shorten_the_gap(crawler: Crawler) -> None:
    """The server sees a request when it comes, which may be later than it was made."""
    with SmallWeb(site("slow.test", 5, "User-agent: *\nCrawl-delay: 0.3\n"), seconds=0.5) as web:
        crawler.run("-a", f"seeds={web.url('slow.test/')}")
        assert len(web.asked) == 6
        # Each answer takes 0.5 s, and only then does its delay begin.
        assert min(gaps(web, "slow.test")) >= 0.8


def test_the_next_run_waits_for_the_delay_of_the_last_one(crawler: Crawler) -> None:
    with SmallWeb(site("slow.test", 5, "User-agent: *\nCrawl-delay: 4\n")) as web:
        for _ in range(2):  # the second one is there long before 4 s are over
            code, output = crawler.run("-a", f"seeds={web.url('slow.test/')}", "-a", "max_pages=1")
            assert code == 0, output
        assert [asked.path for asked in web.asked][:2] == ["/robots.txt", "/"]
        assert len(web.asked) == 3
        assert min(gaps(web, "slow.test")) >= 4.0


def test_what_a_killed_worker_may_have_asked_counts_until_its_lease_ends(crawler: Crawler, database: Database) -> None:
    with SmallWeb(site("slow.test", 12, "User-agent: *\nCrawl-delay: 0.5\n")) as web:
        run = ("-a", f"seeds={web.url('slow.test/')}")
        killed = crawler.start(*run)
        while len(web.asked) < 5:
            assert killed.poll() is None
            time.sleep(0.02)
        killed.kill()
        killed.wait()
        asked, moment = len(web.asked), time.monotonic()
        with database.connect() as connection:
            changed = connection.execute(
                "UPDATE crawled_hosts SET leased_until = now() + interval '4 s' WHERE worker IS NOT NULL"
            )
            assert changed.rowcount == 1
        code, output = crawler.run(*run)
        assert code == 0, output
        assert web.asked[asked].at - moment >= 4.5
        assert min(gaps(web, "slow.test")) >= 0.5
        assert set(web.paths("slow.test")) == {"/", *(f"/{number}" for number in range(1, 12))}


def test_two_workers_that_take_turns_keep_every_gap(crawler: Crawler) -> None:
    """The long form is `python -m benchmarks manners`. Hosts change hands each time that a worker has had enough."""
    hosts = [f"slow{number}.test" for number in range(4)]
    pages: dict[str, Any] = {}
    for host in hosts:
        pages |= site(host, 15, "User-agent: *\nCrawl-delay: 0.1\n")
    with SmallWeb(pages) as web:
        seeds = crawler.seeds("\n".join(web.url(f"{host}/") for host in hosts))
        for _ in range(2):
            workers = [crawler.start("-a", seeds, "-a", "max_pages=16") for _ in range(2)]
            for worker in workers:
                output, _ = worker.communicate(timeout=60)
                assert worker.returncode == 0, output
        assert len(web.asked) >= 60
        assert min(gap for host in hosts for gap in gaps(web, host)) >= 0.1


@pytest.mark.parametrize("name", ["closed.test", "www.closed.test"])
def test_a_host_of_a_domain_that_opted_out_is_never_asked(crawler: Crawler, database: Database, name: str) -> None:
    hosts = ["open.test", "www.closed.test", "deep.www.closed.test", "notclosed.test"]
    pages: dict[str, Any] = {}
    for host in hosts:
        pages |= site(host, 2)
    with database.connect() as connection:
        add_optout(connection, name, None)
    with SmallWeb(pages) as web:
        code, output = crawler.run("-a", crawler.seeds("\n".join(web.url(f"{host}/") for host in hosts)))
        assert code == 0, output
        assert {asked.host for asked in web.asked} == {"open.test", "notclosed.test"}
        assert "still due" not in output
        with database.connect() as connection:
            assert remove_optout(connection, name)
        crawler.run("-a", crawler.seeds("\n".join(web.url(f"{host}/") for host in hosts)))
        assert {asked.host for asked in web.asked} == set(hosts)


def test_a_host_that_opts_out_during_a_run_is_left_at_once(crawler: Crawler, database: Database) -> None:
    """With the next renewal of its lease, which is after a third of it."""
    with SmallWeb(site("slow.test", 60, "User-agent: *\nCrawl-delay: 0.3\n")) as web:
        run = crawler.start("-a", f"seeds={web.url('slow.test/')}", "-s", "BACKLINKS_LEASE_SECONDS=3")
        while len(web.asked) < 4:
            assert run.poll() is None
            time.sleep(0.02)
        with database.connect() as connection:
            add_optout(connection, "slow.test", None)
        moment = time.monotonic()
        output, _ = run.communicate(timeout=60)
        assert run.returncode == 0, output
        assert output.startswith("finished: ")
        assert "still due" not in output
        assert web.asked[-1].at - moment < 5
        visited = set(web.paths("slow.test"))
        assert 3 <= len(visited) < 20
    assert rows(database, "SELECT count(*) FROM visits") == [(len(visited),)]  # what was under way is recorded
    assert rows(database, "SELECT count(*) FROM crawled_hosts WHERE worker IS NOT NULL") == [(0,)]


def test_a_challenge_takes_no_link_away(crawler: Crawler, database: Database) -> None:
    """Read once, then walled off at two visits in a row, with each status that a wall answers with."""
    statuses = (200, 403, 503)
    pages: dict[str, Any] = {f"wall{status}.test/": "<a href=http://target.test/>word</a>" for status in statuses}
    with SmallWeb(pages) as web:
        run = ("-a", crawler.seeds("\n".join(web.url(f"wall{status}.test/") for status in statuses)))
        crawler.run(*run)
        pages |= {f"wall{status}.test/": Answer(ANUBIS, status) for status in statuses}
        for _ in range(2):
            all_is_due(database)
            code, output = crawler.run(*run)
            assert code == 5, output
    walled = rows(database, "SELECT visits, outcome, reason FROM pages")
    assert walled == [(3, Outcome.FORBIDDEN, "challenge_anubis")] * 3
    assert rows(database, "SELECT url_to, status FROM backlinks") == [("http://target.test/", "unverified")] * 3
    assert rows(database, "SELECT count(*) FROM link_events") == [(0,)]


def test_the_public_web_is_not_crawled_without_a_contact(crawler: Crawler, database: Database) -> None:
    sentence = "is on the public web, and site owners must be able to reach you: set BACKLINKS_CONTACT"
    code, output = crawler.run("-a", "seeds=http://inside.test/,example.com")
    assert code == 2
    assert output.startswith(f"backlinks: example.com {sentence}")
    add_seed(database, "https://example.org/")
    code, output = crawler.run()
    assert code == 2
    assert output.startswith(f"backlinks: example.org {sentence}")
