"""The embedded PostgreSQL's data: made aside by initdb, and moved into place when whole.

So a command that is ended in the middle, or a disk that is full, leaves nothing that a later one would take for a
database. What it does leave is cleared by the next one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from backlink_crawler.errors import DatabaseUnavailable
from backlink_crawler.store.folders import new_folder, sync
from backlink_crawler.store.postgres_programs import HERE

if TYPE_CHECKING:
    from pathlib import Path

    from backlink_crawler.store.postgres_programs import Programs

_ASIDE = "postgres.making-"
_SETTINGS = {
    "max_wal_size": "4GB",  # a crawl writes in bursts: fewer checkpoints
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",  # solid-state disks
    "jit": "off",  # compiling costs more than these queries take
}
# Whoever gets at the socket is let in: its folder is its user's alone. Over TCP, a password is needed.
_OPTIONS = (
    *("--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    *(f"--set={name}={value}" for name, value in _SETTINGS.items()),
)
# What it says before it gives up, without the time and its own name.
_TELLING = re.compile(
    r"(?:.*? (?:FATAL|PANIC|ERROR|HINT|DETAIL):\s+|.*? LOG:\s+(?=could not|invalid|unrecognized)"
    r"|initdb: (?:error|hint|detail): |(?=.*error))(.+)"
)


def data_folder(home: Path) -> Path:
    return home / "postgres"


def is_made(home: Path) -> bool:
    """Also when that cannot be seen: then a start says why."""
    try:
        (data_folder(home) / "global" / "pg_control").stat()
    except FileNotFoundError:
        return False
    except OSError:
        pass
    return True


def make(home: Path, programs: Programs, lock: int) -> None:
    """Unless it is there. lock: held on the home; initdb holds it too, should we be killed while it is at work.

    Raises DatabaseUnavailable with what initdb says.
    """
    data = data_folder(home)
    for left in home.glob(f"{_ASIDE}*"):
        shutil.rmtree(left, ignore_errors=True)
    if is_made(home):
        return
    _clear_half_made(data)
    if sys.stderr.isatty():
        sys.stderr.write("setting up the database (once, about 5 s)…\n")
    aside = new_folder(home, _ASIDE, programs.owner)
    try:
        _initdb(home, aside, programs, lock)
        aside.rename(data)
        sync(home)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _initdb(home: Path, data: Path, programs: Programs, lock: int) -> None:
    with programs.start("initdb", data, *_OPTIONS, output=subprocess.PIPE, pass_fds=(lock,)) as process:
        try:
            output, _ = process.communicate()
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise failed("cannot be set up", home, output)


def _clear_half_made(data: Path) -> None:
    """As earlier versions left it. Nothing is in it: the first that initdb writes into the database is pg_control."""
    if not data.exists():
        return
    files = any(files for _, _, files in os.walk(data))
    if files and not (data / "PG_VERSION").exists():
        raise DatabaseUnavailable(f"{data} is not the embedded PostgreSQL's; set BACKLINKS_HOME to another folder.")
    shutil.rmtree(data)


def failed(what: str, home: Path, output: str) -> DatabaseUnavailable:
    """output: of a program of PostgreSQL's; its own words are shown."""
    lines = [line for line in (line.strip() for line in output.splitlines()) if line]
    telling = [found[1] for line in lines if (found := _TELLING.match(line))]
    words = "; ".join(dict.fromkeys(telling[-4:] or lines[-1:])).rstrip(".").replace(str(HERE), str(data_folder(home)))
    return sentence(what, home, words or "it says nothing")


def sentence(what: str, home: Path, words: str) -> DatabaseUnavailable:
    advice = (
        "Make room and run the command again."
        if "No space left" in words or "quota" in words
        else "Set BACKLINKS_HOME to a folder that can be written to, or BACKLINKS_DATABASE_URL to another server."
    )
    return DatabaseUnavailable(f"the embedded PostgreSQL under {home} {what} ({words}). {advice}")
