"""One server of the embedded PostgreSQL: found running, launched, made ready, ended. Callers hold the home's lock."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import psutil

from backlink_crawler.errors import DatabaseUnavailable
from backlink_crawler.store import cluster
from backlink_crawler.store.folders import new_folder, open_log, write_whole

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from backlink_crawler.store.postgres_programs import Programs

ROLE = "postgres"
LOOPBACK = "127.0.0.1"
READY_SECONDS = 120  # crash recovery of a large index takes its time
PORT = 5432  # of a server that listens nowhere, it is only a part of its socket's name
_LOOK_SECONDS = 0.02  # between two looks
_PATH_BYTES = 103  # a socket's path has room for on macOS; Linux has four more
_TEMPORARY = Path("/tmp")  # noqa: S108  a folder of its own is made in it; TMPDIR may be as long as the home
_ACCESS = f"local all all trust\nhost all all {LOOPBACK}/32 scram-sha-256\n"


class Running(NamedTuple):
    """What postmaster.pid says. folder: its socket's. address: where it listens, empty for nowhere.

    https://www.postgresql.org/docs/18/storage-file-layout.html
    """

    process: psutil.Process
    port: int
    folder: Path
    address: str
    is_ready: bool


def running(data: Path) -> Running | None:
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        pid, _, _, port, folder, address, _, state = _postmaster(data)
        process = psutil.Process(int(pid))
        if _serves(process, data):
            return Running(process, int(port), data / folder, address, state == "ready")
    return None


def _postmaster(data: Path) -> list[str]:
    """The eight lines of postmaster.pid; those that the server has not written yet are empty."""
    lines = [line.strip() for line in os.fsdecode((data / "postmaster.pid").read_bytes()).split("\n")]
    return [*lines, *[""] * 8][:8]


def _serves(process: psutil.Process, data: Path) -> bool:
    """A server works in its data folder. Another process may have been given the number of a dead one."""
    if not process.name().startswith("postgres") or process.status() == psutil.STATUS_ZOMBIE:
        return False
    try:
        return data.samefile(process.cwd())
    except psutil.AccessDenied:  # root without all rights, as in a container
        return True


def url(found: Running, database: str) -> str:
    """A URL of its socket, which needs no password."""
    return f"postgresql://{ROLE}@/{database}?host={quote(os.fsencode(found.folder))}&port={found.port}"


def ready(home: Path, programs: Programs, port: int | None) -> Running:
    """The server, launched if need be, when it takes connections. port: on loopback; None: it listens nowhere.

    Raises DatabaseUnavailable with what it says when it does not start.
    """
    data, deadline = cluster.data_folder(home), time.monotonic() + READY_SECONDS
    launched: list[subprocess.Popen[str]] = []
    with open_log(home / "postgres.log") as log, _ended_when_interrupted(launched):
        said = log.seek(0, os.SEEK_END)
        while time.monotonic() < deadline:
            found = running(data)
            if found and found.is_ready:
                return found
            if not found and launched and launched[0].poll() is not None:
                log.seek(said)
                raise cluster.failed("does not start", home, log.read())
            if not found and not launched:  # one that is ending is waited for
                launched.append(_launch(data, programs, port, log))
            time.sleep(_LOOK_SECONDS)
    raise DatabaseUnavailable(
        f"the embedded PostgreSQL under {home} is not ready after {READY_SECONDS} s; run the command again later."
    )


@contextmanager
def _ended_when_interrupted(launched: list[subprocess.Popen[str]]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        for process in launched:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        raise


def _launch(data: Path, programs: Programs, port: int | None, log: IO[str]) -> subprocess.Popen[str]:
    _forget_the_dead(data)
    if port:
        write_whole(data / "pg_hba.conf", _ACCESS)
    options = {
        "listen_addresses": LOOPBACK if port else "",
        "port": port or PORT,
        "unix_socket_directories": _socket_folder(data, programs),
        "unix_socket_permissions": "0700",
    }
    given = [f"-c{name}={value}" for name, value in options.items()]
    return programs.start("postgres", data, *given, output=log.fileno(), start_new_session=True)


def _socket_folder(data: Path, programs: Programs) -> Path:
    """The data folder, which is its owner's alone, by the short name that it has for the server.

    Clients need its long name. Where that does not fit, or has a comma, which begins another host for them, or is not
    UTF-8, it is a folder that is its owner's alone as well.
    """
    path = os.fsencode(data / f".s.PGSQL.{2**16}")
    with suppress(UnicodeDecodeError):
        if len(path) <= _PATH_BYTES and "," not in path.decode():
            return Path()
    return new_folder(_TEMPORARY, "backlinks-", programs.owner)


def _forget_the_dead(data: Path) -> None:
    """Its number may be another program's by now. PostgreSQL would take that for the server, and not start."""
    with suppress(OSError, ValueError):
        if psutil.pid_exists(int(_postmaster(data)[0])):
            (data / "postmaster.pid").unlink()


def end(found: Running) -> None:
    """Fast shutdown, then immediate: https://www.postgresql.org/docs/18/server-shutdown.html."""
    for kind in (
        signal.SIGINT,
        signal.SIGQUIT,
    ):  # after an immediate one the next start replays its log, nothing is lost
        found.process.send_signal(kind)
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if not found.process.is_running() or found.process.status() == psutil.STATUS_ZOMBIE:
                with suppress(OSError):
                    found.folder.rmdir()  # made for this server; a data folder is not empty
                return
            time.sleep(_LOOK_SECONDS)
