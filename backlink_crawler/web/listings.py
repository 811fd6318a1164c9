"""The pages about the index itself: seeds, targets, marks, runs and hosts; as downloads and in the API too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from backlink_crawler.ask.columns import Kind, kind_of
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.marks import MARKS
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.store import lists
from backlink_crawler.store.column_types import Column, ColumnType
from backlink_crawler.store.lists import STATES, Wanted
from backlink_crawler.web.choices import MOST_ROWS, ROWS, Text, optional

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlink_crawler.store.lists import Read, Row
    from backlink_crawler.urls.normalise import Normaliser

_AT_ONCE = 1_000  # rows of a download


class ListChoice(BaseModel):
    """Which rows of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(ROWS, ge=1, le=MOST_ROWS, description="Rows of a page.")
    after: optional(Text) = Field(None, description="The `next` of the page before.")  # type: ignore[valid-type]

    def chosen(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True, exclude_none=True)


_DOMAIN = (optional(Text), "Only those of this domain.")
# By list: of each filter its type, and what it means.
_FILTERS: dict[str, dict[str, tuple[Any, str]]] = {
    "seeds": {"domain": _DOMAIN},
    "marks": {"mark": (optional(Literal[tuple(MARKS)]), "Only what is marked so.")},
    "hosts": {"domain": _DOMAIN, "state": (optional(Literal[STATES]), "Only hosts in this state.")},
}
_TYPES: dict[Kind, Any] = {
    Kind.COUNT: int,
    Kind.FACTOR: float,
    Kind.TIME: datetime,
    Kind.FLAG: bool,
    Kind.WORDS: list[str],
}


_COLUMN_TYPES = {
    Kind.COUNT: ColumnType.BIG,
    Kind.FACTOR: ColumnType.DOUBLE,
    Kind.TIME: ColumnType.TIME,
    Kind.FLAG: ColumnType.BOOLEAN,
    Kind.WORDS: ColumnType.TEXTS,
}


@dataclass(frozen=True)
class Listing:
    """path: of its page; name: in the API. shown: the columns of its table; others: those that downloads and the API
    have too. nothing: where there are no rows, what to do.
    """

    path: str
    name: str
    title: str
    says: str
    nothing: str
    read: Read
    shown: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        names = (*self.others, *self.shown)
        return tuple(Column(name, _COLUMN_TYPES.get(kind_of(name), ColumnType.TEXT)) for name in names)

    @property
    def filters(self) -> dict[str, tuple[Any, str]]:
        return _FILTERS.get(self.path, {})

    def choice(self, **others: Any) -> type[ListChoice]:
        """others: further parameters."""
        fields: dict[str, Any] = {
            name: (kind, Field(None, description=says)) for name, (kind, says) in self.filters.items()
        }
        made: type[ListChoice] = create_model(f"{self.title}Choice", __base__=ListChoice, **(fields | others))
        return made

    def answer(self) -> type[BaseModel]:
        names = (*self.others, *self.shown)
        columns: dict[str, Any] = {name: (_TYPES.get(kind_of(name), str) | None, None) for name in names}
        row = create_model(f"{self.title}Row", **columns)
        answer: type[BaseModel] = create_model(
            f"{self.title}List",
            rows=(list[row], Field(description="At most `limit` rows, the newest first.")),  # type: ignore[valid-type]
            next=(str | None, Field(None, description="`after` of the page that follows; null: there is none.")),
            looked_at=(
                int | None,
                Field(None, description="Of so many hosts these are the rows; null: of all. `next` looks at more."),
            ),
        )
        return answer


def wanted(choice: ListChoice, normalise: Normaliser) -> Wanted:
    """Raises InvalidInput."""
    domain, mark, state = (getattr(choice, name, None) for name in ("domain", "mark", "state"))
    named = parse_target(domain, None, normalise).domain if domain else None
    return Wanted(choice.limit, choice.after, domain=named, mark=mark, state=state)


def everything(asked: Wanted) -> Wanted:
    """For a download. Raises InvalidInput for a cursor, as it begins with the first row."""
    if asked.after is not None:
        raise InvalidInput("a download has all rows: leave out after.")
    return Wanted(_AT_ONCE, None, is_exact=True, domain=asked.domain, mark=asked.mark, state=asked.state)


def at_least(rows: Iterable[Row]) -> list[Row]:
    """As people read them: `50+` where there may be more."""
    more = {"pages_visited": "more_visited", "found_by_hops": "more_found", "links": "more_links"}
    return [
        row | {name: f"{row[name]:,}+" for name, flag in more.items() if name in row and row.get(flag)} for row in rows
    ]


LISTINGS = {
    listing.path: listing
    for listing in (
        Listing(
            "seeds",
            "seeds",
            "Seeds",
            "The sites that a crawl visits when it names no others, the newest first.",
            "No seeds are kept: `backlinks seeds add example.com` keeps one, and `backlinks crawl` crawls it.",
            lists.seeds,
            (
                *("url", "scope", "max_depth", "max_pages", "hops", "render", "pages_known", "pages_visited"),
                *("domain_visited", "found_by_hops"),
            ),
            ("seed_id", "added_at", "more_visited", "more_found"),
        ),
        Listing(
            "targets",
            "targets",
            "Targets",
            "What is watched: the pages with links to these are visited first.",
            "No targets are watched: `backlinks targets add example.com` watches one.",
            lists.targets,
            ("target", "mode", "links", "brands", "keywords", "checked_pages", "added_at"),
            ("target_id", "more_links"),
        ),
        Listing(
            "marks",
            "marks",
            "Marks",
            "What has been decided of domains and pages, the latest first.",
            "Nothing is marked so: `backlinks mark example.org --as contacted` marks a domain or a page.",
            lists.marks,
            ("domain", "url", "mark", "mark_note", "marked_by", "marked_at"),
            ("mark_id",),
        ),
        Listing(
            "crawls",
            "runs",
            "Crawls",
            "What the crawl is doing, and its runs, the latest first.",
            "No crawl has run yet: `backlinks crawl --seeds example.com` crawls a site.",
            lists.runs,
            (
                *("crawl_id", "seeds", "state", "started_at", "finished_at", "pages", "pages_per_second"),
                *("new_links", "new_refdomains"),
            ),
            ("seen_at",),
        ),
        Listing(
            "hosts",
            "hosts",
            "Hosts",
            "The hosts that are crawled, the newest first: what each does, until when, and why.",
            "There are no such hosts: hosts come with seeds, which `backlinks seeds add example.com` keeps.",
            lists.hosts,
            (
                *("host", "state", "until", "why", "delay", "back_offs", "robots", "last_visited", "outcome"),
                *("http_code", "reason"),
            ),
            ("host_id", "crawl_id", "last_request"),
        ),
    )
}
