"""Fills a database by the named statements of a file, which stand in for years of crawling."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import psycopg

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_PARAMETER = re.compile(r"%\((\w+)\)s")


def fill(connection: psycopg.Connection, topic: str, parameters: Mapping[str, int], *, quiet: bool = False) -> None:
    """Run the statements of <topic>.sql in their order, and say what each took. Numbers are their only parameters."""
    # Every row is made to fit, and checking each foreign key would take longer than all the rest.
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET work_mem = '256MB'")
    _set_durable(connection, durable=False)
    for name, statement in _statements(topic):
        started = time.monotonic()
        text = _PARAMETER.sub(lambda found: str(parameters[found[1]]), statement)
        rows = connection.execute(text.encode()).rowcount
        if rows > 0 and not quiet:
            print(f"  {name}: {rows:,} rows, {time.monotonic() - started:.0f} s", flush=True)
    _move_keys_on(connection)
    connection.execute("VACUUM (ANALYZE)")
    _set_durable(connection, durable=True)


def _move_keys_on(connection: psycopg.Connection) -> None:
    """Rows came with keys of their own: whoever writes next, as a crawl does, gets others."""
    identities = connection.execute(
        "SELECT c.relname, a.attname FROM pg_attribute AS a INNER JOIN pg_class AS c ON a.attrelid = c.oid "
        "WHERE a.attidentity <> '' AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
    ).fetchall()
    for table, column in identities:
        last = f"(SELECT coalesce(max({column}), 1) FROM {table})"
        connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), {last})".encode())


def _set_durable(connection: psycopg.Connection, *, durable: bool) -> None:
    """What is being filled in can be filled in again."""
    for setting in ("fsync", "full_page_writes"):
        connection.execute(
            f"ALTER SYSTEM {'RESET' if durable else 'SET'} {setting}{'' if durable else ' = off'}".encode()
        )
    connection.execute("SELECT pg_reload_conf()")


def _statements(topic: str) -> Iterator[tuple[str, str]]:
    _, *parts = _NAME.split(Path(__file__).with_name(f"{topic}.sql").read_text(encoding="utf-8"))
    return zip(parts[::2], parts[1::2], strict=True)
