"""Whose page it is: seeds are added, removed and named for one run at random, and the nights visit what they should."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import Scope, Seed
from backlink_crawler.store.frontier import KEPT, requeue
from backlink_crawler.store.seeds import add_seeds, list_seeds, remove_seed
from tests.integration.ownership import Starts, invent, linked_from, name_seeds, pages_of, reached, run
from tests.integration.worker import Worker, url

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database
    from tests.integration.ownership import Web

TOGETHER, OFTEN = 20, 60  # plays: in one database, in the ordinary suite
PLAYS = int(os.environ.get("OWNERSHIP_PLAYS", "300"))  # in all
MEMBERS = """
SELECT start.url, array_agg(u.url)
FROM seeds AS s
INNER JOIN urls AS start ON s.url_id = start.id
INNER JOIN seed_pages AS m ON s.id = m.seed_id
INNER JOIN urls AS u ON m.page_id = u.id
WHERE s.queue_id = %s AND s.root_id IS NULL GROUP BY start.url"""
COUNTS = """
SELECT s.pages_known, count(*) FILTER (WHERE p.counted) FROM seeds AS s
LEFT JOIN seed_pages AS m ON s.id = m.seed_id LEFT JOIN pages AS p ON m.page_id = p.page_id
GROUP BY s.id HAVING s.pages_known <> count(*) FILTER (WHERE p.counted)"""
NOBODYS = """
SELECT count(*) FROM pages AS p
WHERE (p.next_visit IS NULL) = EXISTS (SELECT 1 FROM seed_pages AS m WHERE m.page_id = p.page_id)"""


class Play:
    """kept, starts, seen: the model's only memory. seen: pages that any run has visited."""

    def __init__(self, worker: Worker, database: Database, connection: psycopg.Connection, number: int) -> None:
        self.worker, self.database, self.connection = worker, database, connection
        self.random = Random(number)
        self.web: Web = invent(self.random, f"p{number}")
        self.kept: dict[str, Seed] = {}
        self.starts: Starts = {}
        self.seen: set[str] = set()

    def run(self, queue: int) -> set[str]:
        visited = run(self.worker, self.web, queue)
        self.seen |= visited
        return visited

    @property
    def linked(self) -> set[str]:
        return linked_from(self.seen, self.web)

    def play(self) -> None:
        actions = [self.keep] * 4 + [self.remove] * 2 + [self.keep_again] + [self.run_by_name] * 3 + [self.night] * 2
        for action in [self.keep, *self.random.choices(actions, k=5), self.night_when_all_is_due]:
            try:
                action()
                self.check_limits()
            except AssertionError as error:
                raise AssertionError(f"{self.web.pages[0]}, {action.__name__}: {self.kept.values()}") from error
        self.end()

    def seed(self) -> Seed:
        choose = self.random.choice
        budget, hops = choose(((None, 0), (None, 0), (None, 1), (None, 2), (3, 0)))
        depth = None if budget else choose((None, None, 0, 1, 2))
        return Seed(url(choose(self.web.pages)), choose(list(Scope)), depth, budget, hops)

    def keep(self) -> None:
        seeds = {seed.url.text: seed for seed in (self.seed() for _ in range(self.random.choice((1, 1, 2))))}
        with self.database.connect() as writer:
            add_seeds(writer, seeds.values(), kept=True)
        for address, seed in seeds.items():
            if self.kept.get(address) != seed:
                self.starts.pop(address, None)
        self.kept |= seeds
        name_seeds(self.kept.values(), self.starts)

    def keep_again(self) -> None:
        with self.database.connect() as writer:
            add_seeds(writer, self.kept.values(), kept=True)

    def remove(self) -> None:
        if self.kept:
            address = self.random.choice(list(self.kept))
            self.starts.pop(address)
            with self.database.connect() as writer:
                assert remove_seed(writer, self.kept.pop(address).url.hash)

    def run_by_name(self) -> None:
        seeds = {seed.url.text: seed for seed in (self.seed() for _ in range(2))}
        if self.kept and self.random.random() < 0.5:
            address = self.random.choice(list(self.kept))
            seeds[address] = self.random.choice((self.kept[address], Seed(url(address))))
        with self.database.connect() as writer:
            queue = add_seeds(writer, seeds.values(), kept=False).queue_id
        visited = self.run(queue)
        starts: Starts = {}
        name_seeds(seeds.values(), starts)
        self.check_pages(queue, seeds, starts)
        assert visited <= pages_of(seeds.values(), starts, self.web, self.linked) | self.limited(queue, seeds)

    def night(self) -> None:
        self.run(KEPT)
        self.check_pages(KEPT, self.kept, self.starts)

    def night_when_all_is_due(self) -> None:
        self.run(KEPT)
        self.connection.execute("UPDATE pages SET next_visit = now() WHERE next_visit IS NOT NULL")
        requeue(self.connection, [row[0] for row in self.connection.execute("SELECT host_id FROM crawled_hosts")])
        visited = self.run(KEPT)
        assert visited == pages_of(self.kept.values(), self.starts, self.web, self.linked) | self.limited(
            KEPT, self.kept
        )
        self.check_pages(KEPT, self.kept, self.starts)

    def limited(self, queue: int, seeds: dict[str, Seed]) -> set[str]:
        """Which pages of seeds with a budget are admitted is not the model's business."""
        return {page for start, page in self.members(queue) if seeds[start].max_pages is not None}

    def members(self, queue: int) -> list[tuple[str, str]]:
        rows = self.connection.execute(MEMBERS.encode(), [queue]).fetchall()
        return [(start, page) for start, pages in rows for page in pages]

    def check_pages(self, queue: int, seeds: dict[str, Seed], starts: Starts) -> None:
        members: dict[str, set[str]] = {start: set() for start in seeds}
        for start, page in self.members(queue):
            members[start].add(page)
        for start, seed in seeds.items():
            within = reached(seed, starts[start], self.web, self.linked)
            if seed.max_pages is None:
                assert members[start] == within, seed
            else:
                assert members[start] <= within, seed
                assert len(members[start]) == min(seed.max_pages, len(within)), seed

    def check_limits(self) -> None:
        with self.database.connect() as reader:
            listed = {each.url: (each.scope, each.max_depth, each.max_pages, each.hops) for each in list_seeds(reader)}
        assert listed == {
            each.url.text: (each.scope, each.max_depth, each.max_pages, each.hops) for each in self.kept.values()
        }
        assert self.connection.execute(COUNTS.encode()).fetchall() == []
        assert self.connection.execute(NOBODYS.encode()).fetchone() == (0,)

    def end(self) -> None:
        """The next play begins with what this one leaves, and no seed is kept."""
        while self.kept:
            self.remove()
        assert self.run(KEPT) == set()


@pytest.mark.parametrize(
    "first",
    [
        *range(0, OFTEN, TOGETHER),
        *(pytest.param(first, marks=pytest.mark.slow) for first in range(OFTEN, PLAYS, TOGETHER)),
    ],
)
def test_the_nights_visit_what_kept_seeds_cover_and_nothing_else(
    database: Database, connection: psycopg.Connection, first: int
) -> None:
    with Worker(database) as worker:
        for number in range(first, first + TOGETHER):
            Play(worker, database, connection, number).play()
