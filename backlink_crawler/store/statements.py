"""SQL by name: `-- name: claim_hosts` in sql/*.sql, one file a topic."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
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


def functions() -> dict[str, str]:
    """The current text of every function of ours."""
    return _texts("functions")


def views() -> dict[str, str]:
    """The current text of every view, each after those that it reads."""
    texts = _texts("views")
    reads = {
        name: [other for other in texts if re.search(rf"\b(FROM|JOIN) {other}\b", text)] for name, text in texts.items()
    }
    return {name: texts[name] for name in TopologicalSorter(reads).static_order()}


def _texts(folder: str) -> dict[str, str]:
    files = resources.files(__package__).joinpath("sql", folder).iterdir()
    return {file.name.removesuffix(".sql"): file.read_text(encoding="utf-8").strip() for file in sorted(files, key=str)}
