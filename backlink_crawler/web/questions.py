"""The questions that have a page, a way to download their rows, and a place in the API."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.ask import paging
from backlink_crawler.ask.questions import TABLE_COLUMNS, columns_of, empty_columns, sorts
from backlink_crawler.errors import InvalidInput
from backlink_crawler.store import asking
from backlink_crawler.web.choices import Choice, choice_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from backlink_crawler.ask.paging import Page
    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Filters, Query
    from backlink_crawler.store.column_types import Column
    from backlink_crawler.store.database import Database
    from backlink_crawler.urls.normalise import Normaliser
    from backlink_crawler.web.choices import Rows


@dataclass(frozen=True)
class Asked:
    """What a request means.

    target: the first one. given: the request's parameters, without those that say nothing. query: what is asked, of some
    rows or all. nothing: why there are none. taken_for: what was typed, where that is not known.
    """

    target: Target
    filters: Filters
    given: dict[str, Any]
    heading: str
    query: Callable[[Filters], Query]
    nothing: Callable[[Database], str]
    taken_for: str | None = None
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """says: below the title, and in the API. filters: parameters, as in choices.FIELDS. needs: what is missing in a request."""

    name: str
    title: str
    says: str
    understand: Callable[[Question, Database, Any, Normaliser], Asked]
    filters: tuple[str, ...] = ()
    defaults: dict[str, Any] = field(default_factory=dict)
    base: type[Rows] = Choice
    needs: Callable[[Any], str | None] = lambda _choice: None
    all_columns: tuple[str, ...] = ()

    @cached_property
    def choice(self) -> type[Rows]:
        return choice_of(self.name, self.filters, self.base, **self.defaults)

    @property
    def columns(self) -> list[str]:
        return list(self.all_columns) or columns_of(self.name)

    @property
    def sorts(self) -> list[str]:
        return (
            [name for name in self.columns if name in sorts(self.name)] if not self.all_columns else list(self.columns)
        )


class Answer(NamedTuple):
    """nothing: why there are no rows. unknown: columns of which nothing is known yet."""

    question: Question
    asked: Asked
    page: Page
    nothing: str | None
    unknown: frozenset[str]

    @property
    def shown(self) -> list[str]:
        """The columns of its table."""
        of_table = self.asked.shown or TABLE_COLUMNS.get(self.question.name) or self.page.columns
        hidden = ("_id", "_key", "step")
        return [
            name
            for name in of_table
            if name in self.page.columns and name not in self.unknown and not name.endswith(hidden)
        ]

    def dicts(self) -> Iterator[dict[str, Any]]:
        for row in self.page.rows:
            yield dict(zip(self.page.columns, row, strict=True))


def understood(database: Database, question: Question, choice: Rows, normalise: Normaliser) -> Asked:
    """Raises InvalidInput."""
    if missing := question.needs(choice):
        raise InvalidInput(missing)
    if choice.sort is not None and choice.sort.partition(":")[0] not in question.sorts:
        raise InvalidInput(f"{choice.sort!r} is nothing to sort by; choose one of {', '.join(question.sorts)}.")
    return question.understand(question, database, choice, normalise)


def answered(database: Database, question: Question, asked: Asked) -> Answer:
    """A page of rows. Raises InvalidInput for a cursor that is none."""
    page = paging.page(database, asked.query, asked.filters)
    is_empty = not page.rows and asked.filters.after is None and page.next is None
    nothing = asked.nothing(database) if is_empty else None
    return Answer(question, asked, page, nothing, empty_columns(database, question.name))


def literal(asked: Asked) -> str:
    """Its SQL, ready to paste."""
    return asked.query(asked.filters).literal()


def rows(database: Database, asked: Asked) -> tuple[Sequence[Column], Iterator[tuple[Any, ...]]]:
    """All of them, as they are found. Raises InvalidInput for a cursor that is none, though it starts at the first row."""
    asked.query(asked.filters)
    return asking.run(database, asked.query(replace(asked.filters, limit=None, after=None)))
