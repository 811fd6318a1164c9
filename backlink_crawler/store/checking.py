"""`backlinks db check`: does every stored count match its rows? If not, it can be recounted.

A statement reads sums and rows as of one moment, and the write path changes both in one transaction: what differs is
wrong, however many crawls run meanwhile. It is recounted while no batch is being written, some keys at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

from backlink_crawler.store.database import database_errors
from backlink_crawler.store.groups import thresholds
from backlink_crawler.store.recounting import KEPT_SUMS, create_keys, recount
from backlink_crawler.store.running import hold_off_batches, join_crawls
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import psycopg

    from backlink_crawler.store.database import Database
    from backlink_crawler.store.recounting import KeptSum

_SQL = statements("checking")
_NAMES = {
    "domain_edges": _SQL["names_of_domain_edges"],
    "link_groups": _SQL["names_of_link_groups"],
    "seeds": _SQL["names_of_seeds"],
}
KEYS_AT_ONCE = 1000
_Row = dict[str, Any] | None
_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one row. kept: None when there is none; counted: None when there should be none."""

    table: str
    subject: str
    kept: _Row
    counted: _Row

    def __str__(self) -> str:
        """A sentence."""
        if self.kept is None:
            return f"{self.table}, {self.subject}: there is no row, and there should be one."
        if self.counted is None:
            return f"{self.table}, {self.subject}: there is a row, and nothing that it sums up."
        said = (
            f"{name} is {_shown(value)} and should be {_shown(self.counted[name])}"
            for name, value in self.kept.items()
            if value != self.counted[name]
        )
        return f"{self.table}, {self.subject}: {'; '.join(said)}."


def _shown(value: object) -> str:
    return "empty" if value is None else str(value)


def check(database: Database, *, repair: bool = False) -> Iterator[Difference]:
    """What differs, one by one. repair: and each is mended by the time that the next is asked for."""
    with (
        database.connect() as reading,
        database.connect() as mending,
        database_errors(database),
    ):
        join_crawls(mending)
        create_keys(mending)
        mending.commit()
        for kept_sum in KEPT_SUMS:
            mended: _Key | None = None
            for rows in _differences(reading, kept_sum):
                keys = [_key(kept_sum, kept, counted) for kept, counted in rows]
                names = _names(mending, kept_sum, keys)
                if repair:
                    _mend(mending, kept_sum, {key[: kept_sum.keyed] for key in keys} - {mended})
                    mended = keys[-1][: kept_sum.keyed]  # rows with the same may be next
                mending.commit()
                for name, (kept, counted) in zip(names, rows, strict=True):
                    yield Difference(kept_sum.table, name, kept, counted)


def _differences(connection: psycopg.Connection[Any], kept_sum: KeptSum) -> Iterator[list[tuple[_Row, _Row]]]:
    """Some at a time, whatever their number."""
    with connection.transaction(), connection.cursor("differences") as cursor:
        cursor.execute(kept_sum.find, thresholds())
        while rows := cursor.fetchmany(KEYS_AT_ONCE):
            yield rows


def _key(kept_sum: KeptSum, kept: _Row, counted: _Row) -> _Key:
    row = kept if kept is not None else counted
    assert row is not None
    return tuple(row[column] for column in kept_sum.key)


def _names(connection: psycopg.Connection[Any], kept_sum: KeptSum, keys: Sequence[_Key]) -> list[str]:
    query = _NAMES.get(kept_sum.table, _SQL["names_of_domains"])
    rows = connection.execute(query, _columns(kept_sum, keys)).fetchall()
    names = {row[:-1]: row[-1] for row in rows}
    return [names.get(key, str(key)) for key in keys]


def _mend(connection: psycopg.Connection[Any], kept_sum: KeptSum, keys: Collection[_Key]) -> None:
    if not keys:
        return
    columns = _columns(kept_sum, sorted(keys))
    arrays = sql.SQL(", ").join(sql.Placeholder(column) for column in columns)
    hold_off_batches(connection)
    connection.execute(
        sql.SQL("INSERT INTO {} SELECT * FROM unnest({})").format(sql.Identifier(kept_sum.keys), arrays), columns
    )
    recount(connection, kept_sum)


def _columns(kept_sum: KeptSum, keys: Sequence[_Key]) -> dict[str, list[Any]]:
    """Of as many columns as these keys have."""
    return dict(zip(kept_sum.key, map(list, zip(*keys, strict=True)), strict=False))
