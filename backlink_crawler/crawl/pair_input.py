"""A file of pages and the targets that they should link to."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING

from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.pairs import Pairs, parse_pairs

if TYPE_CHECKING:
    from backlink_crawler.urls.normalise import Normaliser


def read_pairs(name: str, normalise: Normaliser) -> Pairs:
    """Raises InvalidInput when nothing in it is valid."""
    try:
        body = Path(name).expanduser().read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {name}: {error.strerror}.") from None
    try:
        text = body.decode("utf-16" if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise InvalidInput(f"{name} is not a text file in UTF-8 (see line {line}); save it as CSV UTF-8.") from None
    parsed = parse_pairs(text.splitlines(), normalise)
    if not parsed.pairs:
        detail = "; ".join(parsed.problems[:3]) or "it is empty"
        raise InvalidInput(f"no valid pair of page and target in {name}: {detail}")
    return parsed
