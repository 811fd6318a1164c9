"""Who might link to a target next, and why: rows of the database's functions, and their factors in words."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from backlink_crawler.ask.answers import answered
from backlink_crawler.ask.questions import require_links
from backlink_crawler.store import asking, prospects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from backlink_crawler.ask.answers import Answer
    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Filters
    from backlink_crawler.store.database import Database

LEADS = tuple(prospects.LEADS)
# What a table shows: what fits a terminal.
TABLE_COLUMNS = {
    "competitors": ("domain_to", "similarity", "shared_refdomains", "refdomains", "authority", "topic"),
    "prospects": ("domain_from", "score", "reason", "authority", "relevance", "risk", "url_from", "anchor", "mark"),
    "broken": ("url_to", "score", "refdomains", "authority", "checked_at", "url_from", "reason"),
    "topic": ("domain_from", "score", "topic", "share", "authority", "url_from", "reason"),
    "lost": ("domain_from", "score", "authority", "lost_at", "url_from", "url_to", "reason"),
    "misdirected": ("domain_from", "score", "authority", "url_from", "url_to", "right_url", "reason"),
    "mentions": ("domain_from", "score", "authority", "url_from", "title_from", "reason"),
}
MEANINGS = {
    "broken": "pages of competitors of {} that are gone, and that others still link to",
    "topic": "domains on the topic of {} that link neither to it nor to its competitors",
    "lost": "domains that no longer link to {}",
    "misdirected": "links to pages of {} that are gone, redirect, or name another page as the one to cite",
    "mentions": "pages that name {} in title or headings and do not link to it",
}
_NONE = {
    "broken": "no page of a competitor of {} is known to be gone and linked to; competitors must be crawled for this.",
    "topic": "no domain on the topic of {} is known that links to others of it; `backlinks topics add` names topics, "
    "and `backlinks rank` follows their links.",
    "lost": "no domain is known that once linked to {} and no longer does.",
    "misdirected": "no link to a page of {} is known that is gone or elsewhere; {} must be crawled for this.",
    "mentions": "no page is known that names {} in its title or headings without a link to it.",
}


def competitors(database: Database, target: Target, filters: Filters) -> Answer:
    """(columns, rows). Raises UnknownTarget when none is known."""
    return answered(
        database,
        prospects.competitors(target, filters),
        target,
        f"the domains that link to {target} link to no other domain that is known.",
    )


def ask_prospects(database: Database, target: Target, named: Sequence[Target], filters: Filters) -> Answer:
    """As `competitors`. named: its competitors; none: those that are found."""
    require_links(database, named)
    whom = "those" if named else "its competitors"
    none = f"no domain is known that links to {whom} and not to {target}."
    return answered(database, prospects.prospects(target, named, filters), None if named else target, none)


def ask_leads(database: Database, kind: str, target: Target, named: Sequence[Target], filters: Filters) -> Answer:
    """As `competitors`. kind: of LEADS."""
    require_links(database, named)
    query = prospects.leads(kind, target, named, filters)
    return answered(database, query, None, _NONE[kind].replace("{}", str(target)))


def explained(database: Database, target: Target, named: Sequence[Target], source: Target) -> tuple[list[str], Answer]:
    """(what the factors of a prospect's score are, in sentences; its pages). Raises UnknownTarget when it is none."""
    require_links(database, named)
    query = prospects.prospect(target, named, source)
    none = (
        f"{source} is no prospect of {target}: it links to it already, or to none of its competitors that is known, or "
        "others are better by far, or it is marked as won, declined, ignore or disavow."
    )
    columns, rows = answered(database, query, None if named else target, none)
    row = dict(zip(columns, next(rows), strict=True))
    pages = asking.run(database, prospects.prospect_pages(target, named, source))
    return list(_factors(row, is_named=bool(named))), pages


def _factors(row: Mapping[str, Any], *, is_named: bool) -> Iterator[str]:
    links_to, out = row["links_to"], row["out_domains"]
    listed = ", ".join(row["competitors_linked"])
    more = (
        f" and {links_to - len(row['competitors_linked']):,} more" if links_to > len(row["competitors_linked"]) else ""
    )
    how = "each counts 1, as you named it" if is_named else "the sum of how similar they are"
    yield f"overlap {row['overlap']:.3f}: it links to {listed}{more}; {how}"
    yield f"× link weight {row['link_weight']:.3f}: it links to {_counted(out)} in all; 1 ÷ ln(e + {out:,})"
    if (authority := row["authority"]) is None:
        yield "× authority is not known: the mean of those that are, else 1"
    else:
        yield f"× authority {sqrt(max(authority, 1)) / 10:.3f}: {authority:.1f} of 100; its root ÷ 10, 0.1 at least"
    if (relevance := row["relevance"]) is None:
        yield "× relevance is not known: the mean of those that are, else 1"
    else:
        yield f"× relevance {0.25 + 0.75 * relevance:.3f}: its links to them are {relevance:.2f} relevant; ¼ + ¾ of it"
    risk = row["risk"]
    yield (
        "× risk is not known: 1"
        if risk is None
        else f"× risk {1 - risk:.3f}: 1 − {risk:.2f} (the view risk_reasons says of what)"
    )
    yield f"× follow share {row['follow_share']:.3f}: of its links to them"
    yield f"= score {row['score']:.4f}"


def _counted(domains: int) -> str:
    return "1 domain" if domains == 1 else f"{domains:,} domains"
