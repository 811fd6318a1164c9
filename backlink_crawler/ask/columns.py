"""What people are shown of a column: its title, what kind of value it has, and what it means."""

from __future__ import annotations

import re
from enum import StrEnum

from backlink_crawler.store.views import COLUMN_COMMENTS


class Kind(StrEnum):
    URL = "url"
    DOMAIN = "domain"
    COUNT = "count"
    SCORE = "score"  # 0 to 100
    SHARE = "share"  # 0 to 1
    FACTOR = "factor"  # 0 to 1, and other numbers that are no count
    TIME = "time"
    DAY = "day"
    FLAG = "flag"
    WORDS = "words"  # a list
    WORD = "word"  # one of a few, ours
    TEXT = "text"  # what a page or a person says


_KINDS: dict[Kind, str] = {
    Kind.URL: "url_from url_to url right_url first_url",
    Kind.DOMAIN: "target domain domain_from domain_to host host_from host_to top_domain mirror_of",
    Kind.SCORE: "authority value links_percent percentile authority_percentile",
    Kind.SHARE: "trust risk relevance share weight_share refdomain_share index_share refdomains_share sitewide_share "
    "link_density follow_share exact_lower exact_p95",
    Kind.FACTOR: "similarity score factor weight overlap link_weight order_on_page entropy value_authority value_trust "
    "value_position value_relevance value_follow value_outgoing pages_per_second delay",
    Kind.TIME: "first_seen last_seen found_at lost_at lost_learnt_at checked_at learnt_at happened_at oldest_visit "
    "newest_visit last_visited next_visit marked_at added_at observed_at started_at finished_at seen_at until since due_at "
    "rests_until last_turn last_request fetched_at",
    Kind.DAY: "day",
    Kind.FLAG: "is_dofollow is_nofollow is_sponsored is_ugc page_nofollow page_noindex is_removed_by_scripts sitewide "
    "over_optimised similar_is_exact more_visited more_found more_links",
    Kind.WORDS: "rel rendered_rel reasons competitors_linked brands keywords",
    Kind.WORD: "status event outcome reason lost_reason link_type link_origin link_position anchor_source anchor_class class "
    "mark kind mode scope render relevance_basis signal policy language_from topic network "
    "state robots queue",
    Kind.TEXT: "seeds why name marked_by source anchor title_from snippet_left snippet_right before after mark_note headings_from",
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names.split()}
_TITLES = {
    "url_from": "Linking page",
    "url_to": "Target page",
    "domain_from": "Referring domain",
    "domain_to": "Domain",
    "is_dofollow": "Follow",
    "dofollow_links": "Follow links",
    "refpages": "Referring pages",
    "refdomains": "Referring domains",
    "pages_to": "Target pages",
    "link_type": "Type",
    "link_position": "Position",
    "link_origin": "Origin",
    "anchor_class": "Anchor class",
    "links_percent": "% of links",
    "lost_learnt_at": "Learnt lost",
    "found_at": "Found",
    "first_seen": "First seen",
    "last_seen": "Last seen",
    "lost_at": "Lost",
    "lost_reason": "Why lost",
    "http_code_to": "HTTP code",
    "http_code_from": "HTTP code",
    "mark_note": "Note",
    "rel": "Rel",
    "title_from": "Page title",
    "language_from": "Language",
    "competitors_linked": "Links to competitors",
    "links_to": "Competitors linked",
    "out_domains": "Domains linked",
    "right_url": "Should point to",
    "similar": "Similar links",
    "ugc_links": "UGC links",
    "dofollow_refdomains": "Follow referring domains",
    "own_refdomains": "Referring domains of its own",
    "shared_refdomains": "Referring domains of all",
    "http_code": "HTTP code",
    "crawl_id": "Run",
    "url": "URL",
    "max_depth": "Depth",
    "max_pages": "Budget",
    "domain_visited": "Visited of domain",
    "found_by_hops": "By hops",
    "new_refdomains": "New referring domains",
    "until": "Since or until",
    "checked_pages": "Own pages checked",
    "answers_ms": "Answers in ms",
    "elapsed_ms": "Answered in ms",
    "back_offs": "Back-offs",
    "robots": "robots.txt",
}
_LIST_OF_LINKS = re.compile(r"links_(\d+)")


def kind_of(column: str) -> Kind:
    """What is named nowhere is a count."""
    if column.endswith("_share"):
        return Kind.SHARE
    return _KIND_OF.get(column, Kind.COUNT)


def title_of(column: str) -> str:
    if found := _LIST_OF_LINKS.fullmatch(column):
        return f"Links to {found[1]}"
    return _TITLES.get(column) or column.replace("_", " ").capitalize()


def meaning_of(column: str) -> str:
    """As the database has it; nothing where it is of no view."""
    return COLUMN_COMMENTS.get(column, "")
