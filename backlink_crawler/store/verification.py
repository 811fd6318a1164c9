"""Verification: the pages with links to a target, or that should have one, become due now, before all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlink_crawler.store import admission
from backlink_crawler.store.database import retried
from backlink_crawler.store.frontier import requeue
from backlink_crawler.store.statements import statements
from backlink_crawler.store.targets import with_watched

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from backlink_crawler.model import Target, Url

_SQL = statements("verification")
_URLS = statements("recording")


def hosts_to_verify(connection: psycopg.Connection[Any], target: Target | None) -> list[str]:
    """The names of the hosts that a verification would ask: for this target, and for those asked about before."""
    statement = with_watched("named_target" if target else "all_targets", _SQL["hosts_to_verify"])
    return [name for (name,) in connection.execute(statement, _parameters(target))]


def mark_for_verification(connection: psycopg.Connection[Any], target: Target | None) -> int:
    """Have the pages with links to a target visited next; None: to any that is watched. Returns how many pages.

    Asked again, it changes nothing. Pages of hosts that have opted out are left as they are, and hosts that rest
    go on resting.
    """
    asked = _parameters(target)
    statement = with_watched("named_target" if target else "all_targets", _SQL["mark_for_verification"])
    hosts = [host_id for (host_id,) in retried(connection, lambda: connection.execute(statement, asked).fetchall())]
    # A transaction of its own: crawls take hosts first and pages then.
    retried(connection, lambda: _queue(connection, list(set(hosts))))
    return len(hosts)


def hosts_waiting(connection: psycopg.Connection[Any]) -> list[str]:
    """The names of hosts that were asked about before, and have pages to be verified."""
    return [name for (name,) in connection.execute(_SQL["hosts_waiting"])]


def mark_pages(connection: psycopg.Connection[Any], pages: Iterable[Url]) -> int:
    """Have these pages visited next, known or not. Returns how many; the others are of hosts that have opted out."""
    urls = sorted({page.hash: page for page in pages}.values(), key=lambda page: page.hash)
    hosts = retried(connection, lambda: _mark_pages(connection, urls))
    retried(connection, lambda: _queue(connection, list(set(hosts))))
    return len(hosts)


def _mark_pages(connection: psycopg.Connection[Any], pages: Iterable[Url]) -> list[int]:
    """Returns the host of each."""
    with connection.cursor() as cursor:
        for creation in (_URLS["create_staging"], admission.CREATE_STAGING):
            cursor.execute(creation)
        with cursor.copy("COPY staged_urls (hash, url, host, domain) FROM STDIN") as copy:
            for page in pages:
                copy.write_row((page.hash, page.text, page.host, page.domain))
        for name in ("insert_domains", "insert_hosts", "insert_urls"):
            cursor.execute(_URLS[name])
        cursor.execute(_SQL["insert_named_pages"])
        cursor.execute(admission.SQL["cover_new_pages"])
        return [host_id for (host_id,) in cursor.execute(_SQL["mark_named_pages"]).fetchall()]


def _queue(connection: psycopg.Connection[Any], hosts: list[int]) -> None:
    for name in ("insert_hosts", "queue_hosts"):
        connection.execute(_SQL[name], {"hosts": hosts})
    requeue(connection, hosts)


def _parameters(target: Target | None) -> dict[str, Any]:
    if target is None:
        return {}
    return {"mode": target.mode.value, "domain": target.domain, "values": list(target.values)}
