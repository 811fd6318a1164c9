"""`backlinks mark | mark list | mark remove`: what you have decided of domains and pages."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING

import click

from backlink_crawler.ask.marking import login_name, mark_all, marked_as, spellings, take_all_back
from backlink_crawler.cli.environment import normaliser, readable_database, writable_database
from backlink_crawler.cli.output import Output, output_options
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.marks import (
    MARKS,
    MarkLine,
    parse_marks,
    parse_note,
    parse_person,
    parse_subject,
)
from backlink_crawler.inputs.seed_files import lines_of
from backlink_crawler.store import marks as store
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.marks import MarkEvent, NewMark, StoredMark
from backlink_crawler.terminal import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlink_crawler.urls.normalise import Normaliser

_names = click.argument("names", metavar="DOMAIN|URL…", nargs=-1)
_file = click.option(
    "--file",
    "file",
    type=click.File("rb"),
    help="A file with a domain or URL in each line, or a CSV file with the columns url or domain, mark, note; - for "
    "standard input.",
)
_by = click.option("--by", "person", metavar="WHO", help="Who says so (default: your login name).")


class _Marking(click.Group):
    """`mark DOMAIN` is `mark add DOMAIN`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args.insert(0, "add")
        return super().parse_args(ctx, args)


@click.group(cls=_Marking, subcommand_metavar="DOMAIN|URL… --as MARK | list | remove")
def mark() -> None:
    """Mark domains and pages as contacted, won, declined, ignore or disavow.

    `backlinks mark example.org --as contacted --note "by mail"`: more of it says `backlinks mark add --help`.

    Marks are shown beside links and referring domains, and `--mark` chooses by them. Prospects leave out domains that are
    marked as won, declined, ignore or disavow; `backlinks disavow TARGET` writes a file of those marked as disavow.
    Crawls, prunings and removals leave marks as they are.
    """


@mark.command()
@_names
@click.option("--as", "word", type=click.Choice(list(MARKS)), help="What to mark them as.")
@click.option("--note", help="Why, or what was said. Left out, that of the same mark stays.")
@_by
@_file
def add(names: tuple[str, ...], word: str | None, note: str | None, person: str | None, file: IO[bytes] | None) -> None:
    """Mark DOMAIN, or the page at URL; the word `add` may be left out.

    The last mark of a domain or page counts; `backlinks mark list --history` shows those before.
    """
    given, problems = _given(names, file)
    said = None if note is None else parse_note(note)
    who = _who(person)
    new = []
    for line in given:
        try:
            chosen = marked_as(line, MARKS[word] if word else None)
        except InvalidInput as error:
            problems.append(str(error))
            continue
        by = line.marked_by if person is None and line.marked_by else who
        new.append(NewMark(line.subject, chosen, said if line.note is None else line.note, by))
    _tell(problems)
    if not new:
        raise InvalidInput("nothing was marked.")
    marked = mark_all(writable_database(), new)
    for notice in marked.notices:
        click.echo(notice, err=True)
    click.echo(marked.said)
    if problems:
        sys.exit(1)


@mark.command("list")
@_names
@click.option("--as", "word", type=click.Choice(list(MARKS)), help="Only those marked so.")
@click.option("--by", "person", metavar="WHO", help="Only what WHO has marked.")
@click.option("--history", is_flag=True, help="Also marks that others have followed, and those taken back (none).")
@output_options
def list_(names: tuple[str, ...], word: str | None, person: str | None, history: bool, output: Output) -> None:
    """List marks, those of today first.

    Of DOMAIN: its own and those of its pages.
    """
    meant = [parse_subject(name, normaliser()) for name in names]
    subjects = [str(spelling) for subject in meant for spelling in spellings(subject)]
    person = None if person is None else parse_person(person)
    database = readable_database()
    columns: tuple[str, ...]
    rows: Sequence[MarkEvent | StoredMark]
    with database.connect() as connection, database_errors(database):
        if history:
            columns, rows = MarkEvent._fields, store.list_history(connection, subjects, word, person)
        else:
            columns, rows = StoredMark._fields, store.list_marks(connection, subjects, word, person)
    chosen = subjects or word or person
    nothing = "nothing is marked" + (" so" if chosen else "; mark with `backlinks mark DOMAIN --as contacted`")
    output.write_list(columns, rows, nothing)


@mark.command()
@_names
@click.option("--note", help="Why it is taken back.")
@_by
@_file
def remove(names: tuple[str, ...], note: str | None, person: str | None, file: IO[bytes] | None) -> None:
    """Take the marks of these domains and pages back.

    `backlinks mark list --history` still shows them, and that they were taken back.
    """
    given, problems = _given(names, file)
    who = _who(person)
    _tell(problems)
    said = None if note is None else parse_note(note)
    found = take_all_back(readable_database(), [line.subject for line in given], said, who)
    for notice in found.notices:
        click.echo(notice, err=True)
    for name in found.unmarked:
        click.echo(f"backlinks: {name} is not marked; `backlinks mark list` shows what is.", err=True)
    if len(found.taken) == 1:
        click.echo(f"{found.taken[0]} is no longer marked")
    elif found.taken:
        click.echo(f"{counted(len(found.taken), 'mark')} taken back")
    if found.unmarked or problems:
        sys.exit(InvalidInput.exit_code)


def _given(names: Sequence[str], file: IO[bytes] | None) -> tuple[list[MarkLine], list[str]]:
    """What is named, and sentences on what is not understood. Raises InvalidInput when nothing is named."""
    normalise = normaliser()
    lines, problems = _named(names, normalise)
    if file:
        parsed = parse_marks(lines_of(file.read(), file.name, "marks"), normalise)
        lines += parsed.lines
        problems += [f"{file.name}, {problem}" for problem in parsed.problems]
    if not lines and not problems:
        raise InvalidInput("name a domain or a URL, or a file of them with --file.")
    return lines, problems


def _named(names: Sequence[str], normalise: Normaliser) -> tuple[list[MarkLine], list[str]]:
    lines, problems = [], []
    for name in names:
        try:
            lines.append(MarkLine(0, parse_subject(name, normalise)))
        except InvalidInput as error:
            problems.append(str(error))
    return lines, problems


def _tell(problems: Sequence[str]) -> None:
    for problem in problems:
        click.echo(f"backlinks: {problem}", err=True)


def _who(person: str | None) -> str:
    return login_name() if person is None else parse_person(person)
