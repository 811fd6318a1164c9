"""Mirrors: pages that say the same on several domains; and networks: domains that live side by side."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from backlink_crawler.rank.mirrors import (
    FEWEST_LINKS,
    MOST_BITS,
    MOST_BITS_WITH_LINKS,
    MOST_LOOKS,
    MirrorPage,
    mirrors,
)
from backlink_crawler.store import mirrors as store
from backlink_crawler.store.database import database_errors

if TYPE_CHECKING:
    from backlink_crawler.rank.job import Progress
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun

PARAMETERS = {
    "most_bits": MOST_BITS,
    "most_bits_with_links": MOST_BITS_WITH_LINKS,
    "fewest_links": FEWEST_LINKS,
    "most_looks": MOST_LOOKS,
}


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    """Uses authority: of domains that say the same, the one with most is the voice."""
    began = time.monotonic()
    with database.connect() as connection, database_errors(database):
        pages = [MirrorPage(*row) for row in store.linking_pages(connection, FEWEST_LINKS)]
        progress(f"mirrors: {len(pages):,} pages")
        found = list(mirrors(pages))
        with connection.transaction():
            figures: dict[str, object] = {"pages_read": len(pages), **store.swap_mirrors(connection, found)}
            figures["seconds"] = round(time.monotonic() - began, 2)
            run.tell(connection, "mirrors", PARAMETERS, figures)
        began = time.monotonic()
        with connection.transaction():
            figures = {**store.swap_networks(connection), "seconds": round(time.monotonic() - began, 2)}
            run.tell(connection, "networks", {}, figures)
