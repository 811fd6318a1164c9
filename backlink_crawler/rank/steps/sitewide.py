"""Sitewide links: one decision of a site, however many of its pages repeat it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from backlink_crawler.store.database import database_errors
from backlink_crawler.store.sitewide import RULES, swap_in

if TYPE_CHECKING:
    from backlink_crawler.rank.job import Progress
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    began = time.monotonic()
    progress("sitewide links: counting pages")
    with database.connect() as connection, database_errors(database), connection.transaction():
        slots, domains = swap_in(connection)
        figures = {"slots": slots, "domains": domains, "seconds": round(time.monotonic() - began, 1)}
        run.tell(connection, "sitewide", RULES, figures)
