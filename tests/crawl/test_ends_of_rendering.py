"""However a run ends while its pages are being rendered, nothing is printed but what a user can use."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from benchmarks import browser_kills
from tests.crawl.rendered_hostile import slow
from tests.crawl.rendered_pages import ADD
from tests.crawl.rendering import ALWAYS, BROWSER, ended, of_start_pages
from tests.crawl.small_web import SmallWeb

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.crawl.conftest import Crawler

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BROWSER, reason="there is no browser"),
    pytest.mark.timeout(600),
]
ASKING = f"""{ADD}<script>
    for (let i = 0; i < 20; i++) fetch(`/slow?${{i}}`).then(() => add(`came${{i}}`));
    setInterval(() => fetch("/slow?again"), 300);</script>"""
PAGES = dict.fromkeys((f"slow{number}.test/" for number in range(6)), ASKING) | {
    f"slow{number}.test/slow?{which}": slow for number in range(6) for which in (*range(20), "again")
}


def interrupted(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)


def interrupted_twice(process: subprocess.Popen[str]) -> None:
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)


def without_browser(process: subprocess.Popen[str]) -> None:
    for browser in browser_kills.browsers(process.pid):
        browser.kill()
    time.sleep(2)
    process.send_signal(signal.SIGINT)


def without_driver(process: subprocess.Popen[str]) -> None:
    """Playwright's own process."""
    for child in psutil.Process(process.pid).children():
        if "node" in child.name():
            child.kill()
    time.sleep(3)
    process.send_signal(signal.SIGINT)


@pytest.mark.parametrize("disturb", [interrupted, interrupted_twice, without_browser, without_driver])
def test_an_end_in_the_middle_is_quiet(crawler: Crawler, disturb: Callable[[subprocess.Popen[str]], None]) -> None:
    with SmallWeb(PAGES) as web:
        process = crawler.start("-a", of_start_pages(web, PAGES), *ALWAYS)
        assert browser_kills.wait_for_browser(process)
        deadline = time.monotonic() + 60
        while not any("/slow" in asked.path for asked in web.asked) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1)
        disturb(process)
        _, output = ended(process)
    assert lines_of(output) == []
    assert browser_kills.left_behind(crawler.environment["BACKLINKS_DATABASE_URL"]) == []


def test_a_run_of_minutes_ends_quietly(crawler: Crawler) -> None:
    with SmallWeb(PAGES) as web:
        limits = ("-a", "max_minutes=0.1", "-s", "BACKLINKS_RENDER_TIMEOUT=8")
        code, output = ended(crawler.start("-a", of_start_pages(web, PAGES), *ALWAYS, *limits))
    assert code == 0, output
    assert lines_of(output) == []


def lines_of(output: str) -> list[str]:
    """Of the log, but for what it says of a browser without a sandbox."""
    return [
        line for line in output.splitlines() if line.startswith(("20", "task:", "future:")) and "sandbox" not in line
    ]
