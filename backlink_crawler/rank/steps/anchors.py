"""The step of `backlinks rank` that tells the classes of anchors, and what they come to for each target.

In bounded memory: some thousand anchors at once, with what is known of the domains they lead to.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from backlink_crawler.rank.anchors import Site, TargetPage, classify, site_of
from backlink_crawler.store import anchor_classes
from backlink_crawler.store.database import database_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.rank.job import Progress
    from backlink_crawler.store.anchor_classes import Connection, KnownAnchor
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    """A transaction for what is swapped in; until then, readers see what there was."""
    began = time.monotonic()
    with database.connect(autocommit=True) as connection, database_errors(database):
        progress("anchors: reading")
        number, done = anchor_classes.read_anchors(connection), 0
        sites: dict[int, Site] = {}
        for anchors in anchor_classes.known_anchors(connection):
            sites = _sites(connection, anchors, sites)
            anchor_classes.stage_classes(connection, _classes(anchors, sites))
            done += len(anchors)
            progress(f"anchors: {done:,} of {number:,}")
        progress("anchors: summing up")
        figures = anchor_classes.profile(connection)
        anchor_classes.pack(connection)
        anchor_classes.swap_in_groups(connection)
        with connection.transaction():
            anchor_classes.swap_in(connection)
            told = figures._asdict() | {"seconds": round(time.monotonic() - began, 1)}
            run.tell(connection, "anchors", anchor_classes.RULES, told)
        anchor_classes.forget_staging(connection)


def _sites(connection: Connection, anchors: list[KnownAnchor], before: dict[int, Site]) -> dict[int, Site]:
    """Of the domains that these anchors lead to. before: of the anchors before them; the last may be one of these."""
    wanted = {anchor.domain_id for anchor in anchors}
    kept = {domain_id: site for domain_id, site in before.items() if domain_id in wanted}
    for known in anchor_classes.known_sites(connection, wanted - kept.keys()):
        kept[known.domain_id] = site_of(
            known.domain,
            titles=known.titles,
            common_anchors=known.common_anchors,
            brands=known.brands,
            keywords=known.keywords,
        )
    return kept


def _classes(anchors: list[KnownAnchor], sites: dict[int, Site]) -> Iterator[tuple[KnownAnchor, int]]:
    for anchor in anchors:
        if anchor.domain_id not in sites:
            continue  # it has been removed meanwhile
        pages = [
            TargetPage(url, title or "", tuple((headings or "").splitlines())) for url, title, headings in anchor.pages
        ]
        yield anchor, classify(anchor.anchor, sites[anchor.domain_id], pages)
