"""The little web, crawled: what is found is what was written down by hand."""

from __future__ import annotations

from collections import Counter
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from tests.site import expected

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from backlink_crawler.demo.server import LittleWeb
    from tests.crawl.conftest import Crawler

SEEDS = resources.files("backlink_crawler.demo").joinpath("seeds.txt").read_text(encoding="utf-8")
LINKS = """
SELECT url_from, url_to, link_type, rel, anchor, anchor_source, is_dofollow FROM backlinks WHERE status = 'live'
"""


@pytest.fixture
def crawled(crawler: Crawler, little_web: LittleWeb) -> Iterator[LittleWeb]:
    code, output = crawler.run("-a", crawler.seeds(little_web.localise(SEEDS)))
    assert code == 0, output
    assert "196 new links" in output
    yield little_web


def found_links(connection: psycopg.Connection) -> Counter[tuple]:
    return Counter((*row[:3], tuple(row[3]), *row[4:]) for row in connection.execute(LINKS))


def test_links_and_pages_are_those_written_down(crawled: LittleWeb, connection: psycopg.Connection) -> None:
    """Every link with its type, rel, words and their source; every page with its status; nothing else."""
    localise = crawled.localise
    links = Counter(
        (localise(e.url_from), localise(e.url_to), e.link_type, tuple(e.rel), e.anchor, e.anchor_source, e.is_dofollow)
        for e in expected.LINKS
    )
    assert found_links(connection) == links
    pages = dict(connection.execute("SELECT url, http_code FROM crawled_pages WHERE http_code IS NOT NULL").fetchall())
    assert pages == {localise(url): code for url, code in expected.PAGES.items()}


def test_what_must_not_be_asked_for_is_not(crawled: LittleWeb) -> None:
    """Disallowed, nofollowed and refused addresses are not requested, and each robots.txt once."""
    asked = Counter(f"http://{host}{path}" for host, path in crawled.requests())
    assert not asked.keys() & {crawled.localise(url) for url in expected.NOT_VISITED}
    robots = {url: times for url, times in asked.items() if url.endswith("/robots.txt")}
    assert len(robots) > 20
    assert set(robots.values()) == {1} or robots.pop(crawled.localise("http://mugandmountain.test:8000/robots.txt")) == 2


def test_a_finished_crawl_leaves_order(crawled: LittleWeb, connection: psycopg.Connection) -> None:
    """A row in crawls with its statistics, no host held, and edges that sum up the links."""
    (reason, stats) = connection.execute("SELECT reason, stats FROM crawls WHERE finished_at IS NOT NULL").fetchone()
    assert reason == "finished"
    assert stats["recorded/links"] == "196"
    assert stats["visits/gone"] == "4"
    assert connection.execute("SELECT count(*) FROM hosts WHERE worker IS NOT NULL").fetchone() == (0,)
    target = connection.execute(
        "SELECT domain_from, links, dofollow_links, refpages, pages_to FROM referring_domains "
        "WHERE domain_to = 'bergkaffee.test' ORDER BY links DESC, domain_from LIMIT 3",
    ).fetchall()
    assert target == [
        ("horst-espresso.test", 12, 11, 4, 7),
        ("alpineplate.test", 7, 7, 5, 5),
        ("seilbahncafe.test", 6, 6, 5, 2),
    ]


def test_a_second_run_visits_nothing_and_a_due_one_writes_no_link(
    crawler: Crawler, crawled: LittleWeb, connection: psycopg.Connection,
) -> None:
    """Nothing is due at once; when all is due again, unchanged pages cost no link row and no event."""
    before = connection.execute("SELECT array_agg((id, xmin) ORDER BY id)::text FROM links").fetchone()
    arguments = ("-a", f"seeds={crawler.folder / 'seeds.txt'}")
    _, output = crawler.run(*arguments)
    assert "finished: 0 pages" in output
    connection.execute("UPDATE pages SET next_visit = now()")
    connection.execute("UPDATE hosts SET claimable_at = now()")
    code, output = crawler.run(*arguments)
    assert code == 0
    assert " 0 new links, 0 new referring domains, 0 pages found" in output
    assert connection.execute("SELECT array_agg((id, xmin) ORDER BY id)::text FROM links").fetchone() == before
    assert connection.execute("SELECT count(*) FROM link_events").fetchone() == (0,)
    live = "SELECT count(*) FROM backlinks WHERE last_seen > first_seen"
    assert connection.execute(live).fetchone() == (196,)


def test_hops_find_unknown_linkers(crawler: Crawler, little_web: LittleWeb, connection: psycopg.Connection) -> None:
    """One hop enters the two sites that nobody named, and no hub."""
    lines = [line for line in SEEDS.splitlines() if line and not line.startswith("#")]
    listed = "url,hops,max_pages\n" + "".join(f"{line},1,200\n" for line in lines)
    code, output = crawler.run(
        "-a", crawler.seeds(little_web.localise(listed), "seeds.csv"), BACKLINKS_RESOLVE="*=127.0.0.1",
        BACKLINKS_CONTACT="https://example.com/bot",
    )
    assert code == 0, output
    hosts = {row[0].partition(":")[0] for row in connection.execute("SELECT DISTINCT host FROM crawled_pages")}
    assert {"kaffeelexikon.test", "hofladen-inntal.test"} <= hosts
    assert not hosts & {"www.facebook.com", "github.com", "www.youtube.com", "en.wikipedia.org"}
    found = connection.execute(
        "SELECT links FROM referring_domains WHERE domain_to = 'bergkaffee.test' AND domain_from = 'kaffeelexikon.test'",
    ).fetchone()
    assert found is not None
    assert connection.execute("SELECT DISTINCT hops FROM seeds WHERE root_id IS NOT NULL").fetchall() == [(0,)]


def test_a_budget_of_pages_ends_a_run(crawler: Crawler, little_web: LittleWeb, connection: psycopg.Connection) -> None:
    code, output = crawler.run("-a", crawler.seeds(little_web.localise(SEEDS)), "-a", "max_pages=30")
    assert code == 0
    assert output.startswith("max_pages: 30 pages")
    assert connection.execute("SELECT count(*) FROM pages WHERE last_visited IS NOT NULL").fetchone() == (30,)
    assert connection.execute("SELECT count(*) FROM hosts WHERE worker IS NOT NULL").fetchone() == (0,)
    code, output = crawler.run("-a", f"seeds={crawler.folder / 'seeds.txt'}")
    assert found_links(connection).total() == 196


def test_a_seeds_own_budget_and_depth_hold(crawler: Crawler, little_web: LittleWeb, connection: psycopg.Connection) -> None:
    listed = "url,max_pages,max_depth\nhttp://alpineplate.test:8000/,4,\nhttp://brewforum.test:8000/,,0\n"
    code, output = crawler.run("-a", crawler.seeds(little_web.localise(listed), "seeds.csv"))
    assert code == 0, output
    count = "SELECT split_part(host, ':', 1), count(*) FROM crawled_pages GROUP BY 1 ORDER BY 1"
    assert connection.execute(count).fetchall() == [("alpineplate.test", 4), ("brewforum.test", 1)]
