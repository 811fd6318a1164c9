"""Seeds and skipped domains: added with their first pages, listed, and removed from the frontier.

A seed belongs to one queue: that of the kept seeds, or one of the seeds that a run was given by name. The same site may
be a seed in several queues, each with limits of its own. Other limits make another seed, which starts from scratch.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from backlink_crawler.model import RenderMode, Scope
from backlink_crawler.store import admission
from backlink_crawler.store.database import retried
from backlink_crawler.store.frontier import KEPT, requeue
from backlink_crawler.store.linked_pages import stage_linked_of_new_seeds
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import psycopg

    from backlink_crawler.model import Seed

_SQL = statements("seeds")
_URLS = statements("recording")
_PAGES_AT_ONCE = 5_000  # that are taken from removed seeds in one transaction
_SEEDS_AT_ONCE = 500
_MANY_STARTS = 64  # of one host: as seeds of their own, each of its pages would be a page of all of them
_HOSTS_AT_ONCE = 1_000


class StoredSeed(NamedTuple):
    seed_id: int
    url: str
    scope: str
    max_depth: int | None
    max_pages: int | None
    hops: int
    render: str
    pages_known: int
    pages_visited: int
    found_by_hops: int


class _Site(NamedTuple):
    """The whole of a host, without limits of its own."""

    host: str
    hops: int
    render: RenderMode


class Added(NamedTuple):
    """pages: what was named as a seed, and is a page that another seed starts with."""

    queue_id: int
    seeds: int
    pages: int


def add_seeds(connection: psycopg.Connection[Any], seeds: Iterable[Seed], *, kept: bool) -> Added:
    """Remember seeds and put their first pages into the frontier.

    kept: crawled from now on when no seeds are named. Else they are of runs that name just these seeds with these
    limits: the next such run goes on where this one ends. A kept seed that gets other limits starts anew.
    Of very many on one host that all mean the whole of it, one is a seed, and the others are pages that it starts with.
    """
    seeds = list({seed.url.hash: seed for seed in seeds}.values())
    locked: set[int] = set()
    while True:
        try:
            added = retried(connection, partial(_add, connection, seeds, locked, kept=kept))
        except admission.PagesAreHeld as held:
            locked |= held.pages
        else:
            break
    if kept:
        _finish_removals(connection)
    return added


def _add(connection: psycopg.Connection[Any], seeds: Sequence[Seed], locked: Iterable[int], *, kept: bool) -> Added:
    queue_id = KEPT if kept else _queue(connection, _name_of(seeds))
    queue = {"queue": queue_id}
    connection.execute(_SQL["lock_queue"], queue)
    starts = _starts_of_others(connection, queue_id, seeds)
    _stage(connection, seeds, starts)
    connection.execute(_URLS["lock_pages"], {"pages": list(locked)})
    if kept and (replaced := [row[0] for row in connection.execute(_SQL["replaced_seeds"], queue)]):
        _set_aside(connection, replaced)
    connection.execute(_SQL["insert_seeds"], queue)
    connection.execute(_SQL["analyze_seeds"])
    connection.execute(_SQL["note_starts"], queue)
    for name in ("note_other_starts", "analyze_starts", "stage_start_pages"):
        connection.execute(_SQL[name])
    stage_linked_of_new_seeds(connection, queue_id)
    connection.execute(_SQL["analyze_pages"])
    admission.admit_staged(connection)
    return Added(queue_id, len(seeds) - len(starts), len(starts))


def _starts_of_others(connection: psycopg.Connection[Any], queue_id: int, seeds: Sequence[Seed]) -> dict[str, str]:
    """By hash of their URL, those that are no seeds but pages with which another seed starts: its hash."""
    sites: defaultdict[_Site, list[Seed]] = defaultdict(list)
    for seed in seeds:
        if seed.scope is Scope.HOST and seed.max_depth is None and seed.max_pages is None:
            sites[_Site(seed.url.host, seed.hops, seed.render)].append(seed)
    large = {site: of_site for site, of_site in sites.items() if len(of_site) > _MANY_STARTS}
    if not large:
        return {}
    asked = {"queue": queue_id, "hosts": [site.host for site in large]}
    first: dict[_Site, str] = {}
    known: set[str] = set()
    for host, url_hash, hops, render, is_whole in connection.execute(_SQL["seeds_on_hosts"], asked):
        known.add(url_hash)
        if is_whole:
            first.setdefault(_Site(host, hops, RenderMode(render)), url_hash)
    starts: dict[str, str] = {}
    for site, of_site in large.items():
        shortest = min(of_site, key=lambda seed: (len(seed.url.text), seed.url.text)).url.hash
        whole = first.get(site, shortest)
        starts |= {each.url.hash: whole for each in of_site if each.url.hash not in {whole, *known}}
    return starts


def _stage(connection: psycopg.Connection[Any], seeds: Sequence[Seed], starts: Mapping[str, str]) -> None:
    """starts: as `_starts_of_others` has them."""
    with connection.cursor() as cursor:
        for creation in (_URLS["create_staging"], admission.CREATE_STAGING, _SQL["create_staging"]):
            cursor.execute(creation)
        with cursor.copy("COPY staged_urls (hash, url, host, domain) FROM STDIN") as copy:
            for seed in seeds:
                copy.write_row((seed.url.hash, seed.url.text, seed.url.host, seed.url.domain))
        with cursor.copy(
            "COPY staged_seeds (hash, scope, max_depth, max_pages, hops, bare, render) FROM STDIN"
        ) as copy:
            for each in seeds:
                if each.url.hash in starts:
                    continue
                limits = (each.scope, each.max_depth, each.max_pages, each.hops)
                copy.write_row((each.url.hash, *limits, each.bare, each.render))
        with cursor.copy("COPY staged_starts (hash, seed_hash) FROM STDIN") as copy:
            for row in starts.items():
                copy.write_row(row)
        cursor.execute(_SQL["analyze_staged"])
        for name in ("insert_domains", "insert_hosts", "insert_urls"):
            cursor.execute(_URLS[name])


def _name_of(seeds: Iterable[Seed]) -> str:
    """Of the queue of just these seeds with their limits. How they were written does not matter, nor in what order."""
    digest = hashlib.sha256()
    for seed in sorted(seeds, key=lambda each: each.url.hash):
        limits = (seed.scope, seed.max_depth, seed.max_pages, seed.hops, seed.render)
        digest.update(f"{seed.url.hash} {' '.join(map(str, limits))}\n".encode())
    return f"named {digest.hexdigest()[:32]}"


def _queue(connection: psycopg.Connection[Any], name: str) -> int:
    connection.execute(_SQL["make_queue"], {"name": name})
    row = connection.execute(_SQL["queue"], {"name": name}).fetchone()
    assert row is not None
    return int(row[0])


def remove_seed(connection: psycopg.Connection[Any], url_hash: str) -> bool:
    """Keep a seed no longer, nor what its hops have found. False: no such seed is kept.

    Pages that another seed covers stay in its queue; those that none does are visited no more. What was found of links
    stays.
    """

    def step() -> bool:
        connection.execute(_SQL["lock_queue"], {"queue": KEPT})
        seed_id = kept_seed(connection, url_hash)
        if seed_id is not None:
            _set_aside(connection, [seed_id])
        return seed_id is not None

    if not retried(connection, step):
        return False
    _finish_removals(connection)
    return True


def kept_seed(connection: psycopg.Connection[Any], url_hash: str) -> int | None:
    row = connection.execute(_SQL["kept_seed"], {"hash": url_hash}).fetchone()
    return None if row is None else int(row[0])


def remove_seeds(connection: psycopg.Connection[Any], seeds: Iterable[tuple[int, int]]) -> None:
    """As remove_seed: these, given with their queues, of whichever."""
    chosen = list(seeds)

    def step() -> None:
        for queue_id in sorted({queue_id for _, queue_id in chosen}):
            connection.execute(_SQL["lock_queue"], {"queue": queue_id})
        _set_aside(connection, [seed_id for seed_id, _ in chosen])

    if chosen:
        retried(connection, step)
    _finish_removals(connection)


def _set_aside(connection: psycopg.Connection[Any], seeds: Sequence[int]) -> None:
    """No run works on them any more, from this transaction's end. A queue of their own: there they are in nobody's way."""
    queue_id = _queue(connection, f"removed {uuid4()}")
    connection.execute(_SQL["move_seeds"], {"queue": queue_id, "seeds": seeds})


def _finish_removals(connection: psycopg.Connection[Any]) -> None:
    """Of seeds that were set aside, now or by somebody who was killed. In transactions that hold nobody up for long."""
    connection.commit()
    for name in ("found_by_removed", "led_to_by_removed"):
        while retried(connection, partial(_set_found_aside, connection, name)):
            pass
    hosts: set[int] = set()
    while found := retried(connection, partial(_remove_some_pages, connection)):
        hosts |= found
    left = list(hosts)
    for start in range(0, len(left), _HOSTS_AT_ONCE):
        retried(connection, partial(_leave_hosts, connection, left[start : start + _HOSTS_AT_ONCE]))
    retried(connection, partial(_remove_set_aside, connection))


def _set_found_aside(connection: psycopg.Connection[Any], name: str) -> bool:
    """False: there is nothing left."""
    found = [row[0] for row in connection.execute(_SQL[name], {"limit": _SEEDS_AT_ONCE})]
    if found:
        _set_aside(connection, found)
    return bool(found)


def _remove_some_pages(connection: psycopg.Connection[Any]) -> set[int]:
    """Returns the hosts of these pages; empty: there is nothing left."""
    removed = connection.execute(_SQL["remove_seed_pages"], {"limit": _PAGES_AT_ONCE}).fetchall()
    pages = {"pages": [page_id for (page_id,) in removed]}
    connection.execute(_SQL["lock_pages"], pages)
    return {host_id for (host_id,) in connection.execute(_SQL["leave_nobodys_pages"], pages)}


def _leave_hosts(connection: psycopg.Connection[Any], hosts: Sequence[int]) -> None:
    requeue(connection, hosts)
    connection.execute(_SQL["leave_hosts"], {"hosts": list(hosts)})


def _remove_set_aside(connection: psycopg.Connection[Any]) -> None:
    requeue(connection, [row[0] for row in connection.execute(_SQL["follow_hops_again"]).fetchall()])
    for name in ("remove_seeds", "remove_queues"):
        connection.execute(_SQL[name])


def kept_hosts(connection: psycopg.Connection[Any]) -> list[str]:
    """The hosts on which the kept seeds start."""
    return [row[0] for row in connection.execute(_SQL["kept_hosts"])]


def list_seeds(connection: psycopg.Connection[Any]) -> list[StoredSeed]:
    return [StoredSeed(*row) for row in connection.execute(_SQL["list_seeds"])]


def add_skipped(connection: psycopg.Connection[Any], domain: str, note: str | None) -> None:
    connection.execute(_SQL["add_skipped"], {"domain": domain, "note": note})


def list_skipped(connection: psycopg.Connection[Any]) -> list[tuple[str, str | None]]:
    return connection.execute(_SQL["list_skipped"]).fetchall()


def remove_skipped(connection: psycopg.Connection[Any], domain: str) -> bool:
    return connection.execute(_SQL["remove_skipped"], {"domain": domain}).rowcount > 0
