"""From what the user wrote to seeds: a file of lines, a CSV, or a list. Pure: takes text, gives seeds and problems."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from backlink_crawler.errors import InvalidInput
from backlink_crawler.model import Refusal, RenderMode, Scope, Seed
from backlink_crawler.urls.normalise import host_name, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlink_crawler.urls.normalise import Normaliser

COLUMNS = ("url", "scope", "max_depth", "max_pages", "hops", "render")
MAX_HOPS = 10
_COMMENT = re.compile(r"(^|\s)#.*")
_Choice = TypeVar("_Choice", bound=StrEnum)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(slots=True)
class Seeds:
    """problems: one sentence each, with the line's number. The seeds are good all the same."""

    seeds: list[Seed] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def parse_seeds(lines: Iterable[str], normalise: Normaliser) -> Seeds:
    """One URL or domain a line with `#` comments, or CSV whose first line names its columns (COLUMNS).

    Raises InvalidInput when that first line names a column that there is not.
    """
    result = Seeds()
    columns: list[str] | None = None
    seen = set()
    for number, raw in enumerate(lines, 1):
        line = _COMMENT.sub("", raw.removeprefix("\ufeff")).strip()
        if not line:
            continue
        if columns is None:
            columns = _header(line)
            if columns:
                continue
            columns = []
        try:
            seed = _row(line, columns, normalise)
        except ValueError as error:
            result.problems.append(f"line {number}: {error}")
            continue
        if seed.url.hash not in seen:
            seen.add(seed.url.hash)
            result.seeds.append(seed)
    return result


def parse_seed(text: str, normalise: Normaliser) -> Seed:
    """One URL or domain. Raises ValueError with the reason."""
    shown = text if len(text) <= 80 else f"{text[:80]}…"
    if any(character.isspace() for character in text):
        raise ValueError(f"{shown!r} has a space in it; write %20, or one seed a line")
    bare = not _SCHEME.match(text)
    url = resolve(f"https://{text}" if bare else text, "https://example.invalid/")
    if isinstance(url, Refusal):
        why = "is not an http(s) address" if url is not Refusal.INVALID_URL else "is not a valid address"
        raise ValueError(f"{shown!r} {why}")
    if "@" in url.split("/", 3)[2]:
        raise ValueError("it has a user name or password; the crawler logs in nowhere, leave them out")
    normal = normalise(url)
    if isinstance(normal, Refusal):
        raise ValueError(f"{shown!r} is too long")
    name = host_name(normal.host)
    if ("." not in name.strip(".") or ".." in name) and not name.startswith("["):
        raise ValueError(f"{shown!r} is neither a domain (example.com) nor a URL (https://example.com/blog/)")
    is_name = bare and normal.text.endswith(f"{normal.host}/")
    return Seed(normal, Scope.DOMAIN if is_name and name == normal.domain else Scope.HOST, bare=is_name)


def _header(line: str) -> list[str] | None:
    try:
        fields = [name.lower() for name in _values(line)]
    except ValueError:
        return None
    if "url" not in fields:
        return None
    unknown = [name for name in fields if name not in COLUMNS]
    if unknown:
        raise InvalidInput(f"seeds: unknown column {unknown[0]!r}; the columns are {', '.join(COLUMNS)}.")
    return fields


def _row(line: str, columns: list[str], normalise: Normaliser) -> Seed:
    if not columns:
        return parse_seed(line, normalise)
    fields = _values(line)
    if len(fields) > len(columns):
        raise ValueError(f"{len(fields)} values for {len(columns)} columns")
    row = dict(zip(columns, fields, strict=False))
    if not row.get("url"):
        raise ValueError("its url is empty")
    seed = parse_seed(row["url"], normalise)
    return Seed(
        seed.url,
        _choice(row, "scope", Scope, seed.scope),
        _number(row, "max_depth"),
        _number(row, "max_pages"),
        min(_number(row, "hops") or 0, MAX_HOPS),
        seed.bare,
        _choice(row, "render", RenderMode, seed.render),
    )


def _values(line: str) -> list[str]:
    try:
        return [value.strip() for value in next(csv.reader([line]))]
    except csv.Error as error:  # which is no ValueError
        raise ValueError(f"it is not CSV: {error}") from None


def _choice(row: dict[str, str], column: str, choices: type[_Choice], default: _Choice) -> _Choice:
    text = row.get(column)
    if not text:
        return default
    try:
        return choices(text.lower())
    except ValueError:
        *first, last = choices
        raise ValueError(f"{column} {text!r} is not {', '.join(first)} or {last}") from None


def _number(row: dict[str, str], column: str) -> int | None:
    text = row.get(column)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError(f"{column} {text!r} is not a whole number of 0 or more")
    return int(text)
