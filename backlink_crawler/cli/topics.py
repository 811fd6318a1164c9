"""`backlinks topics add | list | remove`: the domains that stand for a topic."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import click

from backlink_crawler.cli.environment import normaliser, readable_database, writable_database
from backlink_crawler.cli.output import Output, output_options
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.seeds import parse_seed
from backlink_crawler.links.text import clean
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.topics import add_topic_seeds, remove_topic_seeds, topic_seeds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

_LONGEST = 100  # characters of a topic's name


@click.group()
def topics() -> None:
    """Name domains that stand for a topic.

    `backlinks rank` computes from them which topics other domains have: the view domain_topics.
    """


@topics.command()
@click.argument("topic", required=False)
@click.argument("domains", nargs=-1)
@click.option(
    "--file",
    "file",
    type=click.File("r", encoding="utf-8-sig"),
    help="A file with a topic and a domain in each line, as in `coffee,example.com`; - for standard input.",
)
def add(topic: str | None, domains: tuple[str, ...], file: TextIO | None) -> None:
    """Let DOMAINS stand for TOPIC, from the next `backlinks rank` on."""
    if not file and not (topic and domains):
        raise InvalidInput("name a topic and at least one domain, or a file with --file.")
    if file and topic:
        raise InvalidInput("--file has the topics too: leave out either the file or the topic.")
    seeds = list(_listed(file)) if file else [(_named(topic or ""), _domain(domain)) for domain in domains]
    if not seeds:
        raise InvalidInput(f"{getattr(file, 'name', 'the file')} has no lines of a topic and a domain.")
    database = writable_database()
    with database.connect() as connection, database_errors(database):
        added = add_topic_seeds(connection, seeds)
    were = "domain stands for its topic" if added == 1 else "domains stand for their topics"
    click.echo(f"{added:,} more {were} from the next `backlinks rank` on")


@topics.command("list")
@output_options
def list_(output: Output) -> None:
    """List the topics and the domains that stand for them."""
    database = readable_database()
    with database.connect() as connection, database_errors(database):
        rows = [(topic, domain) for topic, domains in topic_seeds(connection).items() for domain in domains]
    output.write_list(
        ("topic", "domain"), rows, "there are no topics; add one with `backlinks topics add TOPIC DOMAIN`"
    )


@topics.command()
@click.argument("topic")
@click.argument("domains", nargs=-1)
def remove(topic: str, domains: tuple[str, ...]) -> None:
    """Let DOMAINS no longer stand for TOPIC; without DOMAINS, none."""
    name, chosen = _named(topic), [_domain(domain) for domain in domains]
    database = writable_database()
    with database.connect() as connection, database_errors(database):
        removed = remove_topic_seeds(connection, name, chosen)
    if not removed:
        what = f"none of these domains stands for {name}" if chosen else f"there is no topic {name}"
        raise InvalidInput(f"{what}; `backlinks topics list` shows what there is.")
    click.echo(f"{removed:,} {'domain stands' if removed == 1 else 'domains stand'} no longer for {name}")


def _listed(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for number, row in enumerate(csv.reader(lines), start=1):
        if not any(row) or row[0].startswith("#") or (number == 1 and row[:2] == ["topic", "domain"]):
            continue
        try:
            topic, domain = row
            yield _named(topic), _domain(domain.strip())
        except ValueError:
            raise InvalidInput(
                f"line {number}: write a topic, a comma and a domain, as in coffee,example.com."
            ) from None
        except InvalidInput as error:
            raise InvalidInput(f"line {number}: {error}") from None


def _named(topic: str) -> str:
    name = clean(topic, _LONGEST)
    if not name:
        raise InvalidInput("a topic needs a name.")
    return name


def _domain(text: str) -> str:
    try:
        return parse_seed(text, normaliser()).url.domain
    except ValueError as error:
        raise InvalidInput(f"{error}.") from None
