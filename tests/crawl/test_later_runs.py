"""The nights after the first one; runs with hops, budgets and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.crawl.conftest import SEEDS, Crawler
from tests.crawl.test_little_web import expected_links, links_found, rows
from tests.integration.consistency import assert_edges_are_right
from tests.integration.worker import add_seed
from tests.site.expected import LINKS, PAGES

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from backlink_crawler.demo.server import LittleWeb
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import FirstRun

VERSIONS = """
SELECT 'links', id, ctid::text, xmin::text FROM links UNION ALL
SELECT 'edges', domain_to_id, ctid::text, xmin::text FROM domain_edges UNION ALL
SELECT 'facts', page_id, ctid::text, xmin::text FROM page_facts UNION ALL
SELECT 'urls', id, ctid::text, xmin::text FROM urls"""


def in_copy_of(database: Database, folder: Path) -> Crawler:
    return Crawler(folder, {"BACKLINKS_DATABASE_URL": database.dsn, "BACKLINKS_RESOLVE": "*.test=127.0.0.1"})


def all_is_due(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE pages SET next_visit = now()")
        connection.execute("UPDATE queue_hosts SET claimable_at = now()")


def test_a_second_run_at_once_visits_nothing_and_asks_for_nothing(
    first_run: FirstRun, crawled: Database, tmp_path: Path
) -> None:
    before = len(first_run.web.requests())
    code, output = in_copy_of(crawled, tmp_path).run("-a", f"seeds={first_run.seeds}")
    assert code == 0
    assert output.startswith("finished: 0 pages in ")
    assert first_run.web.requests()[before:] == []
    assert rows(crawled, "SELECT count(*), count(finished_at) FROM sources") == [(2, 2)]


def test_a_run_over_unchanged_pages_writes_no_link_and_sees_every_one_again(
    first_run: FirstRun, crawled: Database, tmp_path: Path
) -> None:
    all_is_due(crawled)
    versions, before = set(rows(crawled, VERSIONS)), len(first_run.web.requests())
    code, output = in_copy_of(crawled, tmp_path).run("-a", f"seeds={first_run.seeds}")
    assert code == 0
    assert " 0 new links, 0 new referring domains, 0 new pages found" in output
    assert set(rows(crawled, VERSIONS)) == versions
    assert rows(crawled, "SELECT count(*) FROM link_events") == [(0,)]
    assert rows(crawled, "SELECT count(*) FROM backlinks WHERE last_seen > first_seen") == [(len(LINKS),)]
    # what robots.txt says is kept for a day
    asked = first_run.web.requests()[before:]
    assert not [path for _, path in asked if path == "/robots.txt"]
    assert len(asked) == len([path for _, path in first_run.requests if path != "/robots.txt"])


def test_one_hop_finds_the_sites_that_nobody_named_and_enters_no_hub(
    crawler: Crawler, little_web: LittleWeb, database: Database
) -> None:
    """Every name leads to loopback, so that nothing leaves this machine whatever is followed."""
    lines = [line for line in little_web.localise(SEEDS).splitlines() if line and not line.startswith("#")]
    listed = crawler.seeds("url,hops\n" + "".join(f"{line},1\n" for line in lines), "seeds.csv")
    code, output = crawler.run("-a", listed, BACKLINKS_RESOLVE="*=127.0.0.1")
    assert code == 0, output
    asked = {host for host, _ in little_web.requests()}
    assert {"kaffeelexikon.test", "hofladen-inntal.test"} <= asked
    hubs = ("facebook.com", "github.com", "instagram.com", "youtube.com", "wikipedia.org", "wordpress.org", "vimeo.com")
    known = {row[0] for row in rows(database, "SELECT DISTINCT domain FROM crawled_pages")}
    assert known.isdisjoint(hubs)
    assert "cheap-pods.test" not in known  # every link to it is nofollow
    # the links of the hubs are recorded all the same, and so are those that the hops found
    recorded = {row[0] for row in rows(database, "SELECT DISTINCT domain_to FROM backlinks")}
    assert recorded.issuperset(hubs)
    found = links_found(database, little_web)
    for page, links in expected_links().items():
        assert sorted(map(str, found[page])) == sorted(map(str, links)), page
    new = {page.split("/")[2] for page in found.keys() - expected_links().keys()}
    assert new <= {"kaffeelexikon.test:8000", "hofladen-inntal.test:8000"}
    assert new
    query = "SELECT DISTINCT s.hops, s.queue_id = 1, s.max_pages FROM seeds AS s WHERE s.root_id IS NOT NULL"
    assert rows(database, query) == [(0, False, 100)]


def test_a_budget_of_pages_ends_a_run_and_the_next_one_goes_on(
    crawler: Crawler, little_web: LittleWeb, database: Database, connection: psycopg.Connection
) -> None:
    listed = crawler.seeds(little_web.localise(SEEDS))
    code, output = crawler.run("-a", listed, "-a", "max_pages=30")
    assert code == 0
    summary, *_, due = output.splitlines()
    assert summary.startswith("max_pages: 28 pages and 2 sitemaps in ")
    assert due.startswith("still due: ")
    assert rows(database, "SELECT count(*) FROM pages WHERE outcome <> 14") == [(30,)]  # 14: robots.txt forbids it
    assert rows(database, "SELECT count(*) FROM crawled_hosts WHERE worker IS NOT NULL") == [(0,)]
    assert rows(database, "SELECT reason FROM sources") == [("max_pages",)]
    code, output = crawler.run("-a", listed)
    assert (code, output.split(":")[0]) == (0, "finished")
    assert sum(map(len, links_found(database, little_web).values())) == len(LINKS)
    assert_edges_are_right(connection)


def test_a_seeds_own_budget_and_depth_hold(crawler: Crawler, little_web: LittleWeb, database: Database) -> None:
    listed = "url,max_pages,max_depth\nhttp://alpineplate.test:8000/,4,\nhttp://brewforum.test:8000/,,0\n"
    code, output = crawler.run("-a", crawler.seeds(little_web.localise(listed), "seeds.csv"))
    assert code == 0, output
    count = "SELECT split_part(host, ':', 1), count(*) FROM crawled_pages GROUP BY 1 ORDER BY 1"
    assert rows(database, count) == [("alpineplate.test", 4), ("brewforum.test", 1)]


def test_kept_seeds_are_crawled_when_none_are_named_and_others_are_not(
    first_run: FirstRun, crawled: Database, tmp_path: Path
) -> None:
    """The seeds of the first run were named for that run only."""
    web = first_run.web
    all_is_due(crawled)
    before = len(web.requests())
    code, output = in_copy_of(crawled, tmp_path).run()
    assert (code, "there are no seeds" in output) == (2, True)
    add_seed(crawled, web.localise("http://pedalhuts.test:8000/"))
    code, output = in_copy_of(crawled, tmp_path).run()
    assert code == 0, output
    assert {host for host, _ in web.requests()[before:]} == {"pedalhuts.test"}
    expected = sum(url.startswith("http://pedalhuts.test:8000/") for url in PAGES)
    assert output.startswith(f"finished: {expected} pages in ")


def test_two_runs_at_once_share_the_work(
    crawler: Crawler, little_web: LittleWeb, database: Database, connection: psycopg.Connection
) -> None:
    listed = crawler.seeds(little_web.localise(SEEDS))
    runs = [crawler.start("-a", listed, "-s", "CONCURRENT_REQUESTS=4") for _ in range(2)]
    outputs = [run.communicate(timeout=90)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert not [output for output in outputs if "Traceback" in output]
    found = links_found(database, little_web)
    for page, links in expected_links().items():
        assert sorted(map(str, found[page])) == sorted(map(str, links)), page
    pages = [asked for asked in little_web.requests() if asked[1] != "/robots.txt"]
    assert len(pages) == len(set(pages))  # each by one of them
    assert rows(database, "SELECT count(*) FROM crawled_hosts WHERE worker IS NOT NULL") == [(0,)]
    assert_edges_are_right(connection, concurrent=True)
