"""What a request may ask: one typed model a question, from which come its form, its API and its place in OpenAPI."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, create_model
from pydantic_core import PydanticUseDefault
from starlette.responses import Response

from backlink_crawler.ask.periods import parse_since
from backlink_crawler.ask.prospects import LEADS
from backlink_crawler.ask.words import ANCHOR_CLASSES, EVENTS, LINK_TYPES, ORIGINS, POSITIONS
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.marks import MARKS
from backlink_crawler.model import TargetMode
from backlink_crawler.store.asking import STATUSES

ROWS = 100
MOST_ROWS = 1_000
MOST_TARGETS = 10
EVER = "ever"
_LONGEST = 2_100  # characters: a URL has at most 2,048
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def _clean(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("it has control characters")
    return text


def _nothing(value: Any) -> Any:
    """A form sends what nobody filled in."""
    return None if isinstance(value, str) and not value.strip() else value


def _filled(values: Any) -> Any:
    """Of the fields of a form those that somebody filled in."""
    return [value for value in values if _nothing(value) is not None] if isinstance(values, list) else values


def _unsaid(value: Any) -> Any:
    if _nothing(value) is None:
        raise PydanticUseDefault
    return value


def _since(text: str) -> str:
    if text == EVER:
        return text
    try:
        parse_since(text)
    except InvalidInput as error:
        raise ValueError("write 24h, 7d, 2w, 6mo, a date, 2026-01-31, or ever") from error
    return text


def optional(kind: Any) -> Any:
    return Annotated[kind | None, BeforeValidator(_nothing)]


def _one_of(words: tuple[str, ...]) -> Any:
    return optional(Literal[words])


Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=_LONGEST), AfterValidator(_clean)]
Needed = Annotated[Text, StringConstraints(min_length=1)]
_Authority = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2200, 1, 1))]
_Flag = Annotated[bool, BeforeValidator(lambda value: False if value == "" else value)]
# Where nobody filled it in, it is what it is without a value.
_Since = Annotated[Annotated[Text, AfterValidator(_since)] | None, BeforeValidator(_unsaid)]

Some = Annotated[list[Needed], BeforeValidator(_filled)]
_Word = Annotated[Text | None, BeforeValidator(_nothing)]
# That of a sorted answer has the text that it is sorted by: a thousand letters, twelve characters each at most.
_Cursor = Annotated[
    Annotated[str, StringConstraints(max_length=13_000, pattern="^[ -~]*$")] | None, BeforeValidator(_nothing)
]
Mode = Annotated[TargetMode | None, BeforeValidator(_nothing)]

# By the name of the command line's option; of each its type, what it is without a value, and what it means.
FIELDS: dict[str, tuple[Any, Any, str]] = {
    "status": (_one_of(STATUSES), None, "Status of the links; without it, live and unverified ones."),
    "dofollow": (_Flag, False, "Only links that are followed."),
    "rel": (optional(Text), None, "Only links with this word in their rel."),
    "type": (_one_of(LINK_TYPES), None, "Only links of this type."),
    "position": (_one_of(POSITIONS), None, "Only links in this part of their page."),
    "origin": (_one_of(ORIGINS), None, "Only links in the HTML alone, in the rendered page alone, or in both."),
    "from": (optional(Text), None, "Only links from this domain, host, URL or URL prefix."),
    "page": (optional(Text), None, "Only links to this page of the target."),
    "anchor": (optional(Text), None, "Only links whose anchor contains this; after =, whose anchor is this."),
    "class": (_one_of(ANCHOR_CLASSES), None, "Only anchors of this class, as of the last ranking."),
    "language": (optional(Text), None, "Only links from pages in this language, such as de."),
    "min_authority": (optional(_Authority), None, "Only links from domains of at least this authority."),
    "max_authority": (optional(_Authority), None, "Only links from domains of at most this authority."),
    "min_relevance": (optional(_Share), None, "Only links of at least this relevance, 0 to 1."),
    "max_risk": (optional(_Share), None, "Only links of at most this link-scheme risk, 0 to 1."),
    "mark": (_one_of((*MARKS, "any", "none")), None, "Only what is marked so."),
    "first_from": (optional(_Day), None, "Only links first seen on this day or later."),
    "first_until": (optional(_Day), None, "Only links first seen on this day or earlier."),
    "lost_reason": (
        _one_of(("link_removed", "page_gone", "page_redirected")),
        None,
        "Only links that were lost for this reason.",
    ),
    "event": (_one_of(EVENTS), None, "Only events of this kind."),
    "since": (_Since, None, "How far back, by when the index learnt of it: 24h, 7d, 2w, 6mo, a day, or ever."),
    "lost": (_Flag, False, "Domains all of whose links are lost."),
    "one_per_domain": (_Flag, False, "Of each domain one link."),
    "group_similar": (_Flag, False, "Of links that are alike one."),
    "not": (Annotated[Some, Field(max_length=MOST_TARGETS)], [], "Targets that are not linked to."),
    "competitors": (Annotated[Some, Field(max_length=MOST_TARGETS)], [], "Its competitors; found without it."),
    "list": (_one_of(tuple(LEADS)), None, "Other chances."),
}


class Rows(BaseModel):
    """Which rows of an answer."""

    model_config = ConfigDict(extra="forbid")

    sort: _Word = Field(None, description="A column, with :asc or :desc.")
    limit: int = Field(ROWS, ge=1, le=MOST_ROWS, description="Rows of a page.")
    after: _Cursor = Field(None, description="The `next` of the page before.")

    def chosen(self) -> dict[str, Any]:
        """What was asked for, by the names of the parameters; without what says nothing."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)


class Choice(Rows):
    """What is asked of one target."""

    target: Needed = Field(description="A domain, host, URL, or URL prefix (https://example.com/blog/*).")
    mode: Mode = Field(None, description="Which URLs target means; guessed from its form without it.")


class SeveralChoice(Rows):
    """What is asked of several targets."""

    target: Some = Field(description="Two to ten targets: repeat it.", min_length=1, max_length=MOST_TARGETS)
    mode: Mode = Field(None, description="Which URLs a target means; guessed from its form without it.")


def choice_of(question: str, names: tuple[str, ...], base: type[Rows] = Choice, **defaults: Any) -> type[Rows]:
    """The model of a question with these fields of FIELDS; each is an attribute with a `_` at its end."""
    fields: dict[str, Any] = {}
    for name in names:
        kind, default, meaning = FIELDS[name]
        fields[f"{name}_"] = (kind, Field(defaults.get(name, default), alias=name, description=meaning))
    title = "".join(part.capitalize() for part in question.split("_"))
    made: type[Rows] = create_model(f"{title}Choice", __base__=base, **fields)
    return made


def taking(endpoint: Callable[..., Response], choice: type[Rows]) -> Callable[..., Response]:
    """The endpoint, whose parameter `choice` is read from the address as this model."""
    endpoint.__annotations__["choice"] = Annotated[choice, Query()]
    return endpoint
