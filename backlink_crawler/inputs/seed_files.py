"""From the bytes of a file of seeds, or of marks, to its lines."""

from __future__ import annotations

import codecs

from backlink_crawler.errors import InvalidInput


def lines_of(body: bytes, file: str, kind: str = "seeds") -> list[str]:
    """UTF-8, or UTF-16 as some editors and spreadsheets save it, known by its byte order mark.

    file, kind: for what is said of it. Raises InvalidInput when it is no text.
    """
    encoding = "utf-16" if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        name, line = encoding.removesuffix("-sig").upper(), body.count(b"\n", 0, error.start) + 1
        raise InvalidInput(
            f"{kind}: {file} is not a text file in {name} (see line {line}, byte {error.start})."
        ) from None
    if "\0" in text:
        raise InvalidInput(f"{kind}: {file} is a binary file; a {kind} file has one URL or domain a line.")
    return text.splitlines()
