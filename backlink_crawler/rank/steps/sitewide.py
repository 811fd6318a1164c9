"""Sitewide links: one decision of a site, however many of its pages repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.store import sitewide

if TYPE_CHECKING:
    from backlink_crawler.rank.job import Progress
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    progress("sitewide links: counting pages")
    run.swap(database, "sitewide", sitewide.RULES, lambda connection: sitewide.swap_in(connection)._asdict())
