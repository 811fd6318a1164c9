"""From what people write to what is marked: a domain or a page, alone or in a file."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.seeds import parse_seed
from backlink_crawler.inputs.targets import twins
from backlink_crawler.links.text import clean
from backlink_crawler.model import Target, TargetMode, Url
from backlink_crawler.terminal import no_formula
from backlink_crawler.urls.domains import public_suffix_of
from backlink_crawler.urls.normalise import host_name, url_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from backlink_crawler.urls.normalise import Normaliser


class Mark(IntEnum):
    """What a person has decided of a domain or a page. Stored, 0 where it was taken back; never renumber."""

    CONTACTED = 1
    WON = 2
    DECLINED = 3
    IGNORE = 4
    DISAVOW = 5

    @property
    def word(self) -> str:
        return self.name.lower()


class Subject(NamedTuple):
    """What can be marked: a domain, or a page of it. url: None: the whole domain."""

    domain: str
    url: Url | None = None

    def __str__(self) -> str:
        return self.url.text if self.url else self.domain


MARKS = {mark.word: mark for mark in Mark}
LONGEST_NOTE = 1_000  # characters
LONGEST_NAME = 100  # of a person
_ADDRESSES = ("url", "page", "address", "domain")  # columns; the first that a row has a value in counts
_MARK, _NOTE, _BY = ("mark", "as"), ("note", "mark_note", "comment"), ("marked_by", "by")
_DELIMITERS = ",;\t"
_DISAVOWED = "domain:"  # as files for Google have it


class MarkLine(NamedTuple):
    """line: of the file. mark, note, marked_by: None: the line does not say."""

    line: int
    subject: Subject
    mark: Mark | None = None
    note: str | None = None
    marked_by: str | None = None


@dataclass
class MarkLines:
    """problems: lines that were refused, as sentences."""

    lines: list[MarkLine] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def parse_subject(text: str, normalise: Normaliser) -> Subject:
    """`example.com` is a domain, and so is `www.example.com`; with a scheme or a path it is a page. Raises InvalidInput."""
    try:
        seed = parse_seed(text.strip().removeprefix(_DISAVOWED), normalise)
    except ValueError as error:
        raise InvalidInput(f"{error}.") from None
    domain, host = seed.url.domain, host_name(seed.url.host)
    if not seed.bare and text.strip().endswith("*"):
        raise InvalidInput(f"{text.strip()!r} is a part of a site; mark its domain, or its pages one by one.")
    if not seed.bare:
        return Subject(domain, seed.url)
    if host not in {domain, f"www.{domain}"}:
        raise InvalidInput(
            f"{host} is a host of {domain}, and only domains and pages can be marked; name {domain}, or URLs."
        )
    if public_suffix_of(host) == host:
        raise InvalidInput(f"{host} is a public suffix: it would mean every site below it; name the sites.")
    return Subject(domain)


def twin_pages(subject: Subject) -> list[Subject]:
    """What may be meant by a page of which no links are known: with another scheme, or a slash at its end."""
    if subject.url is None:
        return []
    meant = twins(Target(TargetMode.EXACT, subject.domain, (subject.url.text,)))
    urls = [target.values[0] for target in meant]
    return [Subject(subject.domain, Url(url, subject.url.host, subject.domain, url_hash(url))) for url in urls]


def parse_mark(text: str) -> Mark:
    """Raises InvalidInput."""
    try:
        return MARKS[text.strip().lower()]
    except KeyError:
        *first, last = MARKS
        raise InvalidInput(f"{text!r} is no mark; the marks are {', '.join(first)} and {last}.") from None


def parse_note(text: str) -> str:
    """White space collapsed. Raises InvalidInput where it is too long."""
    note = clean(text, LONGEST_NOTE + 1)
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"a note has {LONGEST_NOTE:,} characters at most.")
    return note


def parse_person(text: str) -> str:
    """Raises InvalidInput."""
    name = clean(text, LONGEST_NAME + 1)
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput(f"--by: name who marks, in {LONGEST_NAME} characters at most.")
    return name


def parse_marks(lines: Iterable[str], normalise: Normaliser) -> MarkLines:
    """One domain or URL a line with `#` comments, as in a disavow file too; or CSV whose first line names its columns.

    These are domain or url, mark, note, marked_by, in any order, as `backlinks mark list --format csv` has them.
    """
    parsed = MarkLines()
    columns: _Columns | None = None
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if not line or (line.startswith("#") and not (columns and columns.names)):
            continue
        if columns is None:
            columns = _Columns.of(line)
            if columns.names:
                continue
        try:
            parsed.lines.append(columns.read(number, line, normalise))
        except InvalidInput as error:
            parsed.problems.append(f"line {number}: {error}")
    return parsed


@dataclass(frozen=True, slots=True)
class _Columns:
    """names: none: each line is a domain or a URL."""

    names: tuple[str, ...] = ()
    delimiter: str = ","

    @classmethod
    def of(cls, line: str) -> _Columns:
        for delimiter in _DELIMITERS:
            names = tuple(name.lower() for name in _cells(line, delimiter))
            if set(names) & set(_ADDRESSES) and len(names) > 1:
                return cls(names, delimiter)
        return cls(("domain",) if line.lower() in _ADDRESSES else ())

    def read(self, number: int, line: str, normalise: Normaliser) -> MarkLine:
        """Raises InvalidInput."""
        if len(self.names) < 2:
            return MarkLine(number, parse_subject(line, normalise))
        cells = _cells(line, self.delimiter)
        if len(cells) > len(self.names):
            raise InvalidInput(f"{len(cells)} values for {len(self.names)} columns.")
        row = dict(zip(self.names, cells, strict=False))
        mark, note, person = (_first(row, names) for names in (_MARK, _NOTE, _BY))
        return MarkLine(
            number,
            parse_subject(_first(row, _ADDRESSES), normalise),
            parse_mark(mark) if mark else None,
            parse_note(note) if note else None,
            parse_person(person) if person else None,
        )


def _cells(line: str, delimiter: str) -> list[str]:
    """Of a line that no CSV can have, none."""
    try:
        return [_as_written(cell.strip()) for cell in next(csv.reader([line], delimiter=delimiter))]
    except csv.Error:
        return []


def _as_written(cell: str) -> str:
    """Without the mark by which a list of ours keeps a spreadsheet from taking the cell for a formula."""
    bare = cell.removeprefix("'")
    return bare if no_formula(bare) == cell else cell


def _first(row: dict[str, str], names: Sequence[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")
