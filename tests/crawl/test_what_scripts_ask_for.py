"""What scripts ask for while a page is rendered: how, of whom, and what it means when they do not get it."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.store.optouts import add_optout
from tests.crawl.rendered_pages import ADD, rendered, script
from tests.crawl.rendering import ALWAYS, BROWSER, STATUSES, crawl, expected, links_found, visits
from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_later_runs import all_is_due
from tests.crawl.test_little_web import rows

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BROWSER, reason="there is no browser"),
    pytest.mark.timeout(600),
]
INCOMPLETE = ("ok", "render_incomplete")


def names(*each: str, status: int = 200) -> Answer:
    """Data that any origin may read."""
    headers = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}
    return Answer(json.dumps(each), status=status, headers=headers)


def asking(*requests: str) -> str:
    """A page that adds a link for each name that it gets. requests: arguments of `fetch`."""
    gets = "".join(
        f"fetch({request}).then(a => a.json()).then(all => all.forEach(n => add(n)));" for request in requests
    )
    return f"{ADD}<script>{gets}</script>"


def test_a_script_s_headers_go_to_its_page_s_own_host(crawler: Crawler, database: Database) -> None:
    mine = """{headers: {"X-Api-Key": "public", Authorization: "Bearer public", "X-Requested-With": "XMLHttpRequest",
        Accept: "application/vnd.links+json", "Accept-Language": "de", "X-HTTP-Method-Override": "DELETE"}}"""
    pages = {
        "own.test/": asking(f'"/data", {mine}'),
        "own.test/data": names("mine"),
        "plain.test/": asking('"/data"'),
        "plain.test/data": names("open"),
        "other.test/": asking(f'"http://api.test:{{port}}/other", {mine}'),
        "api.test/other": names("theirs"),
    }
    with SmallWeb(pages) as web:
        crawl(crawler, web, {page: pages[page] for page in ("own.test/", "plain.test/", "other.test/")}, *ALWAYS)
    sent = {
        asked.path: asked.headers
        for asked in web.asked
        if asked.path in {"/data", "/other"} and asked.host != "plain.test"
    }
    assert sent["/data"] | {"x-api-key": "public", "authorization": "Bearer public"} == sent["/data"]
    assert sent["/data"]["x-requested-with"] == "XMLHttpRequest"
    for headers in sent.values():
        assert (headers["accept"], headers["accept-language"]) == ("application/vnd.links+json", "de")
        assert headers["referer"].startswith("http://o")
        assert headers["user-agent"].startswith("backlink-crawler/")
        assert headers.keys().isdisjoint({"cookie", "x-http-method-override", "sec-fetch-mode"})
    assert sent["/other"].keys().isdisjoint({"x-api-key", "authorization", "x-requested-with"})
    assert links_found(database) == expected(
        {"own.test/": rendered("mine"), "plain.test/": rendered("open"), "other.test/": rendered("theirs")}
    )
    assert visits(database) == {"own.test/": INCOMPLETE, "plain.test/": ("ok", None), "other.test/": INCOMPLETE}


def test_what_scripts_do_not_get_makes_a_rendering_incomplete(crawler: Crawler, database: Database) -> None:
    add = f"{ADD}<script>add('there')</script>"
    incomplete = {
        "post.test/": f"{add}<script>fetch('/data', {{method: 'POST', body: '{{}}'}})</script>",
        "head.test/": f"{add}<script>fetch('/data', {{method: 'HEAD'}})</script>",
        "events.test/": f"{add}<script>new EventSource('/data')</script>",
        "socket.test/": f"{add}<script>new WebSocket('ws://socket.test:{{port}}/')</script>",
        "cookie.test/": f"{add}<script>document.cookie = 's=1'; fetch('/secret')</script>",
        "forbids.test/": f"{add}<script>fetch('/private/data')</script>",
        "many.test/": f"{add}<script>for (let i = 0; i < 201; i++) fetch('/data?' + i)</script>",
        "large.test/": f"{add}<script>fetch('/large')</script>",
        "nowhere.test/": f"{add}<script src=http://nowhere.invalid/></script>",
        "worker.test/": f"{add}<script>new Worker('/private/worker.js')</script>",
    }
    whole = {
        "harmless.test/": f"""{add}<img src=/image><video src=/video></video><link rel=stylesheet href=/private/style>
            <iframe src=/frame></iframe><script>navigator.sendBeacon('/beacon', 'x');
            fetch('https://www.google-analytics.com/g/collect', {{method: 'POST', body: 'x'}}).catch(() => 0);
            fetch('/missing')</script>""",
        "works.test/": f"{add}<script>new Worker('/worker.js').onmessage = said => add(said.data)</script>",
    }
    data = {f"{page}data": names("data") for page in incomplete} | {f"many.test/data?{i}": names() for i in range(201)}
    rules = {
        f"{name}.test/robots.txt": Answer("User-agent: *\nDisallow: /private/", headers={"Content-Type": "text/plain"})
        for name in ("forbids", "harmless", "worker")
    }
    more = {
        "cookie.test/secret": Answer("log in", 403),
        "large.test/large": Answer("x" * (5 * 1024 * 1024 + 1), headers={"Content-Type": "text/plain"}),
        "works.test/worker.js": script("fetch('/name').then(a => a.json()).then(([name]) => postMessage(name))"),
        "works.test/name": names("worked"),
    }
    with SmallWeb(incomplete | whole | data | rules | more) as web:
        crawl(crawler, web, incomplete | whole, *ALWAYS)
    found = visits(database)
    assert {page: found[page] for page in incomplete} == dict.fromkeys(incomplete, INCOMPLETE)
    assert {page: found[page] for page in whole} == dict.fromkeys(whole, ("ok", None))
    links = dict.fromkeys(incomplete | whole, rendered("there"))
    assert links_found(database) == expected(links | {"works.test/": rendered("there", "worked")})
    assert not any(asked.path.startswith("/private/") or asked.host == "nowhere.invalid" for asked in web.asked)


def test_other_hosts_are_asked_as_their_robots_txt_and_owners_say(crawler: Crawler, database: Database) -> None:
    of_hosts = [f"http://{name}:{{port}}" for name in ("rules.test", "down.test", "deep.closed.test")]
    rules, down, closed = of_hosts
    wanted = [f"{rules}/{path}" for path in ("open/1", "open/2", "shut")] + [f"{down}/x", f"{closed}/x"]
    pages: dict[str, Any] = {
        "first.test/": asking(*(f'"{url}"' for url in wanted)),
        "second.test/": asking(f'"{rules}/open/3"'),
        "rules.test/open/1": names("one"),
        "rules.test/open/2": names("two"),
        "rules.test/open/3": names("three"),
        "rules.test/robots.txt": Answer("User-agent: *\nDisallow: /shut\nCrawl-delay: 0.4"),
        "down.test/robots.txt": Answer("down", 503),
    }
    with database.connect() as connection:
        add_optout(connection, "closed.test", None)
    with SmallWeb(pages) as web:
        seeds = dict.fromkeys(("first.test/", "second.test/"))
        crawl(crawler, web, seeds, *ALWAYS)
        assert [(asked.host, asked.path) for asked in web.asked if asked.host in {"down.test", "deep.closed.test"}] == [
            ("down.test", "/robots.txt")
        ]
        of_rules = [asked for asked in web.asked if asked.host == "rules.test"]
        assert sorted(asked.path for asked in of_rules) == ["/open/1", "/open/2", "/open/3", "/robots.txt"]
        assert min(after.at - before.at for before, after in pairwise(of_rules[1:])) >= 0.39
        assert links_found(database) == expected(
            {"first.test/": rendered("one", "two"), "second.test/": rendered("three")}
        )
        assert visits(database) == {"first.test/": INCOMPLETE, "second.test/": ("ok", None)}
        all_is_due(database)
        crawl(crawler, web, seeds, *ALWAYS)  # the next run knows the rules
        assert [asked.path for asked in web.asked if asked.host == "rules.test"].count("/robots.txt") == 1


def test_a_host_with_a_dot_at_its_end_is_the_same_host(crawler: Crawler, database: Database) -> None:
    pages: dict[str, Any] = {
        "dot.test/": f"{ADD}<a href=http://dot.test.:{{port}}/two>two</a><a href=http://dot.test.:{{port}}/shut>shut</a>",
        "dot.test/two": asking('"/data"', '"http://dot.test:{port}/data"', '"/shut"'),
        "dot.test/data": names("data"),
        "dot.test/robots.txt": Answer("User-agent: *\nDisallow: /shut\nCrawl-delay: 0.5"),
    }
    with SmallWeb(pages) as web:
        crawl(crawler, web, {"dot.test/": None}, *ALWAYS)
    assert [asked.path for asked in web.asked] == ["/robots.txt", "/", "/two", "/data", "/data"]
    assert min(after.at - before.at for before, after in pairwise(web.asked)) >= 0.49
    assert rows(database, "SELECT name FROM hosts WHERE name ~ '^dot'") == [(f"dot.test:{web.port}",)]
    url, outcome, reason = rows(database, "SELECT url, outcome, reason FROM crawled_pages WHERE url ~ 'two$'")[0]
    assert (url, outcome, reason) == (f"http://dot.test.:{web.port}/two", "ok", "render_incomplete")


def test_a_page_that_never_gets_all_gains_its_links_and_loses_none(crawler: Crawler, database: Database) -> None:
    """Its data comes, some is refused at every visit. A link that was there is not lost when it is not seen."""
    refused = "<script>fetch('/refused', {method: 'POST', body: 'x'}).catch(() => 0)</script>"
    menu = "<a href=/>home</a>" * 2  # so that its other links are not most of them
    pages: dict[str, Any] = {
        "app.test/": asking('"/data"') + refused + menu + "<a href=http://plain.test/>plain</a>",
        "app.test/data": names("one", "two"),
    }
    live = [("one", "rendered", "live"), ("plain", "both", "live"), ("two", "rendered", "live")]
    with SmallWeb(pages) as web:
        crawl(crawler, web, pages)
        assert rows(database, STATUSES) == live
        pages["app.test/data"] = names("one", "two", "three")
        all_is_due(database)
        crawl(crawler, web, pages)
        assert visits(database)["app.test/"] == INCOMPLETE
        assert rows(database, STATUSES) == sorted([*live, ("three", "rendered", "live")])
        pages["app.test/data"] = names("one", "four")
        for _ in range(3):
            all_is_due(database)
            crawl(crawler, web, pages)
            seen = [(name, "rendered", "unverified") for name in ("four", "one", "three", "two")]
            assert rows(database, STATUSES) == sorted([*seen, ("plain", "both", "live")])
        pages["app.test/data"] = names("one", "two", "three", "four")
        all_is_due(database)
        crawl(crawler, web, pages)
        assert rows(database, STATUSES) == sorted([*live, ("three", "rendered", "live"), ("four", "rendered", "live")])
        assert rows(database, "SELECT count(*) FROM link_events") == [(0,)]
        pages["app.test/"] = pages["app.test/"].replace(refused, "")
        pages["app.test/data"] = names("one")
        for status in ("missing", "lost"):
            all_is_due(database)
            crawl(crawler, web, pages)
            gone = [(name, "rendered", status) for name in ("four", "three", "two")]
            assert rows(database, STATUSES) == sorted([*gone, *live[:2]])


def test_a_link_of_both_is_not_lost_by_a_rendering_that_is_not_whole(crawler: Crawler, database: Database) -> None:
    """Now its scripts write it, and they do not get their data."""
    pages: dict[str, Any] = {"app.test/": asking('"/data"') + "<a href=http://kept.test/>kept</a>"}
    pages["app.test/data"] = names("one")
    with SmallWeb(pages) as web:
        crawl(crawler, web, pages)
        pages["app.test/"] = asking('"/data"')
        pages["app.test/data"] = names(status=503)
        for _ in range(3):
            all_is_due(database)
            crawl(crawler, web, pages)
            assert rows(database, STATUSES) == [("kept", "both", "missing"), ("one", "rendered", "unverified")]
        pages["app.test/data"] = names("one", "kept")
        all_is_due(database)
        crawl(crawler, web, pages)
        assert [row[::2] for row in rows(database, STATUSES)] == [("kept", "live"), ("one", "live")]
