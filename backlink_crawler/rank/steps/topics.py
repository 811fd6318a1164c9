"""Topics of domains: personalised PageRank (Haveliwala 2002) from the seeds of each topic, beside PageRank from everywhere.

A score is computed as trust is: the share of a domain's PageRank that comes from the topic's seeds. Each seed gives as
much, whatever the length of its list, so that scores of different topics can be compared and added.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from backlink_crawler.rank.libraries import np
from backlink_crawler.rank.pagerank import pagerank
from backlink_crawler.rank.steps.authority import nodes_of, read_graph
from backlink_crawler.rank.trust import trust, trustrank
from backlink_crawler.store import topics as store
from backlink_crawler.store.authority import known_domains
from backlink_crawler.store.database import database_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from backlink_crawler.rank.graph import Graph
    from backlink_crawler.rank.job import Progress
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun

LEAST = 0.001  # of a domain's PageRank: what comes to less is not kept
MOST_TOPICS = 3  # of a domain: its largest


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    """Nothing is read while there are no topics."""
    began = time.monotonic()
    with database.connect() as connection, database_errors(database):
        topics = store.topic_seeds(connection)
        scores: Iterator[tuple[int, str, float]] = iter(())
        if topics:
            graph = read_graph(connection, progress)
            seeds = {topic: nodes_of(graph, known_domains(connection, names)) for topic, names in topics.items()}
            scores = scored(graph, seeds, progress)
        connection.commit()
        with connection.transaction():
            domains = store.swap_topics(connection, scores, MOST_TOPICS)
            parameters = {"least": LEAST, "most_topics": MOST_TOPICS}
            seconds = round(time.monotonic() - began, 2)
            run.tell(connection, "topics", parameters, {"topics": len(topics), "rows": domains, "seconds": seconds})


def scored(graph: Graph, seeds: Mapping[str, Sequence[int]], progress: Progress) -> Iterator[tuple[int, str, float]]:
    """(domain, topic, score) of each that comes to LEAST. seeds: nodes; a topic none of which links to anything has none."""
    ranked = None
    for topic, nodes in seeds.items():
        progress(f"topic {topic}")
        of_topic = trustrank(graph, nodes) if nodes else None
        if of_topic is None:
            continue
        ranked = ranked or pagerank(graph)
        values = trust(of_topic, ranked)
        for node in _large(values):
            yield int(graph.domains[node]), topic, round(float(values[node]), 4)


def _large(values: Any) -> Any:
    """The nodes whose value is at least LEAST."""
    if np is None:
        return (node for node, value in enumerate(values) if value >= LEAST)
    return np.flatnonzero(values >= LEAST)
