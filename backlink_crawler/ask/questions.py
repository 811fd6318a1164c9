"""The questions that the index answers, by the name of their command."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from backlink_crawler.errors import BacklinksError
from backlink_crawler.inputs.targets import twins
from backlink_crawler.model import TargetMode
from backlink_crawler.store import asking, prospects, queries, schemes, several, similar, summing
from backlink_crawler.store.authority import known_scores
from backlink_crawler.store.database import is_empty
from backlink_crawler.store.marks import ANY, NONE, has_marks
from backlink_crawler.store.relevance import has_relevance
from backlink_crawler.store.risk import has_risks
from backlink_crawler.store.versions import nothing_crawled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Filters, Query
    from backlink_crawler.store.column_types import Column
    from backlink_crawler.store.database import Database

QUESTIONS: dict[str, Callable[[Target, Filters], Query]] = {
    "refdomains": summing.referring_domains,
    "links": queries.links,
    "anchors": summing.anchors,
    "best": summing.best,
    "broken": queries.broken,
    "linked": summing.linked,
    "new": queries.new,
    "lost": queries.lost,
    "history": queries.history,
    "daily": summing.daily,
    "overview": lambda target, _filters: summing.overview(target),
}
# What an answer may be sorted by; keys, by which its pages go, are columns too.
_COLUMNS = {
    "refdomains": (*summing.NEW_REFDOMAINS, *summing.LOST_REFDOMAINS),
    "links": (*queries.LINKS, *similar.COLUMNS),
    "anchors": summing.ANCHORS,
    "best": summing.BEST,
    "broken": queries.BROKEN,
    "linked": summing.LINKED,
    "new": queries.NEW,
    "lost": queries.LOST,
    "history": queries.HISTORY,
    "daily": summing.DAILY,
    "intersect": several.intersect_columns(2),
    "compare": several.COMPARE,
    "competitors": prospects.COMPETITORS,
    "prospects": prospects.PROSPECTS,
    "risk": schemes.RISKS,
    "networks": schemes.NETWORKS,
    "mirrors": schemes.MIRRORS,
}
SCORES = frozenset({"authority", "trust", "relevance", "risk", "reasons"})
_MARKS = frozenset({"mark", "mark_note"})
_KEYS = ("_id", "_key", "step")
# What a table shows of a question's columns: what fits a terminal. Every other format has them all.
TABLE_COLUMNS = {
    "refdomains": (
        *("domain_from", "links", "dofollow_links", "authority", "trust", "risk", "relevance", "refpages"),
        *("pages_to", "reasons"),
        *("lost_links", "first_seen", "found_at", "last_seen", "lost_at", "lost_learnt_at", "status"),
        *("mark", "mark_note"),
    ),
    "links": (
        *("url_from", "similar", "similar_is_exact", "anchor", "is_dofollow", "authority", "relevance", "rel"),
        *("link_type", "link_position", "value"),
        *("url_to", "first_seen", "last_seen", "status", "mark", "mark_note"),
    ),
    "anchors": (
        *(
            "anchor",
            "class",
            "links",
            "links_percent",
            "refdomains",
            "refpages",
            "dofollow_links",
            "first_seen",
            "last_seen",
        ),
    ),
    "best": ("url_to", "refdomains", "refpages", "links", "dofollow_links", "first_seen", "last_seen"),
    "broken": ("url_to", "http_code_to", "checked_at", "url_from", "anchor", "is_dofollow", "last_seen", "mark"),
    "linked": (
        *("domain_to", "links", "dofollow_links", "refpages", "pages_to", "first_seen", "last_seen", "status", "mark"),
    ),
    "new": ("found_at", "first_seen", "url_from", "anchor", "is_dofollow", "rel", "url_to", "status", "mark"),
    "lost": (
        *(
            "lost_learnt_at",
            "lost_at",
            "lost_reason",
            "url_from",
            "anchor",
            "is_dofollow",
            "rel",
            "url_to",
            "last_seen",
            "mark",
        ),
    ),
    "history": ("learnt_at", "happened_at", "event", "url_from", "url_to", "before", "after", "http_code"),
    "risk": schemes.RISKS[:-2],
    "networks": schemes.NETWORKS[:-1],
    "mirrors": schemes.MIRRORS[:-2],
}
# What is missing when there are links and yet no rows.
_NOTHING = {
    "new": "is new",
    "lost": "was lost",
    "history": "has changed",
    "broken": "points to a page that is known to be gone",
    "daily": "has changed",
}
NO_RISKS = (
    "no link-scheme risk is known: `backlinks rank` computes it from what is usual in an index, which takes at least 100 "
    "domains that link out"
)
_PHRASES = {
    "source": "from {}",
    "min_authority": "from domains of authority {:g} or more",
    "max_authority": "from domains of authority {:g} or less",
    "language": "on pages in the language {}",
    "min_relevance": "with a relevance of at least {:g}",
    "max_risk": "with a risk of at most {:g}",
    "anchor_class": "with an anchor of the class {}",
    "rel": "with {} in their rel",
    "lost_reason": "lost for the reason {}",
}
_MEANINGS = {
    TargetMode.EXACT: "links {} exactly {}",
    TargetMode.PREFIX: "links {} URLs that begin with {}",
    TargetMode.DOMAIN: "links {} {} and all its hosts",
    TargetMode.SUBDOMAINS: "links {} the host {} and its subdomains",
}


def columns_of(question: str) -> list[str]:
    """Those of its rows, in their order."""
    return list(dict.fromkeys(_COLUMNS[question]))


def sorts(question: str) -> list[str]:
    """The columns of an answer that say something to people."""
    keys = (*_KEYS, *similar.COLUMNS)
    return [column for column in columns_of(question) if not column.endswith(keys)]


def empty_columns(database: Database, question: str) -> frozenset[str]:
    """Columns of a table that would be empty, as nobody has computed them, or marked anything."""
    unmarked = frozenset[str]() if has_marks(database) else _MARKS
    if SCORES.isdisjoint(TABLE_COLUMNS.get(question, ())):
        return unmarked
    known = {"relevance"} if has_relevance(database) else set[str]()
    known |= {"risk", "reasons"} if has_risks(database) else set()
    return (SCORES - known_scores(database) - known) | unmarked


def meaning(question: str, target: Target, filters: Filters) -> str:
    """What the rows of an answer are about."""
    links = _MEANINGS[target.mode].format("from" if question == "linked" else "to", target)
    said = f"{_kinds(filters)} {links}{_words(filters)}".lstrip()
    if filters.group_similar:
        said += ", one row for those that are alike"
    if question == "daily":
        return f"{said}, day by day in UTC"
    if filters.is_lost:
        return f"{said}, from domains whose links are all lost"
    return f"{said}, from domains that are new" if question == "refdomains" and filters.since else said


def known_spelling(database: Database, target: Target, question: str = "links") -> Target:
    """The target, or what differs from it by its scheme or the slash at its end only, and is known when it is not."""
    others = twins(target)
    if not others or _has_links(database, target, question):
        return target
    return next((other for other in others if _has_links(database, other, question)), target)


def ask(
    database: Database, question: str, target: Target, filters: Filters
) -> tuple[Sequence[Column], Iterator[tuple[Any, ...]]]:
    """(columns, rows), which come as they are found.

    Raises UnknownTarget when nothing links there, naming the nearest targets.
    """
    columns, rows = asking.run(database, QUESTIONS[question](target, filters))
    if filters.after is not None:
        return columns, rows
    first = next(rows, None)
    if first is None or (question == "overview" and first[columns.index("first_seen")] is None):
        nothing = why_nothing(database, question, target, filters)
        nothing.columns = columns
        raise nothing
    return columns, chain([first], rows)


def intersect(
    database: Database, targets: Sequence[Target], without: Sequence[Target], filters: Filters
) -> tuple[Sequence[Column], Iterator[tuple[Any, ...]]]:
    """As `ask`: the domains that link to each of the targets and to none of the others."""
    columns, rows = asking.run(database, several.intersect(targets, without, filters))
    first = next(rows, None)
    if first is None:
        require_links(database, targets)
        marked = {None: "", ANY: " and is marked", NONE: " and is not marked"}
        also = marked.get(filters.mark, f" and is marked as {filters.mark}")
        dofollow = " dofollow" if filters.dofollow else ""
        raise UnknownTarget(f"no domain links{dofollow} {between(targets, without)}{also}.")
    return columns, chain([first], rows)


def compare(
    database: Database, targets: Sequence[Target], filters: Filters
) -> tuple[Sequence[Column], Iterator[tuple[Any, ...]]]:
    """As `ask`: a row a target. Raises UnknownTarget when nothing links to one of them."""
    require_links(database, targets)
    return asking.run(database, several.compare(targets, filters))


def require_links(database: Database, targets: Sequence[Target]) -> None:
    """Raises UnknownTarget when nothing links to one of them."""
    for target in targets:
        if not _has_links(database, target):
            raise _not_linked(database, target)


def anchor_profile(database: Database, target: Target) -> tuple[Sequence[Column], Iterator[tuple[Any, ...]]]:
    """As `ask`: a row, of the target's whole domain. Raises UnknownTarget also when no ranking has seen it."""
    columns, rows = asking.run(database, summing.anchor_profile(target))
    first = next(rows, None)
    if first is None:
        if is_empty(database) or not _has_links(database, target):
            nothing = why_nothing(database, "anchors", target, asking.Filters())
        else:
            nothing = UnknownTarget(f"the links to {target} have not been ranked yet; run `backlinks rank`.")
        nothing.columns = columns
        raise nothing
    return columns, chain([first], rows)


def not_profiled(database: Database, target: Target) -> UnknownTarget:
    """Why there is no profile of it."""
    if is_empty(database) or not _has_links(database, target):
        return why_nothing(database, "links", target, asking.Filters())
    return UnknownTarget(f"no link to {target} is live; `backlinks lost {target}` shows those that were.")


def between(targets: Sequence[Target], without: Sequence[Target]) -> str:
    """Whom a domain links to, and whom not."""
    not_to = f", and not to {_listed(without, 'or')}" if without else ""
    return f"to {_listed(targets, 'and')}{not_to}"


def _listed(targets: Sequence[Target], word: str) -> str:
    *first, last = map(str, targets)
    return f"{', '.join(first)} {word} {last}" if first else last


class UnknownTarget(BacklinksError):
    """Nothing in the index answers the question. columns: of the rows that there are none of."""

    columns: Sequence[str] = ()


def _has_links(database: Database, target: Target, question: str = "links") -> bool:
    query = QUESTIONS[question](target, asking.Filters(status=asking.ALL, limit=1))
    return bool(list(asking.run(database, query)[1]))


def why_nothing(database: Database, question: str, target: Target, filters: Filters) -> UnknownTarget:
    """Why an answer has no rows, and what to do."""
    if is_empty(database):
        return UnknownTarget(nothing_crawled(database.name))
    if question == "linked":
        return UnknownTarget(f"no links from {target} are known{_nearest_source(database, target)}.")
    if not _has_links(database, target):
        return _not_linked(database, target)
    return UnknownTarget(_not_done(database, filters) or _none(question, target, filters))


def _not_done(database: Database, filters: Filters) -> str | None:
    """What must be done first, so that the filters let anything pass."""
    scores = (filters.min_authority, filters.max_authority)
    if any(score is not None for score in scores) and not known_scores(database):
        return "the authority of no domain is known yet: `backlinks rank` computes it."
    if filters.min_relevance is not None and not has_relevance(database):
        return "the relevance of no link is known yet: `backlinks rank` computes it."
    if filters.max_risk is not None and not has_risks(database):
        return f"{NO_RISKS}; leave out --max-risk."
    if filters.mark not in {None, NONE} and not has_marks(database):
        return "nothing is marked yet: `backlinks mark DOMAIN --as contacted` marks a domain."
    return None


def _none(question: str, target: Target, filters: Filters) -> str:
    """What is missing, where there are links."""
    when = " in that time; name a longer one with --since" if filters.since else ""
    chosen = f"{_kinds(filters)} links to {target}{_words(filters)}"
    if question == "refdomains" and (filters.is_lost or filters.since):
        what = "was lost" if filters.is_lost else "is new"
        return f"of the domains with{chosen}, none {what}{when}."
    if question == "history" and filters.event:
        return f"no event {filters.event} of links to {target} is known{when}."
    if question in _NOTHING:
        return f"of the{chosen}, none {_NOTHING[question]}{when}."
    if filters.status == asking.ALL or filters.lost_reason:
        return f"no{chosen} are known."
    return f"no{chosen} have the status {filters.status or 'live or unverified'}; --status all shows the others."


def _kinds(filters: Filters) -> str:
    kinds = (" dofollow" if filters.dofollow else "", filters.origin, filters.link_type, filters.position)
    return "".join(f" {kind.strip()}" for kind in kinds if kind)


def _words(filters: Filters) -> str:
    chosen = ((phrase, getattr(filters, name)) for name, phrase in _PHRASES.items())
    said = "".join(f" {phrase.format(value)}" for phrase, value in chosen if value is not None)
    if filters.first_from or filters.first_until:
        said += f" first seen {_days(filters)}"
    if filters.mark:
        marked = {ANY: "that are marked", NONE: "that are not marked"}
        said += f" {marked.get(filters.mark, f'marked as {filters.mark}')}"
    match filters.anchor:
        case None:
            return said
        case "=":
            return f"{said} without an anchor"
        case anchor if anchor.startswith("="):
            return f"{said} with the anchor {anchor[1:]!r}"
        case anchor:
            return f"{said} with {anchor!r} in the anchor"


def _days(filters: Filters) -> str:
    first, last = filters.first_from, filters.first_until
    if first == last:
        return f"on {first}"
    return " ".join([*([f"from {first}"] if first else []), *([f"until {last}"] if last else [])])


def _nearest_source(database: Database, target: Target) -> str:
    whole = replace(target, mode=TargetMode.DOMAIN, values=(target.domain,))
    if target.mode is not TargetMode.DOMAIN and _has_links(database, whole, "linked"):
        return f", but there are some from {target.domain}: use that as the target"
    return "; it must be crawled for this"


def _not_linked(database: Database, target: Target) -> UnknownTarget:
    near = asking.nearest_targets(database, target.domain)
    if target.domain in near:
        return UnknownTarget(
            f"no links to {target} are known, but there are some to {target.domain}: use that as the target."
        )
    hint = f"; the nearest known targets are {', '.join(near)}" if near else ""
    return UnknownTarget(f"no links to {target} are known{hint}.")
