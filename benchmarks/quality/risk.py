"""Link-scheme risk: what of planted schemes is found, and whom it says something of on a graph where nothing was planted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from backlink_crawler.rank import schemes
from backlink_crawler.rank.pagerank import pagerank
from backlink_crawler.rank.risk import SIGNALS, factors, usual
from backlink_crawler.rank.steps.risk import of_graph
from backlink_crawler.rank.trust import trust, trustrank
from benchmarks.graphs import cnr_2000, graph_of_matrix, polblogs
from benchmarks.quality._schemes import ALL, SCHEMES, SIZES, planted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.rank.graph import Graph

CAMOUFLAGES = (0.3, 0.7)
OF_A_SITE = 500  # places: nodes are in the order of their URLs, so that near ones are pages of one site
TRUSTED = 100  # ordinary nodes, those with the highest PageRank
SHOWN = 20  # of the untouched graph


def report() -> Iterator[str]:
    matrix = cnr_2000().tocoo()
    pages = np.column_stack([matrix.row, matrix.col]).astype(np.int64)
    between = pages[np.abs(pages[:, 0] - pages[:, 1]) > OF_A_SITE]
    yield f"columns: {', '.join(SCHEMES)}, each of {', '.join(map(str, SIZES))} members; recall at 1 % false positives"
    for name, edges in {
        "pages, as they are": pages,
        f"without links to pages within {OF_A_SITE} places, as an index knows only links between sites": between,
    }.items():
        yield f"cnr-2000, {name}: {len(edges):,} edges"
        for camouflage in CAMOUFLAGES:
            yield from _recall(edges, camouflage, [ALL])
    blogs = polblogs().tocoo()
    edges = np.unique(np.column_stack([blogs.row, blogs.col]).astype(np.int64), axis=0)
    yield f"political blogs, a graph of sites: {len(edges):,} edges; one scheme planted at a time"
    for camouflage in CAMOUFLAGES:
        yield from _recall(edges, camouflage, [{planted: 1} for planted in ALL])
    yield from _untouched(between, matrix.shape[0])


def _recall(edges: Any, camouflage: float, plans: list[dict[tuple[str, int], int]]) -> Iterator[str]:
    """A false positive is an ordinary node that links to others. plans: what is planted together, each into a graph of its
    own.
    """
    ordinary, nodes = np.unique(edges[:, 0]), int(edges.max()) + 1
    found: dict[str, dict[tuple[str, int], float]] = {}
    limits: dict[str, list[float]] = {}
    for plan in plans:
        made, members = planted(edges, nodes, camouflage, plan)
        values = _values(_graph(made, int(made.max()) + 1), np.arange(nodes))
        values["all together"] = _risk(values)
        for name, each in values.items():
            known = np.nan_to_num(each)
            limit = float(np.percentile(known[ordinary], 99))
            limits.setdefault(name, []).append(limit)
            of = found.setdefault(name, {})
            of |= {scheme: float((known[nodes_of] > limit).mean()) for scheme, nodes_of in members.items()}
    yield f"  {camouflage:.0%} of the members' links are ordinary; the value that 1 % of {len(ordinary):,} ordinary nodes exceed"
    for name, of in found.items():
        recall = [" ".join(f"{of[scheme, size]:4.0%}" for size in SIZES) for scheme in SCHEMES]
        yield f"    {name:14} {np.mean(limits[name]):7.3f}   {'   '.join(recall)}"


def _untouched(edges: Any, nodes: int) -> Iterator[str]:
    """Nodes at the highest risks, with what is around them."""
    graph = _graph(edges, nodes)
    values, ways = _values(graph, np.unique(edges[:, 0])), schemes.both_ways(graph)
    shared = np.diff(schemes.mutual(ways)[0])
    risk = _risk(values)
    linking = np.unique(edges[:, 0])
    quantiles = ", ".join(f"{share}: {np.percentile(risk[linking], share):.2f}" for share in (50, 90, 95, 99, 99.9))
    yield f"nothing planted: {(risk[linking] > 0).mean():.1%} have a reason; percentiles of risk {quantiles}"
    high = linking[risk[linking] >= np.percentile(risk[linking], 99)]
    for node in np.sort(np.random.default_rng(2).choice(high, SHOWN, replace=False)):
        sources = ways.sources[ways.in_starts[node] : ways.in_starts[node + 1]]
        targets = ways.targets[ways.out_starts[node] : ways.out_starts[node + 1]]
        said = ", ".join(f"{name} {each[node]:.2f}" for name, each in _reasons(values).items() if each[node] > 0)
        yield (
            f"  {node}: risk {risk[node]:.2f}; {len(sources)} in ({_spans(sources)}), {len(targets)} out ({_spans(targets)}), "
            f"{shared[node]} both; factors: {said}"
        )


def _spans(nodes: Any) -> str:
    """How many sites they are on, about: gaps larger than OF_A_SITE."""
    return f"{1 + int((np.diff(nodes) > OF_A_SITE).sum()) if len(nodes) else 0} sites"


def _values(graph: Graph, trusted_among: Any) -> dict[str, Any]:
    ranked = pagerank(graph)
    seeds = trusted_among[np.argsort(ranked.values[trusted_among])[-TRUSTED:]]
    trusted = trustrank(graph, seeds.tolist())
    assert trusted
    values, _ = of_graph(graph, ranked.values / ranked.floor, trust(trusted, ranked))
    return {signal.name: values[signal.name] for signal in SIGNALS if signal.name in values}


def _reasons(values: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for signal in SIGNALS:
        if signal.name in values:
            each = values[signal.name]
            found[signal.name] = factors(each, usual(each[~np.isnan(each)]), signal.least)
    return found


def _risk(values: dict[str, Any]) -> Any:
    weights = {signal.name: signal.weight for signal in SIGNALS}
    left = [1 - weights[name] * each for name, each in _reasons(values).items()]
    return 1 - np.prod(left, axis=0)


def _graph(edges: Any, nodes: int) -> Graph:
    return graph_of_matrix(sparse.csr_matrix((np.ones(len(edges)), edges.T), shape=(nodes, nodes)))
