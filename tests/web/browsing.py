"""A browser, and what it must not find on a page."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync"
).split()
_AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
_WIDER = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


class Seen:
    """What happened while pages were open: whatever a page says to the console, asks of others, or opens."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.said: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("console", lambda message: self.said.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("popup", lambda _: self.said.append("popup"))
        page.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        asked = urlsplit(url)
        if asked.scheme not in {"data", "blob"} and f"{asked.scheme}://{asked.netloc}" != self.origin:
            self.said.append(f"request: {url}")


@contextmanager
def opened(browser: Browser, origin: str, *, width: int = 1280, scheme: Any = "light") -> Iterator[tuple[Page, Seen]]:
    """A page in a context of its own."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=False)
    context.set_default_timeout(60_000)
    try:
        page, seen = context.new_page(), Seen(origin)
        seen.watch(page)
        yield page, seen
    finally:
        context.close()


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds, each with the first place. rules: only by these."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(f"() => {{ {_AXE} }}")
    found: Any = page.evaluate("asked => axe.run(document, asked)", {"runOnly": list(rules)} if rules else _RULES)
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wider: int = page.evaluate(_WIDER)
    return wider
