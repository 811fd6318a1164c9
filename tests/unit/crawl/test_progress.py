"""What a run shows of itself while it goes on. The session is made up, the clock is not."""

from __future__ import annotations

import asyncio
import io
import time
from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from backlink_crawler.crawl.display import Display, HowFar, Rate, together
from backlink_crawler.crawl.progress import Progress
from backlink_crawler.store.figures import Figures, Line, Number

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
FIGURES = Figures(
    Number(50_000, more=True),
    Number(1_200),
    [Line("address", "192.0.2.1", 3, False, NOON), Line("domain", "wild.test", 70, True, NOON)],
    Number(4),
    [],
)


def test_a_rate_is_that_of_the_last_seconds_and_that_of_the_run() -> None:
    rate = Rate(100.0)
    assert str(rate) == "0.0/s now, 0.0/s of the run"
    for second in range(1, 101):
        rate.see(100.0 + second, 50 * second)
    assert str(rate) == "50.0/s now, 50.0/s of the run"
    for second in range(101, 121):
        rate.see(100.0 + second, 5_000)
    assert str(rate) == "0.0/s now, 41.7/s of the run"


def test_a_rate_begins_with_the_run() -> None:
    rate = Rate(100.0)
    rate.see(104.0, 200)
    assert str(rate) == "50.0/s now, 50.0/s of the run"
    rate.see(108.0, 200)
    assert str(rate) == "25.0/s now, 25.0/s of the run"


def progress(*figures: Figures | None, **facts: Any) -> tuple[Progress, io.StringIO]:
    """With what it prints. figures: that the database tells, one after the other."""
    waits, asked = SimpleNamespace(waits=True), SimpleNamespace(waits=False)
    left = list(figures)

    async def told() -> Figures | None:
        return left.pop(0)

    session = SimpleNamespace(
        is_open=True,
        counts=Counter(pages=1200, links=30, new_referring_domains=2),
        feed=SimpleNamespace(hosts=[waits, asked, waits]),
        limits=SimpleNamespace(workers=1),
        render_queue=SimpleNamespace(pending=0, waiting=0),
        figures=told,
        failures=SimpleNamespace(counts=lambda **_: {"timeout": 8}),
        **facts,
    )
    nobody = SimpleNamespace(getint=lambda _: 0)
    made = Progress(SimpleNamespace(spider=SimpleNamespace(session=session), settings=nobody))  # type: ignore[arg-type]
    said = io.StringIO()
    made._display = Display(Console(file=said, width=60))
    return made, said


def told(shown: Progress) -> dict[str, str]:
    return shown._display.told(shown._far())


async def look(shown: Progress) -> None:
    shown._look()
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def test_a_line_of_a_log_says_all_of_it() -> None:
    shown, said = progress(FIGURES)

    async def watch() -> None:
        await look(shown)
        await look(shown)  # the next line comes after a minute

    shown._display.rate = Rate(time.monotonic() - 60.0)
    asyncio.run(watch())
    assert said.getvalue() == (
        "pages 1,200 (20.0/s now, 20.0/s of the run)  links 30  new referring domains 2  "
        "hosts in work 3 (2 waiting for their delay)  due 50,000+ pages on 1,200 hosts  resting 4 hosts  "
        "held back domain 70+, address 3 hosts  errors timeout 8\n"
    )


def test_what_cannot_be_counted_is_not_told() -> None:
    shown, _ = progress(FIGURES, None)
    assert told(shown)["due"] == "…"

    async def watch() -> list[str]:
        seen = []
        for _ in range(2):
            shown._display._next_report = shown._display._next_count = 0.0
            await look(shown)
            seen.append(told(shown)["held back"])
        return seen

    assert asyncio.run(watch()) == ["domain 70+, address 3 hosts", "…"]


def test_nothing_held_back_and_pages_in_the_browser() -> None:
    shown, _ = progress(FIGURES._replace(lines=[], resting=Number(0)))
    asyncio.run(look(shown))
    shown.session.render_queue.__dict__.update(pending=5, waiting=3)
    assert (told(shown)["held back"], told(shown)["resting"]) == ("0 hosts", "0 hosts")
    assert told(shown)["browser"] == "2 being rendered, 3 waiting"


def test_counting_takes_a_fiftieth_of_the_time_at_most_over_all_workers_and_a_line_comes_all_the_same() -> None:
    shown, said = progress()

    async def slow() -> Figures:
        await asyncio.sleep(0.2)
        return FIGURES

    shown.session.__dict__.update(figures=slow, limits=SimpleNamespace(workers=3))
    asyncio.run(shown._report())
    assert shown._display._next_count - time.monotonic() > 29.0
    del shown.session.figures
    asyncio.run(shown._report())
    first, second = said.getvalue().splitlines()
    assert first == second


def test_what_several_workers_have_done_adds_up() -> None:
    one = HowFar(10, 20, 3, 4, 2, 1, 5, {"timeout": 1, "gone": 2})
    other = HowFar(1, 2, 0, 6, 6, 0, 0, {"timeout": 7})
    assert together([one, other]) == HowFar(11, 22, 3, 10, 8, 1, 5, {"timeout": 8, "gone": 2})
    assert together([one.ended(), other]) == HowFar(11, 22, 3, 6, 6, 0, 0, {"timeout": 8, "gone": 2})
    assert together([]) == HowFar()
