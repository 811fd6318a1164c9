"""How far an export is: rows, how many a second, and how long it will take where their number is known."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rows = Iterator[tuple[Any, ...]]

_ROWS_BETWEEN_LOOKS = 1_000


class _Rows(ProgressColumn):
    def render(self, task: Task) -> Text:
        of = f" of about {task.total:,.0f}" if task.total else ""
        speed = task.speed
        rate = f", {speed:,.0f} a second" if speed else ""
        return Text(f"{task.completed:,.0f}{of} rows{rate}")


@contextmanager
def shown(expected: int | None) -> Iterator[Callable[[Rows, int], Rows]]:
    """Gives what counts the rows that pass it, after those that there are already."""
    columns = [BarColumn(), _Rows(), *([TimeRemainingColumn()] if expected else [])]
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=expected)

        def watch(rows: Rows, before: int) -> Rows:
            progress.update(task, completed=before)
            for number, row in enumerate(rows, start=before + 1):
                yield row
                if number % _ROWS_BETWEEN_LOOKS == 0:
                    progress.update(task, completed=number)

        yield watch
