"""A worker's connection that reconnects: when the database is unavailable, the work waits until it is back."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import errors

from backlink_crawler.errors import DatabaseUnavailable
from backlink_crawler.store.database import database_errors, explain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from backlink_crawler.store.database import Database

logger = logging.getLogger(__name__)
SECONDS_BETWEEN_TRIES = 1.0
ATTEMPTS = 5  # of what has collided with another transaction
_COLLIDED = (errors.SerializationFailure, errors.DeadlockDetected)
# What passes by itself, or when somebody sees to it. Everything else that the server says is an answer.
_PASSES = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.DiskFull,
    errors.OutOfMemory,
    errors.TooManyConnections,
    errors.IdleInTransactionSessionTimeout,
    errors.IdleSessionTimeout,
)
_Result = TypeVar("_Result")


class ReconnectingConnection:
    """prepare: run on each new connection. patience: seconds without a database before that is an error."""

    def __init__(
        self,
        database: Database,
        prepare: Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]],
        patience: float,
        *,
        autocommit: bool = False,
    ) -> None:
        self._database = database
        self._prepare = prepare
        self._patience = patience
        self._autocommit = autocommit
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._connecting = asyncio.Lock()
        self._given_up: DatabaseUnavailable | None = None

    async def open(self) -> None:
        """Raises DatabaseUnavailable or SchemaMismatch at once: a run that has not begun waits for nothing."""
        with database_errors(self._database):
            await self._connected()

    def stop_waiting(self) -> None:
        """From now on, an unavailable database is an error at once."""
        self._patience = 0.0

    def give_up(self, error: DatabaseUnavailable) -> None:
        """Whatever waits for an answer, and whatever would ask, gets this error: the server may be there and hang."""
        self._given_up, self._patience = error, 0.0
        if self._connection and not self._connection.closed:
            with suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as its_own:
                its_own.shutdown(socket.SHUT_RDWR)

    async def close(self) -> None:
        if self._connection:
            await self._connection.close()

    async def run(self, step: Callable[[psycopg.AsyncConnection[Any]], Awaitable[_Result]]) -> _Result:
        """The result of `step`, which must be safe to repeat: whether a lost commit took place is not known.

        Raises DatabaseUnavailable when the database has been unavailable for longer than `patience`.
        """
        deadline: float | None = None
        while True:
            try:
                result = await self._attempt(step)
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                if not self._passes(error):
                    raise
                now = time.monotonic()
                if deadline is None:
                    deadline = now + self._patience
                    if self._patience:
                        logger.warning(
                            "%s Waiting for it, up to %.0f s.", explain(error, self._database), self._patience
                        )
                elif now >= min(deadline, now + self._patience):
                    raise explain(error, self._database) from error
                await asyncio.sleep(SECONDS_BETWEEN_TRIES)
            else:
                if deadline is not None:
                    logger.warning("%s is back; going on.", self._database.name)
                return result

    async def _attempt(self, step: Callable[[psycopg.AsyncConnection[Any]], Awaitable[_Result]]) -> _Result:
        for attempt in range(1, ATTEMPTS):
            try:
                return await step(await self._connected())
            except _COLLIDED:
                await asyncio.sleep(0.05 * 2**attempt)
        return await step(await self._connected())

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        async with self._connecting:
            if self._given_up:
                raise self._given_up
            if self._connection is None or self._connection.closed:
                try:
                    connection = await self._database.connect_async(autocommit=self._autocommit)
                except DatabaseUnavailable as error:
                    if isinstance(error.__cause__, psycopg.Error):
                        raise error.__cause__ from None
                    raise
                await self._prepare(connection)
                self._connection = connection
            return self._connection

    def _passes(self, error: psycopg.Error) -> bool:
        lost = self._connection is None or self._connection.closed
        refused = error.sqlstate is None  # nobody answered
        return isinstance(error, _PASSES) or (lost and refused)
