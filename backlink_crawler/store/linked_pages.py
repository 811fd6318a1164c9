"""Pages of a site that others link to: they are its pages even when the site itself leads nowhere near them.

So the dead page that only others link to is visited, which is how broken backlinks are found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlink_crawler.model import Url
from backlink_crawler.store.copying import rows_of
from backlink_crawler.store.due_pages import seed_of
from backlink_crawler.store.statements import statements
from backlink_crawler.store.targets import named, with_meant
from backlink_crawler.urls.scope import doubtful_ending, path_refusal, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import psycopg

    from backlink_crawler.model import Seed

SQL = statements("linked_pages")
_READ_SEEDS = statements("frontier")["read_seeds"]
_OF_NEW_LINKS = f"{with_meant(named('all_targets'), SQL['new_links_to_targets'])} {SQL['of_targets']}"
_OF_KNOWN_LINKS = f"{with_meant(named('one_target'), statements('targets')['links_to_targets'])} {SQL['of_targets']}"
_MOST_SEEDS = 16  # of one domain that a link into it may lead into
UNKNOWN_DEPTH = 1  # clicks from the start, of a page to which no click is known


class Linked:
    """Rows on their way to staged_pages. hosts: of these pages."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, int, int, bool]] = []
        self.hosts: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._rows)

    def add(self, rows: Iterable[Sequence[Any]], seeds: Mapping[int, Seed]) -> None:
        """rows: (seed_id, hash, url, host, domain), of `seeds`; without those that their seeds do not want.

        How deep they are nobody knows: as deep as their seed goes, so that they are admitted and lead no further.
        """
        for seed_id, url_hash, text, host, domain in rows:
            url, seed = Url(text, host, domain, url_hash), seeds.get(seed_id)
            if seed is None:
                continue
            depth = UNKNOWN_DEPTH if seed.max_depth is None else seed.max_depth
            if refusal(url, seed, depth) is None:
                self._add(url, seed_id, depth)

    def add_of_targets(self, rows: Iterable[Sequence[Any]]) -> None:
        """Of seeds that are there for a target: which pages it means has been asked already."""
        for seed_id, url_hash, text, host, domain in rows:
            url = Url(text, host, domain, url_hash)
            if path_refusal(url) is None:
                self._add(url, seed_id, 0)

    def _add(self, url: Url, seed_id: int, depth: int) -> None:
        self._rows.append((url.hash, seed_id, depth, doubtful_ending(url.text) is not None))
        self.hosts.add(url.host)

    @property
    def parameters(self) -> dict[str, list[Any]]:
        """Of SQL["stage"]."""
        hashes, seeds, depths, doubtful = map(list, zip(*self._rows, strict=True))
        return {"url_hashes": hashes, "seeds": seeds, "depths": depths, "doubtful": doubtful}


async def stage_linked(cursor: psycopg.AsyncCursor[Any], *, watched: bool) -> Linked:
    """Where the new links of a batch lead into seeds; watched: there are targets, too."""
    linked = Linked()
    if rows := await rows_of(cursor, SQL["into_seeds"], {"seeds": _MOST_SEEDS}):
        seeds = await rows_of(cursor, _READ_SEEDS, {"ids": list({row[0] for row in rows})})
        linked.add(rows, {row[0]: seed_of(*row[1:]) for row in seeds})
    if watched:
        linked.add_of_targets(await rows_of(cursor, _OF_NEW_LINKS))
    if linked:
        await cursor.execute(SQL["stage"], linked.parameters)
    return linked


def stage_linked_of_new_seeds(connection: psycopg.Connection[Any], queue_id: int) -> None:
    """Where links that are known lead into seeds which this transaction has added to a queue."""
    linked = Linked()
    if rows := connection.execute(SQL["into_new_seeds"], {"queue": queue_id, "seeds": _MOST_SEEDS}).fetchall():
        seeds = connection.execute(_READ_SEEDS, {"ids": list({row[0] for row in rows})})
        linked.add(rows, {row[0]: seed_of(*row[1:]) for row in seeds})
    if linked:
        connection.execute(SQL["stage"], linked.parameters)


def stage_linked_of_target(connection: psycopg.Connection[Any], target_id: int) -> None:
    """Where links that are known lead into a watched target."""
    linked = Linked()
    linked.add_of_targets(connection.execute(_OF_KNOWN_LINKS, {"target_id": target_id}).fetchall())
    if linked:
        connection.execute(SQL["stage"], linked.parameters)
