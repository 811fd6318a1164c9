"""A crawl of the whole little web finds what tests/site/expected.py says, and nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.integration.consistency import assert_edges_are_right
from tests.site.expected import LINKS, NOT_VISITED, PAGES, ExpectedLink

if TYPE_CHECKING:
    from backlink_crawler.demo.server import LittleWeb
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import FirstRun

FOUND = """
SELECT url_from, url_to, link_type, rel, anchor, anchor_source, is_dofollow
FROM backlinks WHERE status = 'live' ORDER BY url_from, position"""


def rows(database: Database, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with database.connect() as connection:
        return connection.execute(query.encode(), parameters).fetchall()


def links_found(database: Database, web: LittleWeb) -> dict[str, list[ExpectedLink]]:
    """By page, in the order of its document, with the port that expected.py writes."""
    found: dict[str, list[ExpectedLink]] = defaultdict(list)
    for url_from, url_to, link_type, rel, *rest in rows(database, FOUND):
        urls = (url.replace(f".test:{web.port}", ".test:8000") for url in (url_from, url_to))
        link = ExpectedLink(*urls, link_type, tuple(rel), *rest)
        found[link.url_from].append(link)
    return found


def expected_links() -> dict[str, list[ExpectedLink]]:
    expected: dict[str, list[ExpectedLink]] = defaultdict(list)
    for link in LINKS:
        expected[link.url_from].append(link)
    return expected


def test_it_ends_by_itself_and_says_in_plain_text_what_it_did(first_run: FirstRun) -> None:
    assert first_run.code == 0
    first, *others = first_run.output.splitlines()
    assert first.startswith("finished: 116 pages and 4 sitemaps in ")
    assert f", {len(LINKS)} new links, " in first
    said = [line for line in others if not line.startswith("  ")]
    assert [line.split(":")[0] for line in said] == ["not read", "not asked for"]
    assert "\x1b" not in first_run.output


def test_the_links_are_exactly_those_expected(first_run: FirstRun) -> None:
    found, expected = links_found(first_run.database, first_run.web), expected_links()
    for page in expected.keys() | found.keys():
        assert sorted(map(str, found[page])) == sorted(map(str, expected[page])), page


def test_the_links_of_a_page_stand_in_the_order_of_its_document(first_run: FirstRun) -> None:
    """Anchors and areas do; what is no part of the text (canonical, frames) has no place among them."""
    found = links_found(first_run.database, first_run.web)
    for page, expected in expected_links().items():
        in_text = [[link for link in links if link.link_type in {"text", "image"}] for links in (found[page], expected)]
        assert in_text[0] == in_text[1], page


def test_the_pages_visited_are_exactly_those_expected(first_run: FirstRun) -> None:
    visited = rows(first_run.database, "SELECT url, http_code FROM crawled_pages WHERE http_code IS NOT NULL")
    assert dict(visited) == {first_run.web.localise(url): status for url, status in PAGES.items()}


def test_what_is_forbidden_is_never_asked_for(first_run: FirstRun) -> None:
    asked = {f"http://{host}:{first_run.web.port}{path}" for host, path in first_run.requests}
    assert {url for url in NOT_VISITED if first_run.web.localise(url) in asked} == set()


def test_what_robots_txt_forbids_is_known_and_says_so(first_run: FirstRun) -> None:
    forbidden = rows(
        first_run.database, "SELECT url FROM crawled_pages WHERE outcome = 'robots_forbidden' AND reason = 'disallowed'"
    )
    expected = {url for url, why in NOT_VISITED.items() if why.startswith("robots.txt") and "rel=nofollow" not in why}
    assert {row[0] for row in forbidden} == {first_run.web.localise(url) for url in expected}


def test_nothing_is_asked_for_twice(first_run: FirstRun) -> None:
    """Not even the robots.txt of a site to which the robots.txt of another one redirects."""
    assert [asked for asked, times in Counter(first_run.requests).items() if times > 1] == []


def test_every_hosts_robots_txt_is_asked_for_once_and_first(first_run: FirstRun) -> None:
    first: dict[str, str] = {}
    for host, path in first_run.requests:
        first.setdefault(host, path)
    assert set(first.values()) == {"/robots.txt"}
    asked = Counter(host for host, path in first_run.requests if path == "/robots.txt")
    assert asked == dict.fromkeys({urlsplit(url).hostname for url in PAGES}, 1)


def test_no_host_is_held_and_each_is_due_again_later(first_run: FirstRun) -> None:
    assert (
        rows(
            first_run.database,
            "SELECT h.host_id FROM crawled_hosts AS h INNER JOIN queue_hosts AS q ON h.host_id = q.host_id WHERE h.worker IS NOT NULL OR q.claimable_at <= now()",
        )
        == []
    )


def test_the_run_has_its_row_with_statistics(first_run: FirstRun) -> None:
    ((finished, reason, seeds, stats),) = rows(
        first_run.database, "SELECT finished_at > started_at, reason, name, stats FROM sources"
    )
    assert (finished, reason) == (True, "finished")
    assert seeds.endswith("seeds.txt")
    assert stats["visits/robots_forbidden/disallowed"] == "3"
    assert stats["visits/gone"] == str(sum(status in {404, 410} for status in PAGES.values()))
    assert stats["recorded/links"] == str(len(LINKS))
    assert stats["links/refused_mailto"] != "0"


def test_every_fetch_has_its_row(first_run: FirstRun) -> None:
    ((visits, with_answer),) = rows(first_run.database, "SELECT count(*), count(http_code) FROM visits")
    assert with_answer == len([path for _, path in first_run.requests if path != "/robots.txt"])
    assert visits == with_answer + 3  # forbidden by robots.txt
    assert rows(first_run.database, "SELECT count(*) FROM visits WHERE size <= 0 AND outcome = 0") == [(0,)]


def test_edges_agree_with_links(first_run: FirstRun) -> None:
    with first_run.database.connect() as connection:
        assert_edges_are_right(connection)


@pytest.mark.parametrize(
    ("url", "title", "language"),
    [
        ("http://kissaten.test:8000/kyoto.html", "京都", None),
        ("http://kaffeehaus-chronik.test:8000/r%C3%B6ster.html", "The roasters – Kaffeehaus-Chronik", None),
        ("http://sekaicoffee.test:8000/ar/", "قهوة", "ar"),
        ("http://bergkaffee.test:8000/", "Bergkaffee", "en"),
    ],
)
def test_titles_are_read_in_the_pages_own_encoding(
    first_run: FirstRun, url: str, title: str, language: str | None
) -> None:
    query = "SELECT title, language FROM crawled_pages WHERE url = %s"
    ((found, lang),) = rows(first_run.database, query, first_run.web.localise(url))
    assert title in found
    assert language in {None, lang}


def test_the_main_question_has_its_answer(first_run: FirstRun) -> None:
    """Counted by hand from expected.py: who points to bergkaffee.test?"""
    counted: dict[str, list[ExpectedLink]] = defaultdict(list)
    for link in LINKS:
        source, target = (urlsplit(url).hostname or "" for url in (link.url_from, link.url_to))
        if target.removeprefix("www.") == "bergkaffee.test":
            counted[source.removeprefix("recipes.")].append(link)
    expected = {
        (
            domain,
            len(links),
            sum(link.is_dofollow for link in links),
            len({link.url_from for link in links}),
            len({link.url_to for link in links}),
        )
        for domain, links in counted.items()
    }
    found = rows(
        first_run.database,
        "SELECT domain_from, links, dofollow_links, refpages, pages_to FROM referring_domains "
        "WHERE domain_to = 'bergkaffee.test'",
    )
    assert set(found) == expected
    assert len(found) > 10
