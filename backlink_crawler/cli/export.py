"""`backlinks export TARGET --what links -o FILE`: a question's whole answer as a file."""

from __future__ import annotations

import copy
import sys
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from backlink_crawler.ask import exporting, files, risks, voices
from backlink_crawler.ask import prospects as asked_prospects
from backlink_crawler.ask import questions as asked_questions
from backlink_crawler.ask.files import FileFormat, require
from backlink_crawler.ask.questions import QUESTIONS, ask
from backlink_crawler.cli import ask as questions
from backlink_crawler.cli import prospects, schemes, several
from backlink_crawler.cli.choosing import as_known, chosen_links
from backlink_crawler.cli.environment import readable_database
from backlink_crawler.errors import BacklinksError, InvalidInput
from backlink_crawler.store import prospects as queries
from backlink_crawler.store import schemes as scheme_queries
from backlink_crawler.store import several as several_queries
from backlink_crawler.store.asking import Filters
from backlink_crawler.store.extent import extent
from backlink_crawler.terminal import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlink_crawler.ask.answers import Answer
    from backlink_crawler.ask.files import Written
    from backlink_crawler.store.asking import Query
    from backlink_crawler.store.database import Database

    Export = tuple[exporting.Asked, Callable[[], int | None]]
    Watch = Callable[[Iterator[tuple[Any, ...]], int], Iterator[tuple[Any, ...]]]

# Each question is asked by the options of its own command, but for those that say how rows are shown or how many.
_COMMANDS: dict[str, click.Command] = {
    **{name: getattr(questions, name) for name in QUESTIONS if name != "overview"},
    "competitors": prospects.competitors,
    "prospects": prospects.prospects,
    "risk": schemes.risk,
    "networks": schemes.networks,
    "mirrors": schemes.mirrors,
    "intersect": several.intersect,
    "compare": several.compare,
}
# What is asked of a whole domain, and is not chosen from: how the domain is read, its query, and who asks it.
_OF_DOMAINS = {
    "competitors": (prospects.whole_domain, queries.competitors, asked_prospects.competitors),
    "risk": (schemes.whole_domain, scheme_queries.risks, risks.risks),
    "networks": (schemes.whole_domain, scheme_queries.networks, voices.networks),
    "mirrors": (schemes.whole_domain, scheme_queries.mirrors, voices.mirrors),
}
_SEVERAL = frozenset({"intersect", "compare"})
_SHOWN = frozenset(
    {"target", "targets", "others", "form", "file", "bom", "show_sql", "limit", "sort", "shares", "explain"}
)
_SINCE = (
    "How far back, by when the index learnt of it: 24h, 7d, 2w, 6mo, or a day in UTC such as 2026-01-31 (default: that of "
    "the command, 7d for new and lost, 30d for daily)."
)


def _choices(what: str) -> dict[str, click.Parameter]:
    return {param.name: param for param in _COMMANDS[what].params if param.name and param.name not in _SHOWN}


def _all_choices(command: click.Command) -> click.Command:
    """The options of all questions, each once and without a default of its own."""
    every: dict[str, click.Parameter] = {}
    for what in _COMMANDS:
        for name, option in _choices(what).items():
            every.setdefault(name, option)
    for option in map(copy.copy, every.values()):
        if option.name == "since" and isinstance(option, click.Option):
            option.default, option.help = None, _SINCE
        command.params.append(option)
    return command


@_all_choices
@click.command()
@click.argument("targets", metavar="TARGET…", nargs=-1, required=True)
@click.option("--what", type=click.Choice(list(_COMMANDS)), required=True, help="The question, by its command's name.")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in FileFormat]),
    help="Default: what the ending of FILE says. xlsx and parquet need pip install 'backlink-crawler[export]'.",
)
@click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Has its name when it is complete.",
)
@click.pass_context
def export(
    context: click.Context, /, *, targets: tuple[str, ...], what: str, form: str | None, file: Path, **_choices: Any
) -> None:
    """Write a question's whole answer to FILE, with every column.

    The options below choose rows as those of `backlinks links` and the other questions do; intersect and compare take several
    TARGETs. When an export as csv or jsonl is interrupted, the same command goes on where it ended.
    """
    written = _format(form, file)
    require(written)
    chosen = _chosen(context, what)
    file = file.resolve()
    asked, expected = _asked(what, targets, chosen)
    with _interruptions(file), _progress(expected) as watch:
        done = exporting.export(file, written, asked, watch)
    _tell(file, done)


def _format(form: str | None, file: Path) -> FileFormat:
    if file.exists() and not file.is_file():
        raise InvalidInput(f"{file} is no file: `backlinks links TARGET --format csv` and the like write to pipes.")
    ending = file.suffix.removeprefix(".").lower()
    if form or ending in list(FileFormat):
        return FileFormat(form or ending)
    endings = ", ".join(form.ending for form in FileFormat)
    raise InvalidInput(
        f"the ending of {file.name} says no format: end it by one of {endings}, or name one by --format."
    )


def _chosen(context: click.Context, what: str) -> dict[str, Any]:
    """The arguments of the question's own command. Raises InvalidInput for options that it does not have."""
    own = _choices(what)
    for param in context.command.params:
        name = param.name or ""
        is_foreign = name not in own and any(name in _choices(other) for other in _COMMANDS)
        if is_foreign and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise InvalidInput(f"--what {what} has no {param.opts[0]}: `backlinks {what} --help` shows what it has.")
    chosen = {name: context.params[name] for name in own}
    if "since" in own and chosen["since"] is None:
        default = own["since"].get_default(context)
        chosen["since"] = default if isinstance(default, str) else None  # click has a word of its own for none
    return chosen


def _asked(what: str, targets: tuple[str, ...], chosen: dict[str, Any]) -> Export:
    """The second: how many rows there may be."""
    if what in _SEVERAL:
        return _of_several(what, targets, **chosen)
    target, *others = targets
    if others:
        raise InvalidInput(f"--what {what} is asked of one target: leave out {others[0]}.")
    if what in QUESTIONS:
        return _question(what, target, chosen)
    return _of_domain(what, target) if what in _OF_DOMAINS else _prospects(target, **chosen)


def _question(what: str, target: str, chosen: dict[str, Any]) -> Export:
    typed, filters = chosen_links(target, **chosen)
    database = readable_database()
    meant, filters = as_known(database, what, typed, filters)

    def after(so_far: exporting.SoFar) -> Any:
        """A period goes back from when the export began."""
        began = f"timestamptz '{so_far.began}'"
        since = filters.since and filters.since.replace("now()", began)
        return ask(database, what, meant, replace(filters, since=since, after=so_far.cursor))

    asked = exporting.Asked(
        QUESTIONS[what](meant, filters),
        after,
        extent(database),
        is_grouped=filters.group_similar or filters.one_per_domain,
    )
    return asked, partial(exporting.expected, database, what, meant, filters)


def _of_domain(what: str, target: str) -> Export:
    whole_domain, query, ask_all = _OF_DOMAINS[what]
    meant, filters = whole_domain(target), Filters(limit=None)
    database = readable_database()
    return _begun_again(database, query(meant, filters), partial(ask_all, database, meant, filters))


def _prospects(target: str, *, named: tuple[str, ...], kind: str | None) -> Export:
    meant, rivals = prospects.whole_domain(target), [prospects.whole_domain(name) for name in dict.fromkeys(named)]
    database, filters = readable_database(), Filters(limit=None)
    if kind:
        prospects.require_asks_competitors(kind, named)
        query = queries.leads(kind, meant, rivals, filters)
        return _begun_again(database, query, partial(asked_prospects.ask_leads, database, kind, meant, rivals, filters))
    query = queries.prospects(meant, rivals, filters)
    return _begun_again(database, query, partial(asked_prospects.ask_prospects, database, meant, rivals, filters))


def _of_several(
    what: str, targets: tuple[str, ...], *, mode: str | None, without: tuple[str, ...] = (), **chosen: Any
) -> Export:
    meant, others = several.parsed(targets, mode), several.parsed(without, mode)
    database, filters = readable_database(), Filters(limit=None, **chosen)
    meant, others = several.known(database, meant), several.known(database, others)
    if what == "compare":
        run = partial(asked_questions.compare, database, meant, filters)
        return _begun_again(database, several_queries.compare(meant, filters), run)
    run = partial(asked_questions.intersect, database, meant, others, filters)
    return _begun_again(database, several_queries.intersect(meant, others, filters), run)


def _begun_again(database: Database, query: Query, ask_all: Callable[[], Answer]) -> Export:
    """After an interruption: scores, by which these go, change without a crawl."""
    return exporting.Asked(replace(query, order=()), lambda _so_far: ask_all(), extent(database)), lambda: None


@contextmanager
def _progress(expected: Callable[[], int | None]) -> Iterator[Watch]:
    """Rows and their rate, on a terminal."""
    if not sys.stderr.isatty():
        yield _continuing
        return
    with import_module("backlink_crawler.cli.export_progress").shown(expected()) as watch:
        yield lambda rows, before: watch(_continuing(rows, before), before)


def _continuing(rows: Iterator[tuple[Any, ...]], before: int) -> Iterator[tuple[Any, ...]]:
    if before:
        click.echo(f"goes on after the {counted(before, 'row')} of an interrupted export", err=True)
    return rows


@contextmanager
def _interruptions(file: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        if exporting.can_go_on(file) and not isinstance(error, exporting.InUse):
            click.echo(f"interrupted: the same command goes on after the rows of {file.name}.part", err=True)
        if isinstance(error, OSError):
            raise BacklinksError(f"cannot write {file}: {error.strerror or error}.") from error
        raise


def _tell(file: Path, written: Written) -> None:
    sheets = ""
    if written.sheets > 1:
        sheets = f", in {written.sheets} sheets, as one holds {counted(files.ROWS_OF_A_SHEET, 'row')}"
    click.echo(f"{counted(written.rows, 'row')} written to {file}{sheets}")
