"""Is a page worth a browser? Decided by its HTML, by what rendering it gained last time, and by its host's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlink_crawler.model import RenderMode, RenderReason

if TYPE_CHECKING:
    from backlink_crawler.links.hints import Hints

DECAY = 0.95  # of what is remembered of a host, with each rendering: after twenty, little of the first is left
SAMPLED = 1 / 50  # of the pages that look as if their HTML held all, while a host is unknown
_FEW = 3  # links in HTML: a heading that leads home, a licence
_CERTAIN = 3.0  # renderings after which a host that gains is one that gains


@dataclass(frozen=True, slots=True)
class RenderHistory:
    """Of a host's renderings, exponentially decayed: how many there were, and how many had links that the HTML had not."""

    renders: float = 0.0
    gains: float = 0.0

    def after(self, *, gained: bool) -> RenderHistory:
        return RenderHistory(self.renders * DECAY + 1, self.gains * DECAY + gained)

    @property
    def chance(self) -> float:
        """That one more gains something: 1 as long as nothing is known, and less with each that gained nothing."""
        return min(1.0, (self.gains + 1) / (self.renders + 1))


@dataclass(frozen=True, slots=True)
class RenderBudget:
    """Of one run. share: of its pages that may be rendered, beyond the first few. seconds: that a browser may work."""

    share: float
    few: int
    seconds: float

    def is_spent(self, pages: int, rendered: int, seconds: float) -> bool:
        return rendered >= self.few + self.share * pages or seconds >= self.seconds


def decide(mode: RenderMode, hints: Hints, host: RenderHistory, *, page_gained: bool, draw: float) -> RenderReason:
    """page_gained: its last rendering had links that its HTML had not. draw: in [0, 1), evenly distributed, the page's.

    A host whose renderings gain nothing is tried ever more rarely, down to one page in twenty of those that look as if
    they needed it: sites change.
    """
    if mode is not RenderMode.AUTO:
        return RenderReason.ALWAYS if mode is RenderMode.ALWAYS else RenderReason.NEVER
    if page_gained:
        return RenderReason.PAGE_GAINED
    if not hints.scripts or hints.refreshes:
        return RenderReason.LEADS_ELSEWHERE if hints.scripts else RenderReason.NO_SCRIPTS
    if looks := _looks(hints):
        return looks if draw < host.chance else RenderReason.HOST_GAINS_NOTHING
    if host.renders >= _CERTAIN and 2 * host.gains > host.renders:
        return RenderReason.HOST_GAINED if draw < host.chance else RenderReason.ENOUGH_HTML
    return RenderReason.SAMPLE if draw < SAMPLED * host.chance else RenderReason.ENOUGH_HTML


def _looks(hints: Hints) -> RenderReason | None:
    """Why the HTML looks as if scripts wrote its links, if it does."""
    if hints.app_root:
        return RenderReason.EMPTY_APP_ROOT
    if hints.notice:
        return RenderReason.NOSCRIPT_NOTICE
    return RenderReason.FEW_LINKS if hints.links <= _FEW else None
