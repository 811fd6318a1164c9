"""What children do, and how they are ended. They are real ones."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.crawl.apart import pool
from backlink_crawler.crawl.apart.pool import Apart, TooComplexError
from backlink_crawler.links.cost import MANY_BYTES
from backlink_crawler.links.html import parse_body

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

WITHOUT_END = partial(sum, range(10**15))
HUGE = bytes(MANY_BYTES + 1)


def in_apart(steps: Callable[[Apart], Coroutine[Any, Any, Any]], **limits: float) -> Any:
    """What `steps` returns; no child is left behind."""

    async def run() -> Any:
        apart, before = Apart(**limits), children()  # type: ignore[arg-type]
        try:
            return await steps(apart)
        finally:
            await apart.close()
            assert children() <= before

    return asyncio.run(run())


def children() -> set[int]:
    """Zombies among them, and servers of other tests."""
    told = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="ascii")
    return set(map(int, told.split()))


def is_running(pid: int) -> bool:
    """Whoever adopts orphans may take its time to bury them."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


def cost_of(call: Callable[[], object], page: bytes = b"x", **limits: float) -> str:
    async def steps(apart: Apart) -> str:
        with pytest.raises(TooComplexError) as error:
            await apart.do(call, page)
        assert await apart.do(partial(len, b"next"), b"x") == 4  # another child does what comes next
        return error.value.cost

    return str(in_apart(steps, **limits))


def test_a_page_is_read_as_it_would_be_here() -> None:
    page = partial(parse_body, b"<title>x</title><a href=//b.example>b</a>", "https://a.example/", "text/html")
    assert in_apart(lambda apart: apart.do(page, b"x")) == page()


def test_what_takes_too_much_time_is_ended() -> None:
    assert cost_of(WITHOUT_END, soon=0.1, at_most=0.5) == "cpu 0.5 s"


def test_what_takes_too_much_memory_is_ended() -> None:
    assert cost_of(partial(bytes, 10**9)) == "memory 512 MB"


def test_an_answer_that_is_too_large_is_none() -> None:
    assert cost_of(partial(bytes, 40 * 1024 * 1024)) == "memory 512 MB"


def test_a_child_that_dies_twice_of_a_page_dies_of_it() -> None:
    assert cost_of(partial(os._exit, 3)) == "died 3"


def test_a_child_that_does_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "STALLED", 10.0)
    assert cost_of(partial(time.sleep, 600)) == "stalled 10 s"


def test_a_bug_is_one() -> None:
    with pytest.raises(RuntimeError, match="ValueError: invalid literal"):
        in_apart(lambda apart: apart.do(partial(int, "x"), b"x"))


def test_a_child_that_was_killed_is_replaced() -> None:
    others = children()

    async def steps(apart: Apart) -> list[int]:
        lengths = []
        for number in range(3):
            lengths.append(await apart.do(partial(len, bytes(number)), b"x"))
            for pid in children() - others:
                os.kill(pid, signal.SIGKILL)
        return lengths

    assert in_apart(steps) == [0, 1, 2]


def test_what_takes_long_holds_up_nothing_that_does_not() -> None:
    async def steps(apart: Apart) -> bool:
        long = asyncio.ensure_future(apart.do(WITHOUT_END, b"x"))
        await asyncio.sleep(0)
        for _ in range(10):
            await apart.do(partial(len, b""), b"x")
        is_at_work = not long.done()
        long.cancel()
        await asyncio.gather(long, return_exceptions=True)
        return is_at_work

    assert in_apart(steps, soon=0.1, at_most=60.0)


def test_only_so_many_wait_for_the_patient_child() -> None:
    async def steps(apart: Apart) -> set[str]:
        works = [asyncio.ensure_future(apart.do(WITHOUT_END, b"x")) for _ in range(pool.MOST_WAITING + 2)]
        while len(given_up := [work for work in works if work.done()]) < 2:  # noqa: ASYNC110  nobody says when
            await asyncio.sleep(0.05)
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        return {str(work.exception()) for work in given_up}

    assert in_apart(steps, soon=0.02, at_most=600.0) == {"no room"}


def test_what_is_huge_is_not_tried_by_the_quick() -> None:
    async def steps(apart: Apart) -> str:
        with pytest.raises(TooComplexError) as error:
            await apart.do(WITHOUT_END, HUGE)
        return error.value.cost

    assert in_apart(steps, soon=600.0, at_most=0.1) == "cpu 0.1 s"


@pytest.mark.parametrize("is_busy", [True, False])
def test_the_patient_child_rests_while_the_worker_is_busy(is_busy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "BUSY", 0 if is_busy else 2)  # of a processor

    async def steps(apart: Apart) -> bool:
        with pytest.raises(TooComplexError):
            await apart.do(WITHOUT_END, HUGE)
        began = time.monotonic()
        await apart.do(partial(len, b""), HUGE)
        return time.monotonic() - began > 2.5

    assert in_apart(steps, at_most=0.4) is is_busy


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends when its work has ended")
def test_children_end_with_a_parent_that_is_killed_in_the_midst_of_their_work() -> None:
    program = (
        "import asyncio, os\n"
        "from functools import partial\n"
        "from backlink_crawler.crawl.apart.pool import Apart\n"
        "async def run():\n"
        "    apart = Apart(soon=60)\n"
        "    work = asyncio.ensure_future(apart.do(partial(sum, range(10**15)), b'x'))\n"
        "    while not apart._quick._working:\n"
        "        await asyncio.sleep(0.01)\n"
        "    print(next(iter(apart._quick._working)).process.pid, flush=True)\n"
        "    await work\n"
        "asyncio.run(run())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 20
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)
