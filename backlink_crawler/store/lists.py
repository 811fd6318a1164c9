"""What the index is made of, page by page: seeds, targets, marks, runs and hosts. No page reads a large table whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple

from psycopg.rows import dict_row

from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.marks import Mark
from backlink_crawler.store.asking import Query
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.evidence import OUTCOMES
from backlink_crawler.store.statements import statements
from backlink_crawler.store.targets import with_meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from backlink_crawler.inputs.marks import Subject
    from backlink_crawler.store.database import Database

_SQL = statements("lists")
_BESIDE = 5_000  # pages of seeds, or links to targets, that are looked at for a part of a list, for each row as many
LOOKED_AT = 2_000  # hosts, for those in one state
_ALL = 2**31 - 1
_MOST_IN_WORK = 10_000
_ROBOTS_SHOWN = 20_000  # characters
_LAST = 2**63 - 1
STATES = ("in_work", "resting", "held_back", "due", "not_due", "opted_out", "nothing_to_visit")

Row = dict[str, Any]


class Part(NamedTuple):
    """A page of a list. next: `after` of the page that follows; None: there is none. looked_at: of so many rows these are
    the ones that were asked for; None: of all.
    """

    rows: list[Row]
    next: str | None
    looked_at: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a list. after: as Part.next. is_exact: what stands beside a row is counted to its end.

    domain: of seeds and hosts. mark: of marks. state: of hosts.
    """

    limit: int = 100
    after: str | None = None
    is_exact: bool = False
    domain: str | None = None
    mark: str | None = None
    state: str | None = None

    @property
    def keys(self) -> dict[str, Any]:
        """One row more is asked for, to know whether there are more."""
        most = _ALL if self.is_exact else _BESIDE // self.limit
        return {"after": _key(self.after), "limit": self.limit + 1, "most": most}


def _key(cursor: str | None) -> int:
    """Raises InvalidInput."""
    if cursor is None:
        return _LAST
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 20 and int(cursor) <= _LAST):
        raise InvalidInput(f"{cursor!r} is not a cursor of this list.")
    return int(cursor)


def seeds(connection: psycopg.Connection[Any], wanted: Wanted) -> Part:
    """Kept ones."""
    return _part(_rows(connection, _seeds(wanted)), wanted, "seed_id")


def _seeds(wanted: Wanted) -> Query:
    asked = _SQL["seeds_of_domain" if wanted.domain else "all_seeds"]
    return Query(f"WITH asked AS (\n{asked}\n)\n\n{_SQL['seeds']}", wanted.keys | {"domain": wanted.domain})


def targets(connection: psycopg.Connection[Any], wanted: Wanted) -> Part:
    """Watched ones."""
    return _part(_rows(connection, _targets(wanted)), wanted, "target_id")


def _targets(wanted: Wanted) -> Query:
    meant = with_meant(_SQL["watched_targets"], _SQL["some_links_to_targets"])
    return Query(f"{meant}\n\n{_SQL['targets']}", wanted.keys)


def marks(connection: psycopg.Connection[Any], wanted: Wanted) -> Part:
    """Those in force."""
    chosen = [mark for mark in Mark if wanted.mark in {None, mark.word}]
    query = Query(_SQL["marks"], wanted.keys | {"marks": [int(mark) for mark in chosen]})
    return _part([row | {"mark": Mark(row["mark"]).word} for row in _rows(connection, query)], wanted, "mark_id")


def _marks(wanted: Wanted) -> Query:
    """As people ask for them: over the view, which cannot enter an index at a mark and a place."""
    return Query(_SQL["marks_of_view"], wanted.keys | {"mark": wanted.mark})


def mark_of(connection: psycopg.Connection[Any], subject: Subject) -> tuple[Mark, str | None] | None:
    """The mark of a domain or a page, and its note; None: it is not marked."""
    asked = {"domain": subject.domain, "url_hash": subject.url and subject.url.hash}
    row = connection.execute(_SQL["mark_of"], asked).fetchone()
    return None if row is None else (Mark(row[0]), row[1])


def runs(connection: psycopg.Connection[Any], wanted: Wanted) -> Part:
    """Of crawls."""
    return _part(_rows(connection, _runs(wanted)), wanted, "crawl_id")


def _runs(wanted: Wanted) -> Query:
    return Query(_SQL["runs"], wanted.keys)


def run(connection: psycopg.Connection[Any], crawl_id: int) -> Row | None:
    """As `runs` has it; None: there is no such run."""
    found = _rows(connection, Query(_SQL["runs"], {"after": crawl_id + 1, "limit": 1}))
    return found[0] if found and found[0]["crawl_id"] == crawl_id else None


def statistics_of(crawl_id: int) -> Query:
    """What a run said last, by name."""
    return Query(_SQL["statistics"], {"crawl_id": crawl_id})


def hosts(connection: psycopg.Connection[Any], wanted: Wanted) -> Part:
    """Of the frontier. Of those in one state, so many are looked at as LOOKED_AT says."""
    query = _hosts(wanted)
    found = _rows(connection, query)
    number, last = found[0]["looked"], found[0]["last_looked"]
    part = _part([_host(row) for row in found if row["host_id"] is not None], wanted, "host_id")
    if part.next is not None or number < query.parameters["looked"]:
        return part
    return Part(part.rows, str(last), number)


def _hosts(wanted: Wanted) -> Query:
    looked = wanted.limit + 1 if wanted.state is None else max(LOOKED_AT, wanted.limit + 1)
    name = "hosts_of_domain" if wanted.domain else "hosts_in_work" if wanted.state == "in_work" else "all_hosts"
    given = {"domain": wanted.domain, "state": wanted.state, "looked": looked, "in_work": _MOST_IN_WORK}
    return _hosts_among(_SQL[name], wanted.keys | given)


def _shown_hosts(wanted: Wanted) -> Query:
    """Without the row that says how many were looked at where there are none."""
    query = _hosts(wanted)
    return replace(query, text=f"{query.text}\nWHERE h.host_id IS NOT NULL")


class Host(NamedTuple):
    """One host: as `hosts` has it; what of it is due, in which queue; how it answered lately. robots: None: not asked yet."""

    row: Row
    queues: list[Row]
    visits: list[Row]
    robots: Row | None


def host(connection: psycopg.Connection[Any], name: str) -> Host | None:
    """None: it is no host of the frontier."""
    found = _rows(connection, _hosts_among(_SQL["named_host"], {"name": name, "state": None, "limit": 1}))
    if not found or found[0]["host_id"] is None:
        return None
    row = _host(found[0])
    asked = {"host_id": row["host_id"], "most": _ROBOTS_SHOWN}
    queues, visits, robots = (
        _rows(connection, query)
        for query in (
            Query(_SQL["queues_of_host"], asked),
            visits_to(row["host_id"]),
            Query(_SQL["robots"], asked),
        )
    )
    return Host(row, queues, visits, next(iter(robots), None))


def visits_to(host_id: int) -> Query:
    """How a host has answered lately."""
    return Query(_SQL["visits_to_host"], {"host_id": host_id, "outcomes": OUTCOMES})


def _hosts_among(asked: LiteralString, given: dict[str, Any]) -> Query:
    text = f"WITH asked AS MATERIALIZED (\n{asked}\n)\n\nSELECT *\nFROM (\n{_SQL['hosts']}\n) AS h"
    return Query(text, given | {"outcomes": OUTCOMES})


def _host(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in {"looked", "last_looked"}}


def _rows(connection: psycopg.Connection[Any], query: Query) -> list[Row]:
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(_SQL["row_by_row"])
        return cursor.execute(query.text.encode(), query.parameters).fetchall()


def _part(rows: list[Row], wanted: Wanted, key: str) -> Part:
    shown = rows[: wanted.limit]
    return Part(shown, str(shown[-1][key]) if len(rows) > len(shown) else None)


Read = Callable[["psycopg.Connection[Any]", Wanted], Part]
_QUERIES: dict[Read, Callable[[Wanted], Query]] = {
    seeds: _seeds,
    targets: _targets,
    marks: _marks,
    runs: _runs,
    hosts: _shown_hosts,
}


def literal(read: Read, wanted: Wanted) -> str:
    """The SQL of a page's rows, ready to paste into psql."""
    query = _QUERIES[read](wanted)
    return replace(query, parameters=query.parameters | {"limit": wanted.limit}).literal()


def part_of(database: Database, read: Read, wanted: Wanted) -> Part:
    with database.connect() as connection, database_errors(database):
        return read(connection, wanted)


def rows_of(database: Database, read: Read, wanted: Wanted) -> Iterator[Row]:
    """All that follow, by and by, each in a transaction that is short."""
    part = part_of(database, read, wanted)
    yield from part.rows
    while part.next is not None:
        part = part_of(database, read, replace(wanted, after=part.next))
        yield from part.rows
