"""What a verification has shown: of the links to targets, by domain, and of pages that should link to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.types.json import Jsonb

from backlink_crawler.model import Outcome
from backlink_crawler.store.statements import statements
from backlink_crawler.store.targets import named, with_meant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    import psycopg

    from backlink_crawler.model import Target, Url

_SQL = statements("verdicts")
NOT_THERE, NOT_ASKED = "not there", "not asked"
_NOTHING_THERE = frozenset(
    {Outcome.OK, Outcome.NOT_MODIFIED, Outcome.GONE}
)  # a page that has moved may have taken it along


class DomainVerdict(NamedTuple):
    """Links that are on one domain, as they are now, and what the run has changed of them.

    lost: by this run. not_asked: their pages were not visited, so they are as before.
    """

    domain_from: str
    live: int
    missing: int
    lost: int
    unverified: int
    not_asked: int
    newly_missing: int
    found: int
    restored: int
    rel_changed: int
    anchor_changed: int


class PairVerdict(NamedTuple):
    """line: of the pair. status: live, missing, lost or unverified, of the best link of the page to the target;
    NOT_THERE: it has none and never had; NOT_ASKED: it was not visited. why: what ended the visit, unless all is well.
    """

    line: int
    status: str
    url_to: str | None
    anchor: str | None
    rel: list[str] | None
    is_dofollow: bool | None
    last_seen: datetime | None
    why: str | None


def by_domain(connection: psycopg.Connection[Any], worker: UUID, target: Target | None) -> list[DomainVerdict]:
    """Of the links to this target, or to all that are watched, after this worker's run. What is lost comes first."""
    asked: dict[str, Any] = {"worker": worker}
    if target:
        asked |= {"mode": target.mode.value, "domain": target.domain, "values": list(target.values)}
    statement = with_meant(named("named_target" if target else "all_targets"), _SQL["links_of_run"])
    return [DomainVerdict(*row) for row in connection.execute(f"{statement} {_SQL['by_domain']}", asked)]


def by_pair(
    connection: psycopg.Connection[Any], worker: UUID, pairs: Iterable[tuple[int, Url, Target]]
) -> list[PairVerdict]:
    """After this worker's run. pairs: (line, page, target); in the order of their lines."""
    asked = [
        {
            "line": line,
            "page": page.hash,
            "domain": target.domain,
            "mode": target.mode.value,
            "values": list(target.values),
        }
        for line, page, target in pairs
    ]
    statement = with_meant(_SQL["pairs"], _SQL["links_of_pairs"])
    rows = connection.execute(f"{statement} {_SQL['by_pair']}", {"worker": worker, "pairs": Jsonb(asked)})
    return [_pair_verdict(*row) for row in rows]


def _pair_verdict(
    line: int,
    asked: bool,
    is_settled: bool,
    status: str | None,
    url_to: str | None,
    anchor: str | None,
    rel: list[str] | None,
    is_dofollow: bool | None,
    last_seen: datetime | None,
    lost_reason: str | None,
    outcome: int | None,
    http_code: int | None,
    reason: str | None,
) -> PairVerdict:
    ended = None if outcome is None else Outcome(outcome)
    if not asked:
        status = NOT_ASKED
    elif status is None:
        status = NOT_THERE if is_settled and ended in _NOTHING_THERE else "unverified"
    is_well = ended in {Outcome.OK, Outcome.NOT_MODIFIED}
    said = ended.name.lower() if ended is not None and asked and not is_well else ""
    why = " ".join(filter(None, (said, reason if said else "", str(http_code) if said and http_code else "")))
    return PairVerdict(line, status, url_to, anchor, rel, is_dofollow, last_seen, why or lost_reason)
