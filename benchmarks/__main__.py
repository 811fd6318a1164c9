"""`python -m benchmarks [name…] [--pairs N]`: measure the claims, one summary at the end. Exit 1: one was missed."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from benchmarks.claims import Claim, Skipped, show_claims

NAMES = (
    "crawl_speed",
    "workers",
    "rendering",
    "storage",
    "memory",
    "frontier",
    "manners",
    "hostile",
    "bounds",
    "wide",
    "exports",
    "seeds",
    "ranking",
    "explorer",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what the project claims.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}; none: all of them")
    parser.add_argument(
        "--pairs", type=int, default=5, help="interleaved runs of each contender (default 5; 1 is a try)"
    )
    asked = parser.parse_args()
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no benchmark {min(unknown)!r}; there are {', '.join(NAMES)}")
    if asked.pairs < 1:
        parser.error("--pairs must be at least 1")
    claims = [claim for name in asked.names or NAMES for claim in measure(name, asked.pairs)]
    show_claims(claims)
    return any(claim.holds is False for claim in claims)


def measure(name: str, pairs: int) -> list[Claim]:
    try:
        return import_module(f"benchmarks.{name}").measure(pairs)
    except Skipped as reason:
        return [Claim(name, "", f"{reason}", None)]


if __name__ == "__main__":
    sys.exit(main())
