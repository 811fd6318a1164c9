"""Runs of `backlinks rank`: one at a time, each a row."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from backlink_crawler import __version__
from backlink_crawler.errors import BacklinksError
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.running import ADVISORY_LOCK, crawls_running, join_crawls
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import psycopg

    from backlink_crawler.store.database import Database

_SQL = statements("ranking")
_LOCK = {"lock": ADVISORY_LOCK + 3}


@dataclass(frozen=True, slots=True)
class RankingRun:
    """A run that is under way. figures: of the steps that are done, by name: what each read, wrote and took."""

    id: int
    figures: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def tell(
        self,
        connection: psycopg.Connection[Any],
        step: str,
        parameters: Mapping[str, object],
        figures: Mapping[str, object],
    ) -> None:
        """In the transaction that swaps the step's results in: what it was computed with, what it read, wrote and took."""
        told = {"parameters": Jsonb(dict(parameters)), "figures": Jsonb(dict(figures))}
        connection.execute(_SQL["tell_of_step"], {"run_id": self.id, "step": step, **told})
        self.figures[step] = figures

    def swap(
        self,
        database: Database,
        step: str,
        parameters: Mapping[str, object],
        swap_in: Callable[[psycopg.Connection[Any]], Mapping[str, object]],
    ) -> None:
        """A step that the database does by itself, in one transaction. swap_in: gives what it read and wrote."""
        began = time.monotonic()
        with database.connect() as connection, database_errors(database), connection.transaction():
            figures = swap_in(connection)
            self.tell(connection, step, parameters, {**figures, "seconds": round(time.monotonic() - began, 1)})


@contextmanager
def ranking_run(database: Database) -> Iterator[RankingRun]:
    """Migrations and other rankings wait. What ends it early leaves its row without finished_at.

    Raises BacklinksError when another run is under way.
    """
    with database.connect(autocommit=True) as connection, database_errors(database):
        join_crawls(connection)
        if connection.execute(_SQL["take_turn"], _LOCK).fetchone() != (True,):
            raise BacklinksError(_is_running(connection))
        row = connection.execute(_SQL["begin_run"], {"version": __version__}).fetchone()
        assert row is not None
        run = RankingRun(*row)
        yield run
        connection.execute(_SQL["finish_run"], {"run_id": run.id})
        connection.execute(_SQL["give_turn"], _LOCK)  # at once: a session ends some time after its connection


def is_quiet(database: Database) -> bool:
    """No crawl is running, nor any other upkeep that it would meet."""
    with database.connect(autocommit=True) as connection, database_errors(database):
        return crawls_running(connection) == 0


def _is_running(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute(_SQL["running"]).fetchone()
    since = f" since {row[0]:%Y-%m-%d %H:%M %Z}" if row else ""
    return f"another `backlinks rank` has been running{since}; wait until it has ended."
