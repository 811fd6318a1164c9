"""Answers that are no reading of their page lose nothing. The long form, of every kind, is `make bad-answers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.bad_answers import crawl_nights
from benchmarks.bad_answers_web import LINKS, PATHS

if TYPE_CHECKING:
    from pathlib import Path

    from backlink_crawler.store.database import Database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # six nights, on a machine that may be busy

# One of each way to be found out, and what its answer is taken for.
BAD = {
    "status 203": "not_whole/status_203",
    "Retry-After: 60 with 200": "not_whole/retry_after",
    "an empty body": "not_whole/empty",
    "brotli cut by a close": "invalid_response/truncated",
    "charset=utf-16": "not_whole/encoding",
    "a comment never closed": "not_whole/cut_markup",
    "cut in a text": "not_whole/unended",
    "a log-in": "not_whole/login",
    "a frameset that leads to a log-in": "not_whole/login",
    "301 to a log-in that returns": "not_whole/redirect_to_login",
    "301 to itself": "not_whole/redirect_to_itself",
    "a consent page": "not_whole/consent",
    "SiteGround, 200": "forbidden/challenge_siteground",
    "a notice of maintenance": "not_whole/maintenance",
    "a soft 404": "not_whole/soft_404",
    "a soft 404 without a word of it": "ok",
    "an empty application": "not_whole/application",
}
REAL = {"a link is removed": (3, 1), "404": (3, LINKS), "most of its links are gone": (6, LINKS)}


def test_over_four_nights(database: Database, tmp_path: Path) -> None:
    with database.connect(autocommit=True) as connection:
        environment = {"BACKLINKS_DATABASE_URL": database.dsn}
        sites = crawl_nights(connection, environment, tmp_path, list(BAD), list(REAL), 6)
    all_links = LINKS * len(PATHS)
    for site in sites[: len(BAD)]:
        assert site.taken_for == BAD[site.kind], site.kind
        assert [states["lost"] for states in site.nights] == [0] * 6, site.kind
        assert site.nights[0] == site.nights[5] == {"live": all_links}, site.kind
    for site in sites[len(BAD) :]:
        night, links = REAL[site.kind]
        assert site.first_lost(links * len(PATHS)) == night, site.kind
