"""Where a command's rows go: `--format`, `--output`, `--bom`, and how many there are of them."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from backlink_crawler.ask.files import whole_file
from backlink_crawler.ask.formats import Format, render
from backlink_crawler.ask.tables import filled, record
from backlink_crawler.cli.environment import terminal_width
from backlink_crawler.errors import BacklinksError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

ROWS_OF_A_TABLE = 100
_BOM = "\ufeff"
_PIPE_CLOSED = 128 + 13  # as a shell says it of a program that SIGPIPE ended


@dataclass(frozen=True, slots=True)
class Output:
    """What `output_options` gives to a command. file: None means standard output."""

    form: Format
    file: Path | None = None
    has_bom: bool = False

    @property
    def is_table(self) -> bool:
        return self.form is Format.TABLE

    def limit(self, asked: int | None) -> int | None:
        """How many rows; None: all. People see the first, files and programs get all, unless they ask for less."""
        if asked is None:
            return ROWS_OF_A_TABLE if self.is_table and not self.file else None
        return asked or None

    def write(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        *,
        shown: Sequence[str] | None = None,
        heading: str | None = None,
        footer: Iterable[str] = (),
    ) -> None:
        """shown: the columns of a table, of those that there are; None: all. heading, footer: above and below a table."""
        with self._opened() as out:
            width = None if self.file else terminal_width()
            if self.is_table and heading:
                out.write(filled(heading, width) + "\n")
            if self.is_table and shown is not None:
                places = [columns.index(name) for name in shown if name in columns]
                columns = [columns[place] for place in places]
                rows = ([row[place] for place in places] for row in rows)
            self._write_pieces(
                out, chain(render(columns, rows, self.form, width=width), footer if self.is_table else ())
            )

    def write_lines(self, lines: Iterable[str]) -> None:
        """What is no table, for people."""
        with self._opened() as out:
            self._write_pieces(out, lines)

    def write_record(self, columns: Sequence[str], row: Sequence[Any], *, heading: str | None = None) -> None:
        """One row: a line a column instead of a table."""
        if not self.is_table:
            self.write(columns, [row])
            return
        with self._opened() as out:
            if heading:
                out.write(filled(heading, None if self.file else terminal_width()) + "\n")
            self._write_pieces(out, [record(columns, row)])

    def write_list(self, columns: Sequence[str], rows: Sequence[Sequence[Any]], none: str) -> None:
        """none: what to say when there are no rows."""
        if rows or not self.is_table:
            self.write(columns, rows)
        if not rows:
            click.echo(none, err=True)

    def write_text(self, text: str) -> None:
        """As it is."""
        with self._opened() as out:
            out.write(text)

    def write_nothing(self, columns: Sequence[str]) -> None:
        """What programs read where there are no rows; people get a sentence from whoever calls this."""
        if not self.is_table:
            self.write(columns, ())

    def _write_pieces(self, out: TextIO, pieces: Iterable[str]) -> None:
        if self.has_bom:
            out.write(_BOM)
        for piece in pieces:
            out.write(piece)
            out.write("\n")
            out.flush()  # the first rows are not kept back

    @contextmanager
    def _opened(self) -> Iterator[TextIO]:
        try:
            if self.file is None:
                yield sys.stdout
            elif self.file.exists() and not self.file.is_file():  # a pipe, a device
                with self.file.open("w", encoding="utf-8", newline="\n") as out:
                    yield out
            else:
                with whole_file(self.file.resolve()) as part, part.open("w", encoding="utf-8", newline="\n") as out:
                    yield out
        except BrokenPipeError:  # `backlinks … | head`; click would call it a failure
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(_PIPE_CLOSED)
        except OSError as error:
            raise BacklinksError(f"cannot write {self.file or 'the output'}: {error.strerror}.") from error


format_option = click.option(
    "--format", "form", type=click.Choice([form.value for form in Format]), help="Output format (default: table)."
)


def output_options(command: Callable[..., None]) -> Callable[..., None]:
    """`--format`, `--output` and `--bom`, which a command gets as one argument: `output`."""

    @wraps(command)
    def with_output(*arguments: Any, form: str | None, file: Path | None, bom: bool, **options: Any) -> None:
        command(*arguments, output=_output(form, file, has_bom=bom), **options)

    decorated: Callable[..., None] = with_output
    for option in (
        click.option("--bom", is_flag=True, help="Begin CSV with a byte order mark: Excel then reads it as UTF-8."),
        click.option(
            "-o",
            "--output",
            "file",
            metavar="FILE",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write to FILE; its ending (.csv, .json, .jsonl) says the format, unless --format does.",
        ),
        format_option,
    ):
        decorated = option(decorated)
    return decorated


def _output(form: str | None, file: Path | None, *, has_bom: bool) -> Output:
    ending = file.suffix.removeprefix(".").lower() if file else ""
    chosen = Format(form or (ending if ending in list(Format) else Format.TABLE))
    if has_bom and chosen is not Format.CSV:
        raise InvalidInput("--bom is for --format csv.")
    return Output(chosen, file, has_bom)
