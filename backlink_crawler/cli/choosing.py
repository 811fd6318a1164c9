"""From the arguments of a question to its target and its filters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from backlink_crawler.ask.periods import parse_days, parse_since
from backlink_crawler.ask.questions import known_spelling
from backlink_crawler.cli.environment import normaliser
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.targets import lies_in, parse_target
from backlink_crawler.model import TargetMode
from backlink_crawler.store.asking import Filters

if TYPE_CHECKING:
    from backlink_crawler.model import Target
    from backlink_crawler.store.database import Database


def chosen_links(
    target: str,
    mode: str | None,
    *,
    limit: int | None = None,
    since: str | None = None,
    source: str | None = None,
    page: str | None = None,
    first_seen: str | None = None,
    **chosen: Any,
) -> tuple[Target, Filters]:
    """What the arguments of a question mean. Raises InvalidInput."""
    asked = named_target(target, mode, page)
    if chosen.get("is_lost"):
        for option in ("status", "min_authority", "max_authority", "max_risk"):
            if chosen[option] is not None:
                name = option.replace("_", "-")
                raise InvalidInput(f"--lost and --{name} exclude each other: leave out one of them.")
    come_from = parse_target(source, None, normaliser()) if source else None
    times = None if since is None else parse_since(since)
    if first_seen is not None:
        chosen["first_from"], chosen["first_until"] = parse_days(first_seen)
    return asked, Filters(limit=limit, since=times, source=come_from, **chosen)


def as_known(database: Database, question: str, asked: Target, filters: Filters) -> tuple[Target, Filters]:
    """As the index spells them, which people are told."""
    meant = known_spelling(database, asked, question if question == "linked" else "links")
    come_from = filters.source
    if come_from:
        filters = replace(filters, source=known_spelling(database, come_from, "linked"))
    for typed, known in ((asked, meant), (come_from, filters.source)):
        if typed != known:
            click.echo(f"no links to or from {typed} are known; taken for {known}", err=True)
    return meant, filters


def named_target(target: str, mode: str | None, page: str | None) -> Target:
    asked = parse_target(target, TargetMode(mode) if mode else None, normaliser())
    if page is None:
        return asked
    of = parse_target(page, TargetMode.EXACT, normaliser())
    if not lies_in(of, asked):
        raise InvalidInput(f"--page {page} is not a page of {asked}: name one, or leave it out.")
    return of
