"""A little index of many fates, for what looks after an index: links found, missing, lost, back, unverified, rendered."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from backlink_crawler.frontier.revisit import Pace
from backlink_crawler.model import DuePage, Outcome, PageKind
from backlink_crawler.store.recording import Recorder, Source
from tests.integration.archive import START, day
from tests.integration.worker import link, rendered, url, visit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backlink_crawler.model import Link, Visit
    from backlink_crawler.store.database import Database

__all__ = ["START", "SmallIndex", "day", "play"]

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


class SmallIndex:
    """Pages as the frontier would hand them out, and a crawl that records. Every method is one step."""

    def __init__(self, database: Database) -> None:
        self._runner = asyncio.Runner()
        self._connection = database.connect(autocommit=True)
        row = self._connection.execute(
            "INSERT INTO sources (worker, name) VALUES (%s, 'a crawl') RETURNING id", [uuid4()]
        ).fetchone()
        assert row is not None
        self.recorder: Recorder = self._runner.run(Recorder.open(database, Source(row[0], 0, Pace())))

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

    def read(self, at: float, address: str, *links: Link, **facts: Any) -> None:
        self._observe(at, visit(self.page(address), *links, **facts))

    def render(self, at: float, address: str, *html: Link, shows: list[Link]) -> None:
        self._observe(at, rendered(self.page(address), *html, shows=shows))

    def _observe(self, at: float, made: Visit) -> None:
        made.observed_at = day(at)
        if made.facts:
            made.facts.links_internal = 100  # beside which what comes and goes is never most of a page's links
        self.record(made)


HOSTS = (
    *("www.one.test", "two.test", "ann.hosting.test", "www.ann.hosting.test", "bob.hosting.test", "hosting.test"),
    *("a.b.city.test", "www.c.city.test", "city.test"),
)
RELS = ("", "", "nofollow", "ugc", "sponsored nofollow")


def play(
    index: SmallIndex, seed: int, *, visits: int = 80, start: int = 0, lists: Sequence[Callable[[str], str]] = ()
) -> None:
    """So many visits at random to pages of a few hosts that link to each other.

    lists: only links that leave their domain by each of these are shown, and by the one in force.
    """
    chance = random.Random(seed)
    addresses = [f"http://{host}/{number}" for host in HOSTS for number in range(2)]
    targets = [f"http://{host}/{path}" for host in HOSTS for path in ("", "a", "b")]
    for number in range(visits):
        address = chance.choice(addresses)
        shown = [
            link(to, chance.choice("xy"), chance.choice(RELS)) for to in chance.sample(targets, chance.randrange(8))
        ]
        added, home = shown[:1], url(address)  # by scripts, when the page is rendered
        shown = [
            each
            for each in shown
            if each.to
            and each.to.domain != home.domain
            and all(domain_of(each.to.host) != domain_of(home.host) for domain_of in lists)
        ]
        at = start + number / 4
        fate = chance.random()
        if fate < 0.1:
            index.read(at, address, outcome=Outcome.SERVER_ERROR, http_code=503)
        elif fate < 0.2:
            index.read(at, address, outcome=Outcome.GONE, http_code=404)
        elif fate < 0.35:
            index.render(at, address, *(each for each in shown if each not in added), shows=shown)
        else:
            index.read(at, address, *shown)
