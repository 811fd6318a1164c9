"""Watched targets that are no seeds: of their sites just the pages are visited that others link to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from backlink_crawler.store import admission
from backlink_crawler.store.database import retried
from backlink_crawler.store.frontier import KEPT
from backlink_crawler.store.linked_pages import stage_linked_of_target
from backlink_crawler.store.seeds import remove_seeds
from backlink_crawler.store.statements import statements
from backlink_crawler.store.targets import add_target, remove_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import psycopg

    from backlink_crawler.model import Target, Url

_SQL = statements("checks")
_URLS = statements("recording")
PAGES_CHECKED = 1_000  # of a target, unless another number is said


def watch(
    connection: psycopg.Connection[Any],
    target: Target,
    start: Url,
    max_pages: int,
    *,
    brands: Sequence[str] = (),
    keywords: Sequence[str] = (),
) -> int:
    """Watch a target, and visit the pages of it that others link to, so many at most; 0: none.

    start: a URL that stands for it. brands, keywords: as of add_target. Returns how many pages link to it.
    """
    _leave(connection, target)  # it may have meant something else, or have had more of them
    linking = add_target(connection, target, brands=brands, keywords=keywords)
    locked: set[int] = set()
    while max_pages:
        try:
            retried(connection, partial(_check, connection, target, start, max_pages, locked))
        except admission.PagesAreHeld as held:
            locked |= held.pages
        else:
            break
    return linking


def unwatch(connection: psycopg.Connection[Any], target: Target) -> bool:
    """False: it was not watched."""
    _leave(connection, target)
    return remove_target(connection, target)


def _leave(connection: psycopg.Connection[Any], target: Target) -> None:
    rows = connection.execute(_SQL["seeds_of_target"], {"values": list(target.values)}).fetchall()
    connection.commit()
    if rows:
        remove_seeds(connection, [(seed_id, KEPT) for (seed_id,) in rows])


def _check(
    connection: psycopg.Connection[Any], target: Target, start: Url, max_pages: int, locked: Iterable[int]
) -> None:
    for creation in (_URLS["create_staging"], admission.CREATE_STAGING):
        connection.execute(creation)
    with connection.cursor().copy("COPY staged_urls (hash, url, host, domain) FROM STDIN") as copy:
        copy.write_row((start.hash, start.text, start.host, start.domain))
    for name in ("insert_domains", "insert_hosts", "insert_urls"):
        connection.execute(_URLS[name])
    connection.execute(_URLS["lock_pages"], {"pages": list(locked)})
    asked = {"values": list(target.values), "hash": start.hash, "max_pages": max_pages}
    row = connection.execute(_SQL["add_seed"], asked).fetchone()
    if row is None:
        return
    stage_linked_of_target(connection, row[0])
    admission.admit_staged(connection)
