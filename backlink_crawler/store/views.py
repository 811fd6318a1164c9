"""The views that people's SQL rests on: their text stands in sql/views/, what their columns mean stands here."""

from __future__ import annotations

from backlink_crawler.store.statements import views

VIEW_COMMENTS = {
    "backlinks": "One row a link that leaves its page's domain, every instance.",
    "referring_domains": "Who points to a domain: one row a linking domain. SELECT … WHERE domain_to = 'example.com'.",
    "linked_domains": "What a domain links out to: one row a domain linked to.",
    "anchors": "The words that live links to a domain use.",
    "best_by_links": "A domain's pages by the live links to them.",
    "broken_backlinks": "Live links to pages that were visited and answered 404 or 410.",
    "crawled_pages": "Every page that the frontier knows, visited or not; sitemaps left out.",
    "link_history": "What happened to each link since it was found, with the visit that proves it.",
    "new_lost_daily": "Links and referring domains found and lost, by day.",
    "target_overview": "A domain in figures, with how well the domains that link to it are covered.",
}
_LINKS = "links that are live or unverified, each instance"
_CONFIRMED = "last visit that read the page (2xx, 304 or a redirect) and saw it live"
COLUMN_COMMENTS = {
    "after": "rel or anchor after, or why it was lost; NULL: none of these",
    "anchor": "its words: text, else images' alt, else title, at most 1,000 characters; empty: none",
    "anchor_source": "where anchor comes from: text, alt, title, none",
    "backlinks": "live links, each instance",
    "before": "rel or anchor before; NULL: neither changed",
    "checked_at": "when url_to was last visited",
    "day": "day in the session's time zone",
    "depth": "clicks from its seed's start",
    "dofollow_links": "live links that are neither nofollow, sponsored nor ugc, on pages that are not nofollow",
    "dofollow_refdomains": "domains with at least one live dofollow link",
    "domain": "registrable domain",
    "domain_from": "registrable domain that links",
    "domain_from_id": "key of domain_from: settles ties in the order that is indexed",
    "domain_to": "registrable domain that is linked to",
    "domain_to_id": "key of domain_to: by it, ORDER BY links DESC, domain_from_id reads an index in order",
    "event": "found, missing, lost, restored, rel_changed, anchor_changed",
    "first_seen": "when it was first found",
    "happened_at": "when the visit that proves it was recorded",
    "host": "host, with its port when that is not the scheme's own",
    "host_from": "host of url_from",
    "host_to": "host of url_to",
    "http_code": "status of the visit, the last one for a page; NULL: no answer, or never visited",
    "http_code_from": "status of the last visit to url_from; NULL: no answer",
    "http_code_to": "status of the last visit to url_to",
    "is_dofollow": "neither nofollow, sponsored nor ugc, and the page is not nofollow",
    "is_nofollow": "its rel holds nofollow",
    "is_removed_by_scripts": "it stands in the HTML, and the last rendering of the page had it no more",
    "is_sponsored": "its rel holds sponsored",
    "is_ugc": "its rel holds ugc",
    "language": "lang attribute of the html element, lower-cased; NULL: none, or not read",
    "language_from": "lang attribute of the page, lower-cased; NULL: none, or not read",
    "last_seen": f"{_CONFIRMED}; for a domain, the last known of its links: at least so late",
    "last_visited": "last visit, however it ended; NULL: never",
    "link_id": "key of the link, the same for all that happened to it",
    "link_origin": "html, rendered (only there: scripts have added it) or both; html if the page was never rendered",
    "link_type": "text, image, redirect, canonical, frame",
    "links": _LINKS,
    "links_external": "links of the page that leave its domain, each instance; NULL: not read",
    "links_internal": "links of the page inside its domain, each instance; NULL: not read",
    "lost_at": "when it was first missing, once it is lost; NULL: not lost",
    "lost_links": "links lost",
    "lost_reason": "link_removed, page_gone, page_redirected; NULL: not lost",
    "lost_refdomains": "referring domains lost",
    "new_links": "links found",
    "new_refdomains": "referring domains found",
    "newest_visit": "latest visit to a page of the domains that link; NULL: none",
    "next_visit": "due from then on; NULL: not visited again by itself",
    "nofollow_links": "live links whose rel holds nofollow",
    "oldest_visit": "of all pages of the domains that link, the last visit that is longest ago; NULL: none",
    "outcome": "how the visit ended, the last one for a page; NULL: never visited, or no longer kept",
    "page_nofollow": "the page's robots meta or X-Robots-Tag says nofollow or none",
    "page_noindex": "the page's robots meta or X-Robots-Tag says noindex or none",
    "pages_known": "pages known on the domains that link",
    "pages_to": "URLs of domain_to with a live link to them",
    "pages_visited": "pages visited on the domains that link",
    "position": "place among the page's links when it was found, from 0",
    "reason": "why, when the outcome does not say it all; NULL: it does",
    "refdomains": "domains with at least one live link",
    "refpages": "pages with at least one live link",
    "rel": "tokens of its rel attribute, lower-cased, in order; empty: none",
    "rendered_at": "last visit that rendered it; NULL: never",
    "rendered_rel": "what scripts make of rel; NULL: it stays, or the page was not rendered",
    "rendering": "why its last reading rendered it in a browser, or not; NULL: it was never read",
    "snippet_left": "text before it in its block, at most 80 characters",
    "snippet_right": "text after it in its block, at most 80 characters",
    "sponsored_links": "live links whose rel holds sponsored",
    "status": "live, missing (absent at one visit), lost, unverified (live, but its page could not be read lately)",
    "title": "title; NULL: none, or not read",
    "title_from": "title of the page; NULL: none, or not read",
    "ugc_links": "live links whose rel holds ugc",
    "unverified_links": "links whose page could not be read lately",
    "url": "normalised URL",
    "url_from": "normalised URL of the page it stands on",
    "url_from_hash": "url_hash(url_from), which is indexed",
    "url_to": "normalised URL it goes to",
    "url_to_hash": "url_hash(url_to), which is indexed",
}


def create_views() -> list[str]:
    """The statements that make every view anew, without the comments on columns: those need the database."""
    return [
        statement for name, text in views().items() for statement in (text, _comment("VIEW", name, VIEW_COMMENTS[name]))
    ]


def comment_columns(columns: list[tuple[str, str]]) -> list[str]:
    """Statements that comment (view, column) pairs. A column that lacks a meaning here raises KeyError."""
    return [_comment("COLUMN", f"{view}.{column}", COLUMN_COMMENTS[column]) for view, column in columns]


def _comment(kind: str, name: str, text: str) -> str:
    quoted = text.replace("'", "''")
    return f"COMMENT ON {kind} {name} IS '{quoted}'"
