"""Claims: which hosts a worker gets, under the bounds that hosts share (frontier/bounds.py).

Where bounds hold, claims take turns, by an advisory lock: what one counts of the hosts in work is true until it has
claimed. A claim looks at the hosts at the head of its queue; those that have to wait for a turn get a place in a line
and leave the head, so that a flood of them is in nobody's way.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.frontier.bounds import Candidate, InWork, Shared, choose, places
from backlink_crawler.model import Priority
from backlink_crawler.store.statements import statements
from backlink_crawler.urls.domains import domain_of, private_suffix_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta
    from uuid import UUID

    import psycopg

    from backlink_crawler.frontier.bounds import Bound, Held
    from backlink_crawler.model import DuePage
    from backlink_crawler.store.robots import KnownRobots

_SQL = statements("claims")
_TURNS = 0x626F756E64  # the advisory lock's key: "bound"
LOOK_AT_MOST = 512  # hosts at once
_SEEDS_A_CLAIM = 8  # that have their turn
_HOSTS_OF_A_SEED = 8  # of its domain that are looked at for that


class ClaimedHost(NamedTuple):
    """seconds_since_request: since anybody's last request to it, or what may have been one; None: never.

    back_offs: how often in a row it asked to be left alone. renders, gains: as in RenderHistory. endings: as in
    frontier/endings.py; None: nothing is known. is_suspect: whoever held it before has died or stalled, perhaps of one of
    its pages. shares: the bounds that it was claimed under. pages: the first that are due, of a suspect none; are_all:
    there are no more. robots: what is known of its robots.txt.
    """

    host_id: int
    name: str
    claim: int
    seconds_since_request: float | None
    back_offs: int
    renders: float = 0.0
    gains: float = 0.0
    endings: dict[str, int] | None = None
    is_suspect: bool = False
    shares: tuple[Shared, ...] = ()
    pages: Sequence[DuePage] = ()
    are_all: bool = False
    robots: KnownRobots | None = None


class _Claimable(NamedTuple):
    """A row of claimable_hosts. address: the network that it was last found at. in_turn: as in Candidate."""

    host_id: int
    name: str
    domain_id: int
    address: str | None
    priority: int
    in_turn: bool

    def shares(self) -> tuple[Shared, ...]:
        """The bounds that it shares with other hosts, as far as they are known."""
        suffix = private_suffix_of(self.name)
        found = (
            Shared("domain", domain_of(self.name)),
            suffix and Shared("suffix", suffix),
            self.address and Shared("address", self.address),
        )
        return tuple(share for share in found if share)


def in_turns(of_seeds: Iterable[_Claimable], longest_due: Iterable[_Claimable]) -> list[_Claimable]:
    """More urgent ones first; among equally urgent ones, one of a seed whose turn it is and one of the others."""
    order = sorted(
        (host.priority, place, kind, host.host_id, host)
        for kind, hosts in enumerate((of_seeds, longest_due))
        for place, host in _placed(hosts)
    )
    return list({host.host_id: host for *_, host in order}.values())


def _placed(hosts: Iterable[_Claimable]) -> Iterable[tuple[int, _Claimable]]:
    """Each with its place among those of its priority."""
    before: Counter[int] = Counter()
    for host in hosts:
        yield before[host.priority], host
        before[host.priority] += 1


class Claims:
    """Of one worker and queue. bounds: by kind, as in Shared. has_more: there may be more to claim than was looked at.

    Every call is part of a transaction that is the caller's.
    """

    def __init__(self, worker: UUID, queue_id: int, lease: timedelta, bounds: Mapping[str, Bound]) -> None:
        self.worker = worker
        self.queue_id = queue_id
        self.lease = lease
        self.bounds = bounds
        self.has_more = False
        self._last_seed = 0

    async def claim(
        self, connection: psycopg.AsyncConnection[Any], limit: int, up_to: Priority, look_at: int = 0
    ) -> list[ClaimedHost]:
        """At most `limit` of the first `look_at` hosts of the queue."""
        look_at = max(limit, look_at)
        if self.bounds:
            await connection.execute(_SQL["take_turns"], {"key": _TURNS})
        asked = {"queue": self.queue_id, "limit": look_at, "up_to": int(up_to)}
        rows = await (await connection.execute(_SQL["claimable_hosts"], asked)).fetchall()
        self.has_more = len(rows) == look_at
        hosts = [_Claimable(*row) for row in rows]
        if self.has_more:
            hosts = in_turns(await self._of_next_seeds(connection, up_to), hosts)
        return await self._claim(connection, await self._chosen(connection, hosts, limit))

    async def _of_next_seeds(self, connection: psycopg.AsyncConnection[Any], up_to: Priority) -> list[_Claimable]:
        """A host each of the next seeds, in a round of all."""
        asked = {"queue": self.queue_id, "up_to": int(up_to), "after": self._last_seed}
        asked |= {"seeds": _SEEDS_A_CLAIM, "hosts": _HOSTS_OF_A_SEED}
        rows = await (await connection.execute(_SQL["hosts_of_next_seeds"], asked)).fetchall()
        self._last_seed = rows[-1][0] if len(rows) == _SEEDS_A_CLAIM else 0
        return [_Claimable(*row[1:]) for row in rows if row[1] is not None]

    async def _chosen(
        self, connection: psycopg.AsyncConnection[Any], hosts: Sequence[_Claimable], limit: int
    ) -> Sequence[_Claimable]:
        if not self.bounds or not hosts:
            return hosts[:limit]
        candidates = [Candidate(host.host_id, host.priority, host.shares(), host.in_turn) for host in hosts]
        domains = {host.domain_id: domain_of(host.name) for host in hosts}
        in_work = await self._in_work(connection, candidates, domains)
        claimed, held = choose(candidates, in_work, self.bounds, limit)
        await self._hold(connection, held)
        mine = set(claimed)
        return [host for host in hosts if host.host_id in mine]

    async def _claim(self, connection: psycopg.AsyncConnection[Any], hosts: Sequence[_Claimable]) -> list[ClaimedHost]:
        if not hosts:
            return []
        shares = {host.host_id: host.shares() if self.bounds else () for host in hosts}
        suffixes = [
            next((share.name for share in shares[host.host_id] if share.kind == "suffix"), None) for host in hosts
        ]
        asked = {
            "worker": self.worker,
            "lease": self.lease,
            "hosts": list(shares),
            "domains": [host.domain_id for host in hosts],
            "suffixes": suffixes,
        }
        rows = await (await connection.execute(_SQL["claim_hosts"], asked)).fetchall()
        return [ClaimedHost(*row)._replace(shares=shares[row[0]]) for row in rows]

    async def settle(
        self, connection: psycopg.AsyncConnection[Any], found: Sequence[tuple[ClaimedHost, str]]
    ) -> set[int]:
        """Claimed hosts have been found at these addresses. Returns the ids of those that we keep."""
        await connection.execute(_SQL["take_turns"], {"key": _TURNS})
        told = {
            "hosts": (hosts := [host.host_id for host, _ in found]),
            "claims": [host.claim for host, _ in found],
            "addresses": [address for _, address in found],
        }
        rows = await (await connection.execute(_SQL["say_addresses"], told)).fetchall()
        ours = {host_id for (host_id,) in rows}
        candidates = [
            Candidate(host.host_id, int(Priority.NEW), (Shared("address", address),))
            for host, address in found
            if host.host_id in ours
        ]
        in_work = await self._in_work(connection, candidates, {}, besides=hosts)
        kept, held = choose(candidates, in_work, self.bounds, len(candidates))
        await self._hold(connection, held)
        return set(kept)

    async def _in_work(
        self,
        connection: psycopg.AsyncConnection[Any],
        candidates: Iterable[Candidate],
        domains: Mapping[int, str],
        besides: Sequence[int] = (),
    ) -> dict[Shared, InWork]:
        """What is in work under the bounds of these hosts. domains: by id. besides: hosts that do not count."""
        shares = {share for host in candidates for share in host.shares}
        asked = {
            "worker": self.worker,
            "domains": list(domains),
            "suffixes": [share.name for share in shares if share.kind == "suffix"],
            "addresses": [share.name for share in shares if share.kind == "address"],
            "besides": list(besides),
        }
        rows = await (await connection.execute(_SQL["in_work"], asked)).fetchall()
        return {
            Shared(kind, name if domain_id is None else domains[domain_id]): InWork(hosts, elsewhere)
            for kind, domain_id, name, hosts, elsewhere in rows
        }

    async def _hold(self, connection: psycopg.AsyncConnection[Any], held: Sequence[Held]) -> None:
        """Whose turn it is not stands in line."""
        if not held:
            return
        lines = list({(str(host.share), host.priority) for host in held})
        asked = {"lines": [line for line, _ in lines], "priorities": [priority for _, priority in lines]}
        rows = await (await connection.execute(_SQL["line_ends"], asked)).fetchall()
        placed = places(held, {(line, priority): seconds for line, priority, seconds in rows}, self.bounds)
        names = ("hosts", "lines", "priorities", "seconds")
        told: dict[str, Any] = dict(zip(names, map(list, zip(*placed, strict=True)), strict=True))
        await connection.execute(_SQL["hold_hosts"], told | {"worker": self.worker})
