"""Detects the language of each page that declares none, once: again only when its title or headings have changed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from backlink_crawler.rank.languages import LEAST_CONFIDENCE, UNDETERMINED, detector
from backlink_crawler.store import languages as store
from backlink_crawler.store.database import database_errors

if TYPE_CHECKING:
    from backlink_crawler.rank.job import Progress
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun

NOT_INSTALLED = "py3langid is not installed: pip install 'backlink-crawler[rank]'"


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    """Pages are independent of each other: what is detected when the run is ended stays."""
    began = time.monotonic()
    detect = detector()
    figures: dict[str, object] = {"skipped": NOT_INSTALLED}
    with database.connect() as connection, database_errors(database):
        if detect:
            pages = detected = 0
            for texts in store.undetected(connection):
                found = {page_id: detect(text) for page_id, text in texts}
                store.remember(connection, found)
                pages += len(found)
                detected += sum(language != UNDETERMINED for language in found.values())
                progress(f"languages: {pages:,} pages")
            figures = {"pages": pages, "detected": detected, "seconds": round(time.monotonic() - began, 1)}
        with connection.transaction():
            run.tell(connection, "languages", {"least_confidence": LEAST_CONFIDENCE}, figures)
