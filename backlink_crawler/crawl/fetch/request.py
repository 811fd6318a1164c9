"""What a request tells the fetcher beside its URL: the one place that knows these keys of `request.meta`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request

_ANY_TYPE = "backlinks_any_type"
_ARRIVED = "backlinks_arrived"
_ENOUGH = "backlinks_enough"
_LARGEST = "backlinks_largest"
SECONDS_FOR_LARGE = 120  # 50 MB at 3.5 Mbit/s


def orders(
    slot: str,
    arrived: Callable[[], None],
    *,
    any_type: bool = False,
    enough: int | None = None,
    largest: int | None = None,
) -> dict[str, Any]:
    """The meta of a request. slot: whose turn it is. arrived: is called when the answer's headers come.

    any_type: whatever comes is wanted; else HTML only. enough: bytes after which the rest of the body is not. largest:
    bytes of a body, when that is not the setting's business; of such a one gzip is undone by whoever reads it.
    """
    meta = {"download_slot": slot, _ARRIVED: arrived, _ANY_TYPE: any_type}
    if largest is not None:
        meta |= {_LARGEST: largest, "download_maxsize": largest, "download_timeout": SECONDS_FOR_LARGE}
    if enough is not None:
        meta |= {_ENOUGH: enough, "download_maxsize": 0}  # of a large one the beginning is read
    return meta


def say_arrived(request: Request) -> None:
    """The request has arrived, at some moment up to now. (Not every request is one of ours.)"""
    if arrived := request.meta.get(_ARRIVED):
        arrived()


def takes_any_type(request: Request) -> bool:
    return bool(request.meta.get(_ANY_TYPE, True))


def enough_of(request: Request) -> int | None:
    """Bytes of a body after which the rest is not wanted; None: all of it is."""
    enough: int | None = request.meta.get(_ENOUGH)
    return enough


def largest_of(request: Request) -> int:
    """Bytes of a body, if the request has a limit of its own; else 0."""
    return int(request.meta.get(_LARGEST, 0))


def seconds_taken(request: Request) -> float:
    """From request to first byte; 0 when nothing came."""
    return cast("float", request.meta.get("download_latency", 0.0))
