"""Authority and trust of domains: the step of `backlinks rank` that all others rest on."""

from __future__ import annotations

import hashlib
import time
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backlink_crawler.errors import BacklinksError
from backlink_crawler.inputs.trust import default_trust_seeds
from backlink_crawler.rank import harmonic, kernels, scale
from backlink_crawler.rank.graph import Edges
from backlink_crawler.rank.libraries import np
from backlink_crawler.rank.pagerank import DAMPING, TOLERANCE, pagerank
from backlink_crawler.rank.rows import rows
from backlink_crawler.rank.trust import trust, trustrank
from backlink_crawler.store.authority import edges_by_target, known_domains, list_trust_seeds, swap_ranks
from backlink_crawler.store.database import database_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlink_crawler.rank.graph import Graph
    from backlink_crawler.rank.job import Progress
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun

PLAIN_EDGES = 1_000_000  # that are ranked without NumPy: a minute
_TOLD_EVERY = 100_000  # domains that are read


@dataclass(frozen=True, slots=True)
class Scores:
    """columns: of COLUMNS in store/authority.py. parameters, figures: what the run is told."""

    columns: Sequence[Any]
    parameters: dict[str, object]
    figures: dict[str, object]


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    """Raises BacklinksError when the index is too large for what is installed."""
    began = time.monotonic()
    with database.connect() as connection, database_errors(database):
        names, origin = _seeds_in_force(connection)
        graph = read_graph(connection, progress)
        seeds = nodes_of(graph, known_domains(connection, names))
        connection.commit()
        read = time.monotonic()
        scores = computed(graph, seeds, progress)
        scores.parameters["trust_seeds"] = {
            "list": origin,
            "digest": hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest(),
            "named": len(names),
            "ranked": len(seeds),
        }
        ranked = time.monotonic()
        progress("storing what has changed")
        changed = swap_ranks(connection, run, rows(scores.columns))
        scores.figures["rows_changed"] = changed
        scores.figures["seconds"] = {
            "reading": round(read - began, 2),
            "computing": round(ranked - read, 2),
            "storing": round(time.monotonic() - ranked, 2),
        }
        run.tell(connection, "authority", scores.parameters, scores.figures)
        connection.commit()
        if changed * 5 > graph.nodes:
            connection.autocommit = True
            connection.execute("VACUUM (ANALYZE) domain_ranks")  # rather now than while questions read what is dead


def _seeds_in_force(connection: Any) -> tuple[list[str], str]:
    """(the user's trust seeds, `yours`); while there are none, (the program's, `default`)."""
    yours = [domain for domain, _ in list_trust_seeds(connection)]
    return (yours, "yours") if yours else (list(default_trust_seeds()), "default")


def computed(graph: Graph, seeds: list[int], progress: Progress) -> Scores:
    """seeds: nodes."""
    ranked = pagerank(graph, tell=lambda number: progress(f"PageRank of {graph.nodes:,} domains: iteration {number}"))
    trusted = None
    if seeds:
        trusted = trustrank(graph, seeds, tell=lambda number: progress(f"TrustRank: iteration {number}"))
    closeness, how = _closeness(graph, progress)
    progress("figures for people")
    linked, linking = _degrees(graph)
    ratios = [each / ranked.floor for each in ranked.values] if np is None else ranked.values / (ranked.floor or 1.0)
    columns = (
        *(graph.domains, linked, linking, scale.authority(ratios, linked), scale.percentiles(ranked.values)),
        None if trusted is None else scale.significant(trust(trusted, ranked)),
        *(scale.significant(ratios), None if closeness is None else scale.significant(closeness)),
    )
    parameters: dict[str, object] = {
        "damping": DAMPING,
        "tolerance": TOLERANCE,
        "pagerank_floor": ranked.floor,
        "trustrank_floor": trusted and trusted.floor,
        "harmonic": how,
    }
    figures: dict[str, object] = {
        "domains": graph.nodes,
        "edges": graph.edges,
        "iterations": ranked.iterations,
        "trust_iterations": trusted and trusted.iterations,
    }
    return Scores(columns, parameters, figures)


def _closeness(graph: Graph, progress: Progress) -> tuple[Any, str | None]:
    """(values, how they were computed)."""
    precision = harmonic.precision(graph)
    if precision is None:
        progress("harmonic centrality")
        values = harmonic.exact(graph)
        return (values if np is None else np.array(values)), "exact"
    if np is None:
        return None, None
    values = harmonic.hyperball(
        graph, precision, tell=lambda distance: progress(f"harmonic centrality: distance {distance}")
    )
    return values, f"HyperBall, {1 << precision} registers"


def _degrees(graph: Graph) -> tuple[Any, Any]:
    """(follow edges to each node, those from it)."""
    if np is not None:
        return np.diff(graph.starts).astype(np.int32), kernels.out_degrees(graph)
    linking = [0] * graph.nodes
    for source in graph.sources:
        linking[source] += 1
    return [graph.starts[node + 1] - graph.starts[node] for node in range(graph.nodes)], linking


def read_graph(connection: Any, progress: Progress) -> Graph:
    edges, number = Edges(), 0
    progress("reading who links to whom")
    for place, (target, sources, others) in enumerate(edges_by_target(connection)):
        edges.add(target, sources, others)
        number += len(sources) // 4
        if np is None and number > PLAIN_EDGES:
            raise BacklinksError(
                f"more than {PLAIN_EDGES:,} domains link to each other: ranking so many takes "
                "`pip install 'backlink-crawler[rank]'` (NumPy and Numba)."
            )
        if place % _TOLD_EVERY == 0:
            progress(f"reading who links to whom: {number:,} edges")
    progress(f"{number:,} edges")
    return edges.graph()


def nodes_of(graph: Graph, domains: list[int]) -> list[int]:
    """Of those of the domains that are in it."""
    places = ((bisect_left(graph.domains, domain), domain) for domain in domains)
    return [place for place, domain in places if place < graph.nodes and graph.domains[place] == domain]
