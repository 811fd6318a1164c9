"""`backlinks verify`: are these links still there, now?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click

from backlink_crawler.ask.formats import Format, render
from backlink_crawler.cli.crew import run_crew, scrapy_crawl
from backlink_crawler.cli.environment import normaliser, terminal_width, writable_database
from backlink_crawler.crawl.pair_input import read_pairs
from backlink_crawler.errors import BacklinksError, InvalidInput, NothingRead
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.verdicts import DomainVerdict, by_domain, by_pair
from backlink_crawler.store.verification import mark_for_verification
from backlink_crawler.terminal import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from backlink_crawler.inputs.pairs import Pairs
    from backlink_crawler.model import Target
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.verdicts import PairVerdict

_STATES = ("live", "missing", "lost", "unverified", "not_asked")
_CHANGES = ("newly_missing", "lost", "found", "restored", "rel_changed", "anchor_changed")
_PAIR_COLUMNS = ("page", "target", "status", "rel", "anchor", "why")
_TOLD = {0, NothingRead.exit_code}  # exit codes of a run that ended with something to tell


@click.command()
@click.argument("target", required=False)
@click.option("--all", "everything", is_flag=True, help="Verify the links to every watched target.")
@click.option("--file", "file", help="A file of pages and the targets that they should link to, one pair a line.")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Format]),
    default=Format.TABLE.value,
    help="Output format (default: table).",
)
@click.option("-s", "settings", metavar="NAME=VALUE", multiple=True, help="A Scrapy setting, as for `scrapy crawl`.")
def verify(target: str | None, everything: bool, file: str | None, form: str, settings: tuple[str, ...]) -> None:
    """Are the links to TARGET still there, now?

    Visits the pages with links to TARGET, even if they are not due, and those that lack a link a second time, a minute
    later. Then says what is live, missing, lost or unverified, and what has changed since the last visit, by domain.

    TARGET is a domain, a host, a URL, or a URL prefix (https://example.com/blog/*).

    --file takes the links that were bought, earned or promised: the URL of a page and its target, separated by a comma,
    a semicolon or a tab. A page that nobody knows yet is visited too. The exit code is 1 when one of these links is not
    live.

    Hosts that have opted out are not visited. A host that is backing off is visited when that is over.
    """
    if [bool(target), everything, bool(file)].count(True) != 1:
        raise InvalidInput(
            "name a TARGET, or give --all for every target that `backlinks targets list` shows, or --file FILE."
        )
    if file:
        pairs = read_pairs(file, normaliser())
        database = writable_database()
        worker = _run(database, [f"pairs={file}"], settings)
        _tell_of_pairs(database, worker, pairs, Format(form))
        return
    parsed = parse_target(target, None, normaliser()) if target else None
    database = writable_database()
    with database.connect() as connection, database_errors(database):
        pages = mark_for_verification(connection, parsed)
    if not pages:
        whom = parsed or "a watched target"
        raise BacklinksError(f"no page with a link to {whom} is known, or none of them may be visited.")
    click.echo(f"{counted(pages, 'page')} with links to {parsed or 'watched targets'} will be visited", err=True)
    worker = _run(database, [f"target={target}"] if target else [], settings)
    _tell_by_domain(database, worker, parsed, Format(form))


def _run(database: Database, arguments: list[str], settings: Sequence[str]) -> UUID:
    """The worker that has made the run. Its summary is on standard error."""
    worker = uuid4()
    code = run_crew([scrapy_crawl("verify", arguments, [*settings, f"BACKLINKS_WORKER={worker}"])], database)
    if code not in _TOLD:
        sys.exit(code)
    return worker


def _tell_by_domain(database: Database, worker: UUID, target: Target | None, form: Format) -> None:
    with database.connect() as connection, database_errors(database):
        verdicts = by_domain(connection, worker, target)
    if form is not Format.TABLE:
        _show(DomainVerdict._fields, verdicts, form)
        return
    sums = {state: sum(getattr(each, state) for each in verdicts) for state in _STATES}
    domains = counted(len(verdicts), "domain")
    told = ", ".join(f"{number:,} {_words(state)}" for state, number in sums.items() if number or state != "not_asked")
    click.echo(f"links to {target or 'watched targets'} from {domains}: {told}")
    states = [state for state in _STATES if sums[state] or state != "not_asked"]
    rows = [(each.domain_from, *(getattr(each, state) for state in states), _changed(each)) for each in verdicts]
    _show(("domain_from", *states, "changed"), rows, form)


def _changed(verdict: DomainVerdict) -> str:
    numbers = [(name, getattr(verdict, name)) for name in _CHANGES]
    return ", ".join(f"{number:,} {_words(name)}" for name, number in numbers if number) or "nothing"


def _tell_of_pairs(database: Database, worker: UUID, pairs: Pairs, form: Format) -> None:
    with database.connect() as connection, database_errors(database):
        verdicts = by_pair(connection, worker, pairs.pairs)
    asked = {pair.line: pair for pair in pairs.pairs}
    rows = [_pair_row(asked[each.line].page.text, str(asked[each.line].target), each) for each in verdicts]
    _show(_PAIR_COLUMNS, rows, form)
    live = sum(each.status == "live" for each in verdicts)
    refused = f"; {len(pairs.problems):,} refused" if pairs.problems else ""
    click.echo(f"{live:,} of {len(verdicts):,} links are live{refused}", err=True)
    if live < len(verdicts) or pairs.problems:
        sys.exit(1)


def _pair_row(page: str, target: str, verdict: PairVerdict) -> tuple[Any, ...]:
    return page, target, verdict.status, verdict.rel, verdict.anchor, verdict.why


def _show(columns: Sequence[str], rows: Sequence[tuple[Any, ...]], form: Format) -> None:
    pieces: Iterator[str] = render(columns, rows, form, width=terminal_width() if form is Format.TABLE else None)
    for piece in pieces:
        click.echo(piece)


def _words(name: str) -> str:
    return name.replace("_", " ")
