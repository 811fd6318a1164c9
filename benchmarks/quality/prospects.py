"""Prospects: do they foretell links that were held out? Beside the measures that link prediction is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.stats import rankdata

from backlink_crawler.rank.steps import authority
from backlink_crawler.store.ranking import ranking_run
from benchmarks.environment import fresh_index
from benchmarks.graphs import polblogs

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from benchmarks.environment import Index

ROUNDS = 10
HELD_OUT = 0.1  # of the edges
DAMPING = 0.85
NAMES = (
    *("common neighbours", "preferential attachment", "rooted PageRank", "prospects, the structure"),
    "prospects, × √authority",
)
_FILL = """
TRUNCATE domains, domain_edges, domain_totals, domain_ranks, domain_rank_history CASCADE;
INSERT INTO domains (id, name) OVERRIDING SYSTEM VALUE SELECT id, 'blog-' || id || '.test' FROM generate_series(1, {nodes}) AS id;
CREATE TEMPORARY TABLE IF NOT EXISTS held_in (source integer, target integer);
TRUNCATE held_in
"""
_EDGES = """
INSERT INTO domain_edges (domain_to_id, domain_from_id, batch_id, first_seen, last_seen, links, dofollow_links, refpages, pages_to)
SELECT target, source, 1, now(), now(), 1, 1, 1, 1 FROM held_in ORDER BY target, source;
INSERT INTO domain_totals (domain_id, first_seen, last_seen, backlinks, dofollow_links, refpages, refdomains, dofollow_refdomains)
SELECT target, now(), now(), count(*), count(*), count(*), count(*), count(*) FROM held_in GROUP BY target;
ANALYZE domains, domain_edges, domain_totals
"""
# The functions that `backlinks prospects` asks: all candidates of a target, and their scores.
_SCORES = """
SELECT s.domain_from_id, s.overlap * s.link_weight * s.follow_share, s.score
FROM (
    SELECT array_agg(c.domain_to_id) AS ids, array_agg(c.similarity::double precision) AS similarities
    FROM competitors(%(domain)s) AS c
) AS a
CROSS JOIN LATERAL prospect_scores(domain_id(%(domain)s), a.ids, a.similarities) AS s
"""


def report() -> Iterator[str]:
    """Published for these blogs without directions: common neighbours .92, preferential attachment .90, rooted PageRank
    .935 ("Link Prediction Based on Graph Neural Networks", Zhang and Chen 2018).
    """
    whole = _largest_part(polblogs())
    both_ways = whole.maximum(whole.T).tocsr()
    with fresh_index() as index:
        columns = [
            [_round(index, graph, number, is_symmetric=graph is both_ways) for number in range(ROUNDS)]
            for graph in (both_ways, whole)
        ]
    yield f"polblogs, largest part, {whole.shape[0]:,} blogs; {HELD_OUT:.0%} of the edges held out, {ROUNDS} times: AUC, mean and spread"
    yield f"| | without directions, {both_ways.nnz // 2:,} edges | as they link, {whole.nnz:,} edges |"
    yield "|---|---|---|"
    for place, name in enumerate(NAMES):
        cells = [np.array([auc[place] for auc in column]) for column in columns]
        yield f"| {name} | " + " | ".join(f"{each.mean():.4f} ± {each.std():.4f}" for each in cells) + " |"


def _largest_part(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    _, parts = connected_components(matrix, directed=False)
    kept = np.flatnonzero(parts == np.bincount(parts).argmax())
    return matrix[kept][:, kept].tocsr()


def _round(index: Index, graph: sparse.csr_matrix, seed: int, *, is_symmetric: bool) -> list[float]:
    """The AUC of each of NAMES: held-out edges above as many pairs that are none."""
    chance = np.random.default_rng(seed)
    edges = np.argwhere((sparse.triu(graph) if is_symmetric else graph).toarray() > 0)
    order = chance.permutation(len(edges))
    number = int(len(edges) * HELD_OUT)
    held_out, kept = edges[order[:number]], edges[order[number:]]
    if is_symmetric:
        kept = np.concatenate([kept, kept[:, ::-1]])
    pairs = np.concatenate([held_out, _no_edges(graph, chance, number)])
    left = sparse.csr_matrix((np.ones(len(kept)), kept.T), shape=graph.shape)
    with index.database.connect(autocommit=True) as connection:
        _fill(connection, kept, graph.shape[0])
    with ranking_run(index.database) as run:
        authority.step(index.database, run, lambda _: None)
    with index.database.connect(autocommit=True) as connection:
        ours = _prospects(connection, graph.shape[0])
    degrees = np.outer(left.sum(axis=1), left.sum(axis=0))
    each = ((left @ left).toarray(), degrees, _rooted_pagerank(left.toarray()), *ours)
    return [_auc(scores, pairs, is_symmetric=is_symmetric) for scores in each]


def _no_edges(graph: sparse.csr_matrix, chance: np.random.Generator, number: int) -> Any:
    linked, found = graph.toarray() > 0, np.empty((0, 2), dtype=int)
    while len(found) < number:
        drawn = chance.integers(graph.shape[0], size=(2 * number, 2))
        found = np.concatenate([found, drawn[(drawn[:, 0] != drawn[:, 1]) & ~linked[drawn[:, 0], drawn[:, 1]]]])
    return found[:number]


def _rooted_pagerank(left: Any) -> Any:
    """From each blog, exactly: (1 − d) (1 − d P)⁻¹. Where no directions are, there and back."""
    steps = left / np.maximum(left.sum(axis=1, keepdims=True), 1)
    return (1 - DAMPING) * np.linalg.inv(np.eye(len(left)) - DAMPING * steps)


def _fill(connection: psycopg.Connection[Any], kept: Any, nodes: int) -> None:
    for statement in _FILL.format(nodes=nodes).split(";"):
        connection.execute(statement.encode())
    with connection.cursor().copy("COPY held_in FROM STDIN") as copy:
        for source, target in kept.tolist():
            copy.write_row((source + 1, target + 1))
    for statement in _EDGES.split(";"):
        connection.execute(statement.encode())


def _prospects(connection: psycopg.Connection[Any], nodes: int) -> tuple[Any, Any]:
    """(the structure's part of the score, the score), by source and target; 0 of those that are no candidates."""
    structure, scores = np.zeros((nodes, nodes)), np.zeros((nodes, nodes))
    for target in range(nodes):
        for source, part, score in connection.execute(_SCORES, {"domain": f"blog-{target + 1}.test"}):
            structure[source - 1, target], scores[source - 1, target] = part, score
    return structure, scores


def _auc(scores: Any, pairs: Any, *, is_symmetric: bool) -> float:
    """The chance that an edge is above a pair that is none (Mann and Whitney), ties counted half."""
    values = scores[pairs[:, 0], pairs[:, 1]]
    if is_symmetric:
        values = values + scores[pairs[:, 1], pairs[:, 0]]
    number = len(pairs) // 2
    return float((rankdata(values)[:number].sum() - number * (number + 1) / 2) / number**2)
