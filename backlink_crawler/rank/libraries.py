"""NumPy and Numba, where they are installed: the extra `rank`. Without Numba NumPy is slower; without both, only small
graphs are ranked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compiled", "np"]

try:
    import numpy as np
except ImportError:
    np = None  # type: ignore[assignment]

try:
    import numba
except ImportError:
    numba = None


def compiled(function: Callable[..., Any]) -> Callable[..., Any] | None:
    """By Numba, when it is first called; kept on disk. None: it is not installed."""
    return None if numba is None else numba.njit(cache=True, nogil=True)(function)
