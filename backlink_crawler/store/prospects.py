"""Who might link to a domain next: questions to functions of the database (sql/functions), which compute all figures.

Of domains with many follow refdomains a ranking keeps what would take too long while somebody waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.store.asking import Query, Select
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Connection, Filters

_SQL = statements("prospects")
# many_refdomains: that follow, of which the competitors are computed while somebody waits. some_refdomains: of which all
# are looked at for prospects; of more, the strongest.
RULES = {"many_refdomains": 500, "some_refdomains": 100, "strongest": 300}
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
    return Query(Select(columns, (call,), (), order).text(filters), parameters, order=order)


def _about(target: Target, named: Sequence[Target], source: Target) -> dict[str, Any]:
    return {"domain": target.domain, "named": _names(named), "prospect": source.domain}


def _names(named: Sequence[Target]) -> list[str] | None:
    return [each.domain for each in named] or None


def _most(filters: Filters) -> int | None:
    """What is sorted by something else is wanted whole, and so is what has a later page."""
    return None if filters.sort or filters.after else filters.limit


class Kept(NamedTuple):
    """Of how many domains the competitors, and the strongest referring domains."""

    competitors: int
    strongest: int


def keep(connection: Connection) -> Kept:
    """In the transaction that is open: from now on, what is found is asked."""
    connection.execute("SET LOCAL work_mem = '64MB'")
    for name in ("forget_competitors", "keep_competitors", "weights", "forget_strong"):
        connection.execute(_SQL[name], RULES)
    connection.execute("ANALYZE weights")
    connection.execute(_SQL["keep_strong"], RULES)
    connection.execute("ANALYZE domain_competitors, strong_refdomains")
    row = connection.execute(_SQL["figures"]).fetchone()
    assert row is not None
    return Kept(*row)
