"""Forms as a browser sends them: its headers are what the explorer goes by."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlink_crawler.store.database import Database
    from tests.web.conftest import Served

pytestmark = pytest.mark.slow
_CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as playing:
        named = {"executable_path": str(_CHROMIUM)} if _CHROMIUM.exists() else {}
        made = playing.chromium.launch(args=["--no-sandbox", "--disable-gpu"], **named)
        yield made
        made.close()


@pytest.fixture
def elsewhere() -> Iterator[Callable[[str], str]]:
    """A site of somebody else: `elsewhere(html)` is its address."""
    pages: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(pages[-1].encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def page(html: str) -> str:
        pages.append(html)
        return f"http://127.0.0.1:{server.server_port}/"

    yield page
    server.shutdown()
    server.server_close()


def test_a_reader_adds_a_seed_marks_it_and_removes_it(
    database: Database, serve: Callable[..., Served], browser: Any
) -> None:
    served, page, said = serve(database, is_admin=True), browser.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{served.address}/seeds")
    page.get_by_text("Add a seed", exact=True).click()
    page.get_by_label("URL or domain", exact=True).fill("example.com")
    page.get_by_role("button", name="Add").first.click()
    assert page.get_by_role("status").inner_text().startswith("1 seed kept.")
    page.get_by_role("button", name="Recrawl https://example.com/").click()
    assert "0 more pages of https://example.com/" in page.get_by_role("status").inner_text()
    page.locator("details.sure summary").click()
    page.get_by_role("button", name="Remove https://example.com/").click()
    assert "is no seed any more" in page.get_by_role("status").inner_text()
    page.reload()
    assert served.get("api/v1/seeds").json()["rows"] == []
    page.goto(f"{served.address}/overview?target=example.org")
    page.get_by_text("Mark example.org").click()
    page.locator("select[name=mark]").select_option("won")
    page.get_by_role("button", name="Mark").click()
    assert "example.org is marked as won" in page.get_by_role("status").inner_text()
    assert said == []


def test_a_page_of_somebody_else_changes_nothing_and_frames_nothing(
    database: Database, serve: Callable[..., Served], browser: Any, elsewhere: Callable[[str], str]
) -> None:
    served, page = serve(database, is_admin=True), browser.new_page()
    form = f'<form method="post" action="{served.address}/seeds/add"><input name="url" value="evil.test"></form>'
    page.goto(elsewhere(f"{form}<script>document.forms[0].submit()</script>"))
    page.get_by_text("This is refused").wait_for()
    fetched = (
        f"fetch('{served.address}/seeds/add', {{method: 'POST', mode: 'no-cors', credentials: 'include', "
        "body: new URLSearchParams({url: 'evil.test'})}).then(() => 'sent', () => 'refused')"
    )
    page.goto(elsewhere("nothing"))
    page.evaluate(fetched)
    assert page.evaluate(f"fetch('{served.address}/seeds').then(r => r.text(), () => 'unreadable')") == "unreadable"
    page.goto(elsewhere(f'<iframe src="{served.address}/seeds"></iframe>'))
    assert all("Seeds" not in frame.content() for frame in page.frames[1:])
    assert served.get("api/v1/seeds").json()["rows"] == []
