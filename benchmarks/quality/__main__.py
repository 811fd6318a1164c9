"""`python -m benchmarks.quality [name…]`: print every check of quality. CONFORMANCE_DATA names the folder of the data."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules

import benchmarks.quality


def main() -> int:
    names = sorted(module.name for module in iter_modules(benchmarks.quality.__path__) if module.name[0] != "_")
    parts = [
        (name, module) for name in names if hasattr(module := import_module(f"benchmarks.quality.{name}"), "report")
    ]
    asked = sys.argv[1:]
    if unknown := set(asked) - {name for name, _ in parts}:
        print(f"there is no part {min(unknown)!r}; there are {', '.join(name for name, _ in parts)}", file=sys.stderr)
        return 2
    for name, module in parts:
        if not asked or name in asked:
            print(f"== {name}")
            for line in module.report():
                print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
