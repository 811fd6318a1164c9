"""`backlinks …`: one command group a file."""

from __future__ import annotations

import os
import sys

import click

from backlink_crawler import __version__
from backlink_crawler.cli import extract
from backlink_crawler.errors import BacklinksError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="backlinks")
def backlinks() -> None:
    """A self-hosted backlink index: crawl the sites you name, ask who points to X."""


backlinks.add_command(extract.extract)


def main() -> None:
    """Run a command; every expected failure is one sentence on standard error and an exit code (errors.py)."""
    try:
        backlinks()
    except BacklinksError as error:
        click.echo(f"backlinks: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `backlinks … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
