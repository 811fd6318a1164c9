"""`backlinks serve`: the explorer, in a browser."""

from __future__ import annotations

import click

from backlink_crawler.cli.environment import readable_database
from backlink_crawler.config import EXPLORER_PORT, Config


@click.command()
@click.option("--address", default="127.0.0.1", help="Where to listen (default: 127.0.0.1, this machine alone).")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=EXPLORER_PORT,
    help=f"On which port (default: {EXPLORER_PORT}; 0: any that is free).",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="A host name that it answers to, beside those of this machine and --address; may be repeated.",
)
@click.option("--open", "opens", is_flag=True, help="Open it in this machine's browser.")
@click.option("--admin", is_flag=True, help="Let readers change seeds, targets and marks, and order visits.")
def serve(*, address: str, port: int, names: tuple[str, ...], opens: bool, admin: bool) -> None:
    """Answer questions in a browser: an explorer, its downloads and an API.

    It changes nothing, unless --admin says so. On another address than 127.0.0.1 it needs a password, which
    BACKLINKS_WEB_PASSWORD says; the explorer does not encrypt, so put a web server with TLS before it.
    """
    from backlink_crawler.web import server  # noqa: PLC0415  as above
    from backlink_crawler.web.index import Index  # noqa: PLC0415  the web's libraries are not needed for --help

    config = Config.from_environment()
    server.require_password(address, config.web_password)
    index = Index.of(readable_database(), config, is_admin=admin)
    server.serve(
        index,
        address=address,
        port=port,
        names=names,
        password=config.web_password,
        ready=lambda where: _ready(where, opens=opens),
    )


def _ready(where: str, *, opens: bool) -> None:
    click.echo(f"the explorer is at {where} (Ctrl-C ends it)")
    if opens:
        click.launch(where)
