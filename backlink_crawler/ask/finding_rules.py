"""The findings that there are, as data: what is counted, when it is said, and with which words.

In sentences and advice a figure stands by its name, {links}. A key never changes its meaning: people's scripts ask for it. What
shows the rows of a finding is in store/sql/findings.sql.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Side(Enum):
    """On which side of what is usual a figure must be. ANY: wherever it is, if it counts anything."""

    BELOW, ABOVE, ANY = range(3)


class Age(Enum):
    """Of which profiles it is said. OLD: the first link was seen more than 91 days ago; before that, everything is new."""

    ANY, OLD, YOUNG = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """unless: keys of findings that say it already, or that contradict it."""

    key: str
    sentence: str
    advice: str
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusual(Said):
    """figure: the share, hits ÷ trials. thumb: a rule of thumb, for an index without percentiles."""

    figure: str
    hits: str
    trials: str
    side: Side = Side.ABOVE
    thumb: float | None = None
    age: Age = Age.ANY


class Comparison(NamedTuple):
    """percentile: p5, p25, p50, p75 or p95; being on it counts."""

    figure: str
    side: Side
    percentile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Good(Said):
    """conditions: all must hold."""

    conditions: tuple[Comparison, ...]
    age: Age = Age.ANY


LACKING = (
    Said(
        key="few_domains",
        sentence="{refdomains} referring domains are known, in {links} links; from {limit} on, shares say something.",
        advice="Crawl more of the sites that may link here, or look at the links one by one.",
    ),
    Said(
        key="few_pages_read",
        sentence="{pages_visited} of {pages_known} known pages of the domains that link were read; below {limit}, what is "
        "missing may say something else.",
        advice="Let the crawl go on, or raise the budget of the seeds that link; nothing more is said until then.",
    ),
    Said(
        key="mostly_unverified",
        sentence="{unverified_links} of {links} links could not be read again since they were seen; above {limit}, nothing more "
        "can be told.",
        advice="See why their pages cannot be read: robots.txt, a wall against bots, or a network that fails.",
    ),
)
NO_PERCENTILES = Said(
    key="few_targets",
    sentence="{targets} targets of this index were measured that have 20 referring domains or more; what is usual is told from "
    "20 targets on, and until then rules of thumb stand in, where there are any.",
    advice="Run `backlinks rank`, and crawl more; the rules of thumb are folklore.",
)

UNUSUAL = (
    Unusual(
        key="one_anchor",
        figure="top_keyword_share",
        hits="top_keyword_refdomains",
        trials="anchor_refdomains",
        thumb=0.1,
        sentence="{top_keyword_refdomains} of {anchor_refdomains} referring domains use the anchor “{top_keyword}”",
        advice="See who they are, and whether anybody asked them to use these words. Quoting a title is natural; links that "
        "were bought are not.",
    ),
    Unusual(
        key="keyword_anchors",
        figure="exact_share",
        hits="exact_refdomains",
        trials="anchor_refdomains",
        thumb=0.2,
        unless=("one_anchor",),
        sentence="{exact_refdomains} of {anchor_refdomains} referring domains use a keyword of {domain_to} as anchor",
        advice="See whether they chose the words themselves. Names of products and of articles are keywords too.",
    ),
    Unusual(
        key="one_domain",
        figure="top_domain_share",
        hits="top_domain_links",
        trials="links",
        thumb=0.5,
        sentence="{top_domain_links} of {links} links come from {top_domain}",
        advice="Count domains, not links: this is one voice. If it goes, so do they all.",
    ),
    Unusual(
        key="many_links_a_domain",
        figure="domains_per_link",
        hits="refdomains",
        trials="links",
        side=Side.BELOW,
        unless=("one_domain",),
        sentence="{refdomains} referring domains give {links} links, {domains_per_link} domains a link",
        advice="Links that stand on each page of a site, in its footer or menu, are one voice. Pages that cite you are "
        "worth more than rows of links.",
    ),
    Unusual(
        key="sitewide",
        figure="sitewide_share",
        hits="sitewide_links",
        trials="position_links",
        thumb=0.6,
        sentence="{sitewide_links} of {position_links} links stand in the same place on most pages of a site",
        advice="A footer, a menu or a blogroll: one voice a site, however many pages. Natural for makers and partners; follow "
        "links with keywords there are what paid links look like.",
    ),
    Unusual(
        key="comments",
        figure="comments_share",
        hits="comments_links",
        trials="position_links",
        thumb=0.4,
        sentence="{comments_links} of {position_links} links stand in comments",
        advice="See whether people talk about you, or somebody posts links. If it was done in your name, have it stopped.",
    ),
    Unusual(
        key="few_content",
        figure="content_refdomain_share",
        hits="content_refdomains",
        trials="refdomains",
        side=Side.BELOW,
        unless=("comments",),
        sentence="{content_refdomains} of {refdomains} referring domains link from the text of a page",
        advice="Links in the text of an article are those that somebody chose to make. See where the others stand.",
    ),
    Unusual(
        key="one_tld",
        figure="top_tld_share",
        hits="top_tld_refdomains",
        trials="refdomains",
        sentence="{top_tld_refdomains} of {refdomains} referring domains are under .{top_tld}",
        advice="Natural where all your readers live in one country. Elsewhere see whether they belong to one owner.",
    ),
    Unusual(
        key="one_network",
        figure="top_network_share",
        hits="top_network_refdomains",
        trials="network_refdomains",
        sentence="{top_network_refdomains} of {network_refdomains} referring domains whose address is known are in the network "
        "{top_network}",
        advice="One owner, one hosting company, or a CDN: the view referring_networks says how much of the whole index is there. "
        "See whether these sites know each other.",
    ),
    Unusual(
        key="reciprocal",
        figure="reciprocal_share",
        hits="reciprocal_refdomains",
        trials="refdomains",
        thumb=0.25,
        sentence="{reciprocal_refdomains} of {refdomains} referring domains are linked to by {domain_to} in turn",
        advice="Neighbours who cite each other are natural; partner pages that swap links are not. Look where the links stand.",
    ),
    Unusual(
        key="few_dofollow",
        figure="dofollow_share",
        hits="dofollow_refdomains",
        trials="refdomains",
        side=Side.BELOW,
        thumb=0.4,
        sentence="{dofollow_refdomains} of {refdomains} referring domains have a dofollow link",
        advice="The others bring readers and pass on little. Comments, forums and profiles give such links; articles give others.",
    ),
    Unusual(
        key="ugc",
        figure="ugc_share",
        hits="ugc_links",
        trials="backlinks",
        thumb=0.4,
        sentence="{ugc_links} of {backlinks} links are marked ugc: visitors of the sites wrote them",
        advice="See whether people talk about you, or somebody posts links. If it was done in your name, have it stopped.",
    ),
    Unusual(
        key="sponsored",
        figure="sponsored_share",
        hits="sponsored_links",
        trials="backlinks",
        thumb=0.3,
        sentence="{sponsored_links} of {backlinks} links are marked sponsored, as paid links should be",
        advice="Nothing is wrong with them; they pass on little, so count the others when you compare.",
    ),
    Unusual(
        key="unknown_linkers",
        figure="unlinked_share",
        hits="unlinked_refdomains",
        trials="ranked_refdomains",
        sentence="{unlinked_refdomains} of {ranked_refdomains} referring domains have no follow link to them that this index "
        "knows",
        advice="New sites begin so, and sites made for links stay so. Look at some of them; crawl more before you judge.",
    ),
    Unusual(
        key="other_language",
        figure="other_language_share",
        hits="other_language_refdomains",
        trials="language_refdomains",
        sentence="{other_language_refdomains} of {language_refdomains} referring domains link from pages in another language "
        "than the pages of {domain_to} ({target_language})",
        advice="Readers abroad are welcome. If you have none there, see which of your pages they link to, and who made those.",
    ),
    Unusual(
        key="off_topic",
        figure="off_topic_share",
        hits="off_topic_refdomains",
        trials="relevance_refdomains",
        sentence="{off_topic_refdomains} of the {relevance_refdomains} referring domains whose relevance is known have next to no "
        "word in common with what they link to",
        advice="Read some of their pages: why would they cite you? A translation has no common words either.",
    ),
    Unusual(
        key="losing",
        figure="recently_lost_share",
        hits="recently_lost_refdomains",
        trials="recent_refdomains",
        thumb=0.2,
        sentence="{recently_lost_refdomains} of {recent_refdomains} referring domains were lost in the last 28 days",
        advice="See why: pages that are gone, links that were removed, a site of yours that moved. Some can be asked for again.",
    ),
    Unusual(
        key="unverified",
        figure="unverified_share",
        hits="unverified_links",
        trials="links",
        thumb=0.2,
        sentence="{unverified_links} of {links} links could not be read again since they were seen; they are not lost",
        advice="Wait for the next visits; see whether one site or one wall against bots is behind most of them.",
    ),
    Unusual(
        key="young",
        figure="fresh_share",
        hits="fresh_refdomains",
        trials="refdomains",
        age=Age.YOUNG,
        sentence="{fresh_refdomains} of {refdomains} referring domains were first seen in the last 28 days",
        advice="A new site, or one that this index has begun to look at. Judge it again in some weeks.",
    ),
    Unusual(
        key="burst",
        figure="busiest_share",
        hits="busiest_new_refdomains",
        trials="refdomains",
        age=Age.OLD,
        sentence="{busiest_new_refdomains} of {refdomains} referring domains were found in the week from {busiest_week}",
        advice="News, a campaign, or a crawl that reached new sites does that; so do links that were bought or planted. See "
        "what they have in common.",
    ),
    Unusual(
        key="broken",
        figure="broken_share",
        hits="broken_links",
        trials="backlinks",
        side=Side.ANY,
        sentence="{broken_links} of {backlinks} links lead to pages of {domain_to} that are gone.",
        advice="Bring the pages back or redirect them to what has taken their place: no links are easier to win. If you never "
        "had such pages, leave them gone.",
    ),
)

GOOD = (
    Good(
        key="natural_anchors",
        conditions=(
            Comparison("exact_share", Side.BELOW, "p50"),
            Comparison("top_keyword_share", Side.BELOW, "p75"),
            Comparison("branded_share", Side.ABOVE, "p25"),
            Comparison("other_share", Side.BELOW, "p75"),
        ),
        unless=("one_anchor", "keyword_anchors"),
        sentence="{branded_refdomains} of {anchor_refdomains} referring domains call it by its name, {naked_refdomains} by its address "
        "and {exact_refdomains} by a keyword, as is natural; in this index half of the targets have {exact_share_p50} or more "
        "with a keyword.",
        advice="Leave it to those who link which words they choose.",
    ),
    Good(
        key="mixed_follow",
        conditions=(
            Comparison("dofollow_share", Side.ABOVE, "p25"),
            Comparison("dofollow_share", Side.BELOW, "p75"),
        ),
        unless=("few_dofollow", "ugc", "sponsored"),
        sentence="{dofollow_refdomains} of {refdomains} referring domains have a dofollow link, the others none; in this index "
        "half of the targets are between {dofollow_share_p25} and {dofollow_share_p75}.",
        advice="Nothing to do: a mix is natural.",
    ),
    Good(
        key="spread",
        conditions=(
            Comparison("top_domain_share", Side.BELOW, "p50"),
            Comparison("domains_per_link", Side.ABOVE, "p50"),
        ),
        unless=("one_domain", "many_links_a_domain", "one_tld"),
        sentence="{refdomains} referring domains give {links} links, the largest of them {top_domain_links}; in this index the "
        "largest gives {top_domain_share_p50} or more of the links to half of the targets.",
        advice="Nothing to do: no single site decides about it.",
    ),
    Good(
        key="steady",
        conditions=(
            Comparison("recently_lost_share", Side.BELOW, "p50"),
            Comparison("busiest_share", Side.BELOW, "p75"),
        ),
        age=Age.OLD,
        unless=("losing", "burst", "unverified"),
        sentence="{recently_lost_refdomains} of {recent_refdomains} referring domains were lost in the last 28 days; in this "
        "index half of the targets lost {recently_lost_share_p50} or more.",
        advice="Nothing to do.",
    ),
)
