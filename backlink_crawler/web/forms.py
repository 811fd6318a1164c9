"""From what a question may be asked to the fields of its form."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backlink_crawler.web.choices import Choice
    from backlink_crawler.web.questions import Question

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
}
_NUMBERS = frozenset({"min_authority", "max_authority", "min_relevance", "max_risk"})


class Field(NamedTuple):
    """kind: select, flag, number, date or text. words: of a select. value: as in the address of the page."""

    name: str
    title: str
    kind: str
    meaning: str
    words: tuple[str, ...]
    value: Any


def form_of(question: Question, choice: Choice, fields: Mapping[str, tuple[Any, Any, str]]) -> list[Field]:
    given = choice.chosen()
    made = []
    for name in question.filters:
        kind, _, meaning = fields[name]
        words = _words(kind)
        value = given.get(name, question.defaults.get(name))
        title = _TITLES.get(name) or name.replace("_", " ").capitalize()
        made.append(Field(name, title, _kind(name, words), meaning, words, value))
    return made


def _kind(name: str, words: tuple[str, ...]) -> str:
    if words:
        return "select"
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
