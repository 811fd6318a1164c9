"""The explorer as people reach it: over HTTP, on the demo web's index."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import uvicorn

from backlink_crawler.config import Config
from backlink_crawler.web.app import make_app
from backlink_crawler.web.index import Index
from tests.crawl.conftest import first_run
from tests.web.hostile import fill_hostile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.crawl.conftest import FirstRun

__all__ = ["first_run"]
NAMES = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Served:
    """An explorer that answers. get: `get("links", target="example.com", from_="other.com")`."""

    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, *, headers: dict[str, str] | None = None, method: str = "GET", **asked: Any) -> Answered:
        query = urlencode({name.rstrip("_"): value for name, value in asked.items()}, doseq=True)
        return self.send(method, f"/{path.lstrip('/')}" + (f"?{query}" if query else ""), headers=headers)

    def send(
        self, method: str, target: str, *, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Answered:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, target, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Answered(answer.status, answer.msg, answer.read())
        finally:
            connection.close()


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        pass


def started(index: Index, **guard: Any) -> tuple[_Server, threading.Thread, int]:
    app = make_app(index, hosts=guard.pop("hosts", NAMES), **guard)
    server = _Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return server, thread, server.servers[0].sockets[0].getsockname()[1]


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., Served]]:
    """An explorer of its own: `serve(database, is_admin=True, password="…")`."""
    running: list[tuple[_Server, threading.Thread]] = []

    def run(database: Database, *, is_admin: bool = False, **guard: Any) -> Served:
        index = Index.of(database, Config.from_environment({}), is_admin=is_admin)
        server, thread, port = started(index, **guard)
        running.append((server, thread))
        return Served(port)

    yield run
    for server, thread in running:
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture(scope="module")
def served(first_run: FirstRun, serve: Callable[..., Served]) -> Served:
    """The explorer of the demo web's index, which nothing changes."""
    return serve(first_run.database)


@pytest.fixture(scope="module")
def hostile(embedded_server: Server) -> Iterator[Database]:
    made = embedded_server.copy()
    fill_hostile(made)
    yield made
    embedded_server.drop(made)
