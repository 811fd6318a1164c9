"""`python -m benchmarks.browser_kills`: the browser is killed again and again while it renders, and costs no link.

Scripts write all links of ten hosts: from data that they ask for, one after another, and when something comes into view.
They are crawled undisturbed, and then with kills -9 at random moments, of the browser or of any one of its processes:
what draws a page, what serves all pages, the network's. Links, outcomes and visits must be the same afterwards, nothing
may be in the log, and no process of a browser may be left.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks.chaos import Trial, differences
from benchmarks.chaos_web import ChangingWeb
from benchmarks.claims import Claim, show_claims
from benchmarks.environment import fresh_index

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

SECONDS = 1800
DATA = 1_000  # added to a page's number, once for each part of its data: what its script asks for
LINKS = 10  # of a part
_PAGE = """<!doctype html><title>Page {number}</title><div id=root></div><p id=end>end</p><script>
function put(href) {{
    const link = document.createElement("a");
    link.href = link.textContent = href;
    root.append(link, " ");
}}
async function part(number) {{
    for (const name of (await (await fetch("/" + ({number} + {data} * number))).text()).split(" ")) put(`http://${{name}}`);
}}
part(1).then(() => {{
    for (const page of {inside}) put("/" + page);
    setTimeout(() => part(2), 1_500);
}});
new IntersectionObserver(([seen], observer) => {{
    if (seen.isIntersecting) part(3), observer.disconnect();
}}).observe(end);</script>"""


def scripted(pages: int) -> Callable[[int, int, int], str | None]:
    """Hosts of so many pages, whose links and further pages their scripts write."""

    def body_of(host: int, number: int, _night: int) -> str | None:
        if number >= DATA:
            return " ".join(f"target{host}-{each}.test/{number}" for each in range(LINKS))
        inside = [each for each in (2 * number + 1, 2 * number + 2) if each < pages]
        return _PAGE.format(number=number, data=number + DATA, inside=inside) if number < pages else None

    return body_of


def browsers(crawl: int) -> list[psutil.Process]:
    """The first process of each browser that the crawl (its process id) has now."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for process in psutil.Process(crawl).children(recursive=True):
            with suppress(psutil.Error):
                line = process.cmdline()
                if "--remote-debugging-pipe" in line and not any(part.startswith("--type=") for part in line):
                    found.append(process)
    return found


def any_process(browser: psutil.Process, moments: random.Random) -> psutil.Process:
    """The browser, as often as not; else one of those that it has started."""
    started = browser.children(recursive=True)
    return moments.choice(started) if started and moments.random() < 0.5 else browser


def wait_for_browser(crawl: subprocess.Popen[str]) -> psutil.Process | None:
    """None: the crawl has ended."""
    while crawl.poll() is None:
        if found := browsers(crawl.pid):
            return found[0]
        time.sleep(0.05)
    return None


def left_behind(dsn: str) -> list[str]:
    """Command lines of processes that crawls into this database have started; after ten seconds at most."""
    deadline = time.monotonic() + 10
    while True:
        left = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                is_ours = process.environ().get("BACKLINKS_DATABASE_URL") == dsn
                if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                    left.append(" ".join(process.cmdline())[:200])
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.2)


@dataclass(slots=True)
class Crawled:
    """state: as chaos compares it. outcomes: of visits, with their reasons. left: processes, and lines in the log."""

    state: dict[str, list[tuple[Any, ...]]]
    outcomes: Counter[tuple[str, str | None]]
    killed: int
    left: list[str]
    seconds: float


def crawl(pages: int, kills: int, moments: random.Random) -> Crawled:
    """pages: of each host. Raises RuntimeError when the crawl does not end, or not well."""
    with fresh_index() as index, ChangingWeb(scripted(pages)) as web:
        trial = Trial(index, web, moments, render="always", seconds=SECONDS)
        started = time.monotonic()
        worker, killed = trial.worker(), 0
        while killed < kills and (browser := wait_for_browser(worker)):
            time.sleep(moments.uniform(0.1, 3))
            with suppress(psutil.NoSuchProcess):
                any_process(browser, moments).kill()
                killed += 1
        trial.finish(worker)
        said = [line for line in trial.output[-1].splitlines() if "[asyncio]" in line or "ERROR" in line]
        seconds = time.monotonic() - started
        with index.database.connect() as connection:
            outcomes = Counter(connection.execute("SELECT outcome, reason FROM crawled_pages").fetchall())
        return Crawled(trial.state(), outcomes, killed, left_behind(index.database.dsn) + said, seconds)


def compare(pages: int, kills: int, moments: random.Random) -> tuple[Crawled, Crawled, list[str]]:
    """Undisturbed and disturbed, and what is wrong with that."""
    quiet, killed = crawl(pages, 0, moments), crawl(pages, kills, moments)
    wrong = differences(quiet.state, killed.state) + quiet.left + killed.left
    if killed.killed < kills:
        wrong.append(f"the crawl had ended after {killed.killed} kills")
    wrong += [f"{number} pages: {outcome}" for outcome, number in killed.outcomes.items() if outcome != ("ok", None)]
    return quiet, killed, wrong


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.browser_kills", description="Kill the browser; compare."
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="of the moments")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--pages", type=int, default=10, help="of each of the ten hosts")
    asked = parser.parse_args()
    quiet, killed, wrong = compare(asked.pages, asked.kills, random.Random(asked.seed))
    print("\n".join([f"browser_kills: --seed {asked.seed}", *wrong]))
    links = len(killed.state["links"])
    measured = f"{killed.killed} kills in {killed.seconds:.0f} s, {links} links; undisturbed {quiet.seconds:.0f} s"
    claims = [
        Claim(
            "kill -9 of the browser and its processes", "links as undisturbed, nothing left behind", measured, not wrong
        )
    ]
    show_claims(claims)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
