"""Claims: 100 million domain edges are ranked within 2 GB, and what time that takes grows no faster than they do; and how
long it takes from 10 million edges in PostgreSQL to swapped scores.

Generated graphs (graphs.py), each ranked in a process of its own, whose largest resident memory is taken.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

import numpy as np

from backlink_crawler.rank.job import rank
from backlink_crawler.rank.pagerank import pagerank
from backlink_crawler.rank.risk import SIGNALS, Known, reasons
from backlink_crawler.rank.steps.authority import computed
from backlink_crawler.rank.steps.risk import of_graph
from benchmarks.claims import Claim, at_most
from benchmarks.environment import PROJECT, fresh_index
from benchmarks.filling import fill
from benchmarks.graphs import generated

SIZES = (1_000_000, 10_000_000, 100_000_000)
SIZES_FOR_A_TRY = SIZES[:2]
MEMORY_TARGET = 2_000  # MB
STORED = 10_000_000
STORED_FOR_A_TRY = 1_000_000


def measure(pairs: int) -> list[Claim]:
    """One pair is a try with a tenth of the edges."""
    claims = []
    for size in SIZES if pairs > 1 else SIZES_FOR_A_TRY:
        figures = _apart("generated", size)
        print(f"ranking: {size:,} edges: {figures}", flush=True)
        claims.append(at_most(f"ranking {size:,} generated edges", MEMORY_TARGET, figures["MB"], "MB"))
    stored(STORED if pairs > 1 else STORED_FOR_A_TRY)
    return claims[-1:]


def _apart(what: str, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.ranking", what, str(size)]
    said = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, check=True, text=True).stdout
    figures: dict[str, float] = json.loads(said.splitlines()[-1])
    return figures


def stored(edges: int) -> None:
    """Ranked twice: into empty tables, and when a hundredth of the edges have changed."""
    with fresh_index() as index:
        with index.database.connect(autocommit=True) as connection:
            fill(connection, "invented_edges", {"edges": edges, "domains": edges // 10})
        for what in ("first", "again, as it was", "a hundredth of the edges gone"):
            if what.startswith("a "):
                with index.database.connect(autocommit=True) as connection:
                    connection.execute(
                        "UPDATE domain_edges SET links = 0, dofollow_links = 0 "
                        "WHERE (domain_to_id + domain_from_id) % 100 = 0"
                    )
                    connection.execute("VACUUM (ANALYZE) domain_edges")
            began = time.monotonic()
            rank(index.database, lambda _doing: None)
            took = time.monotonic() - began
            with index.database.connect() as connection:
                figures = connection.execute(
                    "SELECT figures -> 'authority', figures -> 'risk' FROM ranking_runs "
                    "WHERE figures ? 'risk' ORDER BY id DESC LIMIT 1"
                ).fetchone()
                history = connection.execute(
                    "SELECT count(*), pg_size_pretty(pg_total_relation_size('domain_rank_history')), "
                    "pg_size_pretty(pg_total_relation_size('domain_ranks')) FROM domain_rank_history"
                ).fetchone()
            print(f"ranking from PostgreSQL, {what}: {took:.1f} s; {figures}; history {history}", flush=True)


def _rank_generated(size: int) -> dict[str, float]:
    began = time.monotonic()
    graph = generated(size)
    made = time.monotonic()
    last, doings = made, dict[str, float]()

    def tell(doing: str) -> None:
        nonlocal last
        now = time.monotonic()
        name = doing.split(":", maxsplit=1)[0]
        doings[name] = doings.get(name, 0.0) + now - last
        last = now

    scores = computed(graph, list(range(0, graph.nodes, graph.nodes // 100)), tell)
    figures = {"edges": graph.edges, "domains": graph.nodes, "generating s": round(made - began, 1)}
    figures |= {name: round(seconds, 1) for name, seconds in doings.items()}
    figures |= {"iterations": scores.figures["iterations"], "seconds": round(time.monotonic() - made, 1)}
    return figures | _taken()


def _risk_generated(size: int) -> dict[str, float]:
    """The signals of link-scheme risk that are of the graph."""
    began = time.monotonic()
    graph = generated(size)
    ranked = pagerank(graph)
    made = time.monotonic()
    before = time.process_time()
    values, _ = of_graph(graph, ranked.values / ranked.floor, np.full(graph.nodes, 0.5))
    for signal in SIGNALS:
        if signal.name in values:
            known = ~np.isnan(values[signal.name])
            reasons(signal, Known(graph.domains[known], values[signal.name][known]))
    figures = {"edges": graph.edges, "domains": graph.nodes, "generating and PageRank s": round(made - began, 1)}
    figures |= {"risk s": round(time.monotonic() - made, 1), "risk CPU s": round(time.process_time() - before, 1)}
    return figures | _taken()


def _taken() -> dict[str, float]:
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
        peak = next(line for line in status if line.startswith("VmHWM"))
    return {"CPU s": round(time.process_time(), 1), "MB": int(peak.split()[1]) * 1024 // 10**6}


if __name__ == "__main__":
    kind, asked = sys.argv[1:]
    if kind == "stored":
        stored(int(asked))
    else:
        print(json.dumps({"generated": _rank_generated, "risk": _risk_generated}[kind](int(asked))))
