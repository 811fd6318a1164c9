"""A whole list as a file, however long it is.

CSV and JSON lines of a list whose pages go by a cursor are continued where an interrupted run has ended: FILE.part has the
rows so far, FILE.part.json says what they answer and up to where. A workbook and Parquet have an index at their end, without
which their rows are none, and are begun again.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import zlib
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from backlink_crawler.ask.files import FileFormat, Written, part_of, require, whole_file, write
from backlink_crawler.ask.formats import Format, render
from backlink_crawler.errors import BacklinksError
from backlink_crawler.model import TargetMode
from backlink_crawler.store import summing
from backlink_crawler.store.asking import Filters, run
from backlink_crawler.store.cursors import cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Query
    from backlink_crawler.store.column_types import Column
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.extent import Extent

    Rows = Iterator[tuple[Any, ...]]

_CONTINUED = frozenset({FileFormat.CSV, FileFormat.JSONL})
_STEADY = frozenset(
    {"batch_id", "lost_batch_id", "day"}
)  # what a row is found at does not change while others are read
_COUNTS = {"links": ("backlinks", "unverified_links"), "refdomains": ("refdomains",)}  # of a target's overview
_ROWS_AT_ONCE = 1_000
_SECONDS_BETWEEN_NOTES = 1.0
_BYTES_AT_ONCE = 1 << 20


class InUse(BacklinksError):
    """Another export writes to the same file."""


@dataclass(frozen=True, slots=True)
class SoFar:
    """What FILE.part has. began: when its first row was asked for, by the database's clock.

    size, checksum (CRC-32): of these rows; what may follow them is the half of a row.
    """

    began: str
    rows: int = 0
    cursor: str | None = None
    size: int = 0
    checksum: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, for an export. query: of all its rows. ask: (columns, rows) after those that there are so far.

    is_grouped: rows stand for several links, and a new one may move a row, or be another domain's.
    """

    query: Query
    ask: Callable[[SoFar], tuple[Sequence[Column], Rows]]
    extent: Extent
    is_grouped: bool = False

    def identity(self, form: FileFormat) -> dict[str, object]:
        """Rows of the same may stand in one file. What is ordered by counts is another list when they have changed."""
        is_steady = not self.is_grouped and bool(self.query.order) and self.query.order[0] in _STEADY
        return {
            "question": self.query.literal(),
            "format": form.value,
            "index": self.extent.index,
            "last_batch": None if is_steady else self.extent.last_batch,
        }


def export(file: Path, form: FileFormat, asked: Asked, watch: Callable[[Rows, int], Rows]) -> Written:
    """Every row, in a file that has its name when it is complete.

    watch: gets the rows and how many FILE.part has before them, and gives them on. Raises MissingLibrary, OSError,
    InUse, and what asking raises.
    """
    require(form)
    note = _note_of(file)
    if form in _CONTINUED and asked.query.order:
        return _continued(file, note, form, asked, watch)
    note.unlink(missing_ok=True)
    columns, rows = asked.ask(SoFar(asked.extent.now.isoformat()))
    with whole_file(file) as part:
        return write(part, form, columns, watch(rows, 0))


def expected(database: Database, question: str, target: Target, filters: Filters) -> int | None:
    """About how many rows there will be, where the index keeps their number."""
    counts = _COUNTS.get(question)
    if counts is None or target.mode is not TargetMode.DOMAIN or filters != Filters(limit=None):
        return None
    columns, rows = run(database, summing.overview(target))
    return sum(int(row[columns.index(name)]) for row in rows for name in counts)


def can_go_on(file: Path) -> bool:
    """Of an export that was interrupted: the same command continues it."""
    return _note_of(file).exists()


def _continued(file: Path, note: Path, form: FileFormat, asked: Asked, watch: Callable[[Rows, int], Rows]) -> Written:
    part = part_of(file)
    with _locked(part) as out:
        so_far = _so_far(note, out, asked.identity(form)) or SoFar(asked.extent.now.isoformat())
        if not so_far.rows:
            note.unlink(missing_ok=True)  # it told of other rows
        out.truncate(so_far.size)
        try:
            columns, rows = asked.ask(so_far)
            done = _append(out, note, form, asked, so_far, columns, watch(rows, so_far.rows))
            part.replace(file)
        except BaseException:
            if not note.exists():
                part.unlink(missing_ok=True)
            raise
        note.unlink(missing_ok=True)
    return Written(done.rows)


def _append(
    out: IO[bytes], note: Path, form: FileFormat, asked: Asked, so_far: SoFar, columns: Sequence[Column], rows: Rows
) -> SoFar:
    """The note is never ahead of the rows."""
    identity, noted = asked.identity(form), time.monotonic()
    try:
        if not so_far.size:
            so_far = _wrote(out, so_far, _text(columns, (), form))
        while chunk := list(islice(rows, _ROWS_AT_ONCE)):
            text = _text(columns, chunk, form, has_titles=False)
            after = cursor(asked.query, columns, chunk[-1])
            so_far = replace(_wrote(out, so_far, text), rows=so_far.rows + len(chunk), cursor=after)
            if time.monotonic() - noted >= _SECONDS_BETWEEN_NOTES:
                _write_note(note, identity, so_far)
                noted = time.monotonic()
    except BaseException:
        if so_far.rows:
            with suppress(OSError):
                _write_note(note, identity, so_far)
        raise
    return so_far


def _wrote(out: IO[bytes], so_far: SoFar, text: bytes) -> SoFar:
    out.write(text)
    out.flush()
    return replace(so_far, size=so_far.size + len(text), checksum=zlib.crc32(text, so_far.checksum))


def _text(
    columns: Sequence[Column], chunk: Iterable[tuple[Any, ...]], form: FileFormat, *, has_titles: bool = True
) -> bytes:
    pieces = list(render(columns, chunk, Format(form), width=None))
    if form is FileFormat.CSV and not has_titles:
        del pieces[0]
    return "".join(f"{piece}\n" for piece in pieces).encode()


def _so_far(note: Path, part: IO[bytes], identity: dict[str, object]) -> SoFar | None:
    """What stands in the part and answers this question; None where the two do not agree."""
    try:
        said = json.loads(note.read_text(encoding="utf-8"))
        so_far = SoFar(**said.pop("so_far"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    is_same = said == identity and _checksum(part, so_far.size) == so_far.checksum
    return so_far if is_same else None


def _checksum(part: IO[bytes], size: int) -> int | None:
    """Of its first bytes; None when it has not so many."""
    part.seek(0)
    checksum = 0
    while size:
        read = part.read(min(size, _BYTES_AT_ONCE))
        if not read:
            return None
        checksum, size = zlib.crc32(read, checksum), size - len(read)
    return checksum


def _write_note(note: Path, identity: dict[str, object], so_far: SoFar) -> None:
    aside = note.with_name(f"{note.name}.new")
    aside.write_text(json.dumps({**identity, "so_far": asdict(so_far)}), encoding="utf-8")
    aside.replace(note)


def _note_of(file: Path) -> Path:
    return part_of(file).with_name(f"{file.name}.part.json")


@contextmanager
def _locked(part: Path) -> Iterator[IO[bytes]]:
    """Written at its end. Two that write to one file would mix their rows."""
    with part.open("a+b") as out:
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = os.path.samestat(os.fstat(out.fileno()), part.stat())  # or another has just given it its name
        except (BlockingIOError, FileNotFoundError):
            is_ours = False
        if not is_ours:
            raise InUse(f"another export is writing {part}: wait for its end, or name another file.")
        yield out
