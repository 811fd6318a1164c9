"""`backlinks rank`: every score, step by step.

A step has a module of its own in steps/: it loads what it needs through store/, computes, and swaps its results in within one
transaction, in which it tells the run of itself (`RankingRun.tell`). So readers see the old scores or the new ones, and
a run that is ended leaves the old scores of the steps that it has not done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from backlink_crawler.rank.steps import (
    anchors,
    authority,
    languages,
    mirrors,
    profiles,
    prospects,
    relevance,
    risk,
    sitewide,
    topics,
)
from backlink_crawler.store.ranking import RankingRun, ranking_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlink_crawler.store.database import Database

    # what a person is told: what is being done
    Progress: TypeAlias = Callable[[str], None]
    Step: TypeAlias = Callable[[Database, RankingRun, Progress], None]

# In this order: a step may use what those before it have swapped in.
STEPS: tuple[Step, ...] = (
    authority.step,
    sitewide.step,
    anchors.step,
    languages.step,
    relevance.step,
    topics.step,
    mirrors.step,
    risk.step,
    prospects.step,
    profiles.step,
)


def rank(database: Database, progress: Progress) -> RankingRun:
    """Raises BacklinksError: another is running, or what is to be ranked takes libraries that are not installed."""
    with ranking_run(database) as run:
        for step in STEPS:
            step(database, run, progress)
    return run
