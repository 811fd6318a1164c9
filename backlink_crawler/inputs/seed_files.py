"""From a seeds file's bytes to its lines."""

from __future__ import annotations

from backlink_crawler.errors import InvalidInput


def lines_of(body: bytes, file: str) -> list[str]:
    """file: its name, for what is said of it. Raises InvalidInput when it is no text."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"seeds: {file} is not a text file in UTF-8 (see byte {error.start}).") from None
    if "\0" in text:
        raise InvalidInput(f"seeds: {file} is a binary file; a seeds file has one URL or domain a line.")
    return text.splitlines()
