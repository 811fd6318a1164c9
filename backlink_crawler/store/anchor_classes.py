"""What `backlinks rank` reads of anchors, and what it finds out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from backlink_crawler.store.groups import lock_total
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import psycopg

    Connection: TypeAlias = psycopg.Connection[Any]

_SQL = statements("anchor_classes")
_STAGING = ("drop_staging", "read_uses", "read_anchors", "index_anchors", "index_common_anchors", "create_classes")
_MOST_AT_ONCE = 10_000  # anchors
_WORK_MEMORY = "SET work_mem = '64MB'"
# Of a target with fewer referring domains a share says little, and of fewer targets the largest twentieth is none.
# And a keyword that fewer domains use is no pattern.
LEAST_REFDOMAINS, LEAST_TARGETS, LEAST_EXACT = 20, 20, 3
RULES = {"least_refdomains": LEAST_REFDOMAINS, "least_targets": LEAST_TARGETS, "least_exact": LEAST_EXACT}


class KnownAnchor(NamedTuple):
    """key: hashtextextended(anchor, 0). pages: of some that it leads to url, title and headings; None: not known."""

    domain_id: int
    key: int
    anchor: str
    only_images: bool
    pages: list[tuple[str, str | None, str | None]]


class KnownSite(NamedTuple):
    """A domain that is linked to. common_anchors: what several domains call it."""

    domain_id: int
    domain: str
    titles: Sequence[str]
    common_anchors: Sequence[str]
    brands: Sequence[str]
    keywords: Sequence[str]


class AnchorFigures(NamedTuple):
    """targets: with a profile. judged: those of them with enough referring domains. exact_p95: None: they are too few."""

    anchors: int
    targets: int
    judged: int
    exact_p95: float | None


def read_anchors(connection: Connection) -> int:
    """Into temporary tables of this connection, which commits by itself. Returns how many there are."""
    connection.execute(_WORK_MEMORY)
    for name in _STAGING:
        connection.execute(_SQL[name])
    connection.execute("ANALYZE used_anchors")
    row = connection.execute("SELECT count(*) FROM used_anchors").fetchone()
    assert row is not None
    return int(row[0])


def known_anchors(connection: Connection) -> Iterator[list[KnownAnchor]]:
    """All that were read, by domain, some thousands at once. A domain's may come in several lists."""
    last = {"domain": 0, "anchor": -(2**63), "most": _MOST_AT_ONCE}
    while rows := connection.execute(_SQL["next_anchors"], last).fetchall():
        yield [
            KnownAnchor(domain_id, key, anchor, only_images, [page for page in (first, last) if page[0]])
            for domain_id, key, anchor, only_images, *pages in rows
            for first, last in [(tuple(pages[:3]), tuple(pages[3:]))]
        ]
        last |= {"domain": rows[-1][0], "anchor": rows[-1][1]}


def known_sites(connection: Connection, domains: Iterable[int]) -> list[KnownSite]:
    rows = connection.execute(_SQL["sites"], {"domains": sorted(domains)}).fetchall()
    return [KnownSite(*row) for row in rows]


def stage_classes(connection: Connection, found: Iterable[tuple[KnownAnchor, int]]) -> None:
    """found: an anchor, and its class as rank numbers it."""
    with connection.cursor().copy("COPY found_classes FROM STDIN") as copy:
        for anchor, number in found:
            copy.write_row((anchor.domain_id, anchor.key, number, anchor.only_images))


def profile(connection: Connection) -> AnchorFigures:
    """What the staged classes come to, as a temporary table."""
    connection.execute("ANALYZE anchor_uses, found_classes")
    connection.execute(_SQL["profile"], RULES)
    row = connection.execute(_SQL["summary"]).fetchone()
    assert row is not None
    return AnchorFigures(*row)


def pack(connection: Connection) -> None:
    """What the staged classes come to for each link, as a temporary table."""
    connection.execute("SET enable_nestloop = off")  # whatever is known of the tables: all of them is read
    connection.execute(_SQL["pack_classes"])
    connection.execute("RESET enable_nestloop")


def swap_in_groups(connection: Connection) -> None:
    """A transaction for each large domain, so that no crawl waits for all of them."""
    for (domain_id,) in connection.execute(_SQL["large_domains"]).fetchall():
        with connection.transaction():
            lock_total(connection, domain_id)
            connection.execute(_SQL["write_group_classes"], {"domain_id": domain_id})


def swap_in(connection: Connection) -> None:
    """In the transaction of whoever calls it: what was stored is from now on what was found."""
    connection.execute("SET LOCAL enable_nestloop = off")  # whatever is known of the tables: all of them is compared
    for name in ("write_classes", "forget_classes", "forget_profiles", "write_profiles"):
        connection.execute(_SQL[name])
    connection.execute("ANALYZE link_anchor_classes, anchor_profiles")


def forget_staging(connection: Connection) -> None:
    connection.execute(_SQL["drop_staging"])
