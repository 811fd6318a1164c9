"""From what a question may be asked to the fields of its form."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from backlink_crawler.web.choices import Rows
    from backlink_crawler.web.profile import ProfileChoice

_TITLES = {
    "from": "From",
    "min_authority": "Authority from",
    "max_authority": "Authority to",
    "min_relevance": "Relevance from",
    "max_risk": "Risk up to",
    "first_from": "First seen from",
    "first_until": "First seen until",
    "dofollow": "Follow only",
    "class": "Anchor class",
    "lost": "Lost domains",
    "one_per_domain": "One per domain",
    "group_similar": "Group similar",
    "lost_reason": "Why lost",
    "rel": "Rel contains",
    "anchor": "Anchor contains",
    "page": "To page",
    "target": "Targets",
    "not": "And not to",
    "list": "Other chances",
}
_LISTS = frozenset({"target", "not", "competitors"})
# Which rows are shown is said elsewhere.
_NOT_SHOWN = frozenset({"mode", "sort", "limit", "after"})
_NUMBERS = frozenset({"min_authority", "max_authority", "min_relevance", "max_risk"})


class Field(NamedTuple):
    """kind: select, flag, number, date, text, or list: of several texts. words: of a select. value: as in the address of the page."""

    name: str
    title: str
    kind: str
    meaning: str
    words: tuple[str, ...]
    value: Any


def form_of(choice: Rows | ProfileChoice) -> list[Field]:
    given = choice.chosen()
    made = []
    for name, field in type(choice).model_fields.items():
        called = field.alias or name
        if called in _NOT_SHOWN or field.annotation is str:  # one target: the search box has it
            continue
        words = _words(field.annotation)
        value = given.get(called, None if field.is_required() else field.get_default(call_default_factory=True))
        title = _TITLES.get(called) or called.replace("_", " ").capitalize()
        kind = _kind(called, words)
        made.append(Field(called, title, kind, field.description or "", words, value))
    return made


def _kind(name: str, words: tuple[str, ...]) -> str:
    if words:
        return "select"
    if name in _LISTS:
        return "list"
    if name in {"dofollow", "lost", "one_per_domain", "group_similar"}:
        return "flag"
    if name in _NUMBERS:
        return "number"
    return "date" if name.startswith("first_") else "text"


def _words(kind: Any) -> tuple[str, ...]:
    """Of a Literal, however it is wrapped."""
    if typing.get_origin(kind) is Literal:
        return tuple(typing.get_args(kind))
    for part in typing.get_args(kind):
        if found := _words(part):
            return found
    return ()
