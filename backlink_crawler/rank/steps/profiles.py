"""The step of `backlinks rank` that measures what is usual: how each figure of a profile is spread over this index's targets.
It keeps the profiles of large ones, which nobody waits for then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.store import profiles

if TYPE_CHECKING:
    from backlink_crawler.rank.job import Progress
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    progress("profiles: what is usual")
    run.swap(database, "profiles", profiles.RULES, lambda connection: profiles.measure(connection)._asdict())
