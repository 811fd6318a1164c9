"""Referring domains that may be one voice: those in one network, and pages that say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.ask.answers import answered
from backlink_crawler.store import asking, schemes

if TYPE_CHECKING:
    from backlink_crawler.ask.answers import Answer
    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Filters, Query
    from backlink_crawler.store.database import Database


def networks(database: Database, target: Target, filters: Filters) -> Answer:
    """(columns, rows): networks from which several domains link. Raises UnknownTarget where there is none."""
    none = (
        f"no two domains that link to {target} are known to be in one network; `backlinks rank` tells networks by the "
        "addresses at which hosts were crawled."
    )
    return _asked(database, schemes.networks(target, filters), target, filters, none)


def mirrors(database: Database, target: Target, filters: Filters) -> Answer:
    """(columns, rows): a row a page, group by group. Raises UnknownTarget where there is none."""
    none = (
        f"no two domains are known to link to {target} from pages that say the same; `backlinks rank` compares pages that "
        "were read and have 100 words or more."
    )
    return _asked(database, schemes.mirrors(target, filters), target, filters, none)


def _asked(database: Database, query: Query, target: Target, filters: Filters, none: str) -> Answer:
    """A later page may be empty."""
    return asking.run(database, query) if filters.after is not None else answered(database, query, target, none)
