"""A claim, what was measured of it, and the table that shows both."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Skipped(Exception):
    """This machine lacks what the benchmark needs; the message says what."""


@dataclass(frozen=True, slots=True)
class Claim:
    """holds: None when it was not measured."""

    what: str
    target: str
    measured: str
    holds: bool | None

    @property
    def verdict(self) -> str:
        return {True: "holds", False: "MISSED", None: "skipped"}[self.holds]


def at_least(what: str, target: float, ratios: Sequence[float]) -> Claim:
    """A ratio's claim: its median over interleaved pairs decides, because the machine's speed swings."""
    return Claim(what, f"≥ {target:g}", spread(ratios), median(ratios) >= target)


def at_most(what: str, target: float, measured: float, unit: str, note: str = "") -> Claim:
    return Claim(what, f"≤ {target:g} {unit}", f"{measured:,.1f} {unit}{note}", measured <= target)


def spread(ratios: Sequence[float]) -> str:
    pairs = "1 pair" if len(ratios) == 1 else f"{len(ratios)} pairs"
    return f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}, {pairs})"


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on standard output; everything but its first column to the right."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(str(value) for value in row))
    Console(width=120).print(table)


def show_claims(claims: Iterable[Claim]) -> None:
    table = Table("what", "target", "measured", "verdict", title="Summary", title_justify="left")
    for claim in claims:
        table.add_row(claim.what, claim.target, claim.measured, claim.verdict)
    Console(width=120).print(table)
