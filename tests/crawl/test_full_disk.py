"""A real disk without room, a small tmpfs: a crawl and an export say so, and go on when there is room again."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.crawl.small_web import SmallWeb
from tests.integration.homes import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="to mount a small file system needs root")
PAGES = 100
LINKS = 60  # of a page


@pytest.fixture
def disk() -> Iterator[Path]:
    """250 MB. Not pytest's own folder, whose path is too long for a socket."""
    made = Path(tempfile.mkdtemp(prefix="backlinks-tests-"))
    made.chmod(0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=250m", "tmpfs", made], check=True)
    yield made
    subprocess.run(["umount", "--lazy", made], check=True)
    shutil.rmtree(made)


def fill(disk: Path, left: int) -> Path:
    """All of it but so many bytes. Returns the file to be removed for room."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 16)):
            pass
    os.truncate(ballast, ballast.stat().st_size - left)
    return ballast


@pytest.fixture
def home(disk: Path) -> Iterator[Home]:
    """Its database is on that disk, and set up."""
    made = Home(disk / "home", BACKLINKS_RESOLVE="*.test=127.0.0.1")
    assert made.run("db", "start").returncode == 0
    assert made.run("db", "upgrade").returncode == 0
    yield made
    made.run("db", "stop")


def pages() -> dict[str, str]:
    words = "and some words of its own before and after the link that make it a line as long as most are"
    made = {"from.test/": "".join(f"<a href=/{number}>{number}</a> " for number in range(PAGES))}
    for number in range(PAGES):
        links = (
            f"<p>{words} <a href=http://to{place}.test/{number}>{number} {words}</a> {words}" for place in range(LINKS)
        )
        made[f"from.test/{number}"] = "".join(links)
    return made


def test_a_crawl_onto_a_full_disk_says_so_and_goes_on_when_there_is_room(disk: Path, home: Home) -> None:
    with SmallWeb(pages()) as web:
        crawl = ("crawl", "--seeds", web.url("from.test/"), "-s", "DOWNLOAD_DELAY=0", "--render", "never")
        ballast = fill(disk, 1_500_000)
        ran = home.run(*crawl, "-s", "BACKLINKS_DATABASE_WAIT_SECONDS=2")
        assert ran.returncode == 3, ran.stderr
        *_, last = ran.stderr.splitlines()
        assert last.startswith("backlinks: the embedded PostgreSQL"), ran.stderr
        assert "has no space left" in last
        ballast.unlink()
        ran = home.run(*crawl)
        assert ran.returncode == 0, ran.stderr
    asked = home.run("overview", "to0.test", "--format", "csv")
    assert asked.returncode == 0
    found = home.run("db", "shell", "-Atc", "SELECT count(*), count(DISTINCT (page_id, url_to_id)) FROM links")
    assert found.stdout == f"{PAGES * LINKS}|{PAGES * LINKS}\n"


def test_an_export_onto_a_full_disk_says_so_and_leaves_what_was_there(disk: Path, home: Home) -> None:
    file = disk / "links.csv"
    with SmallWeb(pages()) as web:
        assert home.run("crawl", "--seeds", web.url("from.test/"), "-s", "DOWNLOAD_DELAY=0").returncode == 0
    file.write_text("of yesterday")
    ballast = fill(disk, 16_384)
    asked = ("links", "to1.test", "--format", "csv")
    ran = home.run(*asked, "--output", str(file))
    assert (ran.returncode, ran.stderr) == (1, f"backlinks: cannot write {file}: No space left on device.\n")
    assert file.read_text() == "of yesterday"
    assert not file.with_name("links.csv.part").exists()
    with (disk / "other.csv").open("w") as out:
        ran = home.run(*asked, stdout=out)
    assert (ran.returncode, ran.stderr) == (1, "backlinks: cannot write the output: No space left on device.\n")
    ballast.unlink()
    ran = home.run(*asked, "--output", str(file))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(file.read_text().splitlines()) == 1 + PAGES
