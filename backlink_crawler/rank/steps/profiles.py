"""The step of `backlinks rank` that measures what is usual: how each figure of a profile is spread over this index's targets.
It keeps the profiles of large ones, which nobody waits for then.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from backlink_crawler.store import profiles
from backlink_crawler.store.database import database_errors

if TYPE_CHECKING:
    from backlink_crawler.rank.job import Progress
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    began = time.monotonic()
    progress("profiles: what is usual")
    with database.connect() as connection, database_errors(database), connection.transaction():
        told = profiles.measure(connection)._asdict() | {"seconds": round(time.monotonic() - began, 1)}
        run.tell(connection, "profiles", profiles.RULES, told)
