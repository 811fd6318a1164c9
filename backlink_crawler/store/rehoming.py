"""Hosts that another Public Suffix List puts under another domain move there, with their links and all sums.

Afterwards the index is as if it had been made with that list, as far as the stored rows allow: links that no longer
leave their domain are deleted with their history; pages whose links may leave it only now are read in full at their next
visit; daily figures count for the domain that a link leads to now. Links that were pruned stay in the daily figures of
the domain for which they were recorded.

Each batch of hosts is one transaction. Killed anywhere, the next run looks for what is left. No crawl runs meanwhile.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.model import TargetMode
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.recounting import COVERAGE, EDGES, GROUPS, SEEDS, TOTALS, create_keys, recount
from backlink_crawler.store.running import let_crawls_run, wait_for_crawls
from backlink_crawler.store.statements import statements
from backlink_crawler.urls.domains import domain_of, suffix_list_version

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database

logger = logging.getLogger(__name__)
_SQL = statements("rehoming") | statements("rehoming_seeds")
HOSTS_AT_ONCE = 10_000  # those that share sums stand together: most sums are counted anew once
SEVERAL = "several"  # the list of an index in which crawls with different lists have written
_HOST = re.compile(r"^https?://([^/]*)")
_FIND = ("find_links", "find_edges", "find_domains")
_LINKS = (
    "delete_events_of_internal_links",
    "delete_internal_links",
    "move_links",
    "move_link_events",
    "delete_edge_events",
    "delete_edges",
)
_SEEDS = ("find_seeds", "hand_over_pages", "delete_doubled_seeds", "lift_hop_seeds", "move_seeds")


class Rehomed(NamedTuple):
    """internal: links that no longer leave their domain, and are gone."""

    hosts: int = 0
    links: int = 0
    internal: int = 0


def list_of(connection: psycopg.Connection[Any]) -> str | None:
    """The version of the list that the index was made with, or SEVERAL; None: it was not said."""
    row = connection.execute(_SQL["list_of_index"]).fetchone()
    return row[0] if row else None


def is_due(database: Database) -> bool:
    with database.connect() as connection, database_errors(database):
        return list_of(connection) != suffix_list_version()


def crawl_with_another_list(database: Database) -> None:
    """What crawls write from now on is of this program's list: the next upgrade looks at all hosts."""
    with database.connect() as connection, database_errors(database):
        connection.execute(_SQL["set_list"], {"list": SEVERAL})
    logger.warning(
        "the domains in %s were made with another Public Suffix List; run `backlinks db upgrade`.", database.name
    )


def rehome(database: Database) -> Rehomed:
    """Waits for crawls that run, when there is anything to do: when the lists differ."""
    if not is_due(database):
        return Rehomed()
    with database.connect() as reading, database.connect() as connection, database_errors(database):
        wait_for_crawls(connection)
        try:
            create_keys(connection)
            connection.execute(_SQL["create_moves"])
            _find_moves(reading, connection)
            connection.commit()
            batches = iter(lambda: _move_batch(connection), None)
            moved = [sum(numbers) for numbers in zip(Rehomed(), *batches, strict=True)]
            _move_targets(connection)
            connection.execute(_SQL["set_list"], {"list": suffix_list_version()})
            connection.commit()
        finally:
            let_crawls_run(connection)
    return Rehomed(*moved)


def _find_moves(reading: psycopg.Connection[Any], connection: psycopg.Connection[Any]) -> None:
    """One pass over all hosts."""
    with (
        reading.cursor("hosts") as hosts,
        connection.cursor() as cursor,
        cursor.copy("COPY moves (host_id, domain, parent) FROM STDIN") as copy,
    ):
        hosts.itersize = 10_000
        for host_id, name, old in hosts.execute(_SQL["every_host"]):
            if (new := domain_of(name)) != old:
                copy.write_row((host_id, new, min(old, new, key=len)))
    connection.execute(_SQL["insert_domains"])


def _move_batch(connection: psycopg.Connection[Any]) -> Rehomed | None:
    """None: there is none left."""
    with connection.transaction():
        if not connection.execute(_SQL["next_batch"], {"hosts": HOSTS_AT_ONCE}).rowcount:
            return None
        connection.execute(_SQL["move_hosts"])
        for name in _FIND:
            connection.execute(_SQL[name])
        connection.execute("ANALYZE moved_links, recounted_edges, recounted_domains")
        connection.execute(_SQL["find_states"])
        _count_days(connection, -1)
        for name in _LINKS:
            connection.execute(_SQL[name])
        recount(connection, EDGES)
        connection.execute(_SQL["insert_edge_events"])
        _count_days(connection, 1)
        connection.execute(_SQL["delete_empty_days"])
        connection.execute(_SQL["delete_totals"])
        recount(connection, TOTALS)
        connection.execute(_SQL["delete_groups"])
        recount(connection, GROUPS)
        _move_pages(connection)
        row = connection.execute(_SQL["count_moved"]).fetchone()
        assert row is not None
        return Rehomed(*row)


def _count_days(connection: psycopg.Connection[Any], side: int) -> None:
    connection.execute(_SQL["count_links_by_day"], {"side": side})
    connection.execute(_SQL["count_edges_by_day"], {"side": side})


def _move_pages(connection: psycopg.Connection[Any]) -> None:
    """What is told of the domains that link: their pages, and the seeds that cover these."""
    connection.execute(_SQL["clear_domains"])
    connection.execute(_SQL["find_coverage"])
    recount(connection, COVERAGE)
    for name in _SEEDS:
        connection.execute(_SQL[name])
    connection.execute(_SQL["find_seeds_to_recount"])
    connection.execute(_SQL["leave_seeds"])
    recount(connection, SEEDS)
    connection.execute(_SQL["read_pages_anew"])


def _move_targets(connection: psycopg.Connection[Any]) -> None:
    """A domain that is watched and no longer is one stays watched as the host that it is by now."""
    for target_id, mode, values, old in connection.execute(_SQL["every_target"]).fetchall():
        found = _HOST.match(values[0])
        host = found[1] if found else values[0]
        domain = domain_of(host)
        if domain != old:
            of_domain = mode == TargetMode.DOMAIN and domain != host
            connection.execute(_SQL["insert_domain"], {"domain": domain})
            connection.execute(
                _SQL["move_target"],
                {
                    "target_id": target_id,
                    "domain": domain,
                    "mode": TargetMode.SUBDOMAINS.value if of_domain else mode,
                },
            )
