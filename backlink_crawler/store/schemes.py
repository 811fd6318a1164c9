"""Which of the domains that link to a target may be no voices of their own: questions about risks, networks and mirrors, as SQL
over the views. All of it is as of the last `backlinks rank`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.store.asking import Key, Query, Select
from backlink_crawler.store.choosing import domain_id

if TYPE_CHECKING:
    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Filters

RISKS = (
    *("domain_from", "risk", "reasons", "authority", "links", "first_seen", "mark", "mark_note"),
    *("risk_key", "domain_from_id"),
)
REASONS = ("signal", "value", "percentile", "weight", "factor", "policy")
NETWORKS = ("network", "refdomains", "refdomains_share", "network_domains", "index_share", "network_key")
MIRRORS = (
    *("first_url", "refdomains", "refpages", "url_from", "domain_from", "bits", "mirror_of"),
    *("group_id", "url_from_id"),
)
# A risk has three decimals, and pages go by whole numbers.
_RISKS = """risks AS (
    SELECT
        domain_from,
        risk,
        reasons,
        authority,
        links,
        first_seen,
        mark,
        mark_note,
        round(risk * 1000)::integer AS risk_key,
        domain_from_id
    FROM referring_domains
    WHERE domain_to_id = %(domain_to)s AND domain_from_id = ANY(%(risky)s::integer [])
)"""
_NETWORKS = """shared AS (
    SELECT
        network,
        refdomains,
        refdomains_share,
        network_domains,
        index_share,
        hashtextextended(network::text, 0) AS network_key
    FROM referring_networks
    WHERE domain_to_id = %(domain_to)s AND refdomains > 1
)"""
# Of the groups of mirrors, the pages that link to the target, where those are on two domains.
_MIRRORS = """linking AS (
    SELECT
        group_id,
        first_url,
        url,
        domain,
        bits,
        domain_id,
        url_id
    FROM mirrored_pages
    WHERE url_id IN (SELECT url_from_id FROM backlinks WHERE domain_to_id = %(domain_to)s AND status_id = 0)
),

groups AS (
    SELECT
        group_id,
        count(DISTINCT domain_id)::integer AS refdomains,
        count(*)::integer AS refpages
    FROM linking
    GROUP BY group_id
    HAVING count(DISTINCT domain_id) > 1
),

mirrors AS (
    SELECT
        l.first_url,
        g.refdomains,
        g.refpages,
        l.url AS url_from,
        l.domain AS domain_from,
        l.bits,
        r.mirror_of,
        l.group_id,
        l.url_id AS url_from_id
    FROM linking AS l
    INNER JOIN groups AS g ON l.group_id = g.group_id
    LEFT JOIN referring_domains AS r ON r.domain_to_id = %(domain_to)s AND l.domain_id = r.domain_from_id
)"""


def risks(target: Target, filters: Filters) -> Query:
    """The domains with live or unverified links to the target and a risk, that of the highest first."""
    parameters = {
        "domain_to": domain_id(target),
        "risky": Key("risky_domains(domain_id(%s))", (target.domain,), is_list=True),
    }
    order = ("risk_key", "domain_from_id")
    text = Select(RISKS, ("risks",), (), order, steps=_RISKS).text(filters)
    return Query(text, parameters, order=order)


def risk(target: Target, source: Target) -> Query:
    """The row of the source among the target's referring domains."""
    text = "SELECT risk FROM referring_domains WHERE domain_to_id = %(domain_to)s AND domain_from_id = %(domain_from)s"
    return Query(text, {"domain_to": domain_id(target), "domain_from": domain_id(source)})


def reasons(target: Target, source: Target) -> Query:
    """What the source's risk for the target is made of: what adds most first."""
    columns = ",\n    ".join(REASONS)
    text = (
        f"SELECT\n    {columns}\nFROM risk_reasons\n"
        "WHERE domain_id = %(domain_from)s\n    AND (target_id IS NULL OR target_id = %(domain_to)s)\n"
        "ORDER BY weight * factor DESC, signal ASC"
    )
    return Query(text, {"domain_to": domain_id(target), "domain_from": domain_id(source)})


def networks(target: Target, filters: Filters) -> Query:
    """Those from which two domains and more link to the target."""
    order = ("refdomains", "network_key")
    text = Select(NETWORKS, ("shared",), (), order, steps=_NETWORKS).text(filters)
    return Query(text, {"domain_to": domain_id(target)}, order=order)


def mirrors(target: Target, filters: Filters) -> Query:
    """A row a page, group by group, that of the most domains first."""
    order = ("refdomains", "group_id", "url_from_id")
    text = Select(MIRRORS, ("mirrors",), (), order, steps=_MIRRORS).text(filters)
    return Query(text, {"domain_to": domain_id(target)}, order=order)
