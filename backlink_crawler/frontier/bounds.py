"""Which of the hosts that could be claimed may be, by the bounds that they share with others? The rest stand in line.

Hosts of one registrable domain share a bound, hosts under one private public suffix (blogspot.com), and hosts at one
address. A bound is in the hands of one worker at a time, as a host is: so the requests of all its hosts keep their gap
without a word between workers. Requests of a bound are spaced by who holds it, hosts in work are counted at the claim.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MOST_LEFT = 64  # turns that a claim leaves to others: more of them would hide the hosts behind
_REQUESTS_OF_A_HOST = 2  # at least: robots.txt and a page


class Bound(NamedTuple):
    """hosts: in work at once, over all workers. gap: seconds between two requests to any of them; 0: as each likes."""

    hosts: int
    gap: float

    @property
    def spacing(self) -> float:
        """Seconds between two turns in a line: hosts are done no faster than that."""
        return max(_REQUESTS_OF_A_HOST * self.gap, 0.05)


class Shared(NamedTuple):
    """A bound that a host shares with others. kind: domain, suffix or address."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Candidate(NamedTuple):
    """A host that could be claimed. priority: of the most urgent of what is due on it. in_turn: it has stood in line, and
    its turn came a moment ago.
    """

    host_id: int
    priority: int
    shares: tuple[Shared, ...]
    in_turn: bool = False


class InWork(NamedTuple):
    """Hosts in work under a bound. elsewhere: another worker has it."""

    hosts: int = 0
    elsewhere: bool = False


class Held(NamedTuple):
    """A host that has to wait for a turn under a bound, and the priority of what waits: each has a line of its own."""

    host_id: int
    share: Shared
    priority: int


class Place(NamedTuple):
    """seconds: until its turn."""

    host_id: int
    line: str
    priority: int
    seconds: float


def choose(
    candidates: Iterable[Candidate], in_work: Mapping[Shared, InWork], bounds: Mapping[str, Bound], limit: int
) -> tuple[list[int], list[Held]]:
    """Whom to claim, in their order and at most `limit`, and who has to wait. The others may be claimed next time.

    A turn under a bound that another worker has in its hands is left to that one.
    """
    claimed: list[int] = []
    held = []
    taken: Counter[Shared] = Counter()
    left = 0
    for host in candidates:
        shares = [share for share in host.shares if share.kind in bounds]
        full = next((share for share in shares if _is_full(share, in_work, taken, bounds[share.kind])), None)
        if full and host.in_turn and left < _MOST_LEFT and in_work.get(full, InWork()).elsewhere:
            left += 1
        elif full:
            held.append(Held(host.host_id, full, host.priority))
        elif len(claimed) < limit:
            claimed.append(host.host_id)
            taken.update(shares)
    return claimed, held


def _is_full(share: Shared, in_work: Mapping[Shared, InWork], taken: Counter[Shared], bound: Bound) -> bool:
    before = in_work.get(share, InWork())
    return (before.elsewhere and bound.gap > 0) or before.hosts + taken[share] >= bound.hosts


def places(held: Iterable[Held], ends: Mapping[tuple[str, int], float], bounds: Mapping[str, Bound]) -> list[Place]:
    """In line. ends: in how many seconds the last of a line, of one priority, has its turn."""
    placed, last = [], dict(ends)
    for host_id, share, priority in held:
        line = str(share)
        last[line, priority] = last.get((line, priority), 0.0) + bounds[share.kind].spacing
        placed.append(Place(host_id, line, priority, last[line, priority]))
    return placed
