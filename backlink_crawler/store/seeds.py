"""Seeds, skipped and opted-out domains, remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from backlink_crawler.model import Seed

_SQL = statements("seeds")
_RECORDING = statements("recording")
MAX_SITEMAPS = 1_000  # of one seed: an index may list indexes without end


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


def add_seeds(connection: psycopg.Connection[Any], seeds: Iterable[Seed], *, kept: bool) -> list[int]:
    """Remember seeds and put their first pages into the frontier. One transaction. Returns the seeds' ids.

    kept: crawled from now on when no seeds are named. A seed that is known takes the new limits, unless it is kept and
    is named for one run only.
    """
    seeds = list({seed.url.hash: seed for seed in seeds}.values())
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(_RECORDING["create_staging"])
        cursor.execute(_SQL["create_staging"])
        with cursor.copy("COPY staged_urls FROM STDIN") as copy:
            for seed in seeds:
                copy.write_row((seed.url.hash, seed.url.text, seed.url.domain))
        with cursor.copy("COPY staged_seeds FROM STDIN") as copy:
            for seed in seeds:
                copy.write_row(
                    (
                        seed.url.hash,
                        seed.url.host,
                        seed.scope,
                        seed.max_depth,
                        seed.max_pages,
                        seed.hops,
                        seed.bare,
                        kept,
                        seed.render,
                    ),
                )
        for name in ("insert_domains", "insert_urls"):
            cursor.execute(_RECORDING[name])
        if changed := [row[0] for row in cursor.execute(_SQL["seeds_with_other_limits"]).fetchall()]:
            cursor.execute(_SQL["forget_found"], {"seeds": changed})
        cursor.execute(_SQL["upsert_seeds"])
        ids = [row[0] for row in cursor.execute(_SQL["staged_seed_ids"]).fetchall()]
        for name in ("stage_seed_pages", "adopt_seed_pages"):
            cursor.execute(_SQL[name])
        for name in ("lock_seeds", "insert_hosts"):
            cursor.execute(_RECORDING[name])
        found = cursor.execute(_RECORDING["insert_pages"], {"max_sitemaps": MAX_SITEMAPS}).fetchall()
        cursor.execute(_RECORDING["wake_hosts"], {"hosts": [host_id for host_id, _ in found]})
    return ids


def kept_hosts(connection: psycopg.Connection[Any]) -> list[str]:
    """The hosts on which the kept seeds start."""
    return [row[0] for row in connection.execute(_SQL["kept_hosts"])]


def list_seeds(connection: psycopg.Connection[Any]) -> list[StoredSeed]:
    return [StoredSeed(*row) for row in connection.execute(_SQL["list_seeds"])]


def remove_seed(connection: psycopg.Connection[Any], url_hash: str) -> bool:
    """Stop crawling a seed; what it has found stays. False: no such seed was kept."""
    return connection.execute(_SQL["remove_seed"], {"hash": url_hash}).rowcount > 0


def add_skipped(connection: psycopg.Connection[Any], domain: str, note: str | None) -> None:
    connection.execute(_SQL["add_skipped"], {"domain": domain, "note": note})


def list_skipped(connection: psycopg.Connection[Any]) -> list[tuple[str, str | None]]:
    return connection.execute(_SQL["list_skipped"]).fetchall()


def remove_skipped(connection: psycopg.Connection[Any], domain: str) -> bool:
    return connection.execute(_SQL["remove_skipped"], {"domain": domain}).rowcount > 0


def add_optout(connection: psycopg.Connection[Any], domain: str, note: str | None) -> None:
    """domain: a registrable domain, or a host without its port. From the next claim on, nothing under it is asked."""
    connection.execute(_SQL["add_optout"], {"domain": domain, "note": note})


def list_optouts(connection: psycopg.Connection[Any]) -> list[tuple[str, str | None]]:
    return connection.execute(_SQL["list_optouts"]).fetchall()


def remove_optout(connection: psycopg.Connection[Any], domain: str) -> bool:
    """False: it had not opted out."""
    return connection.execute(_SQL["remove_optout"], {"domain": domain}).rowcount > 0
