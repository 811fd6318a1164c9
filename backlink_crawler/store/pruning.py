"""Deleting what is old: months of visits, and lost links with everything that only they needed.

Sums stay correct, and daily figures do not change. Crawls may keep running: what they could refer to is deleted while no
batch is being written, a little at a time. If it is killed, the next run deletes the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import errors, sql

from backlink_crawler.errors import DatabaseUnavailable, InvalidInput
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.running import hold_off_batches, join_crawls
from backlink_crawler.store.statements import statements
from backlink_crawler.store.upkeep import TableSize

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import LiteralString

    import psycopg

    from backlink_crawler.store.database import Database

_SQL = statements("pruning")
_LOCK_TIMEOUT = "10s"  # dropping a partition stops all who write visits, for as long as it waits for its turn
LINKS_AT_ONCE = 10_000
KEYS_AT_ONCE = 20_000
_ATTEMPTS = 5


class PrunedVisits(NamedTuple):
    """dropped: months, with the bytes that each took. deleted: visits of months that had no partition."""

    dropped: list[TableSize]
    deleted: int


class PrunedLinks(NamedTuple):
    """events: of links. edges: domain edges with no link left. urls, hosts, domains: to which nothing refers any more."""

    links: int
    events: int
    edges: int
    urls: int
    hosts: int
    domains: int


def prune_visits(database: Database, age: str) -> PrunedVisits:
    """Drop the months of visits that ended longer ago than `age`, an interval. Raises InvalidInput below a day."""
    asked = {"age": age}
    with database.connect() as connection, database_errors(database):
        _refuse_the_last_day(connection, age, "the visits of the last day are kept: `backlinks status` reads them.")
        connection.execute(sql.SQL("SET lock_timeout = {}").format(sql.Literal(_LOCK_TIMEOUT)))
        connection.commit()
        dropped = [TableSize(*row) for row in connection.execute(_SQL["old_partitions"], asked)]
        try:
            for month in dropped:
                connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(month.name)))
                connection.commit()
            deleted = connection.execute(_SQL["prune_default"], asked).rowcount
        except errors.LockNotAvailable:
            raise DatabaseUnavailable(
                f"{database.name} is busy: visits are read or written without a pause; run it again later."
            ) from None
    return PrunedVisits(dropped, deleted)


def prune_links(database: Database, age: str) -> PrunedLinks:
    """Take the links whose loss was learnt longer ago than `age`, an interval. Raises InvalidInput below a day."""
    with database.connect() as connection, database_errors(database):
        _refuse_the_last_day(connection, age, "links that were lost in the last day are kept.")
        join_crawls(connection)
        connection.execute(_SQL["create_pruned"])
        row = connection.execute(_SQL["last_batch"], {"age": age}).fetchone()
        connection.commit()
        links, events, edges = (sum(numbers) for numbers in zip((0, 0, 0), *_links(connection, row), strict=True))
        row = connection.execute(_SQL["largest_keys"]).fetchone()
        connection.commit()
        assert row is not None
        unused = zip(("urls", "hosts", "domains"), row, strict=True)
        return PrunedLinks(links, events, edges, *(take_unused(connection, table, 0, last) for table, last in unused))


def _refuse_the_last_day(connection: psycopg.Connection[Any], age: str, why: str) -> None:
    if connection.execute(_SQL["is_too_young"], {"age": age}).fetchone() == (True,):
        raise InvalidInput(why)
    connection.commit()


def _links(connection: psycopg.Connection[Any], last_batch: tuple[int] | None) -> Iterator[tuple[int, int, int]]:
    """Links, their events and edges, as they are taken."""
    asked = {"last_batch": last_batch[0] if last_batch else 0, "domain_id": 0, "limit": LINKS_AT_ONCE}
    while True:
        with connection.transaction():
            hold_off_batches(connection)
            links = connection.execute(_SQL["delete_links"], asked).rowcount
            if not links:
                return
            row = connection.execute(_SQL["last_domain"]).fetchone()
            events = connection.execute(_SQL["delete_link_events"]).rowcount
            edges = connection.execute(_SQL["delete_edges"]).fetchone()
            connection.execute(_SQL["update_totals"])
            connection.execute(_SQL["delete_totals"])
        assert row is not None
        assert edges is not None
        asked["domain_id"] = row[0]
        yield links, events, edges[0]


def take_unused(connection: psycopg.Connection[Any], table: LiteralString, first: int, last: int) -> int:
    """Of those with keys above `first`, up to `last`. Looked for beside batches, and once more while none is written. Others refer by foreign keys."""
    taken = 0
    for after in range(first, last, KEYS_AT_ONCE):
        keys = {"after": after, "up_to": min(after + KEYS_AT_ONCE, last)}
        with connection.transaction():
            is_any = connection.execute(_SQL[f"unused_{table}"], keys).fetchone() is not None
        for attempt in range(_ATTEMPTS if is_any else 0):
            try:
                taken += _delete_unused(connection, table, keys)
                break
            except errors.ForeignKeyViolation:  # somebody has just added a seed or a target there
                if attempt == _ATTEMPTS - 1:
                    raise
    return taken


def _delete_unused(connection: psycopg.Connection[Any], table: LiteralString, keys: dict[str, int]) -> int:
    with connection.transaction():
        hold_off_batches(connection)
        unused = [key for (key,) in connection.execute(_SQL[f"unused_{table}"], keys)]
        return connection.execute(_SQL[f"delete_{table}"], {"unused": unused}).rowcount
