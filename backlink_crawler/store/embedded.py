"""The PostgreSQL that comes with us: started on demand under BACKLINKS_HOME, shared by commands, stopped by the last.

A list says which processes use it, and the last one stops it. A process that is killed stays in that list. It does not
count, nor does an unrelated one that was given its number. All of this is done under the home's lock.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
import shutil
import socket
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import psutil
import psycopg
from psycopg import sql

from backlink_crawler.errors import DatabaseUnavailable
from backlink_crawler.store import cluster, server
from backlink_crawler.store.folders import locked, write_whole
from backlink_crawler.store.postgres_programs import WHEEL, programs_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from backlink_crawler.store.server import Running

DATABASE = "backlinks"
USERS, _TCP = "users.json", "tcp.json"  # in the home
_CLOCK_SLACK = 60.0  # seconds: a process's age is counted from a boot time that is adjusted as the clock is
# In the list of users, process 1 never ends: `backlinks db start` holds the server with it.
_KEEPER = 1
_leaving: set[Path] = set()


class _Tcp(NamedTuple):
    """How to reach it on loopback. Kept, so that a URL that a tool was given is good again the next time."""

    port: int
    password: str


def start(home: Path, *, anew: bool = False) -> str:
    """Start the server unless it runs, join its users, and return a connection URL for its database. anew: an empty one."""
    with _in_words(home):
        return server.url(_start(home, anew=anew), DATABASE)


def keep(home: Path) -> str:
    """Start the server and let it run when this process ends."""
    with _in_words(home):
        return server.url(_start(home, keep=True), DATABASE)


def keep_on_loopback(home: Path) -> str:
    """As keep, and it listens on 127.0.0.1, with a password, until it is stopped.

    Raises DatabaseUnavailable when it has to be started anew for that, and other commands use it.
    """
    with _in_words(home):
        home.mkdir(parents=True, exist_ok=True)
        tcp = _tcp(home)
        found = _start(home, keep=True, port=tcp.port)
        with psycopg.connect(server.url(found, DATABASE), autocommit=True) as connection:
            hidden = connection.pgconn.encrypt_password(tcp.password.encode(), server.ROLE.encode(), b"scram-sha-256")
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(server.ROLE), sql.Literal(hidden.decode()))
            )
    return f"postgresql://{server.ROLE}:{tcp.password}@{server.LOOPBACK}:{found.port}/{DATABASE}"


def _tcp(home: Path) -> _Tcp:
    known = None
    with suppress(OSError, ValueError, TypeError):
        known = _Tcp(**json.loads((home / _TCP).read_text()))
    found = server.running(cluster.data_folder(home))
    if known and ((found and found.address) or _is_free(known.port)):
        return known
    with socket.socket() as probe:
        probe.bind((server.LOOPBACK, 0))
        made = _Tcp(probe.getsockname()[1], known.password if known else secrets.token_urlsafe(24))
    write_whole(home / _TCP, json.dumps(made._asdict()))
    return made


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((server.LOOPBACK, port))
        return True
    return False


def _start(home: Path, *, keep: bool = False, anew: bool = False, port: int | None = None) -> Running:
    home.mkdir(parents=True, exist_ok=True)
    data = cluster.data_folder(home)
    with locked(home) as lock:
        programs = programs_for(home, data)
        cluster.make(home, programs, lock)
        if home not in _leaving:
            _leaving.add(home)
            atexit.register(_leave, home)
        users = _alive_users(home)
        if port and (running := server.running(data)) and not running.address:
            _end_unless_in_use(home, running)
        found = server.ready(home, programs, port)
        _write_users(home, [*([_KEEPER] if keep else []), *users, os.getpid()])
    _create_database(server.url(found, server.ROLE), anew)
    return found


@contextmanager
def _in_words(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        words = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise cluster.sentence("does not start", home, words) from None
    except (psycopg.Error, subprocess.SubprocessError) as error:
        raise cluster.sentence("does not start", home, " ".join(str(error).split()).rstrip(".")) from None


def _leave(home: Path) -> None:
    """Stop the server if nobody else uses it. Ctrl-C and SIGTERM end the waiting for that."""
    if not home.is_dir():
        return
    with suppress(OSError, psutil.Error, KeyboardInterrupt, SystemExit), locked(home):
        others = [user for user in _alive_users(home) if user != os.getpid()]
        if not others and (found := server.running(cluster.data_folder(home))):
            server.end(found)
        _write_users(home, others)


def stop(home: Path) -> bool:
    """Stop the server. False: it was not running. Raises DatabaseUnavailable when other commands use it."""
    if not is_running(home):
        return False
    with _in_words(home), locked(home):
        if found := server.running(cluster.data_folder(home)):
            _end_unless_in_use(home, found)
        return found is not None


def _end_unless_in_use(home: Path, found: Running) -> None:
    others = [user for user in _alive_users(home) if user not in {_KEEPER, os.getpid()}]
    if others:
        raise DatabaseUnavailable(
            f"the embedded PostgreSQL is in use by process {', '.join(map(str, others))}; stop that first.",
        )
    _write_users(home, [])
    server.end(found)


def is_running(home: Path) -> bool:
    return server.running(cluster.data_folder(home)) is not None


def _alive_users(home: Path) -> list[int]:
    """Without the dead, and without `db start` when the machine was restarted since."""
    is_held = is_running(home)
    with suppress(OSError, ValueError):
        listed = [int(user) for user in json.loads((home / USERS).read_text())]
        return [user for user in listed if (is_held if user == _KEEPER else _is_alive(user, home / USERS))]
    return []


def _write_users(home: Path, users: list[int]) -> None:
    write_whole(home / USERS, json.dumps(list(dict.fromkeys(users))))


def _is_alive(user: int, users: Path) -> bool:
    """A process that began after the list was last written is another one, which was given a dead user's number."""
    try:
        return psutil.Process(user).create_time() < users.stat().st_mtime + _CLOCK_SLACK
    except (psutil.Error, OSError):
        return False


def _create_database(maintenance: str, anew: bool) -> None:
    with psycopg.connect(maintenance, autocommit=True, connect_timeout=server.READY_SECONDS) as connection:
        if anew:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)".encode())
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            return
        with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):  # another command was first
            connection.execute(
                f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8' "
                "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'".encode(),
            )


def psql() -> str:
    """A psql to run: the system's, else ours."""
    return shutil.which("psql") or str(WHEEL / "bin" / "psql")
