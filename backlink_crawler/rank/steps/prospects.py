"""The step of `backlinks rank` that keeps competitors and the strongest referring domains of large domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.store import prospects

if TYPE_CHECKING:
    from backlink_crawler.rank.job import Progress
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    progress("prospects: competitors of large domains")
    run.swap(database, "prospects", prospects.RULES, lambda connection: prospects.keep(connection)._asdict())
