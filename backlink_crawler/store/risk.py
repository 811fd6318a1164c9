"""Link-scheme risk: what it is computed from beside the graph, and new reasons and risks in the place of old ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from psycopg.types.json import Jsonb

from backlink_crawler.store.database import database_errors
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import LiteralString

    import psycopg

    from backlink_crawler.store.database import Database

    Connection: TypeAlias = psycopg.Connection[Any]

_SQL = statements("risk")
# Everything is read once: one look-up for each row of a popular target would be the square of its links.
_SETTINGS = ("SET work_mem = '64MB'", "SET enable_nestloop = off")
# Of a row of found_factors, each of 4 bytes.
COLUMNS = ("domain_id", "target_id", "signal", "value", "percentile", "factor")
# Signals that are asked of the stored links.
OF_DOMAINS = ("exchange_page", "same_pairs", "money_anchors", "same_anchors", "wordless_links", "comment_links")
OF_PAIRS = ("sitewide_keywords",)
_PACKED = "coalesce(string_agg({}({}), ''::bytea), ''::bytea)"


class RiskFigures(NamedTuple):
    """reasons: of domains and pairs. domains: with a risk. pairs: with a risk that is not that of their source."""

    reasons: int
    domains: int
    pairs: int


def ranks(connection: Connection) -> tuple[bytes, bytes, bytes]:
    """(keys, PageRank ÷ floor, trust) of all ranked domains, 4 bytes each, big-endian; trust that is not known is NaN."""
    row: tuple[bytes, bytes, bytes] | None = connection.execute(_SQL["ranks"]).fetchone()
    assert row is not None
    return row


def read_links(connection: Connection, swaps: Iterable[bytes]) -> None:
    """Into temporary tables of this connection, which commits by itself.

    swaps: (domain, domain) that link to each other, as rows of COPY BINARY.
    """
    for setting in _SETTINGS:
        connection.execute(setting)
    for name in ("drop_staging", "create_swaps"):
        connection.execute(_SQL[name])
    _copy(connection, "COPY swaps (domain_id, target_id) FROM STDIN (FORMAT binary)", swaps)
    connection.execute("ANALYZE swaps")
    for name in ("read_uses", "read_pages", "read_weeks"):
        connection.execute(_SQL[name])
    connection.execute("ANALYZE uses, page_links, weekly")


def known_values(connection: Connection, signal: str) -> tuple[bytes, bytes, bytes]:
    """(domains, targets, values) of a signal of OF_DOMAINS or OF_PAIRS, or of `burst` when bursts are staged: as `ranks`.
    targets: empty where the signal is of domains.
    """
    packed = [("int4send", "domain_id"), ("int4send", "target_id"), ("float4send", "value::real")]
    columns = [_PACKED.format(*each) for each in packed]
    if signal in OF_DOMAINS:
        columns[1] = "''::bytea"
    text = f"SELECT {', '.join(columns)} FROM ({_SQL[signal]}) AS s"  # noqa: S608  ours
    row = connection.execute(text.encode()).fetchone()
    assert row is not None
    domains, targets, values = row
    return domains, targets, values


def weeks(connection: Connection) -> dict[int, int]:
    """Week since 1970 → how many pairs of domains the index learnt of in it."""
    return dict(connection.execute(_SQL["weeks"]).fetchall())


def weeks_of_targets(connection: Connection) -> Iterator[tuple[int, Sequence[int], Sequence[int]]]:
    """(target, weeks, new domains in each) of targets with a week of at least five."""
    with connection.transaction(), connection.cursor("weeks") as cursor:
        cursor.itersize = 10_000
        cursor.execute(_SQL["weeks_of_targets"])
        yield from cursor


def stage_bursts(connection: Connection, bursts: Iterable[tuple[int, int, float]]) -> None:
    """bursts: (target, week, how unusual)."""
    connection.execute(_SQL["create_bursting"])
    with connection.cursor().copy("COPY bursting FROM STDIN") as copy:
        for burst in bursts:
            copy.write_row(burst)
    connection.execute("ANALYZE bursting")


def swap_risks(connection: Connection, signals: Sequence[Mapping[str, object]], rows: Iterable[bytes]) -> RiskFigures:
    """In the transaction of whoever calls it. signals: rows of risk_signals, without weights that were chosen.

    rows: of COPY BINARY, with COLUMNS in their order.
    """
    connection.execute(_SQL["keep_signals"], {"signals": Jsonb(list(signals))})
    connection.execute(_SQL["use_weights"])
    connection.execute(_SQL["create_found"])
    copied: LiteralString = f"COPY found_factors ({', '.join(COLUMNS)}) FROM STDIN (FORMAT binary)"
    _copy(connection, copied, rows)
    connection.execute("ANALYZE found_factors")
    for name in ("find_risks", "delete_factors", "write_factors", "delete_risks", "write_risks"):
        connection.execute(_SQL[name])
    connection.execute("ANALYZE risk_factors, domain_risks")
    row = connection.execute(_SQL["figures"]).fetchone()
    assert row is not None
    return RiskFigures(*row)


def forget_staging(connection: Connection) -> None:
    connection.execute(_SQL["drop_staging"])


def has_risks(database: Database) -> bool:
    """Has anybody been judged by a signal?"""
    with database.connect() as connection, database_errors(database):
        return connection.execute("SELECT 1 FROM risk_signals WHERE used_weight > 0 LIMIT 1").fetchone() is not None


def _copy(connection: Connection, statement: LiteralString, rows: Iterable[bytes]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for some in rows:
            copy.write(some)
        copy.write(b"\xff\xff")
