"""Parses a period or a date that the user typed into what PostgreSQL takes."""

from __future__ import annotations

import re
from datetime import date

from backlink_crawler.errors import InvalidInput

_PERIOD = re.compile(r"(\d{1,4})(h|d|w|mo)", re.ASCII)
_UNITS = {"h": "hours", "d": "days", "w": "weeks", "mo": "months"}


def parse_period(text: str) -> str:
    """`36h`, `7d`, `2w`, `12mo` → an interval, `7 days`. Raises InvalidInput."""
    found = _PERIOD.fullmatch(text.strip().lower())
    if not found or not int(found[1]):
        raise InvalidInput(f"{text!r} is not a period; write 36h, 7d, 2w or 12mo.")
    return f"{int(found[1])} {_UNITS[found[2]]}"


def parse_days(text: str) -> tuple[date | None, date | None]:
    """FROM..UNTIL, either of which may be left out, or one day. Raises InvalidInput."""
    first, dots, last = text.strip().partition("..")
    try:
        days = [date.fromisoformat(day) if day else None for day in (first, last if dots else first)]
    except ValueError:
        days = [None, None]
    if days == [None, None]:
        raise InvalidInput(
            f"{text!r} are no days; write 2026-01-01..2026-01-31, 2026-01-01.., ..2026-01-31 or 2026-01-31."
        )
    if days[0] and days[1] and days[1] < days[0]:
        raise InvalidInput(f"{text} ends before it begins; write the earlier day first.")
    return days[0], days[1]


def parse_since(text: str) -> str:
    """A period before now, or a date: an SQL expression of ours. Raises InvalidInput."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        try:
            return f"now() - interval '{parse_period(text)}'"
        except InvalidInput:
            raise InvalidInput(f"--since {text}: write 24h, 7d, 2w, 6mo or a date, 2026-01-31.") from None
    return f"timestamptz '{day.isoformat()} 00:00+00'"
