"""Watched targets, and the pages that hold links to a target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple

from backlink_crawler.model import TargetMode
from backlink_crawler.store.database import retried
from backlink_crawler.store.frontier import requeue
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import psycopg

    from backlink_crawler.model import Target

_SQL = statements("targets")


class WatchedTarget(NamedTuple):
    """links, pages: known now, lost ones left out. brands, keywords: as the user says."""

    target: str
    mode: str
    added_at: datetime
    links: int
    pages: int
    brands: list[str]
    keywords: list[str]


def with_watched(asked: str, statement: LiteralString, *, of_pages: bool = False) -> LiteralString:
    """A statement that reads `watched` (target_id, page_id, links). asked: all_targets, one_target or named_target.

    of_pages: of %(pages)s only.
    """
    links, watched = _SQL["links_of_pages" if of_pages else "links_to_targets"], _SQL["watched_pages"]
    return f"{with_meant(_SQL[asked], links)}, watched AS ({watched}) {statement}"


def with_meant(asked: LiteralString, candidates: LiteralString) -> LiteralString:
    """The beginning of a statement that reads `meant`: of the candidates, the links that what was asked for means."""
    return f"WITH asked AS ({asked}), candidates AS ({candidates}), meant AS ({_SQL['meant_links']})"


def named(asked: str) -> LiteralString:
    """all_targets, one_target or named_target, as `asked`."""
    return _SQL[asked]


# Of %(pages)s, those that link to a target come before others from now on.
WATCHED_FIRST = with_watched("all_targets", _SQL["visit_first"], of_pages=True)


def add_target(
    connection: psycopg.Connection[Any], target: Target, *, brands: Sequence[str] = (), keywords: Sequence[str] = ()
) -> int:
    """Watch a target: from now on the pages that link to it are visited first. Returns how many do.

    brands, keywords: what the user calls it, and what it is about: beside those that are known of it already.
    """
    known = {"mode": target.mode.value, "domain": target.domain, "values": list(target.values)}
    said = {"brands": list(brands), "keywords": list(keywords)}

    def remember() -> int:
        if (row := connection.execute(_SQL["find_target"], known).fetchone()) and row[1] != target.mode:
            _remove(connection, row[0])  # the same words, and now they mean something else
        connection.execute(_SQL["add_domain"], known)
        connection.execute(_SQL["add_target"], known)
        row = connection.execute(_SQL["find_target"], known).fetchone()
        assert row is not None
        if brands or keywords:
            connection.execute(_SQL["add_words"], said | {"target_id": row[0]})
        return int(row[0])

    # Committed first, so that a visit recorded meanwhile knows it.
    asked = {"target_id": retried(connection, remember)}
    statement = with_watched("one_target", _SQL["visit_first"])
    hosts = [host_id for (host_id,) in retried(connection, lambda: connection.execute(statement, asked).fetchall())]
    requeue(connection, hosts)  # a transaction of its own: crawls take hosts first and pages then
    return len(_pages(connection, asked["target_id"]))


def list_targets(connection: psycopg.Connection[Any]) -> list[WatchedTarget]:
    rows = connection.execute(with_watched("all_targets", _SQL["list_targets"])).fetchall()
    return [WatchedTarget(as_typed(mode, values), mode, *rest) for mode, values, *rest in rows]


def remove_target(connection: psycopg.Connection[Any], target: Target) -> bool:
    """Watch it no longer. False: it was not watched."""
    hosts: list[int] = []

    def forget() -> bool:
        row = connection.execute(_SQL["find_target"], {"values": list(target.values)}).fetchone()
        if row:
            hosts[:] = _remove(connection, row[0])
        return row is not None

    was_watched = retried(connection, forget)
    requeue(connection, hosts)
    return was_watched


def as_typed(mode: str, values: list[str]) -> str:
    """What parse_target makes this target of."""
    if mode != TargetMode.PREFIX:
        return values[0]
    return values[0].removeprefix("https://") if len(values) > 1 else f"{values[0]}*"


def _remove(connection: psycopg.Connection[Any], target_id: int) -> list[int]:
    """Returns the hosts of pages that are as others now."""
    pages = _pages(connection, target_id)
    connection.execute(_SQL["remove_target"], {"target_id": target_id})
    statement = with_watched("all_targets", _SQL["visit_as_others"], of_pages=True)
    return [host_id for (host_id,) in connection.execute(statement, {"pages": pages})]


def _pages(connection: psycopg.Connection[Any], target_id: int) -> list[int]:
    rows = connection.execute(with_watched("one_target", "SELECT page_id FROM watched"), {"target_id": target_id})
    return [page_id for (page_id,) in rows]
