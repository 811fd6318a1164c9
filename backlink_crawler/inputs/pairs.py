"""Files of pages and the targets that they should link to: what was bought, earned or promised."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import Refusal
from backlink_crawler.urls.normalise import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from backlink_crawler.model import Target, Url
    from backlink_crawler.urls.normalise import Normaliser

_ADDRESS = re.compile(r"\s*https?://", re.IGNORECASE)
_DELIMITERS = "\t;,"
_LOOKED_AT = 50  # lines, to tell what separates their columns
_PAGE = ("page", "url_from", "from", "source")
_TARGET = ("target", "url_to", "to", "link")


class Pair(NamedTuple):
    """line: of the file. page: where a link to target should be."""

    line: int
    page: Url
    target: Target


@dataclass
class Pairs:
    """problems: lines that were refused, as sentences."""

    pairs: list[Pair] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def parse_pairs(lines: Iterable[str], normalise: Normaliser) -> Pairs:
    """Of each line the page, the first URL in it, and the target, the next URL or else the next column.

    Columns are separated by tabs, semicolons or commas. A first line without a URL names them; `#` begins a comment.
    """
    parsed = Pairs()
    said = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    delimiter = _delimiter([line for _, line in said[:_LOOKED_AT]], normalise)
    rows = [(number, _cells(line, delimiter)) for number, line in said]
    places: list[int] | None = None
    if rows and not any(map(_ADDRESS.match, rows[0][1])):
        places = _named(rows.pop(0)[1])
    for number, cells in rows:
        try:
            parsed.pairs.append(Pair(number, *_pair(_picked(cells, places), normalise)))
        except InvalidInput as error:
            parsed.problems.append(f"line {number}: {error}")
    return parsed


def _delimiter(lines: Sequence[str], normalise: Normaliser) -> str:
    """By which most of the lines are pairs: addresses have semicolons and commas too."""

    def is_pair(line: str, delimiter: str) -> bool:
        try:
            return bool(_pair(_picked(_cells(line, delimiter), None), normalise))
        except InvalidInput:
            return False

    return max(_DELIMITERS, key=lambda each: (sum(is_pair(line, each) for line in lines), each in "".join(lines[:1])))


def _cells(line: str, delimiter: str) -> list[str]:
    """Of a line that no CSV can have, none."""
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return []


def _named(header: Sequence[str]) -> list[int] | None:
    names = [name.strip().lower() for name in header]
    found = [next((names.index(each) for each in known if each in names), None) for known in (_PAGE, _TARGET)]
    return [place for place in found if place is not None] if None not in found else None


def _picked(cells: Sequence[str], places: Sequence[int] | None) -> list[str]:
    """(page, target), as far as they are there."""
    if places is not None:
        return [cells[place].strip() for place in places if place < len(cells) and cells[place].strip()]
    filled = [cell.strip() for cell in cells if cell.strip()]
    urls = [place for place, cell in enumerate(filled) if _ADDRESS.match(cell)]
    if not urls:
        return []
    return [filled[urls[0]], *(filled[place] for place in (urls[1:] or [urls[0] + 1])[:1] if place < len(filled))]


def _pair(cells: Sequence[str], normalise: Normaliser) -> tuple[Url, Target]:
    """Raises InvalidInput."""
    if len(cells) != 2:
        raise InvalidInput("write the page, a comma, and the target: https://blog.example.org/post,example.com.")
    resolved = resolve(cells[0], "https://example.invalid/")
    page = resolved if isinstance(resolved, Refusal) else normalise(resolved)
    if isinstance(page, Refusal) or not _ADDRESS.match(cells[0]):
        raise InvalidInput(f"{cells[0]!r} is no URL of a page; write https://blog.example.org/post.")
    target = parse_target(cells[1], None, normalise)
    if page.domain == target.domain:
        raise InvalidInput(f"page and target are both on {page.domain}; only links between domains are kept.")
    return page, target
