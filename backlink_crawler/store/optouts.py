"""Opt-outs: domains and hosts that are never crawled, and the mark that says so on each crawled host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlink_crawler.store.database import retried
from backlink_crawler.store.frontier import requeue
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    import psycopg

_SQL = statements("optouts")


def add_optout(connection: psycopg.Connection[Any], domain: str, note: str | None) -> None:
    """domain: a registrable domain, or a host without its port. From the next claim on, nothing under it is asked."""
    said = {"domain": domain, "note": note}

    def step() -> None:
        connection.execute(_SQL["lock_crawled_hosts"])
        connection.execute(_SQL["add_optout"], said)
        _requeue(connection, connection.execute(_SQL["opt_out_hosts"], said).fetchall())

    retried(connection, step)


def list_optouts(connection: psycopg.Connection[Any]) -> list[tuple[str, str | None]]:
    return connection.execute(_SQL["list_optouts"]).fetchall()


def remove_optout(connection: psycopg.Connection[Any], domain: str) -> bool:
    """False: it had not opted out."""

    def step() -> bool:
        connection.execute(_SQL["lock_crawled_hosts"])
        if not connection.execute(_SQL["remove_optout"], {"domain": domain}).rowcount:
            return False
        _requeue(connection, connection.execute(_SQL["readmit_hosts"]).fetchall())
        return True

    return retried(connection, step)


def _requeue(connection: psycopg.Connection[Any], hosts: list[tuple[int]]) -> None:
    requeue(connection, [host_id for (host_id,) in hosts])
