"""Pages whose texts are compared, which of them mirror each other, and the networks that domains are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString

from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import psycopg

_SQL = statements("mirrors")
_NETWORKS = statements("networks")
_ROWS = 10_000  # at once
_SWAP_PAGES = ("delete_gone_pages", "update_changed_pages", "insert_new_pages")
_SWAP_EDGES = ("delete_gone_edges", "update_changed_edges", "insert_new_edges")
_SWAP_NETWORKS = (
    *("delete_gone", "update_changed", "insert_new", "delete_gone_counts", "update_changed_counts"),
    "insert_new_counts",
)


def linking_pages(connection: psycopg.Connection[Any], fewest_links: int) -> Iterator[tuple[int, int, int, int | None]]:
    """(page, domain, simhash of its text, hash of the URLs that it links to), where each is known; the last is None where
    these are fewer. All as of one moment.
    """
    with connection.transaction(), connection.cursor(name="linking_pages") as cursor:
        cursor.itersize = _ROWS
        yield from cursor.execute(_SQL["pages"], {"fewest": fewest_links})


def swap_mirrors(connection: psycopg.Connection[Any], found: Iterable[tuple[int, int, int, int]]) -> dict[str, int]:
    """Into the connection's transaction. found: (page, first page of its group, bits, domains of the group). Returns how many
    pages and edges are mirrors, in how many groups, and how many rows have changed.
    """
    connection.execute(_SQL["create_new"])
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_new"]) as copy:
        for row in found:
            copy.write_row(row)
    connection.execute("ANALYZE new_mirrors")
    connection.execute(_SQL["create_edges"])
    changed = sum(connection.execute(_SQL[name]).rowcount for name in (*_SWAP_PAGES, *_SWAP_EDGES))
    return {**_counted(connection, _SQL["count"]), "changed": changed}


def swap_networks(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Into the connection's transaction. Returns how many networks and domains are known, and how many rows have changed."""
    connection.execute(_NETWORKS["create_new"])
    connection.execute(_NETWORKS["create_new_counts"])
    changed = sum(connection.execute(_NETWORKS[name]).rowcount for name in _SWAP_NETWORKS)
    return {**_counted(connection, _NETWORKS["count"]), "changed": changed}


def _counted(connection: psycopg.Connection[Any], query: LiteralString) -> dict[str, int]:
    cursor = connection.execute(query)
    row = cursor.fetchone()
    assert row is not None
    assert cursor.description is not None
    return {column.name: int(value) for column, value in zip(cursor.description, row, strict=True)}
