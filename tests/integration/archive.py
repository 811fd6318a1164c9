"""An archive's side of the database: captures of pages that no crawl need know, recorded in any order."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from backlink_crawler.frontier.revisit import Pace
from backlink_crawler.model import DuePage, Outcome, PageKind
from backlink_crawler.store.recording import Recorder, Source
from tests.integration.worker import url, visit

if TYPE_CHECKING:
    from backlink_crawler.model import Link, Visit
    from backlink_crawler.store.database import Database

START = datetime(2026, 3, 1, tzinfo=UTC)
_PAGE = """
WITH domain AS (
    INSERT INTO domains (name) VALUES (%(domain)s) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id
), host AS (
    INSERT INTO hosts (name, domain_id) SELECT %(host)s, id FROM domain
    ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id, domain_id
), crawled AS (
    INSERT INTO crawled_hosts (host_id) SELECT id FROM host ON CONFLICT DO NOTHING
), url AS (
    INSERT INTO urls (hash, host_id, url) SELECT %(hash)s::uuid, id, %(text)s FROM host
    ON CONFLICT (hash) DO UPDATE SET hash = excluded.hash RETURNING id, host_id
), known AS (
    SELECT page_id FROM pages WHERE page_id = (SELECT id FROM url)
), coverage AS (
    INSERT INTO domain_coverage AS c (domain_id, pages_known)
    SELECT domain_id, 1 FROM host WHERE NOT EXISTS (SELECT 1 FROM known)
    ON CONFLICT (domain_id) DO UPDATE SET pages_known = c.pages_known + 1
)
INSERT INTO pages (page_id, host_id) SELECT id, host_id FROM url
ON CONFLICT (page_id) DO UPDATE SET host_id = excluded.host_id RETURNING page_id, host_id"""


def day(number: float) -> datetime:
    return START + timedelta(days=number)


class Recording:
    """Whoever records visits to pages that no crawl need know. Every method is one step and waits for it."""

    def __init__(self, database: Database, *, is_crawl: bool) -> None:
        self._runner = asyncio.Runner()
        self._connection = database.connect(autocommit=True)
        row = self._connection.execute(
            "INSERT INTO sources (kind, worker, name) VALUES (%s, %s, 'tests') RETURNING id",
            [0 if is_crawl else 1, uuid4()],
        ).fetchone()
        assert row is not None
        self.source_id = row[0]
        source = Source(self.source_id, 0, Pace(), is_crawl=is_crawl)
        self.recorder: Recorder = self._runner.run(Recorder.open(database, source))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self.recorder.close())
        self._connection.close()
        self._runner.close()

    def page(self, address: str) -> DuePage:
        """Known from now on, if it was not."""
        identity = url(address)
        row = self._connection.execute(_PAGE, identity._asdict()).fetchone()
        assert row is not None
        return DuePage(row[0], identity.text, row[1], 0, PageKind.PAGE, 0)

    def record(self, *visits: Visit) -> None:
        self._runner.run(self.recorder.record(visits))


class Archive(Recording):
    def __init__(self, database: Database) -> None:
        super().__init__(database, is_crawl=False)

    def capture(self, at: datetime, address: str, *links: Link, **facts: Any) -> Visit:
        """Recorded in a batch of its own."""
        return self.take(at, visit(self.page(address), *links, **facts))

    def take(self, at: datetime, made: Visit) -> Visit:
        made.observed_at = at
        self.record(made)
        return made

    def gone(self, at: datetime, address: str) -> Visit:
        return self.capture(at, address, outcome=Outcome.GONE, http_code=404)

    def redirect(self, at: datetime, address: str, to: str, http_code: int = 301) -> Visit:
        made = visit(self.page(address), outcome=Outcome.REDIRECT, http_code=http_code)
        made.observed_at, made.redirect_to = at, url(to)
        self.record(made)
        return made
