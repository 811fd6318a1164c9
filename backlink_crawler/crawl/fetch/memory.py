"""How the process gives memory back."""

from __future__ import annotations

import ctypes
import sys

_M_MMAP_THRESHOLD = -3  # mallopt(3)
_LARGE = 128 * 1024  # bytes


def give_back_large_blocks() -> None:
    """A large block that is freed goes back to the system, and its neighbours grow in place.

    Else glibc takes larger and larger blocks from its heap, where bodies that grow side by side leave holes.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
