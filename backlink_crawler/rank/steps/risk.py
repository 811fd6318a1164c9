"""Link-scheme risk of domains, and of pairs of them: the step of `backlinks rank` that looks for what is unusual.

A signal has values, from the graph or from stored links; rank/risk.py says which of them are reasons. What a signal needs
that is not there (NumPy, Numba for a large graph, trust, classes of anchors) leaves it without values: nobody is judged by it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from backlink_crawler.rank import scheme_kernels, schemes
from backlink_crawler.rank.bursts import unusual_weeks, usable_weeks
from backlink_crawler.rank.libraries import np
from backlink_crawler.rank.risk import NUMBERS, SIGNALS, Known, reasons
from backlink_crawler.rank.rows import rows
from backlink_crawler.rank.steps.authority import PLAIN_EDGES, read_graph
from backlink_crawler.store import risk as store
from backlink_crawler.store.database import database_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.rank.graph import Graph
    from backlink_crawler.rank.job import Progress
    from backlink_crawler.rank.risk import Reasons
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun
    from backlink_crawler.store.risk import Connection


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    began = time.monotonic()
    with database.connect(autocommit=True) as connection, database_errors(database):
        known = {} if np is None else _known(connection, progress)
        found = {signal.name: reasons(signal, known[signal.name]) for signal in SIGNALS if signal.name in known}
        progress("risk: storing what has changed")
        with connection.transaction():
            figures = store.swap_risks(connection, list(_signals(found)), _rows(found))
            judged = sorted(name for name, of in found.items() if of.usual.low is not None)
            told = figures._asdict() | {"judged_by": judged, "seconds": round(time.monotonic() - began, 1)}
            run.tell(connection, "risk", {}, told)
        store.forget_staging(connection)


def _known(connection: Connection, progress: Progress) -> dict[str, Known]:
    graph = read_graph(connection, progress)
    ratios, trust = _ranks(connection, graph)
    progress("risk: who links to whom")
    values, swaps = of_graph(graph, ratios, trust)
    known = {name: _of_nodes(graph, each) for name, each in values.items()}
    progress("risk: reading links")
    store.read_links(connection, swaps)
    for name in (*store.OF_DOMAINS, *store.OF_PAIRS):
        if name == "exchange_page" and "reciprocity" not in known:
            continue  # who swaps links was not told
        progress(f"risk: {name.replace('_', ' ')}")
        known[name] = _stored(connection, name)
    progress("risk: bursts")
    known["burst"] = _bursts(connection)
    return known


def of_graph(graph: Graph, ratios: Any, trust: Any) -> tuple[dict[str, Any], Iterator[bytes]]:
    """(values of each node by signal, pairs that link to each other as rows). ratios, trust: of each node."""
    values = {"near_support": schemes.near_support(graph, ratios), "untrusted": schemes.untrusted(ratios, trust)}
    if not scheme_kernels.IS_COMPILED and graph.edges > PLAIN_EDGES:
        return values, iter(())
    ways = schemes.both_ways(graph)
    starts, others = schemes.mutual(ways)
    shared, linked = np.diff(starts), np.diff(ways.out_starts)
    values["reciprocity"] = schemes.reciprocity(ways, shared)
    values["closed_farm"] = schemes.closed(ways, starts, others)
    values["same_links"] = schemes.alike(ways)
    values["many_targets"] = np.where(linked > 0, linked, np.nan)
    many = np.repeat(shared >= schemes.LEAST_SHARED, shared)
    sources = np.repeat(graph.domains, shared)[many]
    return values, rows((sources, graph.domains[others[many]]))


def _ranks(connection: Connection, graph: Graph) -> tuple[Any, Any]:
    """(PageRank ÷ floor, trust) of each node; NaN where it has not been ranked."""
    keys, *each = store.ranks(connection)
    domains = _numbers(keys, ">i4")
    places = np.searchsorted(domains, graph.domains)
    is_ranked = places < len(domains)
    is_ranked[is_ranked] = domains[places[is_ranked]] == graph.domains[is_ranked]
    found = []
    for packed in each:
        values = np.full(graph.nodes, np.nan)
        values[is_ranked] = _numbers(packed, ">f4")[places[is_ranked]]
        found.append(values)
    return found[0], found[1]


def _of_nodes(graph: Graph, values: Any) -> Known:
    nodes = np.flatnonzero(~np.isnan(values))
    return Known(graph.domains[nodes], values[nodes])


def _stored(connection: Connection, signal: str) -> Known:
    domains, targets, values = store.known_values(connection, signal)
    return Known(
        _numbers(domains, ">i4"), _numbers(values, ">f4").astype(float), _numbers(targets, ">i4") if targets else None
    )


def _bursts(connection: Connection) -> Known:
    """Of each target its most unusual week counts for percentiles, of a pair that in which the source was new."""
    usable = usable_weeks(store.weeks(connection))
    bursts, largest = [], []
    for target, weeks, domains in store.weeks_of_targets(connection):
        found = unusual_weeks(usable, weeks, domains)
        bursts += [(target, week, value) for week, value in found]
        largest += [max(value for _, value in found)] if found else []
    store.stage_bursts(connection, bursts)
    domains, targets, values = store.known_values(connection, "burst")
    of_pairs = _numbers(values, ">f4").astype(float)
    return Known(_numbers(domains, ">i4"), of_pairs, _numbers(targets, ">i4"), np.array(largest, dtype=float))


def _signals(found: dict[str, Reasons]) -> Iterator[dict[str, object]]:
    for number, signal in enumerate(SIGNALS):
        usual = found[signal.name].usual if signal.name in found else None
        yield signal._asdict() | {
            "signal": number,
            "judged": usual.judged if usual else 0,
            "low": usual.low if usual else None,
            "high": usual.high if usual else None,
        }


def _rows(found: dict[str, Reasons]) -> Iterator[bytes]:
    for name, of in found.items():
        signals = np.full(len(of.domains), NUMBERS[name], dtype=np.int32)
        if len(signals):
            yield from rows((of.domains, of.targets, signals, of.values, of.percentiles, of.factors))


def _numbers(packed: bytes, kind: str) -> Any:
    return np.frombuffer(packed, dtype=kind)
