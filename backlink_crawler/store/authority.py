"""Authority of domains: its edges as they are read, new scores in the place of old ones, and the trust seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlink_crawler.store.database import database_errors
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    import psycopg

    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun

_SQL = statements("authority")
RUNS_REMEMBERED = 400  # more than a year of nights
# The columns of a row of `new_ranks`, each of 4 bytes.
COLUMNS = (
    *("domain_id", "follow_refdomains", "follow_domains_to", "authority", "percentile", "trust", "pagerank_ratio"),
    "harmonic",
)


def edges_by_target(connection: psycopg.Connection[Any]) -> Iterator[tuple[int, bytes, bytes]]:
    """Of each domain with live links, in the order of the keys: the keys of the domains with a follow link to it, and of
    those that link otherwise, each 4 bytes, big-endian. All as of one moment.
    """
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashagg = off")  # the index has them in this order
        with cursor.copy(f"COPY ({_SQL['edges']}) TO STDOUT (FORMAT binary)".encode()) as copy:
            copy.set_types(["int4", "bytea", "bytea"])
            yield from copy.rows()


def known_domains(connection: psycopg.Connection[Any], names: Collection[str]) -> list[int]:
    """Keys of those that the index knows."""
    rows = connection.execute(_SQL["seeds"], {"names": list(names)}).fetchall()
    return sorted(key for (key,) in rows)


def swap_ranks(connection: psycopg.Connection[Any], run: RankingRun, rows: Iterable[bytes]) -> int:
    """Into the connection's transaction: readers see the old scores until it is committed, and wait for nothing.

    rows: of COPY BINARY, with COLUMNS in their order. Returns how many rows have changed.
    """
    connection.execute(_SQL["create_new"])
    copied = f"COPY new_ranks ({', '.join(COLUMNS)}) FROM STDIN (FORMAT binary)".encode()
    with connection.cursor() as cursor, cursor.copy(copied) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for some in rows:
            copy.write(some)
        copy.write(b"\xff\xff")
    connection.execute("ANALYZE new_ranks (domain_id)")
    connection.execute(_SQL["remember"], {"run_id": run.id})
    changed = sum(connection.execute(_SQL[name]).rowcount for name in ("delete_gone", "update_changed", "insert_new"))
    connection.execute(_SQL["forget"], {"runs": RUNS_REMEMBERED})
    return changed


def known_scores(database: Database) -> frozenset[str]:
    """Of authority and trust, those that have been computed: each of all domains or of none."""
    with database.connect() as connection, database_errors(database):
        row = connection.execute("SELECT trust IS NOT NULL FROM domain_ranks LIMIT 1").fetchone()
    return frozenset() if row is None else frozenset({"authority", "trust"} if row[0] else {"authority"})


def list_trust_seeds(connection: psycopg.Connection[Any]) -> list[tuple[str, str | None]]:
    """The user's."""
    return connection.execute(_SQL["list_seeds"]).fetchall()


def add_trust_seed(connection: psycopg.Connection[Any], domain: str, note: str | None) -> None:
    connection.execute(_SQL["add_seed"], {"domain": domain, "note": note})
    connection.commit()


def remove_trust_seed(connection: psycopg.Connection[Any], domain: str) -> bool:
    """False: it was none."""
    removed = connection.execute(_SQL["remove_seed"], {"domain": domain}).rowcount
    connection.commit()
    return bool(removed)
