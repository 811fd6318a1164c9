"""What a session with a server must be, and what it is set to, whatever the role's and the database's own settings are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

OLDEST_SERVER = 15
_TRIES = 3  # another program may take the session that was marked
# set_config, not the connection's `options`: PgBouncer refuses those, or is told to ignore them.
SET_UP = """
SELECT
    set_config('search_path', 'public', FALSE), -- the index lives there
    set_config('client_encoding', 'UTF8', FALSE),
    set_config('datestyle', 'ISO, MDY', FALSE), -- psycopg reads no other
    set_config('intervalstyle', 'postgres', FALSE), -- as above
    set_config('timezone', 'UTC', FALSE),
    set_config('standard_conforming_strings', 'on', FALSE), -- views are made of texts with backslashes
    set_config('default_transaction_isolation', 'read committed', FALSE), -- the write path locks what it reads
    set_config('extra_float_digits', '1', FALSE), -- a score that is read back is itself
    set_config('jit', 'off', FALSE) -- compiling costs more than these queries take
"""


def shortcoming(connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> str | None:
    """Why the index cannot be kept there; None when it can. Asks nothing of the server: it has said so by itself."""
    info = connection.info
    version = info.server_version // 10_000
    if version < OLDEST_SERVER:
        return f"is PostgreSQL {version}; version {OLDEST_SERVER} or newer is needed."
    encoding = info.parameter_status("server_encoding")
    if encoding != "UTF8":
        return (
            f"stores text in {encoding}, which has no room for every page's; "
            "create the database anew with TEMPLATE template0 ENCODING 'UTF8'."
        )
    return None


def is_shared(connect: Callable[[], psycopg.Connection[Any]]) -> bool:
    """Does a pool between us and the server give a session to one client for a transaction, then to another?

    Then no lock, no setting and no temporary table of a session stays ours. A pool has process numbers of its own; what
    it does with sessions shows in a mark that somebody else finds, or that its owner does not find again.
    connect: a new connection, autocommitting.
    """
    mark = uuid4().hex
    with connect() as first:
        if first.execute("SELECT pg_backend_pid()").fetchone() == (first.info.backend_pid,):
            return False
        first.execute("SELECT set_config('backlinks.mark', %s, FALSE)", [mark])
        if _mark(first) != mark:
            return True
    for _ in range(_TRIES):
        with connect() as other:
            if _mark(other) == mark:
                return True
    return False


def _mark(connection: psycopg.Connection[Any]) -> str | None:
    row = connection.execute("SELECT current_setting('backlinks.mark', TRUE)").fetchone()
    return row[0] if row else None
