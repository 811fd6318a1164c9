"""The end of a run, in which only the browser works: it is bounded, and what is worth a browser stays due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.crawl.rendering import BROWSER, crawl, reasons_to_render, visits
from tests.crawl.small_web import SmallWeb
from tests.crawl.test_little_web import rows

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BROWSER, reason="there is no browser"),
    pytest.mark.timeout(600),
]
SHELLS: dict[str, Any] = {
    f"shell{number}.test/": "<div id=root></div><script>root.innerHTML = '<a href=http://one.test/>one</a>'</script>"
    for number in range(4)
}
NO_TIME = ("-s", "BACKLINKS_RENDER_TAIL=0", "-s", "BACKLINKS_RENDER_PAGES=1")


def test_the_first_few_that_are_worth_it_are_rendered_whatever_it_takes(crawler: Crawler, database: Database) -> None:
    with SmallWeb(SHELLS) as web:
        crawl(crawler, web, SHELLS, *NO_TIME)
    assert reasons_to_render(database) == dict.fromkeys(SHELLS, "empty_app_root")
    assert rows(database, "SELECT count(*) FROM backlinks") == [(4,)]


def test_the_others_stay_due_and_are_rendered_next_time(crawler: Crawler, database: Database) -> None:
    with SmallWeb(SHELLS) as web:
        crawl(crawler, web, SHELLS, *NO_TIME, "-s", "BACKLINKS_RENDER_FEW=1", "-s", "BACKLINKS_RENDER_SHARE=1")
        first = sum(outcome is not None for outcome, _ in visits(database).values())
        assert 1 <= first < 4
        assert rows(database, "SELECT reason FROM sources") == [("render_tail",)]
        assert rows(database, "SELECT count(*) FROM pages WHERE next_visit <= now()") == [(4 - first,)]
        crawl(crawler, web, SHELLS)
    assert rows(database, "SELECT count(*) FROM backlinks WHERE link_origin = 'rendered'") == [(4,)]
    assert reasons_to_render(database) == dict.fromkeys(SHELLS, "empty_app_root")


def test_samples_are_read_from_their_html_when_time_is_up(crawler: Crawler, database: Database) -> None:
    links = "".join(f"<a href=http://link{number}.test/>link</a>" for number in range(12))
    pages = {f"menu{number}.test/": f"{links}<script>document.createElement('a')</script>" for number in range(8)}
    with SmallWeb(pages) as web:
        crawl(crawler, web, pages, *NO_TIME)
    reasons = list(reasons_to_render(database).values())
    assert set(reasons) == {"budget_spent", "sample"}
    assert reasons.count("sample") >= 2  # these few are rendered whatever it takes
    assert rows(database, "SELECT count(*) FROM backlinks WHERE status = 'live'") == [(96,)]
