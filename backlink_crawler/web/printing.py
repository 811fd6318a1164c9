"""A page as a PDF, by the browser that this system has. It gets no network, and a folder that nobody else can read."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from backlink_crawler.crawl.render.installed import OFFLINE, installed_browser, runs_as_root
from backlink_crawler.errors import BacklinksError

SECONDS = 120.0  # a machine that has others to serve, and a browser that nobody has read from its disk before
_BEGINNING = b"%PDF-"
_ARGUMENTS = (
    "--headless",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
    "--disable-extensions",
    "--disable-dev-shm-usage",  # containers have little of it
    *OFFLINE,
)


class NotPrinted(BacklinksError):
    """There is no PDF; the same page without printing there is."""


def require_browser() -> Path:
    """Raises NotPrinted."""
    if found := installed_browser():
        return found
    raise NotPrinted(
        "a PDF needs Chromium or Chrome, which was not found: `apt install chromium` gets it; or name the file .html, and print "
        "it from a browser."
    )


def printed(html: str, seconds: float = SECONDS) -> bytes:
    """The PDF. Raises NotPrinted."""
    browser = require_browser()
    with TemporaryDirectory(prefix="backlinks-report-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        page, made = folder / "report.html", folder / "report.pdf"
        page.write_text(html, encoding="utf-8")
        sandboxed = () if not runs_as_root() else ("--no-sandbox",)
        said = _run(browser, folder, page, made, sandboxed, seconds)
        if not made.exists() and not sandboxed and "sandbox" in said.lower():  # this system has none for it
            said = _run(browser, folder, page, made, ("--no-sandbox",), seconds)
        if not made.exists() or not (content := made.read_bytes()).startswith(_BEGINNING):
            raise NotPrinted(f"{browser} made no PDF ({_last_line(said)}); name the file .html instead.")
        return content


def _run(browser: Path, folder: Path, page: Path, made: Path, more: tuple[str, ...], seconds: float) -> str:
    """What it said. A browser is many processes: at the end of its time all of them go."""
    command = [
        *(str(browser), *_ARGUMENTS, *more),
        *(f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={made}", page.as_uri()),
    ]
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603  the system's own browser, with arguments of ours
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder, start_new_session=True
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise NotPrinted(
                f"{browser} took longer than {seconds:g} seconds for a PDF and was ended; name the file .html instead."
            ) from None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return log.read_text(encoding="utf-8", errors="replace")


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it said nothing"
