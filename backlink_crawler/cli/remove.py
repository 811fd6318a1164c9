"""`backlinks remove`: take domains out of the index."""

from __future__ import annotations

import time

import click

from backlink_crawler.cli.environment import normaliser, readable_database
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.seeds import parse_seed
from backlink_crawler.store.removing import Removable, removable
from backlink_crawler.store.removing import remove as remove_domain
from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import host_name

_SECONDS_BETWEEN_LINES = 10.0


@click.command()
@click.argument("domains", metavar="DOMAIN...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Remove it. Without this, only what would be removed is shown.")
def remove(domains: tuple[str, ...], yes: bool) -> None:
    """Take a site out of the index: its seeds, its pages, their visits and links, and what these count for.

    Links to it are on pages of others and stay. Crawls may keep running. What is removed by mistake, only another crawl
    brings back.

    It comes back when a seed or a hop leads there. `backlinks optout add DOMAIN` excludes it from all crawls.
    """
    names = [_domain(text) for text in domains]
    database = readable_database()
    known = {name: removable(database, name) for name in dict.fromkeys(names)}
    if unknown := [name for name, found in known.items() if found is None]:
        raise InvalidInput(f"nothing is known of {', '.join(unknown)}; nothing was removed.")
    for name, found in known.items():
        assert found is not None
        click.echo(f"{name}: {_told(found)}")
        if yes:
            remove_domain(database, name, _Progress().tell)
    if yes:
        click.echo(f"removed {', '.join(known)}")
    else:
        click.echo("nothing was removed yet; the same command with --yes does it.")


class _Progress:
    """A line now and then: a million links take minutes."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _SECONDS_BETWEEN_LINES

    def tell(self, links: int, pages: int) -> None:
        if time.monotonic() >= self._next:
            click.echo(f"removed so far: {links:,} links, {pages:,} pages", err=True)
            self._next = time.monotonic() + _SECONDS_BETWEEN_LINES


def _told(found: Removable) -> str:
    own = f"{_number(found.seeds, 'seed')}, {_number(found.pages, 'page')}, {_number(found.links, 'link')} to "
    own += _number(found.domains_to, "domain")
    if not found.links_to_it:
        return own
    return f"{own}. {_number(found.links_to_it, 'link')} to it from {_number(found.domains_from, 'domain')} will stay"


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _domain(text: str) -> str:
    """Raises InvalidInput."""
    try:
        host = host_name(parse_seed(text, normaliser()).url.host)
    except ValueError as error:
        raise InvalidInput(f"{error}.") from None
    if (domain := domain_of(host)) != host:
        raise InvalidInput(f"{host} is a host of {domain}, and only whole domains can be removed; name that.")
    return domain
