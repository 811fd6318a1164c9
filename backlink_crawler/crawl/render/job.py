"""A page for the browser to render, and what has become of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.model import RenderReason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.links.hints import Hints
    from backlink_crawler.manners.robots import RobotsPolicy

_AT_ONCE = 8  # requests of one page
_SECONDS_TO_DRAW = 10.0  # a frame, which takes a tenth of one on a machine that has nothing else to do


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class RenderingFailed(Exception):
    """reason: of the visit. again: it may have been the browser's fault, so that the page has another attempt."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.again = reason, again


@dataclass(slots=True)
class Rendered:
    """html: what the page has become, shadow roots included. url: what it calls itself now. left_for: where its scripts
    tried to go. is_whole: what they asked for has come, or never will. refused: requests, by reason.
    """

    html: str
    url: str
    seconds: float
    left_for: list[str] = field(default_factory=list)
    is_whole: bool = True
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, eq=False)
class Job:
    """One page to be rendered. answer: what was fetched of it. done: is called with what became of it, or why nothing.

    since: it waits. reason: why it is rendered. hints: of its HTML, where the crawler decides. robots: of the page's host, when that is not
    in work. failures: attempts that may have failed by the page's fault. refused: requests of the last attempt, by reason.
    """

    url: str
    answer: Answer
    host: HostInWork | None
    done: Callable[[Rendered | RenderingFailed], Awaitable[None]]
    robots: RobotsPolicy | None = None
    reason: RenderReason = RenderReason.ALWAYS
    hints: Hints | None = None
    since: float = field(default_factory=time.monotonic)
    attempts: int = 0
    failures: int = 0
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, eq=False)
class Attempt:
    """seen: requests. asked: those of them that were not refused. answering: of them, those under way.

    ready: there is a browser, with a page in it that is empty. seconds_to_draw: the longest that a frame may take.
    """

    job: Job
    seen: int = 0
    asked: int = 0
    is_whole: bool = True
    left_for: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    answering: set[asyncio.Task[None]] = field(default_factory=set)
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    seconds_to_draw: float = _SECONDS_TO_DRAW
    is_over: bool = False
    lost: asyncio.Future[Exception] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def lose(self, why: Exception) -> None:
        """The page cannot be read any more."""
        if not self.lost.done():
            self.lost.set_result(why)

    def answer(self, answering: Coroutine[Any, Any, None]) -> None:
        if self.is_over:
            answering.close()
            return
        task = asyncio.ensure_future(answering)
        self.answering.add(task)
        task.add_done_callback(self.answering.discard)

    async def end(self) -> None:
        """What it has asked for need not come any more."""
        self.is_over = True
        answering = list(self.answering)
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)
