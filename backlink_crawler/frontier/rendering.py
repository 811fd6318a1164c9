"""Is a page worth a browser? Decided by its HTML, by what rendering it gained last time, and by its host's history.

Pages whose HTML seems to hold all are sampled: where their scripts could write links at all, and where that is not known
yet. What a script does is known of a site's generator, whoever's site it is, and without one of a host.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backlink_crawler.model import RenderMode, RenderReason

if TYPE_CHECKING:
    from backlink_crawler.links.hints import Hints
    from backlink_crawler.links.scripts import Scripts

DECAY = 0.95  # of what is remembered of a host, with each rendering: after twenty, little of the first is left
SAMPLED = 1 / 50  # of the pages that look as if their HTML held all, whose scripts nobody knows
_FEW = 3  # links in HTML: a heading that leads home, a licence
_CERTAIN = 3.0  # renderings after which a host that gains is one that gains
_ENOUGH = 4  # samples that have a script, or are to have it: what it does is known then


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

    @property
    def mostly_gains(self) -> bool:
        return 2 * self.gains > self.renders

    @property
    def is_certain(self) -> bool:
        return self.renders >= _CERTAIN and self.mostly_gains


@dataclass(slots=True)
class Tail:
    """The end of a run, in which only the browser works. share: of the run without it that it may take. Seconds of one
    clock. When what was rendered leads to something else to do, it goes on after that. spent: in it, until then.
    """

    share: float
    run_began: float
    began: float | None = None
    spent: float = 0.0

    @property
    def is_now(self) -> bool:
        return self.began is not None

    def is_over(self, now: float, *, is_alone: bool) -> bool:
        """is_alone: only the browser works."""
        if not is_alone:
            self.spent += now - self.began if self.began is not None else 0.0
            self.began = None
            return False
        if self.began is None:
            self.began = now
        return self.spent + now - self.began >= self.share * (self.began - self.run_began - self.spent)


@dataclass(slots=True)
class Learnt:
    """What the samples of a run have taught of scripts and of those who make sites with them. maker: a generator, or a
    host. Samples count from the moment at which they are chosen, as many are chosen before the first is rendered; but those
    of an application when they have ended: what waits until then is rendered if they gain something.
    """

    _chosen: Counter[tuple[str, str]] = field(default_factory=Counter)
    _ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    _makers: defaultdict[str, RenderHistory] = field(default_factory=lambda: defaultdict(RenderHistory))

    def chance(self, maker: str, writing: Scripts) -> float:
        """That a page with these scripts is to be a sample: 0 where there is nothing to learn."""
        if any(writing[:3]) and self._gains(maker):
            return 1.0
        samples = self._ended if writing.are_an_application else self._chosen
        if any(samples[maker, mark] < _ENOUGH for mark in writing.links):
            return 1.0
        if any(samples[maker, mark] < _ENOUGH for mark in (*writing.others, *writing.files)):
            return 1.0 if writing.are_an_application else SAMPLED
        return 0.0

    def is_enough(self, maker: str, writing: Scripts) -> bool:
        """Has it been learnt meanwhile that a sample, which was chosen, gains nothing?"""
        return writing.are_an_application and not self.chance(maker, writing)

    def choose(self, maker: str, writing: Scripts) -> None:
        self._chosen.update(_marks(maker, writing))

    def give_up(self, maker: str, writing: Scripts) -> None:
        """A sample that was chosen and is none."""
        self._chosen.subtract(_marks(maker, writing))

    def end(self, maker: str, writing: Scripts) -> None:
        """A sample was rendered, or was tried."""
        self._ended.update(_marks(maker, writing))

    def rendered(self, maker: str, *, gained: bool) -> None:
        self._makers[maker] = self._makers[maker].after(gained=gained)

    def _gains(self, maker: str) -> bool:
        history = self._makers.get(maker)
        return history is not None and history.is_certain


def _marks(maker: str, writing: Scripts) -> set[tuple[str, str]]:
    return {(maker, mark) for mark in (*writing.links, *writing.others, *writing.files)}


@dataclass(frozen=True, slots=True)
class RenderBudget:
    """Of one run. share: of its pages that may be rendered, beyond the first few. seconds: that a browser may work."""

    share: float
    few: int
    seconds: float

    def is_spent(self, pages: int, rendered: int, seconds: float) -> bool:
        return rendered >= self.few + self.share * pages or seconds >= self.seconds


def decide(
    mode: RenderMode, hints: Hints, host: RenderHistory, *, page_gained: bool, draw: float, sampled: float
) -> RenderReason:
    """page_gained: its last rendering had links that its HTML had not. draw: in [0, 1), evenly distributed, the page's.
    sampled: the share of pages like it that are to be samples.

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
    if host.is_certain:
        return RenderReason.HOST_GAINED if draw < host.chance else RenderReason.ENOUGH_HTML
    return RenderReason.SAMPLE if draw < sampled * host.chance else RenderReason.ENOUGH_HTML


def _looks(hints: Hints) -> RenderReason | None:
    """Why the HTML looks as if scripts wrote its links, if it does."""
    if hints.app_root:
        return RenderReason.EMPTY_APP_ROOT
    if hints.notice:
        return RenderReason.NOSCRIPT_NOTICE
    return RenderReason.FEW_LINKS if hints.links <= _FEW else None
