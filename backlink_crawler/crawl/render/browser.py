"""The browser that renders pages: found, started, watched and ended. It has no network (crawl/render/resources.py)."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from playwright.async_api import Error as PlaywrightError
from scrapy_playwright.provider import PlaywrightBrowserProvider

from backlink_crawler.crawl.render.installed import OFFLINE, installed_browser, runs_as_root
from backlink_crawler.errors import BacklinksError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Browser

logger = logging.getLogger(__name__)
logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)  # a page that breaks is its visit's reason
_STARTS = 2  # that must fail, before there is no browser
SECONDS_TO_START = 120.0  # a machine that has others to serve, and a browser that nobody has read from its disk before
_NICENESS = 19  # plain fetching comes first
_MOST_MEMORY = 800 * 1024 * 1024  # bytes of one page's process, of which the program itself takes 150 MB
_MOST_MEMORY_OF_ALL = 1200 * 1024 * 1024  # bytes of what serves all pages, mostly 200 MB
_ARGUMENTS = (*OFFLINE, "--js-flags=--max-old-space-size=256")  # MB


class NoBrowser(BacklinksError):
    """There is none, or it does not start. Rendering is off; the crawl goes on."""


class LocalBrowser(PlaywrightBrowserProvider):
    """The setting BACKLINKS_BROWSER, Playwright's own, or the system's Chromium."""

    _has_warned = False
    _has_started = False
    _has_no_sandbox = False
    _failures = 0

    async def start(self) -> None:
        """That Playwright's own process has ended, it says to a future that nobody listens to: asyncio would log that."""
        await super().start()
        with suppress(AttributeError):  # the names are Playwright's own
            ended = self.playwright_context_manager._client._transport.on_error_future  # noqa: SLF001
            ended.add_done_callback(lambda future: future.cancelled() or future.exception())

    async def launch_browser(self) -> Browser:
        """Raises NoBrowser when there is none, or none has ever started; else PlaywrightError: another time it may."""
        assert self.browser_type is not None
        path = find_browser(self.config.launch_options["executable_path"], self.browser_type.executable_path)
        is_root = runs_as_root()
        if is_root:
            self._warn("the browser runs without its sandbox, as this crawl runs as root; another user is safer")
        try:
            browser = await self._launch(path, sandbox=not (is_root or self._has_no_sandbox))
        except PlaywrightError as error:
            if "sandbox" in error.message.lower() and not (is_root or self._has_no_sandbox):
                self._has_no_sandbox = True
                self._warn("this system has no sandbox for the browser; it runs without one")
                return await self.launch_browser()
            self._failures += "signal=SIGKILL" not in error.message
            if self._has_started or self._failures < _STARTS:
                raise
            raise NoBrowser(f"{path} does not start ({_first_line(error)}); pages are read as they come.") from None
        self._has_started = True
        _come_last()
        return browser

    def _warn(self, sentence: str) -> None:
        if not self._has_warned:
            logger.warning(sentence)
        self._has_warned = True

    async def _launch(self, path: Path, *, sandbox: bool) -> Browser:
        assert self.browser_type is not None
        browser: Browser = await self.browser_type.launch(
            executable_path=path,
            timeout=1000 * SECONDS_TO_START,
            args=list(_ARGUMENTS),
            chromium_sandbox=sandbox,
            handle_sigint=False,  # the crawl ends it when it ends
            handle_sigterm=False,
            handle_sighup=False,
        )
        return browser


def find_browser(named: str, playwrights_own: str) -> Path:
    """named: by the setting; empty: not. Raises NoBrowser."""
    if named:
        if not os.access(named, os.X_OK):
            raise NoBrowser(f"BACKLINKS_BROWSER={named} is no program; pages are read as they come.")
        return Path(named)
    if Path(playwrights_own).exists():
        return Path(playwrights_own)
    if found := installed_browser():
        return found
    raise NoBrowser(
        "no browser was found, and pages are read as they come: `apt install chromium` or `playwright install chromium` "
        "gets one, `-s BACKLINKS_BROWSER=PATH` names one, `-a render=never` needs none."
    )


def browser_processes() -> Iterator[psutil.Process]:
    """All of the browser that this process has started, its pages' included."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if any(part.startswith(("--type=", "--remote-debugging-pipe")) for part in process.cmdline()):
                yield process


def _come_last() -> None:
    """Linux divides its time between sessions, and a browser is one of its own. Its processes keep the niceness that they
    have among themselves: where their first threads come last, a page may wait for its first frame in vain.
    """
    for process in browser_processes():
        with suppress(OSError):
            Path(f"/proc/{process.pid}/autogroup").write_text(f"{_NICENESS}", encoding="ascii")


def kill_browser() -> None:
    """One that does not answer."""
    for process in browser_processes():
        with suppress(psutil.Error):
            process.kill()


def kill_large_pages() -> None:
    """Pages that have taken too much memory; or the browser, when it has."""
    for process in browser_processes():
        with suppress(psutil.Error):
            size, is_page = process.memory_info().rss, "--type=renderer" in process.cmdline()
            if is_page and size > _MOST_MEMORY:
                process.kill()
            elif size > _MOST_MEMORY_OF_ALL:
                kill_browser()


def _first_line(error: PlaywrightError) -> str:
    return error.message.partition("\n")[0]
