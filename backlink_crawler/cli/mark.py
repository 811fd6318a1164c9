"""`backlinks mark | mark list | mark remove`: what you have decided of domains and pages."""

from __future__ import annotations

import getpass
import sys
from typing import IO, TYPE_CHECKING

import click

from backlink_crawler.cli.environment import normaliser, readable_database, writable_database
from backlink_crawler.cli.output import Output, output_options
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.marks import (
    MARKS,
    MarkLine,
    Subject,
    parse_marks,
    parse_note,
    parse_person,
    parse_subject,
    twin_pages,
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
        if (chosen := MARKS[word] if word else line.mark) is None:
            problems.append(f"{line.subject}: no mark is said; say --as MARK, or in a column named mark.")
            continue
        by = line.marked_by if person is None and line.marked_by else who
        new.append(NewMark(line.subject, chosen, said if line.note is None else line.note, by))
    _tell(problems)
    if not new:
        raise InvalidInput("nothing was marked.")
    database = writable_database()
    with database.connect() as connection, database_errors(database):
        pages = store.pages_with_links(connection, _hashes(new))
        new = _known_spellings(new, pages)
        written = store.add_marks(connection, new)
        domains = store.domains_with_links(connection, {each.subject.domain for each in new if not each.subject.url})
    click.echo(_marked(new, written, pages | domains))
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
    subjects = [str(spelling) for subject in meant for spelling in _spellings(subject)]
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
    subjects = {str(line.subject): line.subject for line in given}
    database = readable_database()
    with database.connect() as connection, database_errors(database):
        said = None if note is None else parse_note(note)
        taken = store.take_back(connection, subjects, said, who)
        unmarked = []
        for name in [each for each in subjects if each not in set(taken)]:
            twin = store.take_back(connection, [str(each) for each in twin_pages(subjects[name])], said, who)
            if twin:
                click.echo(f"{name} is not marked; taken for {', '.join(twin)}", err=True)
                taken += twin
            else:
                unmarked.append(name)
    for name in unmarked:
        click.echo(f"backlinks: {name} is not marked; `backlinks mark list` shows what is.", err=True)
    if len(taken) == 1:
        click.echo(f"{taken[0]} is no longer marked")
    elif taken:
        click.echo(f"{counted(len(taken), 'mark')} taken back")
    if unmarked or problems:
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
    if person is not None:
        return parse_person(person)
    try:
        return parse_person(getpass.getuser())
    except (KeyError, OSError, ImportError):  # a user without a name, as in a container
        raise InvalidInput("your login name is not known; say who marks with --by WHO.") from None


def _spellings(subject: Subject) -> list[Subject]:
    return [subject, *twin_pages(subject)]


def _hashes(new: Sequence[NewMark]) -> set[str]:
    """Of the pages that may be meant."""
    return {each.url.hash for mark in new for each in _spellings(mark.subject) if each.url}


def _known_spellings(new: Sequence[NewMark], pages: set[str]) -> list[NewMark]:
    """A page of which no links are known is taken for the one that differs from it by its scheme or last slash only."""
    found = []
    for each in new:
        spellings = _spellings(each.subject)
        meant = next((other for other in spellings if other.url and other.url.hash in pages), each.subject)
        if meant != each.subject:
            click.echo(f"no links on {each.subject} are known; taken for {meant}", err=True)
        found.append(each._replace(subject=meant))
    return found


def _marked(new: Sequence[NewMark], written: Sequence[str], known: set[str]) -> str:
    """What to tell of it. known: the hashes of pages, and the domains, with links."""
    marks = {each.mark for each in new}
    subjects = {str(each.subject): each.subject for each in new}
    unlinked = [each for each in subjects.values() if (each.url.hash if each.url else each.domain) not in known]
    as_what = f" as {next(iter(marks)).word}" if len(marks) == 1 else ""
    if len(subjects) == 1:
        said = f"{next(iter(subjects))} {'is marked' if written else 'was marked already'}{as_what}"
        return f"{said}; no links from it are known" if unlinked else said
    said = f"{len(written):,} marked{as_what}"
    if already := len(subjects) - len(written):
        said += f", {already:,} {'was' if already == 1 else 'were'} already"
    return f"{said}; no links from {len(unlinked):,} of them are known" if unlinked else said
