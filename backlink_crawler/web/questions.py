"""The questions that have a page, a way to download their rows, and a place in the API."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.ask import paging, prospects
from backlink_crawler.ask.periods import parse_since
from backlink_crawler.ask.questions import (
    QUESTIONS,
    TABLE_COLUMNS,
    UnknownTarget,
    empty_columns,
    known_spelling,
    meaning,
    sorts,
    why_nothing,
)
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import TargetMode
from backlink_crawler.store import asking
from backlink_crawler.store import prospects as prospect_queries
from backlink_crawler.store.asking import Filters
from backlink_crawler.web.choices import Choice, choice_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlink_crawler.ask.paging import Page
    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Query
    from backlink_crawler.store.database import Database
    from backlink_crawler.urls.normalise import Normaliser

# Parameters that Filters calls otherwise.
_FILTERS = {"type": "link_type", "class": "anchor_class", "lost": "is_lost", "from": "source"}


@dataclass(frozen=True)
class Question:
    """says: below the title. filters: parameters, as in choices.FIELDS. query: what is asked; by default what ask/ has for it.

    of_domains: it is answered for whole domains only.
    """

    name: str
    title: str
    says: str
    filters: tuple[str, ...] = ()
    defaults: dict[str, Any] = field(default_factory=dict)
    query: Callable[[Target, Filters], Query] | None = None
    columns: tuple[str, ...] = ()
    of_domains: bool = False
    nothing: Callable[[Database, Target, Filters], UnknownTarget] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "choice", choice_of(self.name, self.filters, **self.defaults))

    choice: type[Choice] = field(init=False, repr=False)

    @property
    def asks(self) -> Callable[[Target, Filters], Query]:
        return self.query or QUESTIONS[self.name]

    @property
    def shown(self) -> tuple[str, ...]:
        return self.columns or TABLE_COLUMNS.get(self.name, ())

    @property
    def sorts(self) -> list[str]:
        return sorts(self.name)


class Asked(NamedTuple):
    """What a request means. given: its parameters, without those that say nothing. typed: the target as it was asked for."""

    question: Question
    target: Target
    filters: Filters
    given: dict[str, Any]
    typed: Target


class Answer(NamedTuple):
    """nothing: why there are no rows. unknown: columns of which nothing is known yet."""

    asked: Asked
    page: Page
    heading: str
    nothing: str | None
    unknown: frozenset[str]

    @property
    def shown(self) -> list[str]:
        """The columns of its table."""
        of_table = self.asked.question.shown or self.page.columns
        hidden = ("_id", "_key", "step")
        return [
            name
            for name in of_table
            if name in self.page.columns and name not in self.unknown and not name.endswith(hidden)
        ]

    def dicts(self) -> Iterator[dict[str, Any]]:
        for row in self.page.rows:
            yield dict(zip(self.page.columns, row, strict=True))


def understood(database: Database, question: Question, choice: Choice, normalise: Normaliser) -> Asked:
    """Raises InvalidInput."""
    given = choice.chosen()
    typed = parse_target(choice.target, choice.mode, normalise)
    chosen = {name: value for name in question.filters if (value := getattr(choice, f"{name}_")) not in {None, False}}
    if page := chosen.pop("page", None):
        of = parse_target(page, TargetMode.EXACT, normalise)
        if of.domain != typed.domain:
            raise InvalidInput(f"{page} is not a page of {typed.domain}: name one, or leave it out.")
        typed = of
    if question.of_domains and typed.mode is not TargetMode.DOMAIN:
        raise InvalidInput(f"this is known of whole domains only: ask for {typed.domain}.")
    if source := chosen.get("from"):
        chosen["from"] = known_spelling(database, parse_target(source, None, normalise), "linked")
    if since := chosen.get("since"):
        chosen["since"] = parse_since(since)
    filters = Filters(
        limit=choice.limit,
        sort=_sort(question, choice.sort),
        after=choice.after,
        **{_FILTERS.get(name, name): value for name, value in chosen.items()},
    )
    target = known_spelling(database, typed, question.name if question.name == "linked" else "links")
    return Asked(question, target, filters, given, typed)


def answered(database: Database, asked: Asked) -> Answer:
    """A page of rows. Raises InvalidInput for a cursor that is none."""
    question, target, filters = asked.question, asked.target, asked.filters
    page = paging.page(database, question.asks, target, filters)
    nothing = None
    if not page.rows and filters.after is None and page.next is None:
        why = question.nothing or (lambda *about: why_nothing(about[0], question.name, *about[1:]))
        nothing = str(why(database, target, filters))
    said = meaning(question.name, target, filters) if question.query is None else question.says
    return Answer(asked, page, said, nothing, empty_columns(database, question.name))


def literal(asked: Asked) -> str:
    """Its SQL, ready to paste."""
    return asked.question.asks(asked.target, asked.filters).literal()


def rows(database: Database, asked: Asked) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """All of them, as they are found. Raises InvalidInput for a cursor that is none, though it starts at the first row."""
    asked.question.asks(asked.target, asked.filters)
    everything = replace(asked.filters, limit=None, after=None)
    return asking.run(database, asked.question.asks(asked.target, everything))


def _sort(question: Question, sort: str | None) -> str | None:
    if sort is not None and sort.partition(":")[0] not in question.sorts:
        raise InvalidInput(f"{sort!r} is nothing to sort by; choose one of {', '.join(question.sorts)}.")
    return sort


_OF_LINKS = (
    *("status", "dofollow", "type", "position", "origin", "from", "anchor", "class", "min_authority"),
    *("min_relevance", "max_risk", "mark", "page", "one_per_domain"),
)
ASKED = {
    question.name: question
    for question in (
        Question("links", "Backlinks", "Each link is a row.", _OF_LINKS),
        Question(
            "refdomains",
            "Referring domains",
            "The domains that link to it.",
            ("status", "dofollow", "origin", "since", "lost", "min_authority", "min_relevance", "max_risk", "mark"),
        ),
        Question("anchors", "Anchors", "The words of the links.", ("class", "status", "dofollow", "origin")),
        Question("best", "Pages", "Its pages by referring domains.", ("status", "dofollow", "origin")),
        Question(
            "broken", "Broken", "Live links to its dead pages; it must be crawled for this.", ("dofollow", "mark")
        ),
        Question(
            "new",
            "New",
            "Links found lately that still stand.",
            ("since", "dofollow", "origin", "mark"),
            {"since": "7d"},
        ),
        Question(
            "lost", "Lost", "Links lost lately, and why.", ("since", "dofollow", "origin", "mark"), {"since": "7d"}
        ),
        Question("history", "History", "What happened to its links.", ("since", "event")),
        Question("daily", "New and lost", "What was learnt each day, in UTC.", ("since",), {"since": "30d"}),
        Question(
            "linked",
            "Linked domains",
            "The domains that it links to; it must be crawled for this.",
            ("status", "dofollow", "mark"),
        ),
        Question(
            "competitors",
            "Competitors",
            "Domains that the same domains link to.",
            query=prospect_queries.competitors,
            columns=prospects.TABLE_COLUMNS["competitors"],
            of_domains=True,
        ),
    )
}
