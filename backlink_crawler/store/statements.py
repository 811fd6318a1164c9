"""SQL by name: `-- name: claim_hosts` in sql/*.sql, one file a topic."""

from __future__ import annotations

import re
from importlib import resources
from typing import LiteralString, cast

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def statements(topic: str) -> dict[str, LiteralString]:
    """The statements of sql/<topic>.sql. They are ours, so that psycopg may take them as literals."""
    text = resources.files(__package__).joinpath("sql", f"{topic}.sql").read_text(encoding="utf-8")
    _, *parts = _NAME.split(text)
    return {
        name: cast("LiteralString", body.strip().removesuffix(";"))
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


def views() -> dict[str, str]:
    """The current text of every view, in the order in which they can be made."""
    folder = resources.files(__package__).joinpath("sql", "views")
    texts = {file.name.removesuffix(".sql"): file.read_text(encoding="utf-8").strip() for file in folder.iterdir()}
    first = ("backlinks", "referring_domains")
    return {name: texts[name] for name in (*first, *sorted(texts.keys() - set(first)))}


def url_hash_function() -> str:
    return resources.files(__package__).joinpath("sql", "url_hash.sql").read_text(encoding="utf-8").strip()
