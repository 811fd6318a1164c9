"""Crawls of pages that scripts write, and what they leave in the database."""

from __future__ import annotations

import shutil
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.crawl.rendered_pages import Found, script
from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_little_web import rows

if TYPE_CHECKING:
    import subprocess

    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
SECONDS = 240  # of a run, on a machine that has others to serve
PAGE_OF = r"regexp_replace({}, '^https?://([^:/]+)(:\d+)?', '\1')"  # as SmallWeb names it
LINKS = f"""
    SELECT {PAGE_OF.format("url_from")}, split_part(domain_to, '.', 1), anchor, link_origin, is_removed_by_scripts,
        array_to_string(rel, ' '), array_to_string(rendered_rel, ' '), is_dofollow, link_type
    FROM backlinks"""
VISITS = f"SELECT {PAGE_OF.format('url')}, outcome, reason, rendering FROM crawled_pages"
NOTHING_GAINED = f"""
    SELECT {PAGE_OF.format("u.url")} FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id WHERE NOT p.gained"""
STATUSES = "SELECT split_part(domain_to, '.', 1), link_origin, status FROM backlinks ORDER BY 1"


def links_found(database: Database) -> dict[str, list[Found]]:
    """By page."""
    found: dict[str, list[Found]] = defaultdict(list)
    for page, *rest in rows(database, LINKS):
        found[page].append(Found(*rest))
    return {page: sorted(map(str, of_page)) for page, of_page in found.items()}


def expected(found: dict[str, list[Found]]) -> dict[str, list[str]]:
    return {page: sorted(map(str, of_page)) for page, of_page in found.items() if of_page}


def visits(database: Database) -> dict[str, tuple[str, str | None]]:
    """Page → outcome and reason."""
    return {page: (outcome, reason) for page, outcome, reason, _ in rows(database, VISITS)}


def reasons_to_render(database: Database) -> dict[str, str | None]:
    return {page: rendering for page, _, _, rendering in rows(database, VISITS)}


def of_start_pages(web: SmallWeb, pages: dict[str, Any]) -> str:
    return "seeds=" + ",".join(web.url(f"{host}/") for host in dict.fromkeys(page.split("/")[0] for page in pages))


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        output, _ = process.communicate(timeout=SECONDS)
    finally:
        process.kill()  # else a run that hangs would go on after its test
    assert "Traceback" not in output, output
    return process.returncode, output


def crawl(crawler: Crawler, web: SmallWeb, pages: dict[str, Any], *arguments: str, **environment: str) -> str:
    """What it prints."""
    code, output = ended(crawler.start("-a", of_start_pages(web, pages), *arguments, **environment))
    assert code == 0, output
    return output


ALWAYS = ("-a", "render=always")
APP = {
    "app.test/": "<div id=root></div><script src=/app.js></script><a href=http://always.test/>always</a>",
    "app.test/app.js": script(
        """
        fetch('/data.json').then(answer => answer.json()).then(links => {
            root.innerHTML = links.map(link => `<a href="${link}">${link}</a>`).join(' ')
                + '<a href=/two>two</a>';
        });
        """
    ),
    "app.test/data.json": Answer('["http://one.test/"]', headers={"Content-Type": "application/json"}),
    "app.test/two": "<p>two <a href=http://three.test/ rel=nofollow>three</a>",
}
