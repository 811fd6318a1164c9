"""Claims: a stored link costs at most 450 bytes of disk, all in; who points to a domain is answered within 50 ms, and
every page of any question about the largest target within 100 ms.

All are taken from 10 million invented links, skewed as the web is (invented_web.sql), in an embedded PostgreSQL with
the indexes as migrated. `referring_domains` is asked through psycopg, everything in memory, in two ways: whole, as
somebody's own SQL does, and its hundred largest, as `backlinks refdomains` does. Targets are drawn by links
(a large target is asked for more often), and each target once. The questions of `ask` are asked as the command line
does, each for its first page of 100 rows and for later ones; those about a part of the largest target are no claim where
they count links.
"""

from __future__ import annotations

import random
import time
from statistics import quantiles
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.ask.questions import QUESTIONS
from backlink_crawler.model import Target, TargetMode
from backlink_crawler.rank.job import rank
from backlink_crawler.store.asking import Filters, Query, run_on
from backlink_crawler.store.cursors import cursor
from backlink_crawler.store.groups import group_anew
from backlink_crawler.store.summing import referring_domains
from benchmarks.claims import Claim, at_most, show
from benchmarks.environment import fresh_index
from benchmarks.filling import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import psycopg

LINKS = 10_000_000
LINKS_FOR_A_TRY = 1_000_000
TARGETS = 1_000
BYTES_TARGET = 450
P99_TARGET = 50  # milliseconds
P95_TARGET = 100
ROUNDS = 20  # of each question
LATER = 10  # pages after the first
TABLES = (
    *("links", "urls", "domains", "hosts", "rels", "domain_edges", "batches"),
    *("domain_totals", "daily_changes", "domain_coverage", "link_groups"),
    *(
        "link_relevance",
        "link_anchor_classes",
        "edge_relevance",
        "sitewide_links",
        "sitewide_domains",
        "anchor_profiles",
        "domain_ranks",
    ),
)


class Latency(NamedTuple):
    """Milliseconds."""

    p50: float
    p99: float
    longest: float


def measure(pairs: int) -> list[Claim]:
    """One pair is a try with a tenth of the links, whose figures are no claim."""
    links = LINKS if pairs > 1 else LINKS_FOR_A_TRY
    with fresh_index() as index:
        print(f"storage: inventing {links:,} links")
        with index.database.connect(autocommit=True) as connection:
            fill(connection, "invented_web", proportions(links))
        with index.database.connect(autocommit=True) as connection:
            group_anew(connection)
        run = rank(index.database, lambda _: None)
        print("ranked: " + ", ".join(f"{step} {figures['seconds']} s" for step, figures in run.figures.items()))
        with index.database.connect(autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            return [size(connection), *latencies(connection), *questions(connection)]


def proportions(links: int) -> dict[str, int]:
    """Of the web that has about so many links: a tenth as many pages, a hundredth as many linking domains."""
    return {
        "sites": links // 100,
        "targets": links // 7,  # domains that might be linked to; a third of them is
        "urls_of_a_domain": links // 10,  # that might be linked to
    }


def size(connection: psycopg.Connection[Any]) -> Claim:
    links = _value(connection, "SELECT count(*) FROM links")
    rows = []
    total = 0
    for table in TABLES:
        heap, indexes, tuples = connection.execute(
            "SELECT pg_table_size(oid), pg_indexes_size(oid), reltuples::bigint FROM pg_class WHERE oid = %s::regclass",
            [table],
        ).fetchone()
        total += heap + indexes
        rows.append((table, f"{tuples:,}", *(f"{each / links:.1f}" for each in (heap, indexes, heap + indexes))))
    rows.append(("together", "", "", "", f"{total / links:.1f}"))
    show(f"Bytes a link, {links:,} links", ("table", "rows", "table", "indexes", "together"), rows)
    texts = connection.execute(
        """
        SELECT
            avg(octet_length(anchor)),
            avg(coalesce(octet_length(snippet_left), 0) + coalesce(octet_length(snippet_right), 0)),
            (SELECT avg(octet_length(url)) FROM urls)
        FROM links
        """,
    ).fetchone()
    print("of which text, on average: anchor {:.1f}, snippets {:.1f}; a URL has {:.1f}".format(*texts))
    return at_most(f"bytes on disk a link, {links:,} links", BYTES_TARGET, total / links, "bytes")


def latencies(connection: psycopg.Connection[Any]) -> list[Claim]:
    by_links, uniform, largest = by_in_degree(connection), each_alike(connection), the_largest(connection)
    rows, claims = [], []
    for name, question in MAIN.items():
        for target in {*by_links, *uniform, *largest}:  # into memory first
            answer(connection, question(target))
        for drawn, targets in (("by links", by_links), ("each alike", uniform), ("10 largest", largest)):
            latency = asked(connection, question, targets)
            rows.append((name, drawn, len(targets), *(f"{value:,.1f}" for value in latency)))
            if (name, drawn) in CLAIMED:
                what = f"referring_domains, {name}, p99 of targets drawn {drawn}"
                claims.append(at_most(what, P99_TARGET, latency.p99, "ms"))
    show("referring_domains, milliseconds", ("rows", "targets", "asked", "p50", "p99", "longest"), rows)
    show("The largest targets, milliseconds", ("target", "rows", "whole", "first 100"), one_by_one(connection, largest))
    return claims


def whole(target: str) -> Query:
    return Query("SELECT * FROM referring_domains WHERE domain_to = %(domain)s", {"domain": target})


def first(target: str) -> Query:
    """What `backlinks refdomains` runs."""
    return referring_domains(Target(TargetMode.DOMAIN, target, (target,)), Filters(limit=100))


MAIN: dict[str, Callable[[str], Query]] = {"whole": whole, "first 100": first}
# Handing over 50,000 rows, whatever they hold, takes longer than the target: the whole of the largest is no claim.
CLAIMED = {("whole", "each alike"), ("first 100", "each alike"), ("first 100", "by links")}


def answer(connection: psycopg.Connection[Any], query: Query) -> list[tuple[Any, ...]]:
    return run_on(connection, query).fetchall()


def asked(connection: psycopg.Connection[Any], question: Callable[[str], Query], targets: Sequence[str]) -> Latency:
    times = []
    for target in targets:
        started = time.perf_counter()
        answer(connection, question(target))
        times.append(1000 * (time.perf_counter() - started))
    cuts = quantiles(times, n=100, method="inclusive")
    return Latency(cuts[49], cuts[98], max(times))


def one_by_one(connection: psycopg.Connection[Any], targets: Sequence[str]) -> list[tuple[str, ...]]:
    rows = []
    for target in targets:
        edges = len(answer(connection, whole(target)))
        times = [asked(connection, question, [target] * 5).p50 for question in MAIN.values()]
        rows.append((target, f"{edges:,}", *(f"{value:,.1f}" for value in times)))
    return rows


def questions(connection: psycopg.Connection[Any]) -> list[Claim]:
    """Every question, of the largest target and of the largest one whose links are counted, page by page."""
    rows, claims = [], []
    for name, target in asked_about(connection).items():
        for question in QUESTIONS:
            for page, latency in paged(connection, question, target).items():
                rows.append((name, question, page, *(f"{value:,.1f}" for value in latency)))
                if name in CLAIMED_TARGETS:
                    claims.append(at_most(f"{question}, {name}, {page}, p95", P95_TARGET, latency[1], "ms"))
    show("Questions, milliseconds", ("target", "question", "page", "p50", "p95", "longest"), rows)
    return claims


CLAIMED_TARGETS = ("largest", "largest counted")


def asked_about(connection: psycopg.Connection[Any]) -> dict[str, Target]:
    """Whole domains first, then parts of the largest: its home page, the URL that is linked to least, a section, a host."""
    kept, counted = (
        connection.execute(
            "SELECT domain_to FROM target_overview WHERE domain_to_id = "
            "(SELECT domain_id FROM domain_totals WHERE has_groups = %s ORDER BY backlinks DESC LIMIT 1)",
            [has_groups],
        ).fetchone()[0]
        for has_groups in (True, False)
    )
    urls = connection.execute(
        "SELECT url_to FROM kept_best_by_links WHERE domain_to_id = domain_id(%s) ORDER BY links DESC, url_to_id",
        [kept],
    ).fetchall()
    home, rare = urls[0][0], urls[-1][0]
    host = _names(connection, "SELECT name FROM hosts WHERE domain_id = domain_id(%s) ORDER BY id DESC LIMIT 1", kept)
    return {
        "largest": Target(TargetMode.DOMAIN, kept, (kept,)),
        "largest counted": Target(TargetMode.DOMAIN, counted, (counted,)),
        "its home page": Target(TargetMode.EXACT, kept, (home,)),
        "a URL of it": Target(TargetMode.EXACT, kept, (rare,)),
        "a section of it": Target(TargetMode.PREFIX, kept, (f"{home}a",)),
        "a host of it": Target(TargetMode.SUBDOMAINS, kept, (host[0],)),
    }


def paged(connection: psycopg.Connection[Any], question: str, target: Target) -> dict[str, tuple[float, float, float]]:
    """(p50, p95, longest) of the first page, and of later ones where there are any."""
    since = "now() - interval '7 days'" if question in {"new", "lost"} else None
    first, later = [], []
    for _ in range(ROUNDS):
        after, times = None, first
        for _ in range(1 + LATER):
            query = QUESTIONS[question](target, Filters(since=since, after=after))
            started = time.perf_counter()
            answered = run_on(connection, query)
            found = answered.fetchall()
            times.append(1000 * (time.perf_counter() - started))
            if len(found) < 100 or not query.order:
                break
            after, times = cursor(query, [column.name for column in answered.description or ()], found[-1]), later
        if max(first) > SLOW:
            break
    pages = {"first": first[1:] or first, "later": later}  # what the very first answer brought into memory is no claim
    return {page: _spread(times) for page, times in pages.items() if times}


SLOW = 1000  # milliseconds: asked once


def _spread(times: Sequence[float]) -> tuple[float, float, float]:
    if len(times) == 1:
        return times[0], times[0], times[0]
    cuts = quantiles(times, n=100, method="inclusive")
    return cuts[49], cuts[94], max(times)


def by_in_degree(connection: psycopg.Connection[Any]) -> list[str]:
    ids = random.Random(1).sample(range(1, _value(connection, "SELECT max(id) FROM links") + 1), TARGETS)
    return _names(
        connection,
        "SELECT d.name FROM links AS l INNER JOIN domains AS d ON l.domain_to_id = d.id WHERE l.id = ANY(%s) ORDER BY l.id",
        ids,
    )


def each_alike(connection: psycopg.Connection[Any]) -> list[str]:
    return _names(
        connection,
        """
        SELECT d.name
        FROM (SELECT DISTINCT domain_to_id FROM domain_edges) AS e
        INNER JOIN domains AS d ON e.domain_to_id = d.id
        ORDER BY hashint8(d.id)
        LIMIT %s
        """,
        TARGETS,
    )


def the_largest(connection: psycopg.Connection[Any]) -> list[str]:
    return _names(
        connection,
        """
        SELECT d.name
        FROM (SELECT domain_to_id, count(*) AS edges FROM domain_edges GROUP BY domain_to_id) AS e
        INNER JOIN domains AS d ON e.domain_to_id = d.id
        ORDER BY e.edges DESC
        LIMIT %s
        """,
        10,
    )


def _names(connection: psycopg.Connection[Any], query: str, parameter: object) -> list[str]:
    return [name for (name,) in connection.execute(query, [parameter])]


def _value(connection: psycopg.Connection[Any], query: str) -> Any:
    return connection.execute(query).fetchone()[0]
