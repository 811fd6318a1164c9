"""What a question consists of, and how it is run: keys first, then the rows that it shows."""

from __future__ import annotations

import difflib
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from psycopg import capabilities, errors, sql

from backlink_crawler.errors import InvalidInput
from backlink_crawler.store.column_types import columns_of
from backlink_crawler.store.cursors import effective_sort, key_of, no_cursor, sorted_place, ties
from backlink_crawler.store.database import database_errors

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from datetime import date

    import psycopg

    from backlink_crawler.model import Target
    from backlink_crawler.store.column_types import Column
    from backlink_crawler.store.database import Database

    Connection = psycopg.Connection[Any]

ALL = "all"
STATUSES = ("live", "missing", "lost", "unverified", ALL)
_ROWS_AT_ONCE = 1_000  # that the server sends together
FEW = 2_000  # links that are sorted, rather than found in the order of an index among all others of the domain
TEXTS = frozenset(
    "domain_from domain_to url_from url_to anchor status link_type link_origin lost_reason event link_position target mark "
    "topic network first_url mirror_of".split()
)
_NULLABLE = frozenset(
    "title_from language_from http_code_from links_external links_internal last_seen lost_at lost_reason "
    "before after outcome http_code rendered_rel block_words link_density order_on_page sitewide http_code_to checked_at oldest_visit newest_visit "
    "authority trust risk reasons relevance relevance_basis anchor_class class mark mark_note topic score right_url "
    "first_url mirror_of network_domains index_share".split(),
)
# The planner supposes that what is asked for is as rare among a domain's links as among all: it would sort or hash them.
_ROW_BY_ROW = """
SET LOCAL enable_sort = off;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL max_parallel_workers_per_gather = 0
"""
_RESERVED = {"similar": '"similar"'}  # a word of SQL's own
_UNREADABLE = (
    *(errors.InvalidTextRepresentation, errors.InvalidDatetimeFormat, errors.DatetimeFieldOverflow),
    errors.NumericValueOutOfRange,
)


@dataclass(frozen=True, slots=True)
class Key:
    """A value that the database knows by a name: call, a function of ours with %s for its arguments."""

    call: str
    arguments: tuple[Any, ...] = ()
    is_list: bool = False

    def literal(self) -> str:
        """As SQL. A list stands in a query of its own, which is run once and not for every row."""
        call = self.call.replace("%s", "{}").format(*(sql.Literal(value).as_string(None) for value in self.arguments))
        return f"(SELECT {call})::bigint[]" if self.is_list else call


@dataclass(frozen=True, slots=True)
class Query:
    """text: with %(name)s parameters.

    few_links: by a condition of its text, the links that it and those beside it mean, NULL when they are more than FEW:
    if not, `link_id = ANY(…)` is a condition too. It says nothing new, and is faster by far. is_ordered: otherwise, its
    rows are found in their order. order: the columns that its pages go by; empty: there are no pages.
    is_in_parts: it may read many links for few rows, and takes Filters.until.
    """

    text: str
    parameters: dict[str, Any] = field(default_factory=dict)
    few_links: dict[str, Key] = field(default_factory=dict)
    is_ordered: bool = False
    order: tuple[str, ...] = ()
    is_in_parts: bool = False

    def literal(self) -> str:
        """Ready to paste into psql."""
        quoted = {
            name: value.literal() if isinstance(value, Key) else sql.Literal(value).as_string(None)
            for name, value in self.parameters.items()
        }
        return self.text % quoted + ";"


@dataclass(frozen=True, slots=True)
class Filters:
    """status: live, missing, lost, unverified or all; None: live and unverified. sort: a column, with `:asc` or `:desc`.

    limit: None means all. since: an SQL expression, for what was learnt since then; None: ever. origin: html, rendered
    or both; None: any. after: the cursor of the last row of the page before, as `cursor` gives it; None: the first page.
    source: what the links come from. anchor: what it contains, whatever the case; after a `=`, the whole of it.
    anchor_class: as `backlinks` has it.
    position: in which part of its page, as the views name it.
    one_per_domain: of each domain one link, a dofollow one if there is any, else the one that was found first.
    is_lost: referring domains all of whose links are lost. min_authority: of the domains that link; None: any.
    min_relevance, max_risk: None: any, also where it is not known. mark: of what links; any: whichever; none: nothing is
    marked.
    rel: a token of it. language: of the page, without its region: de means de-AT too. max_authority: not of
    domains whose authority is not known. first_from, first_until: days in UTC, both included, of first_seen. lost_reason:
    of lost links. group_similar: one row for links of one domain that are alike. until: a cursor, of the last place to be
    looked at; None: to the end.
    """

    status: str | None = None
    dofollow: bool = False
    sort: str | None = None
    limit: int | None = 100
    since: str | None = None
    origin: str | None = None
    after: str | None = None
    source: Target | None = None
    anchor: str | None = None
    anchor_class: str | None = None
    link_type: str | None = None
    event: str | None = None
    position: str | None = None
    one_per_domain: bool = False
    is_lost: bool = False
    min_authority: float | None = None
    min_relevance: float | None = None
    max_risk: float | None = None
    mark: str | None = None
    rel: str | None = None
    language: str | None = None
    max_authority: float | None = None
    first_from: date | None = None
    first_until: date | None = None
    lost_reason: str | None = None
    group_similar: bool = False
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Select:
    """WITH steps SELECT columns FROM source, or each of the sources, WHERE … ORDER BY order, each from the top.

    The columns of `order` tell any two rows apart and are among `columns`. expressions: what columns are counted by.
    """

    columns: tuple[str, ...]
    sources: tuple[str, ...]
    where: tuple[str, ...]
    order: tuple[str, ...]
    expressions: str | None = None
    group_by: str = ""
    having: tuple[str, ...] = ()
    steps: str = ""

    def text(self, filters: Filters) -> str:
        """Raises InvalidInput for a sort or a cursor that is none."""
        between = self.between(filters)
        end = [f"ORDER BY {self._order(filters.sort)}"]
        if filters.limit is not None:
            end.append(f"LIMIT {int(filters.limit)}")
        steps = [f"WITH\n{self.steps}\n"] if self.steps else []
        each = [self._select(source, between) for source in self.sources]
        sort = effective_sort(self.order, filters.sort)
        if sort is not None and filters.after is not None:
            after = self._sorted_after(sort, filters.after)
            each = [f"SELECT *\nFROM (\n{text}\n) AS answer\nWHERE {after}" for text in each]
        if len(each) == 1:
            return "\n".join([*steps, *each, *end])
        return "\nUNION ALL\n".join("\n".join([f"({text}", *end]) + ")" for text in each) + "\n" + "\n".join(end)

    def _select(self, source: str, between: list[str]) -> str:
        columns = self.expressions or ",\n    ".join(_RESERVED.get(column, column) for column in self.columns)
        if not self.group_by:
            where = [*self.where, *between]
            return f"SELECT\n    {columns}\nFROM {source}" + (f"\nWHERE {and_(where)}" if where else "")
        counted = f"SELECT\n    {columns}\nFROM {source}\nWHERE {and_(self.where)}\nGROUP BY {self.group_by}"
        if self.having:
            counted += f"\nHAVING {and_(self.having)}"
        return f"WITH counted AS (\n{counted}\n)\nSELECT *\nFROM counted\nWHERE {and_(between)}" if between else counted

    def _order(self, sort: str | None) -> str:
        """Counts and times from the top, texts from A."""
        if sort is None:
            return ", ".join(f"{column} DESC{' NULLS LAST' if column in _NULLABLE else ''}" for column in self.order)
        column, direction = self._sorting(sort)
        nulls = " NULLS LAST" if direction == "desc" and column in _NULLABLE else ""
        others = [f", {each} DESC" for each in ties(self.order, column)]
        return f"{_RESERVED.get(column, column)} {direction.upper()}{nulls}{''.join(others)}"

    def _sorting(self, sort: str) -> tuple[str, str]:
        """(column, asc or desc)"""
        column, _, direction = sort.partition(":")
        if column not in self.columns or direction not in {"", "asc", "desc"}:
            choices = ", ".join(self.columns)
            raise InvalidInput(f"--sort {sort}: choose one of {choices}, optionally with :asc or :desc.")
        return column, direction or ("asc" if column in TEXTS else "desc")

    def between(self, filters: Filters) -> list[str]:
        """What lies after one cursor and until another, compared as rows: so an index is entered at the right place.

        Not of a sorted answer, which is read whole for each of its pages. Raises InvalidInput, as `text` does.
        """
        is_sorted = effective_sort(self.order, filters.sort) is not None
        cursors = {"<": None if is_sorted else filters.after, ">=": filters.until}
        return [self._compared(sign, cursor) for sign, cursor in cursors.items() if cursor is not None]

    def _sorted_after(self, sort: str, cursor: str) -> str:
        """NULLs are last, whatever the direction."""
        column, direction = self._sorting(sort)
        value, keys = sorted_place(cursor, sort)
        others = ties(self.order, column)
        later = self._row(others, "<", keys, cursor) if others else "FALSE"
        name = _RESERVED.get(column, column)
        if value is None:
            return f"{name} IS NULL\n    AND {later}"
        literal = sql.Literal(value).as_string(None).replace("%", "%%")
        sign = "<" if direction == "desc" else ">"
        return f"({name} {sign} {literal} OR {name} IS NULL OR ({name} = {literal} AND {later}))"

    def before(self, cursor: str) -> str:
        """What pages up to this cursor have shown."""
        return self._compared(">=", cursor)

    def _compared(self, sign: str, cursor: str) -> str:
        return self._row(self.order, sign, cursor.split(","), cursor)

    @staticmethod
    def _row(columns: Sequence[str], sign: str, values: Sequence[str], cursor: str) -> str:
        if len(values) != len(columns):
            raise no_cursor(cursor)
        keys = ", ".join(key_of(column, value, cursor) for column, value in zip(columns, values, strict=True))
        return f"({', '.join(columns)}) {sign} ({keys})" if len(values) > 1 else f"{columns[0]} {sign} {keys}"


def and_(conditions: list[str] | tuple[str, ...]) -> str:
    return "\n    AND ".join(conditions)


def run(database: Database, query: Query) -> tuple[Sequence[Column], Iterator[tuple[Any, ...]]]:
    """(columns, rows). Rows come as they are found.

    Raises DatabaseUnavailable or SchemaMismatch, also while rows are taken.
    """
    answer = _stream(database, query)
    columns: Sequence[Column] = next(answer)
    return columns, answer


def _stream(database: Database, query: Query) -> Iterator[Any]:
    """The columns, then row by row."""
    size = _ROWS_AT_ONCE if capabilities.has_stream_chunked() else 1
    with database.connect() as connection, database_errors(database), connection.transaction():
        text, parameters = _prepared(connection, query)
        # Closed before the transaction: whoever takes no further rows leaves the connection to it.
        with connection.cursor() as cursor:
            rows = cast("Generator[Any]", cursor.stream(text.encode(), parameters, size=size))
            with closing(rows):
                first = next(rows, None)
                if first is not None:
                    yield columns_of(cursor.description)
                    yield first
                    yield from rows
                    return
        # A stream that ends at once does not say what it would have had.
        empty = connection.execute(f"SELECT * FROM ({text}) AS answer LIMIT 0".encode(), parameters)  # noqa: S608  ours
        yield columns_of(empty.description)


def run_on(connection: psycopg.Connection[Any], query: Query, before: str = "") -> psycopg.Cursor[Any]:
    """In a transaction of its own. before: EXPLAIN."""
    with connection.transaction():
        text, parameters = _prepared(connection, query)
        return connection.execute(f"{before}{text}".encode(), parameters)


def answer(
    connection: Connection, query: Query, after: str | None = None
) -> tuple[Sequence[Column], list[tuple[Any, ...]]]:
    """(columns, rows), all at once, on a session that stays open. In a transaction of its own.

    after: the cursor in the query. Raises InvalidInput when it has a value that its column cannot have.
    """
    try:
        found = run_on(connection, query)
    except _UNREADABLE as error:
        if after is None:
            raise
        raise no_cursor(after) from error
    return columns_of(found.description), found.fetchall()


def means_few(connection: Connection, query: Query) -> bool:
    """Its links were looked up beforehand: none but these are read."""
    with connection.transaction():
        keys = _resolved(connection, replace(query, parameters={}))
    return any(links is not None for links in keys.values())


def _prepared(connection: psycopg.Connection[Any], query: Query) -> tuple[str, dict[str, Any]]:
    """What is to be executed in this transaction, with its parameters."""
    keys = _resolved(connection, query)
    text, are_few = query.text, False
    for number, condition in enumerate(query.few_links):
        if keys[f"few_links_{number}"] is not None:
            text, are_few = text.replace(condition, f"link_id = ANY(%(few_links_{number})s)\n    AND {condition}"), True
    if query.is_ordered and not are_few:
        connection.execute(_ROW_BY_ROW)
    return text, query.parameters | keys


def _resolved(connection: psycopg.Connection[Any], query: Query) -> dict[str, Any]:
    """What the keys stand for, so that the planner knows how many links to expect."""
    keys = {name: value for name, value in query.parameters.items() if isinstance(value, Key)}
    keys |= {f"few_links_{number}": key for number, key in enumerate(query.few_links.values())}
    if not keys:
        return {}
    calls = ", ".join(key.call for key in keys.values())
    arguments = [argument for key in keys.values() for argument in key.arguments]
    row = connection.execute(f"SELECT {calls}".encode(), arguments).fetchone()
    assert row is not None
    return dict(zip(keys, row, strict=True))


def nearest_targets(database: Database, domain: str, number: int = 5) -> list[str]:
    """Domains with links whose names are most like this one's, among some thousands that begin as it does or are known longest."""
    with database.connect() as connection, database_errors(database):
        rows = connection.execute(
            "SELECT name FROM ((SELECT id, name FROM domains WHERE name >= left(%(domain)s, 2) ORDER BY name LIMIT 2500) "
            "UNION (SELECT id, name FROM domains ORDER BY id LIMIT 2500)) AS d "
            "WHERE EXISTS (SELECT 1 FROM domain_edges AS e WHERE e.domain_to_id = d.id) "
            "ORDER BY abs(length(name) - length(%(domain)s)) LIMIT 1000",
            {"domain": domain},
        ).fetchall()
    return difflib.get_close_matches(domain, [row[0] for row in rows], number, cutoff=0.5)
