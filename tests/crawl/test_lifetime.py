"""A run is opened and closed by one owner, whatever else is switched on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.crawl.small_web import SmallWeb
from tests.crawl.test_little_web import rows
from tests.crawl.test_manners import site

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

PROGRESS = "backlink_crawler.crawl.progress.Progress"


@pytest.mark.parametrize("max_pages", [None, 2])
def test_without_progress_a_run_gives_its_hosts_back_and_finishes_its_row(
    crawler: Crawler, database: Database, max_pages: int | None
) -> None:
    without = json.dumps({PROGRESS: None})
    limit = () if max_pages is None else ("-a", f"max_pages={max_pages}")
    with SmallWeb(site("one.test", 5)) as web:
        code, output = crawler.run("-a", f"seeds={web.url('one.test/')}", "-s", f"EXTENSIONS={without}", *limit)
    assert (code, output) == (0, "")
    assert rows(database, "SELECT count(*) FROM crawled_hosts WHERE worker IS NOT NULL") == [(0,)]
    ended = "SELECT finished_at IS NOT NULL, reason, (stats ->> 'recorded/pages')::int FROM sources"
    assert rows(database, ended) == [(True, "finished" if max_pages is None else "max_pages", max_pages or 5)]


def test_a_bounded_run_begins_at_once_though_nothing_urgent_is_due(crawler: Crawler, database: Database) -> None:
    """It goes from the most urgent pages to the others, and waits for none that are not there."""
    with SmallWeb({"bounded.test/": "one page"}) as web:
        code, output = crawler.run("-a", f"seeds={web.url('bounded.test/')}", "-a", "max_pages=1")
    assert code == 0, output
    ((seconds,),) = rows(
        database,
        "SELECT extract(EPOCH FROM min(v.observed_at) - min(s.started_at))::float8 FROM visits AS v, sources AS s",
    )
    assert seconds < 2.0
