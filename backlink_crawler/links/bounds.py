"""How much of a page is parsed. The parser takes the square of what some pages hold: they are cut off before it."""

from __future__ import annotations

import re

MAX_TAGS = 100_000  # start and end tags, and whatever else begins with `<`
MAX_NULS = 1_000  # the parser notes every one as an error, and goes on noting when it has no more room
MAX_DEPTH = 5_000  # elements in one another; browsers stop at 512
MAX_ATTRIBUTES = 256  # of one tag
# Below these the square is no matter.
_FEW_TAGS = 20_000
_SHORT = 64 * 1024  # characters

_TAG = re.compile(r"<(/?)([a-zA-Z][^\t\n\f\r />]*)?")
# Elements that end by themselves (HTML Standard, 13.1.2 "void elements", 13.1.2.4 "optional tags"), or by the next.
_UNENDED = frozenset(
    "a area base br col embed hr img input link meta source track wbr "
    "body caption colgroup dd dt head html li optgroup option p rp rt tbody td tfoot th thead tr".split(),
)
_ATTRIBUTE = r"[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+"
_CROWDED_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE}){{{MAX_ATTRIBUTES + 1}}}", re.ASCII)


def sound_part(text: str) -> str:
    """The page up to where it has too many tags, elements too deep in one another, or a tag with too many attributes.

    Of many NULs all are left out.
    """
    if text.count("\0") > MAX_NULS:
        text = text.replace("\0", "")
    if len(text) > _SHORT and (crowded := _CROWDED_TAG.search(text)):
        text = text[: crowded.start()]
    if text.count("<") > _FEW_TAGS:
        text = text[: _end(text)]
    return text


def _end(text: str) -> int | None:
    depth = 0
    for number, tag in enumerate(_TAG.finditer(text)):
        if tag[2] and tag[2].lower() not in _UNENDED:
            depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > MAX_DEPTH or number >= MAX_TAGS:
            return tag.start()
    return None
