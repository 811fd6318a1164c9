"""SQL by name: `-- name: claim_hosts` in sql/*.sql, one file a topic."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from importlib import resources
from typing import LiteralString, cast

_COMMENT = re.compile("--.*")
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
    """The current text of every function of ours, each after those that it calls."""
    return _in_order(_texts("functions"), r"\b{}\(")


def views() -> dict[str, str]:
    """The current text of every view, each after those that it reads."""
    return _in_order(_texts("views"), r"\b(FROM|JOIN) {}\b")


def _in_order(texts: dict[str, str], use: str) -> dict[str, str]:
    """use: a pattern that finds where one is used."""
    code = {name: _COMMENT.sub("", text) for name, text in texts.items()}
    uses = {
        name: [other for other in texts if other != name and re.search(use.format(other), text)]
        for name, text in code.items()
    }
    return {name: texts[name] for name in TopologicalSorter(uses).static_order()}


def _texts(folder: str) -> dict[str, str]:
    files = resources.files(__package__).joinpath("sql", folder).iterdir()
    return {file.name.removesuffix(".sql"): file.read_text(encoding="utf-8").strip() for file in sorted(files, key=str)}
