"""What a Content-Type says (Fetch Standard, 2.4 "extract a MIME type"; MIME Sniffing, 4.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHITE_SPACE = "\t\n\r "
_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_STRING = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PARAMETER = re.compile(rf"[{_WHITE_SPACE}]*([^;=]*)(?:=(?:{_QUOTED.pattern}[^;]*|([^;]*)))?(?:;|\Z)", re.DOTALL)
# Values that a list of headers joins; commas inside quotes part nothing (Fetch, 2.2.2 "get, decode, and split").
_VALUE = re.compile(rf"(?:[^\",]|{_QUOTED.pattern})+", re.DOTALL)
_END_OF_ESSENCE = re.compile(rf"[{_WHITE_SPACE}(]")


class MediaType(NamedTuple):
    """essence: type and subtype, lower-cased. charset: as written, or None."""

    essence: str
    charset: str | None


def extract_media_type(content_type: str) -> MediaType | None:
    """The last type that is one counts, with the charset that it was last said to have."""
    found: MediaType | None = None
    for value in _VALUE.finditer(content_type):
        each = parse_media_type(value[0])
        if each is None or each.essence == "*/*":
            continue
        same = found is not None and found.essence == each.essence
        found = MediaType(each.essence, found.charset if found and same and each.charset is None else each.charset)
    return found


def parse_media_type(text: str) -> MediaType | None:
    """None: it is none."""
    essence, _, parameters = text.strip(_WHITE_SPACE).partition(";")
    kind, slash, subtype = essence.partition("/")
    subtype = _END_OF_ESSENCE.split(subtype)[0]  # as browsers do, beyond the standard: `text/html charset=utf-8`
    if not (slash and _TOKEN.fullmatch(kind) and _TOKEN.fullmatch(subtype)):
        return None
    charsets = (value for name, value in _parameters(parameters) if name.lower() == "charset")
    return MediaType(f"{kind}/{subtype}".lower(), next(charsets, None))


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    """Those that have a name, and a value that is one."""
    for match in _PARAMETER.finditer(text):
        name, quoted, plain = match.groups("")
        value = _ESCAPED.sub(r"\1", quoted) if match[2] is not None else plain.rstrip(_WHITE_SPACE)
        if _TOKEN.fullmatch(name) and _STRING.fullmatch(value) and (value or match[2] is not None):
            yield name, value
