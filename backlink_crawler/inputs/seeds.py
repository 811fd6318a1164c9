"""From what the user wrote to seeds: a file of lines, a CSV, or a list. Pure: takes text, gives seeds and problems."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from backlink_crawler.errors import InvalidInput
from backlink_crawler.model import Refusal, RenderMode, Scope, Seed
from backlink_crawler.urls.normalise import host_name, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlink_crawler.urls.normalise import Normaliser

COLUMNS = ("url", "scope", "max_depth", "max_pages", "hops", "render")
MAX_HOPS = 10
_ADDRESS = "address"  # what other tools' exports call the column url
_DELIMITERS = ",;\t"
_UNSEEN = "\xad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_PAIRS = frozenset(('""', "''", "``", "“”", "„“", "‘’", "«»", "<>"))  # <>: RFC 3986, appendix C
# RFC 1123, 2.1, and the underscores that hosts below a domain have.
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_LONGEST_NAME = 253  # RFC 1035, 2.3.4
_COMMENT = re.compile(r"(^|\s)#.*")
_Choice = TypeVar("_Choice", bound=StrEnum)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_WILD_HOST = re.compile(r"((?:https?://)?)\*\.", re.IGNORECASE)
_FIGURE = re.compile(r"[\d.,;\s%$€£-]*")  # a spreadsheet's 12.5 would be an address too
_DOT = re.compile(r"[.:/]")
_BARE = re.compile(r"[^a-z]|max|s$")  # what `Max depth`, `depth` and `max_depth` do not have in common
_BARE_COLUMNS = frozenset(_BARE.sub("", name) for name in COLUMNS)


@dataclass(slots=True)
class Seeds:
    """problems: one sentence each, with the line's number. The seeds are good all the same."""

    seeds: list[Seed] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Table:
    """names: of the columns; none: each line is one seed."""

    names: tuple[str, ...] = ()
    delimiter: str = ","

    def values(self, line: str) -> list[str]:
        """Raises ValueError."""
        try:
            return [value.strip() for value in next(csv.reader([line], delimiter=self.delimiter))]
        except csv.Error as error:  # which is no ValueError
            raise ValueError(f"it is not CSV: {error}") from None


def parse_seeds(lines: Iterable[str], normalise: Normaliser) -> Seeds:
    """One URL or domain a line with `#` comments, or CSV whose first line names its columns (COLUMNS).

    Its values are separated by commas, semicolons or tabs, as that line's are. Columns of other names count for nothing.
    Where none is named so, the only address of a line is the seed. Raises InvalidInput when that line misspells a column.
    """
    result = Seeds()
    table: _Table | None = None
    seen = set()
    for number, raw in enumerate(lines, 1):
        line = _COMMENT.sub("", raw.strip(_UNSEEN)).strip()
        if not line:
            continue
        if table is None:
            table = _table(line, number)
            if table.names or _names_others(line, normalise):
                continue
        try:
            seed = _row(line, table, normalise)
        except ValueError as error:
            result.problems.append(f"line {number}: {error}")
            continue
        if seed.url.hash not in seen:
            seen.add(seed.url.hash)
            result.seeds.append(seed)
    return result


def parse_seed(text: str, normalise: Normaliser) -> Seed:
    """One URL or domain, whatever copying has left around it. Raises ValueError with the reason."""
    text = _without_wrapping(text)
    shown = text if len(text) <= 80 else f"{text[:80]}…"
    text, wild = _without_wildcards(text)
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
    if not name.startswith("[") and not _can_be_a_host(name, normal.domain):
        raise ValueError(f"{shown!r} has a host that cannot be one: {name!r}")
    if wild is Scope.DOMAIN and name != normal.domain:
        raise ValueError(f"{shown!r} means some hosts of {normal.domain} only; name that, or one host a line")
    is_name = bare and normal.text.count("/") == 3 and normal.text.endswith("/")
    whole = Scope.DOMAIN if is_name and name == normal.domain else Scope.HOST
    return Seed(normal, wild or whole, bare=is_name)


def _without_wildcards(text: str) -> tuple[str, Scope | None]:
    """`*.example.com` is a domain, `example.com/*` a host, `example.com/blog/*` a prefix. None: it has none."""
    found = _WILD_HOST.match(text)
    if found:
        return f"{found[1]}{text[found.end() :]}".removesuffix("/*"), Scope.DOMAIN
    if not text.endswith("/*"):
        return text, None
    rest = text.removesuffix("*")
    return rest, Scope.PREFIX if "/" in _SCHEME.sub("", rest).removesuffix("/") else Scope.HOST


def _without_wrapping(text: str) -> str:
    """Without blanks and characters that are not seen, quotes or angle brackets around it, and separators after it."""
    while True:
        inner = text.strip().strip(_UNSEEN).rstrip(",;")
        if len(inner) > 1 and inner[0] + inner[-1] in _PAIRS:
            inner = inner[1:-1]
        if inner == text:
            return text
        text = inner


def _can_be_a_host(name: str, domain: str) -> bool:
    """Browsers take more for a host than can be registered: `*.example.com`, `example.com,`, `-a.example`."""
    labels = name.removesuffix(".").split(".")
    return len(name) <= _LONGEST_NAME and all(map(_LABEL.fullmatch, labels)) and "_" not in domain


def _table(line: str, number: int) -> _Table:
    for delimiter in _DELIMITERS:
        try:
            fields = [name.lower() for name in _Table(delimiter=delimiter).values(line)]
        except ValueError:
            continue
        names = tuple(COLUMNS[0] if name == _ADDRESS else name for name in fields)
        if COLUMNS[0] in names:
            likely = [name for name in names if name not in COLUMNS and _BARE.sub("", name) in _BARE_COLUMNS]
            if likely:
                raise InvalidInput(
                    f"seeds: line {number}: unknown column {likely[0]!r}; the columns are {', '.join(COLUMNS)}."
                )
            return _Table(names, delimiter)
    return _Table()


def _row(line: str, table: _Table, normalise: Normaliser) -> Seed:
    if not table.names:
        return _only_address(line, normalise)
    fields = table.values(line)
    if len(fields) > len(table.names):
        raise ValueError(f"{len(fields)} values for {len(table.names)} columns")
    row = dict(zip(table.names, fields, strict=False))
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


def _only_address(line: str, normalise: Normaliser) -> Seed:
    """A line that is no address may be a spreadsheet's, with one among its values."""
    try:
        return parse_seed(line, normalise)
    except ValueError:
        for values in _split(line):
            if found := {seed.url.text: seed for seed in _addresses(values, normalise)}:
                break
        else:
            raise
        if len(found) > 1:
            raise
        return next(iter(found.values()))


def _split(line: str) -> Iterator[list[str]]:
    for delimiter in ";\t,":  # a comma last: it stands in numbers too
        with suppress(ValueError):
            if len(values := _Table(delimiter=delimiter).values(line)) > 1:
                yield values


def _addresses(values: Iterable[str], normalise: Normaliser) -> Iterator[Seed]:
    for value in values:
        with suppress(ValueError):
            if not _FIGURE.fullmatch(value):
                yield parse_seed(value, normalise)


def _names_others(line: str, normalise: Normaliser) -> bool:
    """Is this first line the header of a spreadsheet with columns of other names?"""
    return any(
        all(values) and not any(_FIGURE.fullmatch(value) for value in values) and not any(_addresses(values, normalise))
        for values in _split(line)
    ) and not any(_DOT.search(value) for values in _split(line) for value in values)


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
