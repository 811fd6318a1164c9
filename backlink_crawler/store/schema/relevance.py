"""What ranking finds of single links and of domain edges, and the words by which relevance is told."""

from __future__ import annotations

from sqlalchemy import REAL, BigInteger, CheckConstraint, Column, Integer, LargeBinary, Table

from backlink_crawler.store.schema.base import bytewise, metadata

# A row for each link would take 64 bytes of which 4 are scores.
link_scores = Table(
    "link_scores",
    metadata,
    Column(
        "block",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="links.id >> 6: of the 64 links with these ids, each has the byte id & 63 of the columns below",
    ),
    Column(
        "relevance",
        LargeBinary,
        comment="how near the words around the link and of its page are to those of its target, 0 to 100; 255: nothing was "
        "known of its target; NULL: of none of these links",
    ),
    Column(
        "basis",
        LargeBinary,
        comment="the target's words that were known: 0 none, 1 its title or headings, 2 the anchors of other domains, 3 both; "
        "NULL: as relevance",
    ),
    Column(
        "anchor_class",
        LargeBinary,
        comment="of a text link: 0 not known, 2 naked, 3 branded, 4 compound, 5 exact, 6 partial, 7 generic, 8 other; NULL: "
        "of none of these links",
    ),
    CheckConstraint("octet_length(relevance) = 64 AND octet_length(basis) = 64", name="relevance_is_of_64_links"),
    CheckConstraint("octet_length(anchor_class) = 64", name="anchor_class_is_of_64_links"),
    comment="Scores of links, as of the last ranking. Written only when they change.",
)

edge_relevance = Table(
    "edge_relevance",
    metadata,
    Column("domain_to_id", Integer, primary_key=True, autoincrement=False, comment="the domain linked to"),
    Column("domain_from_id", Integer, primary_key=True, autoincrement=False, comment="the domain that links"),
    Column("relevance", REAL, nullable=False, comment="the largest relevance of a live link, 0 to 1"),
    CheckConstraint("relevance BETWEEN 0 AND 1", name="edge_relevance_is_a_share"),
    comment="Domain edges with a live link whose relevance is known, as of the last ranking.",
)

index_words = Table(
    "index_words",
    metadata,
    Column(
        "word", bytewise, primary_key=True, comment="in small letters, without accents; a language ends with a colon"
    ),
    Column(
        "pages", Integer, nullable=False, comment="pages that have it in title, headings, or in and around their links"
    ),
    CheckConstraint("pages >= 2", name="kept_words_are_on_several_pages"),
    comment="Words of the index, as of the last ranking; those on one page only are left out. With the number of pages in "
    "ranking_runs.figures they give the weight of each word.",
)
