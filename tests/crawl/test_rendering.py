"""Pages that scripts write, crawled with a real browser: which links are found, where they stand, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.links.cost import FEW_BYTES
from tests.crawl.rendered_pages import FOUND, PAGES, VANISHING, Found, both, html, links
from tests.crawl.rendering import (
    ALWAYS,
    APP,
    BROWSER,
    NOTHING_GAINED,
    STATUSES,
    crawl,
    ended,
    expected,
    links_found,
    reasons_to_render,
    visits,
)
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


def test_a_page_that_scripts_write_is_rendered_and_its_links_followed(crawler: Crawler, database: Database) -> None:
    with SmallWeb(APP) as web:
        crawl(crawler, web, APP)
    assert links_found(database) == expected(
        {
            "app.test/": [*both("always"), Found("one", "http://one.test/", "rendered")],
            "app.test/two": [Found("three", "three", "html", rel="nofollow", is_dofollow=False)],
        }
    )
    assert web.paths("app.test") == ["/", "/app.js", "/data.json", "/two"]
    assert reasons_to_render(database) == {"app.test/": "empty_app_root", "app.test/two": "no_scripts"}
    assert rows(database, "SELECT renders, render_gains FROM crawled_hosts") == [(1.0, 1.0)]


def test_the_links_of_pages_that_scripts_write(crawler: Crawler, database: Database) -> None:
    with SmallWeb(PAGES) as web:
        crawl(crawler, web, PAGES, *ALWAYS)
    assert links_found(database) == expected(FOUND)
    assert {page for (page,) in rows(database, NOTHING_GAINED)} == {
        *("other.test/", "refresh.test/", "shadow.test/inside"),
        *("click.test/", "push.test/beside", "push.test/deep/er/beside", "frames.test/added"),
        *("within.test/there", "within.test/onward"),
    }
    asked = {path for host in {page.split("/")[0] for page in PAGES} for path in web.paths(host)}
    assert asked.isdisjoint({"/popup", "/file.pdf"})


def test_of_a_page_that_does_away_with_itself_its_html_is_kept(crawler: Crawler, database: Database) -> None:
    with SmallWeb(VANISHING) as web:
        crawl(crawler, web, VANISHING, *ALWAYS)
    assert visits(database) == dict.fromkeys(VANISHING, ("ok", "render_failed"))
    assert links_found(database) == expected(dict.fromkeys(VANISHING, html("kept")))


SHELL = "<div id=root></div><script>const nothing = 0;</script>"
SCRIPT = "<script>const nothing = 0;</script>"


def test_the_crawler_decides_what_is_worth_a_browser(crawler: Crawler, database: Database) -> None:
    names = [f"link{number}" for number in range(10)]
    pages: dict[str, Any] = {
        "plenty.test/": "".join(f"<a href=/{number}>{number}</a>" for number in range(1, 21)),
        **{f"plenty.test/{number}": links(*names) + SCRIPT for number in range(1, 21)},
        "plain.test/": links("out"),
        "data.test/": links("out") + "<script type=application/ld+json>{}</script>",
        "refresh.test/": f"<meta http-equiv=refresh content='0;url=http://out.test/'>{SCRIPT}",
        "root.test/": SHELL,
        "notice.test/": f"{links('a', 'b', 'c', 'd')}{SCRIPT}<noscript>Bitte JavaScript einschalten</noscript>",
        "few.test/": links("a", "b", "c") + SCRIPT,
        "never.test/": SHELL,
        "always.test/": links("out"),
    }
    modes = {"never.test": "never", "always.test": "always"}
    with SmallWeb(pages) as web:
        hosts = dict.fromkeys(page.split("/")[0] for page in pages)
        lines = [f"{web.url(f'{host}/')},{modes.get(host, '')}" for host in hosts]
        code, output = ended(crawler.start("-a", crawler.seeds("\n".join(["url,render", *lines]), "seeds.csv")))
    assert code == 0, output
    reasons = reasons_to_render(database)
    plenty = [reasons.pop(f"plenty.test/{number}") for number in range(1, 21)]
    assert set(plenty) <= {"enough_html", "sample"}  # one in fifty
    assert plenty.count("enough_html") >= 15
    assert reasons == {
        "plenty.test/": "no_scripts",
        "plain.test/": "no_scripts",
        "data.test/": "no_scripts",
        "refresh.test/": "leads_elsewhere",
        "root.test/": "empty_app_root",
        "notice.test/": "noscript_notice",
        "few.test/": "few_links",
        "never.test/": "never",
        "always.test/": "always",
    }


def test_a_host_whose_renderings_gain_nothing_is_rendered_ever_more_rarely(
    crawler: Crawler, database: Database
) -> None:
    """Of thirty pages; and what the first ten have taught is known to the next run."""
    pages = {f"shells.test/{number}": SHELL for number in range(30)}
    for name, numbers in (("first", range(10)), ("rest", range(10, 30))):
        pages[f"shells.test/{name}"] = "".join(f"<a href=/{number}>{number}</a>" for number in numbers)
    with SmallWeb(pages) as web:
        for name in ("first", "rest"):
            code, output = ended(crawler.start("-a", f"seeds={web.url(f'shells.test/{name}')}"))
            assert code == 0, output
    reasons = reasons_to_render(database)
    shells = [reasons[f"shells.test/{number}"] for number in range(30)]
    assert set(shells) <= {"empty_app_root", "host_gains_nothing"}
    assert shells[:10].count("empty_app_root") >= 1
    assert shells[10:].count("empty_app_root") <= 10  # of 20, each with a chance of one in four or less
    assert shells.count("empty_app_root") <= 18


def test_what_is_not_rendered_this_time_is_unverified(crawler: Crawler, database: Database) -> None:
    """Its rendered links are: those in its HTML are seen. And what gained something is rendered whenever it may be."""
    with SmallWeb(APP) as web:
        crawl(crawler, web, APP)
        seen = [("always", "both", "live"), ("one", "rendered", "live"), ("three", "html", "live")]
        assert rows(database, STATUSES) == seen
        all_is_due(database)
        crawl(crawler, web, APP, "-a", "render=never")
        assert rows(database, STATUSES) == [seen[0], ("one", "rendered", "unverified"), seen[2]]
        assert reasons_to_render(database) == {"app.test/": "never", "app.test/two": "never"}
        all_is_due(database)
        crawl(crawler, web, APP)
    assert rows(database, STATUSES) == seen
    assert reasons_to_render(database) == {"app.test/": "page_gained", "app.test/two": "no_scripts"}
    assert rows(database, "SELECT count(*) FROM link_events") == [(0,)]


def test_links_whose_data_does_not_come_are_unverified(crawler: Crawler, database: Database) -> None:
    """A server that fails twice has not removed them."""
    pages = dict(APP)
    with SmallWeb(pages) as web:
        crawl(crawler, web, pages)
        seen = rows(database, STATUSES)
        pages["app.test/data.json"] = Answer("down", 503)
        for _ in range(2):
            all_is_due(database)
            crawl(crawler, web, pages)
            unread = [(to, origin, "unverified" if to == "one" else status) for to, origin, status in seen]
            assert rows(database, STATUSES) == unread
            assert visits(database)["app.test/"] == ("ok", "render_incomplete")
        pages["app.test/data.json"] = APP["app.test/data.json"]
        all_is_due(database)
        crawl(crawler, web, pages)
        assert rows(database, STATUSES) == seen
    assert rows(database, "SELECT count(*) FROM link_events") == [(0,)]


def test_a_run_that_is_bounded_ends_when_its_last_page_is_rendered(crawler: Crawler, database: Database) -> None:
    with SmallWeb(APP, seconds=0.3) as web:
        crawl(crawler, web, APP, "-a", "max_pages=1")
    assert visits(database)["app.test/"] == ("ok", None)
    assert (
        links_found(database)["app.test/"]
        == expected({"": [*both("always"), Found("one", "http://one.test/", "rendered")]})[""]
    )


def test_a_bounded_run_ends_when_its_last_page_is_read_in_a_child_and_rendered(
    crawler: Crawler, database: Database
) -> None:
    large = {"app.test/": APP["app.test/"] + f"<!--{'x' * FEW_BYTES}-->"}
    with SmallWeb(APP | large) as web:
        crawl(crawler, web, large, "-a", "max_pages=1")
    assert visits(database)["app.test/"] == ("ok", None)
    assert str(Found("one", "http://one.test/", "rendered")) in links_found(database)["app.test/"]


def test_without_a_browser_pages_are_read_as_they_come(crawler: Crawler, database: Database) -> None:
    pages = {f"shell{number}.test/": f"{SHELL}{links('kept')}" for number in range(3)}
    with SmallWeb(pages) as web:
        output = crawl(crawler, web, pages, "-s", "BACKLINKS_BROWSER=/nonexistent")
    assert output.count("BACKLINKS_BROWSER=/nonexistent is no program; pages are read as they come.") == 1
    assert "not rendered: 3 pages that seem to need a browser, because there is none\n" in output
    assert reasons_to_render(database) == dict.fromkeys(pages, "no_browser")
    assert visits(database) == dict.fromkeys(pages, ("ok", None))
    assert links_found(database) == expected(dict.fromkeys(pages, html("kept")))


def test_a_way_to_render_that_there_is_not_is_refused(crawler: Crawler) -> None:
    code, output = crawler.run("-a", "seeds=http://app.test/", "-a", "render=sometimes")
    assert (code, output) == (2, "backlinks: render=sometimes is not never, auto, always.\n")
