"""The views that users' SQL builds on. Their text is in sql/views/, the meaning of their columns is here."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from backlink_crawler.store.profile_comments import PROFILE_COLUMNS, PROFILE_VIEWS
from backlink_crawler.store.running import ADVISORY_LOCK
from backlink_crawler.store.statements import functions, views

if TYPE_CHECKING:
    import psycopg

_LOCK = ADVISORY_LOCK + 2
VIEW_COMMENTS = PROFILE_VIEWS | {
    "authority_history": "When a domain's authority became another whole number: one row for each time.",
    "backlinks": "One row for each link that leaves its page's domain, every instance.",
    "referring_domains": "Which domains link to a domain: one row for each. SELECT … WHERE domain_to = 'example.com'.",
    "linked_domains": "Which domains a domain links to: one row for each.",
    "anchor_profile": "By what words a domain is linked to: shares of its referring domains, as of the last `backlinks "
    "rank`.",
    "anchors": "The anchors of links to a domain that are live or unverified.",
    "best_by_links": "A domain's pages by the links to them that are live or unverified.",
    "kept_anchors": "anchors of large domains, from sums that are kept: ORDER BY links DESC, anchor_key DESC reads an "
    "index in order.",
    "counted_anchors": "anchors of all other domains, counted by each query.",
    "kept_best_by_links": "best_by_links of large domains, from sums that are kept: ORDER BY refdomains DESC, "
    "url_to_id DESC reads an index in order.",
    "counted_best_by_links": "best_by_links of all other domains, counted by each query.",
    "risk_reasons": "What of a domain's links stands out in this index as in link schemes: one row for each signal. It is "
    "nobody's verdict.",
    "broken_backlinks": "Live links to pages that were visited and answered 404 or 410.",
    "coverage": "How much of each domain was crawled.",
    "domain_authority": "Authority and trust of every domain with a live link, and what they are computed from, by the last "
    "`backlinks rank`. docs/methods.md has the formulas.",
    "crawled_pages": "Every page in the frontier, visited or not; without sitemaps.",
    "domain_topics": "What domains are about: the three largest topics of each, by who links to it.",
    "link_history": "What happened to each link since it was found, with the visit that proves it.",
    "lost_referring_domains": "Domains all of whose links to a domain are lost: one row for each.",
    "mark_history": "Each time that somebody marked a domain or a page, or took that back.",
    "marks": "What people have marked domains and pages as: one row for each mark that is in force.",
    "mirrored_pages": "Pages that say almost what a page on another domain says: one row for each, in groups.",
    "new_lost_daily": "Links and referring domains found, lost and restored, by the day on which that was learnt.",
    "referring_networks": "In which networks the domains that link to a domain are: one row for each network.",
    "target_overview": "Totals of a domain, and the coverage of the domains that link to it.",
}
_LINKS = "links that are live or unverified, each instance"
_CONFIRMED = "last visit that confirmed it: the page was read (2xx or 304), or redirects"
_REFDOMAINS = "those of refdomains with {} as anchor"
_FACTOR = "factor of value: 1 - weight × (1 - x) by value_weights, where x is {}, and a half where that is not known"
_PLACED = "live links {}, as of the last `backlinks rank`; NULL: none has seen a link to it"
_SHARE = "share of refdomains with {} as anchor, 0 to 1"
COLUMN_COMMENTS = PROFILE_COLUMNS | {
    "authority": "of the domain that links, or of the domain itself where the row is of one: 0 to 100 on a logarithmic "
    "scale, relative to this index (0: no follow link to it is known; 100: the highest PageRank); in authority_history a "
    "whole number; NULL: not ranked yet, or of part of a domain, or without any live link",
    "risk": "0 to 1: how much of what stands out in this index speaks for a link scheme, of the domain that links, and of this "
    "pair of domains where a signal is of one; 0: nothing does; NULL: newer than the last `backlinks rank`, or the index is too "
    "small to tell what is usual",
    "reasons": "names of the three signals that add most to risk, as in risk_reasons; empty: none; NULL: as risk",
    "target": "domain linked to, where the signal is of a pair; NULL: of all that the domain links to",
    "target_id": "key of target; NULL: as target",
    "signal": "its name, as in docs/methods.md",
    "percentile": "percentage of the values known in this index that are lower",
    "weight": "the weight with which risk was computed (risk_signals.weight is for the next `backlinks rank`)",
    "factor": "0 to 1: how far value is from the 90th percentile, or the signal's least value, to the 99th",
    "policy": "which of Google's spam policies it belongs to, in words of docs/methods.md",
    "authority_percentile": "percentage of ranked domains with a lower PageRank; NULL: not ranked yet",
    "follow_domains_to": "domains to which it has a live follow link",
    "follow_refdomains": "domains with a live follow link to it",
    "harmonic": "harmonic centrality: sum of 1 ÷ distance over the domains from which follow links lead to it; NULL: not "
    "computed, as NumPy was not installed",
    "pagerank": "share of the index's whole PageRank, which is 1",
    "pagerank_ratio": "pagerank ÷ that of a domain without follow links to it: comparable over time; NULL: no longer ranked",
    "ranked_at": "when the run began that computed it",
    "run_id": "key of that run in ranking_runs",
    "trust": "0 to 1: the share of the domain's PageRank that comes from trust seeds (TrustRank ÷ PageRank); of the domain "
    "that links, as authority; NULL: not ranked yet, or no trust seed links to anything",
    "trustrank": "share of the whole TrustRank, which is 1; NULL: as trust",
    "batch_id": "key of the batch that recorded it: rises with the time of learning, for keyset paging",
    "anchor_key": "hashtextextended(anchor, 0): breaks ties in the order of the index",
    "found_at": "when the index learnt of it; long after first_seen if an archive showed it",
    "host_from_id": "key of host_from",
    "host_to_id": "key of host_to",
    "learnt_at": "when the index learnt of it",
    "lost_batch_id": "key of the batch that recorded that it is lost, as batch_id; NULL: not lost",
    "lost_learnt_at": "when the index learnt that it is lost; NULL: not lost",
    "in_force": "nothing has replaced it, and nobody has taken it back",
    "mark": "what somebody has marked the domain as that links, or in linked_domains is linked to; of a link, its page, else "
    "that domain: contacted, won, declined, ignore, disavow; in mark_history none: taken back; NULL: as nothing",
    "mark_id": "key of the row: rises with time",
    "mark_note": "what was said with mark; NULL: nothing",
    "marked_at": "when somebody said so",
    "marked_by": "who said so",
    "missing_links": "links that are missing: not seen at the last visit, and not yet lost",
    "restored_links": "lost links that are live again",
    "restored_refdomains": "lost referring domains that are live again",
    "status_id": "0 live or unverified, 1 missing, 2 lost: what is stored of status, and indexed",
    "step": "0 to 6, by event: breaks ties between events of one link in one batch",
    "url_to_id": "key of url_to",
    "after": "rel or anchor after, or why it was lost; NULL: none of these",
    "anchor": "anchor text: its text, else its images' alt, else its title, at most 1,000 characters; empty: none",
    "anchor_class": "empty, image, naked, branded, compound, exact, partial, generic, other: as of the last `backlinks "
    "rank`; NULL: it is newer, or a redirect, a canonical or a frame",
    "anchor_source": "where anchor comes from: text, alt, title, none",
    "backlinks": "live links, without unverified ones, each instance",
    "before": "rel or anchor before; NULL: neither changed",
    "anchors": "different texts of text links to it",
    "branded_refdomains": _REFDOMAINS.format("its name"),
    "branded_share": _SHARE.format("its name"),
    "checked_at": "when url_to was last visited",
    "class": "as anchor_class of backlinks; image where all links with these words are images; NULL: newer than the last "
    "`backlinks rank`, or no text or image link has them",
    "compound_refdomains": _REFDOMAINS.format("its name and more"),
    "compound_share": _SHARE.format("its name and more"),
    "day": "day in UTC",
    "depth": "clicks from its seed's start",
    "dofollow_links": "those of the links counted beside it that are neither nofollow, sponsored nor ugc, on pages "
    "that are not nofollow",
    "dofollow_refdomains": "those of refdomains with at least one dofollow link",
    "domain": "registrable domain",
    "domain_id": "key of domain; of a mark NULL: the index does not know it",
    "domain_from": "registrable domain that links",
    "domain_from_id": "key of domain_from: breaks ties in the order of the index",
    "domain_to": "registrable domain that is linked to",
    "domain_to_id": "key of domain_to: with it, ordered queries read an index; see Large targets in docs/sql.md",
    "empty_refdomains": "those of refdomains with a link without words",
    "empty_share": "share of refdomains with a link without words, 0 to 1",
    "entropy": "of its text anchors by referring domains, in bits; 0: all use the same; NULL: there are none",
    "event": "found, missing, lost, restored, rel_changed, anchor_changed, moved",
    "exact_lower": "lower end of Wilson's 95 % interval of exact_share; NULL: fewer than 20 refdomains",
    "exact_p95": "95th percentile of exact_share in this index, of targets with 20 refdomains and more; NULL: exact_lower "
    "is, or these targets are fewer than 20",
    "exact_refdomains": _REFDOMAINS.format("a keyword of it"),
    "exact_share": _SHARE.format("a keyword of it"),
    "first_seen": "the earliest known observation that saw it; of a crawled page, when the frontier learnt of it",
    "generic_refdomains": _REFDOMAINS.format("words that would fit any link"),
    "generic_share": _SHARE.format("words that would fit any link"),
    "happened_at": "time of the observation that shows it",
    "headings": "h1, h2 and h3 in document order, a line each, at most 300 characters together; NULL: none, or not read",
    "bits": "in how many of 64 bits the simhash of its words differs from that of first_url; 0: none",
    "first_url": "of its group the page that was known first; what the group is named by, no original; NULL: it has been removed since",
    "group_domains": "domains of the pages of its group, two at least",
    "group_id": "key of first_url, the same for all pages of a group",
    "index_share": "share of the network in all domains whose network is known, 0 to 1",
    "mirror_of": "a domain with more authority (or, with as much, known to link earlier) that links to domain_to too: each page of "
    "domain_from that links to domain_to says almost what a page of such a domain says; NULL: it speaks for itself, or was not "
    "ranked yet",
    "network": "IPv4 /24 or IPv6 /48 in which most of the crawled hosts are, of domain_from where there is one; NULL: not known, "
    "or not ranked yet",
    "network_domains": "domains of the index in the network",
    "refdomains_share": "share of refdomains in all referring domains whose network is known, 0 to 1",
    "host": "host, with its port when that is not the scheme's own",
    "host_from": "host of url_from",
    "host_to": "host of url_to",
    "http_code": "status of the visit, the last one for a page; NULL: no answer, or never visited",
    "http_code_from": "status of the last visit to url_from; NULL: no answer",
    "http_code_to": "status of the last visit to url_to",
    "image_refdomains": "those of refdomains with an image link that has an alt",
    "image_share": "share of refdomains with an image link that has an alt, 0 to 1",
    "is_dofollow": "neither nofollow, sponsored nor ugc, and the page is not nofollow",
    "is_nofollow": "its rel contains nofollow",
    "is_removed_by_scripts": "it is in the HTML, but was not in the last rendering of the page",
    "is_sponsored": "its rel contains sponsored",
    "is_ugc": "its rel contains ugc",
    "language": "lang attribute of the html element, lower-cased; NULL: none, or not read",
    "language_detected": "language by the words of its title and links, ISO 639-1, of pages that declare none; NULL: it "
    "declares one, its words do not tell, or it was not ranked since it was read",
    "language_from": "lang attribute of the page, lower-cased; where it has none, the language of its words; NULL: neither "
    "is known",
    "last_seen": f"{_CONFIRMED}; for a domain, a lower bound: seen then or later",
    "last_visited": "last visit, however it ended; NULL: never",
    "link_id": "key of the link, the same for all of its events",
    "link_origin": "where it is: html, rendered (only there: scripts added it) or both; html if the page was never "
    "rendered",
    "link_type": "text, image, redirect, canonical, frame",
    "links": _LINKS,
    "links_external": "links of the page that leave its domain, each instance; NULL: not read",
    "links_percent": "share of links in all links to the domain that are live or unverified, in percent",
    "links_internal": "links of the page inside its domain, each instance; NULL: not read",
    "lost_at": "of a lost one, when it was first missing; NULL: not lost",
    "lost_links": "links lost",
    "lost_reason": "link_removed, page_gone, page_redirected; NULL: not lost",
    "lost_refdomains": "referring domains lost",
    "naked_refdomains": _REFDOMAINS.format("an address"),
    "naked_share": _SHARE.format("an address"),
    "new_links": "links found",
    "new_refdomains": "referring domains found",
    "newest_visit": "latest visit to one of pages_known; NULL: none",
    "next_visit": "due from then on; NULL: not to be visited",
    "nofollow_links": "live links whose rel contains nofollow",
    "oldest_visit": "of the last visits to pages_known, the oldest; NULL: none",
    "other_refdomains": _REFDOMAINS.format("any other words"),
    "other_share": _SHARE.format("any other words"),
    "over_optimised": "of anchor_profile, exact_lower is above exact_p95, and exact_refdomains at least 3; NULL: one of the "
    "two is, or no `backlinks rank` has seen it",
    "outcome": "how the visit ended, the last one for a page; NULL: never visited, or no longer kept",
    "page_nofollow": "the page's robots meta or X-Robots-Tag says nofollow or none",
    "page_noindex": "the page's robots meta or X-Robots-Tag says noindex or none",
    "pages_known": "pages in the frontier, without sitemaps; of a target: on the domains that link",
    "pages_to": "URLs of domain_to that these links point to",
    "pages_visited": "those of pages_known that were visited",
    "partial_refdomains": _REFDOMAINS.format("a keyword among other words, or a part of one"),
    "partial_share": _SHARE.format("a keyword among other words, or a part of one"),
    "position": "place among the page's links when last read, from 0",
    "reason": "why the last visit ended as it did; NULL: the outcome says it all",
    "refdomains": "domains with at least one of the links counted beside it",
    "refpages": "pages with at least one of the links counted beside it",
    "rel": "tokens of its rel attribute, lower-cased, in order; empty: none",
    "relevance": "how near the words around the link and of its page are to those of its target, 0 to 1; of a domain, the "
    "largest of its live links; NULL: nothing is known of the target, or it was not ranked yet",
    "relevance_basis": "the target's words that were known: page (its title or headings), anchors (of other domains), "
    "both; NULL: as relevance",
    "rendered_at": "last visit that rendered it, without incomplete ones that lacked a rendered link; NULL: never",
    "rendered_rel": "rel when rendered, if scripts change it; NULL: the same, or the page was not rendered",
    "rendering": "why it was rendered when last read, or not; NULL: it was never read",
    "snippet_left": "text before it in its block, at most 80 characters",
    "snippet_right": "text after it in its block, at most 80 characters",
    "score": "share of the domain's PageRank that comes from the topic's seeds, 0 to 1",
    "share": "score ÷ the sum of the domain's scores of all topics",
    "sponsored_links": "live links whose rel contains sponsored",
    "status": "live, missing (not seen at the last visit), lost, unverified (was live; its page could not be read "
    "since)",
    "title": "title; NULL: none, or not read",
    "title_from": "title of the page; NULL: none, or not read",
    "topic": "as the user calls it",
    "ugc_links": "live links whose rel contains ugc",
    "unverified_links": "links that were live and whose page could not be read since",
    "url": "normalised URL; of a mark NULL: the whole domain is marked",
    "url_hash": "url_hash(url), which is indexed; NULL: as url",
    "url_id": "key of url; NULL: as url, or the index does not know it",
    "url_from": "normalised URL of the page it is on",
    "url_from_id": "key of url_from",
    "url_from_hash": "url_hash(url_from), which is indexed",
    "url_to": "normalised URL it points to",
    "url_to_hash": "url_hash(url_to), which is indexed",
    "link_position": "part of the page it stands in: content (editorial), list, nav, header, footer, sidebar, comments, "
    "unknown; as of when the page last changed",
    "block_words": "words of the block it stands in; NULL: not known, or it is no link of the text",
    "link_density": "share of block_words that are in links, 0 to 1; NULL: as block_words",
    "order_on_page": "place among all links of the page, from 0 for the first to 1 for the last; NULL: as block_words",
    "sitewide": "it goes to the same URL from the same place on half of the pages read of its domain, at least five, as of "
    "the last `backlinks rank`; NULL: not known, as fewer were read or it was found since",
    "value": "of a link: 0 to 100, to sort links by: 100 times the product of the factors beside it; of a reason of risk: that "
    "of its signal",
    "value_authority": _FACTOR.format("authority / 100"),
    "value_trust": _FACTOR.format("trust"),
    "value_position": _FACTOR.format("what value_weights says of its link_position, or of sitewide links"),
    "value_relevance": _FACTOR.format("relevance"),
    "value_follow": "factor of value: 1 for a dofollow link, else 1 - its weight in value_weights",
    "value_outgoing": _FACTOR.format("1 / ln(e - 1 + links_external)"),
    "content_links": "live links in pages' own text; of a target, as of the last `backlinks rank`",
    "list_links": _PLACED.format("in lists and tables"),
    "nav_links": _PLACED.format("in navigation"),
    "header_links": _PLACED.format("in headers"),
    "footer_links": _PLACED.format("in footers"),
    "sidebar_links": _PLACED.format("in sidebars"),
    "comments_links": _PLACED.format("in comments"),
    "sitewide_links": _PLACED.format("that are sitewide, which are counted as well where they stand"),
    "slot_id": "the same for all links of one sitewide slot: link_id of the first; of any other its own link_id",
    "path_hash": "of the tags and classes around it: equal for links from one place of a template; NULL: not known",
}


_COLUMNS = """
SELECT c.relname, a.attname
FROM pg_class AS c
INNER JOIN pg_attribute AS a ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%(views)s) AND a.attnum > 0 AND NOT a.attisdropped
"""
_REMEMBER = """
INSERT INTO index_state (name, value) VALUES ('views', %(digest)s)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, set_at = now()
"""


def views_digest() -> str:
    """A hash of everything that `apply_views` would create."""
    said = [*functions().values(), *views().values(), repr(VIEW_COMMENTS), repr(COLUMN_COMMENTS)]
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def apply_views(connection: psycopg.Connection[Any]) -> None:
    """Create or replace functions and views, with their comments, from sql/. In one transaction, one upgrade at a time.

    Views of users that are built on ours stay: columns are only ever added at the end.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])  # upgrades take turns
        connection.execute("SET LOCAL lock_timeout = '10s'")
        for statement in (*functions().values(), *views().values()):
            connection.execute(statement.encode())
        for function, text in functions().items():
            connection.execute(_comment("FUNCTION", function, _purpose(text)).encode())
        for view, comment in VIEW_COMMENTS.items():
            connection.execute(_comment("VIEW", view, comment).encode())
        for view, column in connection.execute(_COLUMNS, {"views": list(VIEW_COMMENTS)}).fetchall():
            connection.execute(_comment("COLUMN", f"{view}.{column}", COLUMN_COMMENTS[column]).encode())
        connection.execute(_REMEMBER, {"digest": views_digest()})


def drop_views() -> str:
    """One statement, for a downgrade."""
    return f"DROP VIEW IF EXISTS {', '.join(views())}; DROP FUNCTION IF EXISTS {', '.join(functions())}"


def _purpose(text: str) -> str:
    """The comment at the top of a function's file."""
    return " ".join(line.removeprefix("-- ") for line in text.splitlines() if line.startswith("-- "))


def _comment(kind: str, name: str, text: str) -> str:
    quoted = text.replace("'", "''")
    return f"COMMENT ON {kind} {name} IS '{quoted}'"
