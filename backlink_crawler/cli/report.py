"""`backlinks report TARGET`: what is known of a target's links, as a file to send to somebody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from backlink_crawler.ask.files import whole_file
from backlink_crawler.ask.questions import known_spelling
from backlink_crawler.cli.environment import normaliser, readable_database
from backlink_crawler.cli.options import mode
from backlink_crawler.errors import BacklinksError, InvalidInput
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import TargetMode

if TYPE_CHECKING:
    from backlink_crawler.model import Target

_ENDINGS = (".html", ".pdf")


@click.command()
@click.argument("target")
@click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to FILE; its ending, .html or .pdf, says the format.",
)
@mode
@click.option("--title", help="The title of the report (default: which target it is about).")
@click.option("--agency", metavar="NAME", help="Who has prepared it.")
@click.option(
    "--logo",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A picture at its top: PNG, JPEG or WebP, of at most 2 MB.",
)
def report(
    *, target: str, file: Path, mode: str | None, title: str | None, agency: str | None, logo: Path | None
) -> None:
    """Write a report about the links to TARGET, to be sent to somebody and to be printed.

    One file with totals, charts, tables, what the profile says, and how the figures came about. It loads nothing from
    elsewhere and has no script. A PDF is printed by the Chromium or Chrome of this system.
    """
    # the web's libraries are not needed for --help
    from backlink_crawler.web import printing  # noqa: PLC0415
    from backlink_crawler.web.overview import read  # noqa: PLC0415
    from backlink_crawler.web.report import Sender  # noqa: PLC0415
    from backlink_crawler.web.report import report as made  # noqa: PLC0415

    ending = file.suffix.lower()
    if ending not in _ENDINGS:
        raise InvalidInput(f"{file.name} says no format: let the name of a report end in .html or .pdf.")
    asked = parse_target(target, TargetMode(mode) if mode else None, normaliser())
    sender = Sender(agency, title, _logo(logo) if logo else None)
    if ending == ".pdf":
        printing.require_browser()
    database = readable_database()
    known = known_spelling(database, asked)
    _say_if_other(asked, known)
    html = made(read(database, known), sender)
    _write(file, printing.printed(html) if ending == ".pdf" else html.encode())
    click.echo(f"{file}: the links to {known}", err=True)


def _say_if_other(asked: Target, known: Target) -> None:
    if asked != known:
        click.echo(f"no links to {asked} are known; taken for {known}", err=True)


def _logo(file: Path) -> str:
    from backlink_crawler.web.report import MOST_OF_A_LOGO, logo_of  # noqa: PLC0415  as above

    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_OF_A_LOGO + 1)
    except OSError as error:
        raise BacklinksError(f"cannot read {file}: {error.strerror}.") from error
    return logo_of(content)


def _write(file: Path, content: bytes) -> None:
    try:
        with whole_file(file.resolve()) as part:
            part.write_bytes(content)
    except OSError as error:
        raise BacklinksError(f"cannot write {file}: {error.strerror}.") from error
