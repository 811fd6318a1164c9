"""How much memory the parser may take: a page of 36 kB can make it take gigabytes.

Without `bounded` the pages of tests/crawl/zoo_pages.py take a worker to 1,650 MB, with links/bounds.py as it is.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BUDGET = 250_000_000  # bytes of the process in memory, the parsed page included
LEAST_ROOM = 48_000_000  # bytes for a page even when the process has no more room


_M_MMAP_THRESHOLD = -3  # mallopt(3)
_LARGE = 128 * 1024  # bytes


def give_back_large_blocks() -> None:
    """A large block that is freed goes back to the system, and its neighbours grow in place.

    Else glibc takes larger and larger blocks from its heap, where bodies that grow side by side leave holes.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(_M_MMAP_THRESHOLD, _LARGE)


@contextmanager
def bounded() -> Iterator[None]:
    """What allocates too much within it fails with a MemoryError (or what its library makes of that).

    The kernel counts for us, on Linux; elsewhere nothing is bounded.
    """
    if sys.platform != "linux":
        yield
        return
    import resource  # noqa: PLC0415  not on Windows

    resident, data = _pages()
    limit = (data * resource.getpagesize()) + max(LEAST_ROOM, BUDGET - resident * resource.getpagesize())
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    lowest = min(bound for bound in (limit, soft, hard) if bound != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_DATA, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _pages() -> tuple[int, int]:
    """Resident, and of data (proc_pid_statm(5))."""
    fields = Path("/proc/self/statm").read_bytes().split()
    return int(fields[1]), int(fields[5])
