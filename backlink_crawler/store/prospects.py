"""Who might link to a domain next: questions to functions of the database (sql/functions), which compute all figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backlink_crawler.store.asking import Query, Select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Filters

_PAGE = ("url_from", "title_from", "url_to", "anchor")
COMPETITORS = (
    *("domain_to", "similarity", "shared_refdomains", "weight_share", "refdomain_share", "refdomains", "authority"),
    *("topic", "domain_to_id"),
)
PROSPECTS = (
    *("domain_from", "score", "reason", "overlap", "links_to", "competitors_linked", "out_domains", "link_weight"),
    *("authority", "relevance", "risk", "follow_share", *_PAGE, "mark", "domain_from_id"),
)
PAGES = (*_PAGE, "domain_to", "similarity", "relevance", "link_id")


@dataclass(frozen=True, slots=True)
class Leads:
    """A list of other chances. by_competitors: its function asks for them."""

    function: str
    columns: tuple[str, ...]
    by_competitors: bool = False


# By what --list calls them. The columns that they go by are score and the last one.
LEADS = {
    "broken": Leads(
        "broken_leads",
        (
            *("url_to", "score", "reason", "refdomains", "authority", "similarity", "http_code_to", "checked_at"),
            *("url_from", "title_from", "anchor", "domain_to", "url_to_id"),
        ),
        by_competitors=True,
    ),
    "topic": Leads(
        "topic_leads",
        ("domain_from", "score", "reason", "topic", "share", "authority", *_PAGE, "domain_from_id"),
        by_competitors=True,
    ),
    "lost": Leads(
        "lost_leads",
        ("domain_from", "score", "reason", "authority", "lost_at", "lost_reason", *_PAGE, "link_id"),
    ),
    "misdirected": Leads(
        "misdirected_leads",
        ("domain_from", "score", "reason", "authority", "http_code_to", "right_url", *_PAGE, "link_id"),
    ),
    "mentions": Leads(
        "mention_leads",
        (
            *("domain_from", "score", "reason", "authority", "url_from", "title_from", "headings_from"),
            *("language_from", "url_from_id"),
        ),
    ),
}


def competitors(target: Target, filters: Filters) -> Query:
    parameters = {"domain": target.domain, "most": _most(filters)}
    return _rows("competitors(%(domain)s, %(most)s)", COMPETITORS, ("similarity", "domain_to_id"), parameters, filters)


def prospects(target: Target, named: Sequence[Target], filters: Filters) -> Query:
    """named: its competitors, as the user says; none: as they are found."""
    parameters = {"domain": target.domain, "named": _names(named), "most": _most(filters)}
    call = "prospects(%(domain)s, %(named)s, %(most)s)"
    return _rows(call, PROSPECTS, ("score", "domain_from_id"), parameters, filters)


def prospect(target: Target, named: Sequence[Target], source: Target) -> Query:
    """The row of prospects() of one domain, whatever its place."""
    columns = ",\n    ".join(PROSPECTS)
    call = "prospects(%(domain)s, %(named)s, prospect => %(prospect)s)"
    return Query(f"SELECT\n    {columns}\nFROM {call}", _about(target, named, source))


def prospect_pages(target: Target, named: Sequence[Target], source: Target) -> Query:
    columns = ",\n    ".join(PAGES)
    call = "prospect_pages(%(domain)s, %(prospect)s, %(named)s)"
    return Query(f"SELECT\n    {columns}\nFROM {call}", _about(target, named, source))


def leads(kind: str, target: Target, named: Sequence[Target], filters: Filters) -> Query:
    """kind: of LEADS."""
    asked = LEADS[kind]
    parameters: dict[str, Any] = {"domain": target.domain, "most": _most(filters)}
    call = f"{asked.function}(%(domain)s, %(most)s)"
    if asked.by_competitors:
        parameters["named"] = _names(named)
        call = f"{asked.function}(%(domain)s, %(named)s, %(most)s)"
    return _rows(call, asked.columns, ("score", asked.columns[-1]), parameters, filters)


def _rows(
    call: str, columns: tuple[str, ...], order: tuple[str, ...], parameters: dict[str, Any], filters: Filters
) -> Query:
    return Query(Select(columns, (call,), (), order).text(filters), parameters)


def _about(target: Target, named: Sequence[Target], source: Target) -> dict[str, Any]:
    return {"domain": target.domain, "named": _names(named), "prospect": source.domain}


def _names(named: Sequence[Target]) -> list[str] | None:
    return [each.domain for each in named] or None


def _most(filters: Filters) -> int | None:
    """What is sorted by something else is wanted whole."""
    return None if filters.sort else filters.limit
