"""The children and their queues: who reads a page that may be dear, and for how long."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from backlink_crawler.crawl.apart.child import LENGTH, Answer, Work
from backlink_crawler.links.cost import is_huge

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")
MEMORY = 512_000_000  # bytes that a child may take
SOON = 0.1  # seconds of processor time: of 4,357 real pages the dearest takes 0.09; and as many again
SOON_EACH = 256 * 1024  # for so many bytes of the page
AT_MOST = 5.0  # seconds of processor time that a page may take
# The patient child works while the rest of the machine has nothing better to do.
NICENESS, NICENESS_OF_THE_PATIENT = 0, 19
REST = 9.0  # for each second that the patient child took: so long it does nothing while the worker is busy
LOOK = 0.5  # seconds: so often it is asked whether the worker is
BUSY = 0.5  # of a processor
MOST_WAITING = 8  # pages, for the patient child
ROOM = 10 * 1024 * 1024  # bytes of them
STALLED = 300.0  # seconds by the clock: the machine may be busy


class TooComplexError(Exception):
    """The work took more than it may. cost: what it took, as a visit's reason says it."""

    def __init__(self, cost: str) -> None:
        super().__init__(cost)
        self.cost = cost


class OutOfTimeError(TooComplexError):
    """It took too much processor time."""


class NoRoomError(TooComplexError):
    """Too much waits for the patient child, which is not the page's fault."""


class DiedError(TooComplexError):
    """The child that did it has died."""


class Child(NamedTuple):
    process: asyncio.subprocess.Process

    @classmethod
    async def start(cls, niceness: int, memory: int) -> Child:
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "backlink_crawler.crawl.apart", str(os.getpid()), str(niceness), str(memory)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        )

    async def do(self, work: Work) -> Answer:
        """Raises EOFError when the child has died of it."""
        requests, answers = self.process.stdin, self.process.stdout
        assert requests
        assert answers
        message = pickle.dumps(work, pickle.HIGHEST_PROTOCOL)
        try:
            requests.write(LENGTH.pack(len(message)))
            requests.write(message)
            del message  # a page may be 10 MB
            head = await answers.readexactly(LENGTH.size)
            return cast("Answer", pickle.loads(await answers.readexactly(LENGTH.unpack(head)[0])))  # noqa: S301
        except ConnectionError as error:
            raise EOFError from error

    @property
    def is_alive(self) -> bool:
        return self.process.returncode is None

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


class Lane:
    """So many children, each with one piece of work at a time, started when they are needed."""

    def __init__(self, children: int, seconds: float, niceness: int, memory: int, rest: float = 0) -> None:
        self._free = asyncio.Semaphore(children)
        self._idle: list[Child] = []
        self._working: set[Child] = set()
        self._seconds = seconds
        self._niceness = niceness
        self._memory = memory
        self._rest = rest
        self._resting: set[asyncio.Task[None]] = set()

    async def do(self, call: Callable[[], _Result], times: float = 1) -> _Result:
        """times: of the seconds of its children. Raises TooComplexError."""
        await self._free.acquire()
        began = time.monotonic()
        try:
            answer = await self._answer(call, times * self._seconds)
        except DiedError:  # it may have been killed, which is not the page's fault
            answer = await self._answer(call, times * self._seconds)
        finally:
            resting = asyncio.ensure_future(self._have_rest(self._rest * (time.monotonic() - began)))
            self._resting.add(resting)
            resting.add_done_callback(self._resting.discard)
        if not answer.has_room:
            raise TooComplexError(f"memory {self._memory // 1_000_000} MB")
        if answer.error:
            raise RuntimeError(answer.error)
        return cast("_Result", answer.result)

    async def _have_rest(self, seconds: float) -> None:
        while seconds > 0:
            worked = time.process_time()
            await asyncio.sleep(LOOK)
            if time.process_time() - worked < BUSY * LOOK:
                break
            seconds -= LOOK
        self._free.release()

    async def _child(self) -> Child:
        while self._idle:
            child = self._idle.pop()
            if child.is_alive:
                return child
            await child.end()
        return await Child.start(self._niceness, self._memory)

    async def _answer(self, call: Callable[[], object], seconds: float) -> Answer:
        child = await self._child()
        self._working.add(child)
        try:
            async with asyncio.timeout(STALLED):
                answer = await child.do(Work(seconds, call))
        except TimeoutError:
            raise TooComplexError(f"stalled {STALLED:g} s") from None
        except EOFError:
            raise DiedError(f"died {await child.process.wait()}") from None
        else:
            self._idle.append(child)
            if not answer.has_time:
                raise OutOfTimeError(f"cpu {seconds:g} s")
            return answer
        finally:
            self._working.discard(child)
            if child not in self._idle:
                await child.end()

    async def close(self) -> None:
        """Whoever waits for work in progress gets a TooComplexError."""
        for child in [*self._idle, *self._working]:
            await child.end()
        self._idle.clear()
        for resting in self._resting:
            resting.cancel()


class Apart:
    """Pages that may be dear are read by quick children; what these do not read soon, by a patient one, one after another.

    So a page that takes seconds holds up no page that does not.
    """

    def __init__(self, soon: float = SOON, at_most: float = AT_MOST, memory: int = MEMORY) -> None:
        """soon, at_most: seconds of processor time. memory: bytes that a child may take."""
        # More than can work at once: to hand a page over and back takes longer than most take to be read.
        children = min(4, (os.cpu_count() or 1) + 1)
        self._quick = Lane(children, soon, NICENESS, memory)
        self._patient = Lane(1, at_most, NICENESS_OF_THE_PATIENT, memory, REST)
        self._sitemaps = Lane(1, at_most, NICENESS, memory)
        self._room = ROOM

    async def do(self, call: Callable[[], _Result], page: str | bytes) -> _Result:
        """Do `call`, which reads `page`, in a child. Raises TooComplexError, or RuntimeError for a bug in it.

        call: pickled, so a function of a module, or a `functools.partial` of one.
        """
        if not is_huge(page):
            with suppress(OutOfTimeError):
                return await self._quick.do(call, 1 + len(page) / SOON_EACH)
        size = max(len(page), ROOM // MOST_WAITING)
        if size > self._room:
            raise NoRoomError("no room")
        self._room -= size
        try:
            return await self._patient.do(call)
        finally:
            self._room += size

    async def do_for_sitemap(self, call: Callable[[], _Result]) -> _Result:
        """As `do`, one after another: a sitemap may be large and take seconds, and no page is to wait for it."""
        return await self._sitemaps.do(call)

    async def close(self) -> None:
        for lane in (self._quick, self._patient, self._sitemaps):
            await lane.close()
