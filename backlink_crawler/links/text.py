"""Text from the web, cleaned once: white space collapsed, no NUL, no lone surrogates, cut to a length."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str, limit: int) -> str:
    """At most `limit` characters that PostgreSQL can store, white space collapsed to single spaces."""
    words = storable(text).split(None, limit)[:limit]  # all words of a long text would take ten times its memory
    return " ".join(words)[:limit].rstrip()


def storable(text: str) -> str:
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("", text)
