"""Is an answer a whole reading of its page? What is surely none says nothing of the page's links, whatever it holds.

What only looks as if it were none is doubted (changes/doubt.py). What is cut off by its length, its chunks or its
compression, or does not decode, never gets here; the challenge of a bot wall is in challenges.py. docs/reliability.md
has the whole table.
"""

from __future__ import annotations

_WHOLE = 200
_SUCCESS = range(200, 300)


def why_none(status: int, *, has_retry_after: bool) -> str:
    """The reason, or "" for an answer that may be a reading.

    Of the 2xx, only 200 is the page as its server has it (RFC 9110, 15.3): 202 is not done, 203 was changed on the way,
    204 and 205 have no content, 206 is a part, 226 a difference (RFC 3229). Retry-After (RFC 9110, 10.2.3) says to come
    again; no browser has a use for it in a 200, but many a front end sends it with its notice that it is overloaded.
    """
    if status not in _SUCCESS:
        return ""
    if status != _WHOLE:
        return f"status_{status}"
    return "retry_after" if has_retry_after else ""
