"""Ten nights of an index to ask: six sites that link to shop.test, rival.test and third.test, one night a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.model import LinkType, Outcome
from tests.integration.small_index import SmallIndex
from tests.integration.worker import link

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database

SHOP, SHELF, RIVAL, THIRD = "http://shop.test/", "http://shop.test/a", "http://rival.test/", "http://third.test/"
ALPHA, BETA, GAMMA, DELTA, EPSILON = (f"http://{name}.test/" for name in ("alpha", "beta", "gamma", "delta", "epsilon"))


def fill_first_week(database: Database) -> None:
    """The last night was 12 hours ago, the one before a day earlier."""
    with SmallIndex(database) as index:
        index.read(1, ALPHA, link(SHOP, "Shop"), link(SHELF, "Best beans", "nofollow"), link(RIVAL, "Rival"))
        index.read(2, BETA, link(SHOP, "Shop"), link(RIVAL, "Rival"), link(THIRD, "Third"))
        index.read(3, GAMMA, link(RIVAL, "R"), link(THIRD, "T"))
        index.read(4, DELTA, link(SHELF, link_type=LinkType.IMAGE))
        index.read(5, DELTA)
        index.read(6, DELTA)  # all of its links are lost
        index.read(
            7, ALPHA, link(SHOP, "Shop", "nofollow"), link(SHELF, "Best beans", "nofollow"), link(RIVAL, "Rival")
        )
        index.read(8, EPSILON, link(SHELF, "Tea"), link(SHOP, "Shop"), link(SHOP, "Shop again"))
        index.read(9, BETA, outcome=Outcome.SERVER_ERROR, http_code=503)
        index.read(10, EPSILON, link(SHELF, "Tea"), link(SHOP, "Shop"))
    with database.connect() as connection:
        connection.execute(
            "UPDATE batches SET recorded_at = now() - interval '12 hours' - (SELECT max(id) FROM batches AS b) * interval "
            "'1 day' + id * interval '1 day'"
        )
        connection.execute(
            "UPDATE daily_changes SET new_links = 0"  # they were learnt on other days by now
        )
