"""Each question's parameters, and what a request to it means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backlink_crawler.ask import prospects, risks, voices
from backlink_crawler.ask.periods import parse_since
from backlink_crawler.ask.questions import (
    QUESTIONS,
    UnknownTarget,
    between,
    known_spelling,
    meaning,
    why_nothing,
)
from backlink_crawler.ask.questions import (
    compare as ask_compare,
)
from backlink_crawler.ask.questions import (
    intersect as ask_intersect,
)
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.targets import lies_in, parse_domain, parse_target
from backlink_crawler.model import Target, TargetMode
from backlink_crawler.store import prospects as prospect_queries
from backlink_crawler.store import schemes, several
from backlink_crawler.store.asking import Filters
from backlink_crawler.web.choices import EVER, SeveralChoice
from backlink_crawler.web.questions import Asked, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from backlink_crawler.store.asking import Query
    from backlink_crawler.store.database import Database
    from backlink_crawler.urls.normalise import Normaliser
    from backlink_crawler.web.choices import Choice, Rows

_ONE = "Name at least two targets."
_WHOLE = "this is known of whole domains"
# Parameters that Filters calls otherwise.
_FILTERS = {"type": "link_type", "class": "anchor_class", "lost": "is_lost", "from": "source"}


def _rows(choice: Rows, **filters: Any) -> Filters:
    return Filters(limit=choice.limit, sort=choice.sort, after=choice.after, **filters)


def _is_nothing(value: Any) -> bool:
    """0 is something."""
    return value is None or value is False


def _of_target(question: Question, database: Database, choice: Any, normalise: Normaliser) -> Asked:
    typed = parse_target(choice.target, choice.mode, normalise)
    chosen = {name: value for name in question.filters if not _is_nothing(value := getattr(choice, f"{name}_"))}
    if page := chosen.pop("page", None):
        of = parse_target(page, TargetMode.EXACT, normalise)
        if not lies_in(of, typed):
            raise InvalidInput(f"{page} is not a page of {typed}: name one, or leave it out.")
        typed = of
    if source := chosen.get("from"):
        chosen["from"] = known_spelling(database, parse_target(source, None, normalise), "linked")
    since = chosen.pop("since", EVER)
    if since != EVER:
        chosen["since"] = parse_since(since)
    filters = _rows(choice, **{_FILTERS.get(name, name): value for name, value in chosen.items()})
    target = known_spelling(database, typed, question.name if question.name == "linked" else "links")
    return Asked(
        target,
        filters,
        choice.chosen(),
        meaning(question.name, target, filters) + (f", learnt since {since}" if since != EVER else ""),
        lambda asked: QUESTIONS[question.name](target, asked),
        lambda where: str(why_nothing(where, question.name, target, filters)),
        str(typed) if typed != target else None,
    )


def _targets(database: Database, texts: Iterable[str], mode: TargetMode | None, normalise: Normaliser) -> list[Target]:
    parsed = dict.fromkeys(parse_target(text, mode, normalise) for text in texts)
    return list(dict.fromkeys(known_spelling(database, each) for each in parsed))


def _several(database: Database, choice: SeveralChoice, normalise: Normaliser) -> list[Target]:
    """Raises InvalidInput also when they are one, spelt in two ways."""
    targets = _targets(database, choice.target, choice.mode, normalise)
    if len(targets) == 1:
        raise InvalidInput(_ONE)
    return targets


def _intersect(_question: Question, database: Database, choice: Any, normalise: Normaliser) -> Asked:
    targets = _several(database, choice, normalise)
    without = _targets(database, choice.not_, choice.mode, normalise)
    filters = _rows(choice, dofollow=choice.dofollow_, mark=choice.mark_)
    return Asked(
        targets[0],
        filters,
        choice.chosen(),
        f"domains that link {between(targets, without)}",
        lambda asked: several.intersect(targets, without, asked),
        lambda where: _why(lambda: ask_intersect(where, targets, without, filters)),
        shown=(*several.intersect_columns(len(targets))[:-1],),
    )


def _compare(_question: Question, database: Database, choice: SeveralChoice, normalise: Normaliser) -> Asked:
    targets = _several(database, choice, normalise)
    filters = _rows(choice)
    return Asked(
        targets[0],
        filters,
        choice.chosen(),
        "totals of each target",
        lambda asked: several.compare(targets, asked),
        lambda where: _why(lambda: ask_compare(where, targets, filters)),
    )


def _competitors(_question: Question, _database: Database, choice: Choice, normalise: Normaliser) -> Asked:
    says = "domains that are linked to as {} is"
    asked = _of_domain(choice, normalise, says, prospect_queries.competitors, prospects.competitors)
    return replace(asked, shown=prospects.TABLE_COLUMNS["competitors"])


def _prospects(_question: Question, _database: Database, choice: Any, normalise: Normaliser) -> Asked:
    target, filters, kind = parse_domain(choice.target, _WHOLE, normalise), _rows(choice), choice.list_
    named = [parse_domain(name, _WHOLE, normalise) for name in dict.fromkeys(choice.competitors_)]
    if kind is not None:
        if named and not prospect_queries.LEADS[kind].by_competitors:
            raise InvalidInput(f"the list {kind} does not ask for competitors: leave them out.")
        return Asked(
            target,
            filters,
            choice.chosen(),
            prospects.MEANINGS[kind].format(target),
            lambda asked: prospect_queries.leads(kind, target, named, asked),
            lambda where: _why(lambda: prospects.ask_leads(where, kind, target, named, filters)),
            shown=prospects.TABLE_COLUMNS[kind],
        )
    whom = ", ".join(map(str, named)) or "its competitors"
    return Asked(
        target,
        filters,
        choice.chosen(),
        f"domains that link to {whom} and not to {target}",
        lambda asked: prospect_queries.prospects(target, named, asked),
        lambda where: _why(lambda: prospects.ask_prospects(where, target, named, filters)),
        shown=prospects.TABLE_COLUMNS["prospects"],
    )


def _risk(_question: Question, _database: Database, choice: Choice, normalise: Normaliser) -> Asked:
    return _of_domain(
        choice, normalise, "domains whose links to {} have most in common with link schemes", schemes.risks, risks.risks
    )


def _networks(_question: Question, _database: Database, choice: Choice, normalise: Normaliser) -> Asked:
    says = "networks from which several domains link to {}"
    return _of_domain(choice, normalise, says, schemes.networks, voices.networks)


def _mirrors(_question: Question, _database: Database, choice: Choice, normalise: Normaliser) -> Asked:
    says = "pages of several domains that link to {} and say almost the same"
    return _of_domain(choice, normalise, says, schemes.mirrors, voices.mirrors)


def _of_domain(
    choice: Choice,
    normalise: Normaliser,
    says: str,
    query: Callable[[Target, Filters], Query],
    ask: Callable[[Database, Target, Filters], object],
) -> Asked:
    """ask: what says why there are no rows."""
    target, filters = parse_domain(choice.target, _WHOLE, normalise), _rows(choice)
    return Asked(
        target,
        filters,
        choice.chosen(),
        says.format(target),
        lambda asked: query(target, asked),
        lambda where: _why(lambda: ask(where, target, filters)),
    )


def _why(ask: Callable[[], object]) -> str:
    """What the command line says."""
    try:
        ask()
    except UnknownTarget as nothing:
        return str(nothing)
    return "There are no such rows."


def _two(choice: SeveralChoice) -> str | None:
    return _ONE if len(set(choice.target)) < 2 else None


_OF_LINKS = (
    *("status", "dofollow", "rel", "type", "position", "origin", "from", "page", "anchor", "class", "language"),
    *(
        "min_authority",
        "max_authority",
        "min_relevance",
        "max_risk",
        "first_from",
        "first_until",
        "lost_reason",
        "mark",
    ),
    *("one_per_domain", "group_similar"),
)
_OF_DOMAINS = ("status", "dofollow", "origin", "since", "lost", "min_authority", "min_relevance", "max_risk", "mark")
_LATELY = ("since", "dofollow", "rel", "origin", "language", "mark")
_LEADS = tuple(dict.fromkeys(name for leads in prospect_queries.LEADS.values() for name in leads.columns))
ASKED = {
    question.name: question
    for question in (
        Question("links", "Backlinks", "Each link is a row.", _of_target, _OF_LINKS),
        Question("refdomains", "Referring domains", "The domains that link to a target.", _of_target, _OF_DOMAINS),
        Question("anchors", "Anchors", "The words of links.", _of_target, ("class", "status", "dofollow", "origin")),
        Question("best", "Pages", "Its pages by referring domains.", _of_target, ("status", "dofollow", "origin")),
        Question(
            "broken", "Broken", "Live links to its dead pages; it must be crawled.", _of_target, ("dofollow", "mark")
        ),
        Question("new", "New", "Links found lately that still stand.", _of_target, _LATELY, {"since": "7d"}),
        Question("lost", "Lost", "Links lost lately, and why.", _of_target, (*_LATELY, "lost_reason"), {"since": "7d"}),
        Question("history", "History", "What happened to links.", _of_target, ("since", "event")),
        Question(
            "daily", "New and lost", "What was learnt each day, in UTC.", _of_target, ("since",), {"since": "30d"}
        ),
        Question(
            "linked",
            "Linked domains",
            "What it links to; it must be crawled.",
            _of_target,
            ("status", "dofollow", "mark"),
        ),
        Question(
            "intersect",
            "Intersect",
            "The domains that link to all of several targets.",
            _intersect,
            ("not", "dofollow", "mark"),
            base=SeveralChoice,
            needs=_two,
            all_columns=several.intersect_columns(10),
        ),
        Question("compare", "Compare", "The totals of several targets.", _compare, base=SeveralChoice, needs=_two),
        Question("risk", "Risk", "Referring domains whose links look like link schemes.", _risk),
        Question("networks", "Networks", "Networks from which several domains link.", _networks),
        Question("mirrors", "Mirrors", "Pages of several domains that say the same.", _mirrors),
        Question(
            "competitors",
            "Competitors",
            "Domains that the same domains link to; of large targets as of the last ranking.",
            _competitors,
        ),
        Question(
            "prospects",
            "Prospects",
            "Who might link to it next, and why.",
            _prospects,
            ("competitors", "list"),
            all_columns=(
                *prospect_queries.PROSPECTS,
                *(name for name in _LEADS if name not in prospect_queries.PROSPECTS),
            ),
        ),
    )
}
