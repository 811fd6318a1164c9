"""The profile of a target: its figures, beside what is usual in this index and beside those of competitors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.ask.findings import findings
from backlink_crawler.ask.questions import not_profiled
from backlink_crawler.store import profiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from backlink_crawler.ask.findings import Finding
    from backlink_crawler.model import Target
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.profiles import Usual

# What stands beside the figures that are compared: counts that say how large it is.
_COUNTS = {
    "profile_diversity": ("refdomains", "links"),
    "profile_anchor_mix": ("anchors",),
    "profile_authority": (
        *("authority_under_20", "authority_20_40", "authority_40_60", "authority_60_80", "authority_80_100"),
    ),
    "profile_coverage": ("pages_known", "pages_visited", "broken_links"),
}
# A share's count, and of how many.
_COUNTED = {
    "domains_per_link": ("refdomains", "links"),
    "top_domain_share": ("top_domain_links", "links"),
    "top_tld_share": ("top_tld_refdomains", "refdomains"),
    "reciprocal_share": ("reciprocal_refdomains", "refdomains"),
    "top_network_share": ("top_network_refdomains", "network_refdomains"),
    "top_language_share": ("top_language_refdomains", "language_refdomains"),
    "other_language_share": ("other_language_refdomains", "language_refdomains"),
    "dofollow_share": ("dofollow_refdomains", "refdomains"),
    "nofollow_share": ("nofollow_links", "backlinks"),
    "sponsored_share": ("sponsored_links", "backlinks"),
    "ugc_share": ("ugc_links", "backlinks"),
    "content_refdomain_share": ("content_refdomains", "refdomains"),
    "sitewide_share": ("sitewide_links", "position_links"),
    "top_keyword_share": ("top_keyword_refdomains", "anchor_refdomains"),
    "unlinked_share": ("unlinked_refdomains", "ranked_refdomains"),
    "off_topic_share": ("off_topic_refdomains", "relevance_refdomains"),
    "busiest_share": ("busiest_new_refdomains", "refdomains"),
    "recently_lost_share": ("recently_lost_refdomains", "recent_refdomains"),
    "fresh_share": ("fresh_refdomains", "refdomains"),
    "year_old_share": ("year_old_refdomains", "refdomains"),
    "unverified_share": ("unverified_links", "links"),
    "visited_share": ("pages_visited", "pages_known"),
}
# Views of which each other share is that of one kind of domains or links, and of how many.
_BY_KIND = {
    "profile_anchor_mix": ("refdomains", "anchor_refdomains"),
    "profile_position_mix": ("links", "position_links"),
}
COLUMNS = ("part", "figure", "value", "count", "of", "p5", "p25", "p50", "p75", "p95")

FINDINGS = ("finding", "kind", "weight", "sentence", "advice", "query")


class Profile(NamedTuple):
    """figures: by column of the views profile_…; others: the same, of competitors. queries: by finding, what shows its rows.

    as_of: when they were so, or the oldest of them, as those of large targets are kept by each ranking; None: now.
    """

    figures: Mapping[str, Any]
    usual: Mapping[str, Usual]
    findings: Sequence[Finding]
    queries: Mapping[str, str]
    others: Mapping[Target, Mapping[str, Any]]
    as_of: datetime | None


def profile(database: Database, target: Target, competitors: Sequence[Target]) -> Profile:
    """Raises UnknownTarget when nothing links to one of them."""
    read = {each: profiles.read_profile(database, each) for each in (target, *competitors)}
    for each, found in read.items():
        if not found.figures.get("refdomains"):
            raise not_profiled(database, each)
    with database.connect(autocommit=True) as connection:
        usual = profiles.read_usual(connection)
    as_of = min((found.as_of for found in read.values() if found.as_of), default=None)
    figures = read.pop(target).figures
    told, queries = told_of(figures, usual)
    return Profile(figures, usual, told, queries, {each: found.figures for each, found in read.items()}, as_of)


def told_of(figures: Mapping[str, Any], usual: Mapping[str, Usual]) -> tuple[list[Finding], dict[str, str]]:
    """What the figures say, and by finding, what shows its rows."""
    told = findings(figures, usual, datetime.now(UTC))
    return told, {each.key: profiles.rows_query(each.key, figures).literal() for each in told}


def rows(found: Profile) -> Iterator[tuple[Any, ...]]:
    """The columns of COLUMNS, and one for each competitor."""
    for view, compared in profiles.FIGURES.items():
        for figure in (*_COUNTS.get(view, ()), *compared):
            usual = found.usual.get(figure)
            percentiles = usual[1:] if usual else (None,) * 5
            yield (
                view.removeprefix("profile_"),
                figure,
                found.figures.get(figure),
                *_counts(view, figure, found.figures),
                *percentiles,
                *(figures.get(figure) for figures in found.others.values()),
            )


def finding_rows(found: Profile) -> Iterator[tuple[Any, ...]]:
    """The columns of FINDINGS."""
    for each in found.findings:
        kind = each.kind.name.lower()
        yield each.key, kind, each.weight, each.sentence, each.advice, found.queries[each.key]


def _counts(view: str, figure: str, figures: Mapping[str, Any]) -> tuple[Any, Any]:
    kind, whole = _BY_KIND.get(view, ("", ""))
    by_kind = (f"{figure.removesuffix('share')}{kind}", whole) if figure.endswith("_share") else ("", "")
    count, of = _COUNTED.get(figure, by_kind)
    return (figures.get(count), figures.get(of)) if count in figures else (None, None)
