"""What a reader is told after a change. It is kept here, and the address of the page has only its number, which no one guesses."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import StringConstraints

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SAID = Annotated[str, StringConstraints(max_length=64)] | None
_KEPT = 200
_SECONDS = 600
_LINES = 100  # of what was refused


class Message(NamedTuple):
    """refused: line by line, the first of them."""

    text: str
    refused: tuple[str, ...] = ()


@dataclass(slots=True)
class Messages:
    """Of the last minutes. clock: seconds."""

    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[str, tuple[float, Message]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, text: str, refused: Sequence[str] = ()) -> str:
        """Returns its number."""
        number = secrets.token_urlsafe(16)
        lines = tuple(refused[:_LINES])
        if len(refused) > _LINES:
            lines = (*lines, f"and {len(refused) - _LINES:,} more")
        with self._lock:
            self._kept[number] = self.clock(), Message(text, lines)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return number

    def said(self, number: str | None) -> Message | None:
        with self._lock:
            when, message = self._kept.get(number or "", (0.0, None))
        return message if message and self.clock() - when < _SECONDS else None
