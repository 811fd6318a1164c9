"""`backlinks disavow TARGET`: a disavow file of what you have marked, and what an existing one would do."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

import click

from backlink_crawler.ask import disavow as ask
from backlink_crawler.ask.questions import known_spelling
from backlink_crawler.cli.environment import normaliser, readable_database
from backlink_crawler.cli.options import mode
from backlink_crawler.cli.output import Output, output_options
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.disavow import parse_disavow
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import TargetMode
from backlink_crawler.terminal import counted

if TYPE_CHECKING:
    from backlink_crawler.ask.disavow import Checked, MadeFile
    from backlink_crawler.inputs.disavow import DisavowFile
    from backlink_crawler.model import Target
    from backlink_crawler.store.database import Database

_ENDING = ".txt"
_STATES = {
    "wrong": "wrong",
    "duplicate": "said twice",
    "covered": "covered by another line",
    "live": "with live links",
    "lost": "with lost links only",
    "unknown": "without known links",
}


@click.command()
@click.argument("target")
@mode
@click.option("--all", "everything", is_flag=True, help="Also what is not known to link to TARGET.")
@click.option(
    "--check", "existing", type=click.File("rb"), help="Read this disavow file instead; - for standard input."
)
@output_options
def disavow(target: str, mode: str | None, everything: bool, existing: IO[bytes] | None, output: Output) -> None:
    """Write a file for Google's disavow tool, of what you have marked as disavow.

    With every marked domain and page that links to TARGET, or has linked to it, below a comment that says why, who and when.
    Nothing else gets into it: whatever a score says, only people disavow.

    --check FILE says of each line of a file how many links to TARGET it covers, live and lost, and what is wrong with it. A
    line harms when it covers a good link: a live dofollow one of a domain that is marked as won, or has more authority than
    90 % of this index, or in the text of a page (the position content). The exit code is 1 when a line is wrong or harms.
    """
    asked = parse_target(target, TargetMode(mode) if mode else None, normaliser())
    if existing is None:
        if not output.is_table:
            raise InvalidInput("a disavow file has one format, and a name that ends in .txt; --format is for --check.")
        _write(readable_database(), asked, output, everything=everything)
        return
    if everything:
        raise InvalidInput("--all and --check exclude each other: leave out one of them.")
    parsed = _parsed(existing)
    database = readable_database()
    meant = known_spelling(database, asked)
    checked = ask.check(database, meant, parsed)
    _show(meant, parsed, checked, output)
    if parsed.problems or checked.states["wrong"] or checked.states["harms"]:
        sys.exit(1)


def _write(database: Database, asked: Target, output: Output, *, everything: bool) -> None:
    meant = known_spelling(database, asked)
    made = ask.disavow_file(database, meant, datetime.now(UTC).date(), everything=everything)
    output.write_text(made.text)
    _tell_of(made, meant, output, everything=everything)


def _tell_of(made: MadeFile, target: Target, output: Output, *, everything: bool) -> None:
    click.echo(f"{counted(made.domains, 'domain')} and {counted(made.pages, 'page')} to disavow", err=True)
    if made.covered:
        are = "page is" if made.covered == 1 else "pages are"
        click.echo(f"{made.covered:,} marked {are} left out: their domain is in the file", err=True)
    if made.elsewhere and not everything:
        are = "domain or page is" if made.elsewhere == 1 else "domains and pages are"
        click.echo(
            f"{made.elsewhere:,} more {are} marked as disavow, and no link from there to {target} is known; --all takes in "
            "such ones too. What is uploaded takes the place of the whole file before",
            err=True,
        )
    if output.file and output.file.suffix.lower() != _ENDING:
        click.echo(f"files are taken only with a name that ends in {_ENDING}: rename {output.file.name}", err=True)


def _parsed(file: IO[bytes]) -> DisavowFile:
    try:
        parsed = parse_disavow(file.read(), normaliser())
    except InvalidInput as error:
        raise InvalidInput(f"{file.name}: {error}") from None
    if not parsed.lines:
        raise InvalidInput(f"{file.name} has no line with a URL or domain:….")
    if not file.name.lower().endswith(_ENDING) and file.name != "<stdin>":
        parsed.problems.append(f"its name must end in {_ENDING}.")
    return parsed


def _show(target: Target, file: DisavowFile, checked: Checked, output: Output) -> None:
    for problem in file.problems:
        click.echo(f"backlinks: the whole file: {problem}", err=True)
    limit = output.limit(None)
    heading = f"disavow: what the lines of the file mean for links to {target}"
    output.write(ask.COLUMNS, checked.rows[:limit], shown=ask.SHOWN, heading=heading)
    if limit and len(checked.rows) > limit:
        click.echo(f"only the first {limit:,} rows are shown; --format csv has all", err=True)
    told = [f"{number:,} {_STATES[state]}" for state, number in checked.states.items() if number and state != "harms"]
    if checked.states["harms"]:
        lines, links = counted(checked.states["harms"], "line"), counted(checked.good_links, "good link")
        told.insert(0, f"{lines} would harm {links}")
    click.echo(f"{counted(len(file.lines), 'line')}: {', '.join(told)}", err=True)
