"""May reading a page take long? Told by what costs nothing to know.

Lexbor takes the square of some of a page's parts: of elements in one another, of attributes of a tag, of formatting that
each paragraph repeats. All of these are bounded by how often the page has a `<`, or by its size. A page under both
bounds takes 0.2 s at the most, and 100 MB, whatever is in it (tests/unit/links/test_cost.py).
"""

from __future__ import annotations

FEW_BYTES = 64 * 1024  # 13,000 attributes of one tag
FEW_TAGS = 1_500  # 560,000 elements, when half of the tags are repeated by the other half
# Of 4,357 real pages the largest has 2.4 MB and the fullest 26,000 tags.
MANY_BYTES = 4 * 1024 * 1024
MANY_TAGS = 100_000


def may_be_dear(page: str | bytes) -> bool:
    """As it was sent, in whatever encoding, or as text: no encoding of the web writes `<` without its byte."""
    return len(page) > FEW_BYTES or _tags(page) > FEW_TAGS


def is_huge(page: str | bytes) -> bool:
    """It may well be dear: it is larger than almost any page."""
    return len(page) > MANY_BYTES or _tags(page) > MANY_TAGS


def _tags(page: str | bytes) -> int:
    return page.count("<") if isinstance(page, str) else page.count(b"<")
