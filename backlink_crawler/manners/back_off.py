"""For how long a host is left alone after 429 Too Many Requests or 503 Service Unavailable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

SLOW_DOWN = frozenset({429, 503})
MOST_COUNTED = 30  # counted: twice as long each time is past any ceiling by then
_MOST_DIGITS = 10  # of a number of seconds; more is nonsense


@dataclass(frozen=True, slots=True)
class BackOff:
    """All in seconds. first: the first time that a host backs us off; twice as long each further time in a row.

    longest: of what we choose by ourselves. longest_asked: of what a host may ask for.
    """

    first: float = 60.0
    longest: float = 86_400.0
    longest_asked: float = 7 * 86_400.0

    def rest(self, times: int, asked: float | None, chance: float) -> float:
        """times: in a row, before this one. asked: Retry-After in seconds. chance: in [0, 1), evenly distributed.

        Never shorter than what the host asks for. Half of our own wait is left to chance, so that hosts that failed
        together, as those of one server do, are not all asked again in the same moment.
        """
        whole = min(self.longest, self.first * 2.0 ** min(max(times, 0), MOST_COUNTED))
        ours = whole / 2 + whole / 2 * chance
        return max(ours, min(asked or 0.0, self.longest_asked))


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date), more than 0.

    None: there is none, it is nonsense, or it lies in the past. now: with its time zone.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text) or None if len(text) <= _MOST_DIGITS else None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)  # an HTTP date is in GMT, said or not
    try:
        seconds = (moment - now).total_seconds()
    except OverflowError:
        return None
    return seconds if seconds > 0 else None
