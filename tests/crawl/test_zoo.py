"""The hostile zoo: whatever a page does, the run goes on, the visit says what came of it, and memory stays flat."""

from __future__ import annotations

import subprocess
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import Outcome
from tests.crawl.conftest import SECONDS, Crawler
from tests.crawl.test_little_web import rows
from tests.crawl.zoo import OK, Animal, Ended, House, Zoo, answer
from tests.crawl.zoo_compression import COMPRESSED
from tests.crawl.zoo_lies import LIES
from tests.crawl.zoo_pages import PAGES
from tests.crawl.zoo_sites import SITES, TRAPS
from tests.crawl.zoo_tls import PLAIN, TLS, greeting
from tests.crawl.zoo_wire import WIRE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),
]  # all walks are one fixture, which a busy machine takes its time for
MOST_MEMORY = 300  # MB (10⁶ bytes)
MAX_PAGES = 20
# Nothing is asked for while a page is read: for large ones at once there is no room.
IN_TURN = ("-s", "CONCURRENT_REQUESTS=1", "-s", "SCRAPER_SLOT_MAX_ACTIVE_SIZE=1")
PATIENT = ("-s", "DOWNLOAD_TIMEOUT=10", "-s", "CONCURRENT_REQUESTS=16")
SMALL = ("-s", "DOWNLOAD_TIMEOUT=8", "-s", "DOWNLOAD_MAXSIZE=1048576")
ENDED = """
SELECT u.url, p.outcome, coalesce(p.reason, '') FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id"""
LINKED = "SELECT url_from, url_to FROM backlinks"


@dataclass
class Walk:
    """A run through a house of the zoo. peak: MB that the process had at most. ended, links: by host and path."""

    code: int
    output: str
    peak: float
    ended: dict[str, dict[str, Ended]] = field(default_factory=lambda: defaultdict(dict))
    links: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))


def walk(house: House, database: Database, folder: Path, *settings: str) -> Walk:
    """Each host is a seed of at most MAX_PAGES pages."""
    environment = {"BACKLINKS_DATABASE_URL": database.dsn, "BACKLINKS_RESOLVE": "*.test=127.0.0.1"}
    crawler = Crawler(folder, environment, imports=True)  # its memory is measured
    scheme = "https" if house in (TLS, PLAIN) else "http"
    with Zoo(house, greeting() if house is TLS else None) as zoo:
        lines = [f"{scheme}://{animal.host}:{zoo.port}/,{MAX_PAGES}" for animal in house.values()]
        seeds = crawler.seeds("\n".join(["url,max_pages", *lines]), "seeds.csv")
        walked = Walk(*watch(crawler.start("-a", seeds, *settings)))
        for url, outcome, reason in rows(database, ENDED):
            name, path = place(url)
            walked.ended[name][path] = (None if outcome is None else Outcome(outcome), reason)
        for url, target in rows(database, LINKED):
            name, path = place(url)
            walked.links[name][path].add(target)
    return walked


def place(url: str) -> tuple[str, str]:
    """An animal's name, and the path at its host."""
    _, _, host, path = url.split("/", 3)
    return host.partition(".test")[0], f"/{path}"


def watch(process: subprocess.Popen[str]) -> tuple[int, str, float]:
    """Exit code, all that was printed, and the peak of memory."""
    peak, deadline = 0.0, time.monotonic() + 2 * SECONDS
    while True:
        try:
            output, _ = process.communicate(timeout=0.1)
        except subprocess.TimeoutExpired:
            peak = max(peak, high_water(process.pid))
            if time.monotonic() > deadline:
                process.kill()
                raise
        else:
            return process.returncode, output, peak


def high_water(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")  # 0: it has ended
    return int(line.split()[1]) * 1024 / 1e6


def a_large_body() -> Iterator[bytes]:
    yield answer(b"", "Content-Length: 9000000")
    for _ in range(90):
        yield b"x" * 100_000
        time.sleep(0.02)


@pytest.fixture(scope="module")
def walks(embedded_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Walk]]:
    """Two at a time."""
    databases = {name: embedded_server.copy() for name in HOUSES}
    with ThreadPoolExecutor(2) as pool:
        walking = {
            name: pool.submit(walk, house, databases[name], tmp_path_factory.mktemp(name), *settings)
            for name, (house, settings) in HOUSES.items()
        }
    yield {name: walked.result() for name, walked in walking.items()}
    for database in databases.values():
        embedded_server.drop(database)


HOUSES = {
    "wire": (WIRE, SMALL),
    "compressed": (COMPRESSED, SMALL),
    "pages": (PAGES, IN_TURN),
    "lies": (LIES, IN_TURN),
    "sites": (SITES, PATIENT),
    "tls": (TLS, SMALL),
    "plain": (PLAIN, SMALL),
    "traps": (TRAPS, ()),
}
ANIMALS = [(name, animal) for name, (house, _) in HOUSES.items() if name != "traps" for animal in house.values()]


@pytest.mark.parametrize(("house", "animal"), ANIMALS, ids=[animal.name for _, animal in ANIMALS])
def test_each_visit_to_its_host_ends_as_it_should(walks: dict[str, Walk], house: str, animal: Animal) -> None:
    assert walks[house].ended[animal.name] == animal.ended


@pytest.mark.parametrize(("house", "animal"), ANIMALS, ids=[animal.name for _, animal in ANIMALS])
def test_what_can_be_read_is_read(walks: dict[str, Walk], house: str, animal: Animal) -> None:
    assert walks[house].links[animal.name][animal.path] == animal.links


@pytest.mark.parametrize("house", HOUSES)
def test_a_run_goes_on_to_its_end(walks: dict[str, Walk], house: str) -> None:
    nothing_to_read = house == "plain"
    expected = (5 if nothing_to_read else 0, False)
    assert (walks[house].code, "Traceback" in walks[house].output) == expected, walks[house].output
    assert "finished: " in walks[house].output


@pytest.mark.parametrize("house", HOUSES)
def test_memory_stays_within_its_budget(walks: dict[str, Walk], house: str) -> None:
    assert 50 < walks[house].peak < MOST_MEMORY


def test_many_large_bodies_at_once_find_no_room(database: Database, tmp_path: Path) -> None:
    """80 hosts that send all that they may at the same time: who is sent away is told so, and the run goes on."""
    large = House()
    for number in range(80):
        large.animal(Outcome.OK, name=f"large-{number}")(a_large_body)
    walked = walk(large, database, tmp_path)
    ended = [walked.ended[name]["/it"] for name in large]
    assert (Outcome.CONNECTION_ERROR, "no_room") in ended
    assert set(ended) <= {OK, (Outcome.CONNECTION_ERROR, "no_room")}
    assert walked.code == 0, walked.output
    assert 50 < walked.peak < MOST_MEMORY


@pytest.mark.parametrize("animal", TRAPS.values(), ids=TRAPS)
def test_a_trap_ends_with_its_seeds_pages(walks: dict[str, Walk], animal: Animal) -> None:
    ended = walks["traps"].ended[animal.name]
    assert len(ended) == MAX_PAGES
    assert set(ended.values()) <= {OK, animal.ended[animal.path], (Outcome.GONE, "")}
