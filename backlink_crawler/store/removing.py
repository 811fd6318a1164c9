"""A domain is taken out of the index: its seeds, its pages with their visits and links, and what these count for.

Links of other domains to it stay: they are on pages of others. Crawls may keep running. Each step is a short transaction of its
own, and after each all sums are right. If it is killed, the next removal takes the rest.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.errors import BacklinksError
from backlink_crawler.store import groups
from backlink_crawler.store.database import database_errors, retried
from backlink_crawler.store.frontier import requeue
from backlink_crawler.store.pruning import take_unused
from backlink_crawler.store.recounting import COVERAGE, EDGES, create_keys, recount
from backlink_crawler.store.running import hold_off_batches, join_crawls
from backlink_crawler.store.seeds import remove_seeds
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from backlink_crawler.store.database import Database

_SQL = statements("removing")
_PRUNING = statements("pruning")
LINKS_AT_ONCE = (500, 4_000)  # at least, at most: as many as take about
SECONDS_AT_ONCE = 0.3  # for which crawls wait
EDGES_AT_ONCE = 100
PAGES_AT_ONCE = 2_000
LEASE = 60.0  # seconds: so long a worker may not know that a host is no longer its own
_ROUNDS = 3  # before a crawl that goes on adding pages is named


class Removable(NamedTuple):
    """Of one domain. links: from its pages, to domains_to. links_to_it: of domains_from, which stay."""

    seeds: int
    pages: int
    links: int
    domains_to: int
    links_to_it: int
    domains_from: int


def removable(database: Database, domain: str) -> Removable | None:
    """None: nothing is known of it."""
    with database.connect() as connection, database_errors(database):
        domain_id = _id_of(connection, domain)
        row = connection.execute(_SQL["tell"], {"domain_id": domain_id}).fetchone()
        return Removable(*row) if domain_id is not None and row and any(row) else None


def remove(database: Database, domain: str, tell: Callable[[int, int], None]) -> None:
    """tell: is told of links and pages, as they go. Nothing happens when nothing is known of it."""
    with database.connect() as connection, database_errors(database):
        join_crawls(connection)
        create_keys(connection)
        connection.execute(_SQL["create_removed"])
        connection.execute(groups.CREATE_STAGING)
        connection.commit()
        if (domain_id := _id_of(connection, domain)) is not None:
            _Removal(connection, domain_id, tell).make(domain)


def _id_of(connection: psycopg.Connection[Any], domain: str) -> int | None:
    row = connection.execute(_SQL["domain"], {"name": domain}).fetchone()
    connection.commit()
    return row and int(row[0])


class _Removal:
    def __init__(self, connection: psycopg.Connection[Any], domain_id: int, tell: Callable[[int, int], None]) -> None:
        self._connection = connection
        self._asked = {"domain_id": domain_id}
        self._tell = tell
        self._links = self._pages = 0
        self._at_once = LINKS_AT_ONCE[0]
        self._let_go_at = 0.0

    def make(self, domain: str) -> None:
        connection = self._connection
        for _ in range(_ROUNDS):
            remove_seeds(connection, [row[:2] for row in self._rows("seeds")])
            pages = self._stop()
            while retried(connection, self._remove_some_links):
                self._tell(self._links, self._pages)
            for first in range(0, pages, PAGES_AT_ONCE):
                retried(connection, partial(self._remove_some_pages, first))
                self._tell(self._links, self._pages)
            if not self._rows("seeds") and not self._find_pages():
                break
        else:
            raise BacklinksError(
                f"a crawl adds pages of {domain} again; name it to `backlinks optout add` or `backlinks skip add` first."
            )
        # A worker that held one of its hosts must know by then: the next claim of it begins to count from one.
        time.sleep(max(0.0, self._let_go_at - time.monotonic()))
        self._remove_hosts()

    def _rows(self, name: str) -> list[tuple[Any, ...]]:
        rows = self._connection.execute(_SQL[name], self._asked).fetchall()
        self._connection.commit()
        return list(rows)

    def _find_pages(self) -> int:
        with self._connection.transaction():
            self._connection.execute("TRUNCATE removed_pages")
            return self._connection.execute(_SQL["find_pages"], self._asked).rowcount

    def _stop(self) -> int:
        """No crawl visits its pages any more. Returns how many there are."""
        connection = self._connection
        hosts = [host_id for (host_id,) in self._rows("hosts")]
        pages = self._find_pages()
        for first in range(0, pages, PAGES_AT_ONCE):
            step = {"after": first, "up_to": first + PAGES_AT_ONCE}
            retried(connection, partial(connection.execute, _SQL["stop_pages"], step))
        if retried(connection, lambda: connection.execute(_SQL["take_back_hosts"], self._asked).fetchone()) == (True,):
            self._let_go_at = time.monotonic() + LEASE
        for start in range(0, len(hosts), PAGES_AT_ONCE):
            requeue(connection, hosts[start : start + PAGES_AT_ONCE])
        connection.commit()
        return pages

    def _remove_some_links(self) -> bool:
        """False: there are none left."""
        connection, asked = self._connection, self._asked
        hold_off_batches(connection)
        began = time.monotonic()
        limits = {"edges": EDGES_AT_ONCE, "limit": self._at_once}
        removed = connection.execute(_SQL["choose_links"], asked | limits).rowcount
        if not removed:
            return False
        for name in ("note_pages", "note_counted", "note_edges"):
            connection.execute(_SQL[name], asked)
        connection.execute("ANALYZE removed_links, removed_edges, touched_pages")
        groups.note_groups_of_removed(connection)
        for name in ("count_links_by_day", "delete_link_events", "delete_links", "update_totals"):
            connection.execute(_SQL[name], asked)
        groups.keep_groups_of_removed(connection)
        for name in ("edges_with_links", "count_edges_by_day", "delete_edges", "delete_empty_days"):
            connection.execute(_SQL[name], asked)
        recount(connection, EDGES)
        for name in ("update_refdomains", "forget_first_rows", "delete_totals"):
            connection.execute(_SQL[name], asked)
        self._delete_urls(connection.execute(_SQL["unused_urls"]))
        self._links += removed
        factor = min(2.0, SECONDS_AT_ONCE / (time.monotonic() - began))
        self._at_once = int(min(max(factor * self._at_once, LINKS_AT_ONCE[0]), LINKS_AT_ONCE[1]))
        return True

    def _remove_some_pages(self, first: int) -> None:
        connection = self._connection
        hold_off_batches(connection)
        step = {"after": first, "up_to": first + PAGES_AT_ONCE}
        pages = {"pages": [page_id for (page_id,) in connection.execute(_SQL["pages_without_links"], step)]}
        for name in ("delete_visits", "delete_facts", "delete_covers", "delete_pages"):
            connection.execute(_SQL[name], pages)
        self._delete_urls(connection.execute(_SQL["unused_urls_of_pages"], pages))
        connection.execute(_SQL["find_coverage"], self._asked)
        recount(connection, COVERAGE)
        self._pages += len(pages["pages"])

    def _delete_urls(self, unused: psycopg.Cursor[Any]) -> None:
        self._connection.execute(_PRUNING["delete_urls"], {"unused": [url_id for (url_id,) in unused]})

    def _remove_hosts(self) -> None:
        """And other URLs of theirs, to which nothing refers."""
        connection = self._connection
        hosts = [host_id for (host_id,) in self._rows("hosts")]
        for start in range(0, len(hosts), PAGES_AT_ONCE):
            some = {"hosts": hosts[start : start + PAGES_AT_ONCE]}
            retried(connection, partial(self._forget_hosts, some))
            for _ in self._other_urls(some):
                pass
        for table, keys in (("hosts", hosts), ("domains", [self._asked["domain_id"]])):
            for key in keys:
                take_unused(connection, table, key - 1, key)

    def _forget_hosts(self, some: dict[str, list[int]]) -> None:
        hold_off_batches(self._connection)
        for name in ("delete_queue_hosts", "delete_robots", "delete_crawled_hosts"):
            self._connection.execute(_SQL[name], some)

    def _other_urls(self, some: dict[str, Any]) -> Iterator[int]:
        """How many, as they are taken."""
        after = 0
        while True:
            with self._connection.transaction():
                hold_off_batches(self._connection)
                asked = some | {"after": after, "limit": PAGES_AT_ONCE}
                unused = [url_id for (url_id,) in self._connection.execute(_SQL["other_urls"], asked)]
                if not unused:
                    return
                self._connection.execute(_PRUNING["delete_urls"], {"unused": unused})
            after = unused[-1]
            yield len(unused)
