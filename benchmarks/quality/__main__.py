"""`python -m benchmarks.quality [name…]`: print every check of quality. CONFORMANCE_DATA names the folder of the data."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules

import benchmarks.quality
from benchmarks.claims import Skipped


def main() -> int:
    names = sorted(module.name for module in iter_modules(benchmarks.quality.__path__) if module.name[0] != "_")
    asked = sys.argv[1:]
    if unknown := set(asked) - set(names):
        print(f"there is no part {min(unknown)!r}; there are {', '.join(names)}", file=sys.stderr)
        return 2
    for name in names:
        if not asked or name in asked:
            print(f"== {name}")
            _print(name)
    return 0


def _print(name: str) -> None:
    try:
        for line in import_module(f"benchmarks.quality.{name}").report():
            print(line, flush=True)
    except Skipped as reason:
        print(f"skipped: {reason}")
    except ModuleNotFoundError as missing:
        print(f"skipped: {missing.name} is not installed")


if __name__ == "__main__":
    sys.exit(main())
