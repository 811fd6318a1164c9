"""A little index of many fates, for what looks after an index: links found, missing, lost, back, unverified, rendered."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from backlink_crawler.model import Outcome
from tests.integration.archive import START, Recording, day
from tests.integration.worker import link, rendered, url, visit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backlink_crawler.model import Link, Visit
    from backlink_crawler.store.database import Database

__all__ = ["START", "SmallIndex", "day", "play"]


class SmallIndex(Recording):
    """Pages as the frontier would hand them out, and a crawl that records."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, is_crawl=True)

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
