"""What ranking finds of single links and of domain edges, and the words by which relevance is told."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Double, Integer, LargeBinary, SmallInteger, Table

from backlink_crawler.store.schema.base import bytewise, metadata

_BLOCK = "links.id >> 6: of the 64 links with these ids, each has the byte id & 63 of the columns beside it"

# A row for each link would take 64 bytes, of which three are scores.
link_relevance = Table(
    "link_relevance",
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False, comment=_BLOCK),
    Column(
        "relevance",
        LargeBinary,
        nullable=False,
        comment="how near the words around the link and of its page are to those of its target, 0 to 100; 255: not known",
    ),
    Column(
        "basis",
        LargeBinary,
        nullable=False,
        comment="the target's words that were known: 1 its title or headings, 2 the anchors of other domains, 3 both; 0: none",
    ),
    CheckConstraint("octet_length(relevance) = 64 AND octet_length(basis) = 64", name="relevance_is_of_64_links"),
    comment="Relevance of links, as of the last ranking. Written only when it changes.",
)

link_anchor_classes = Table(
    "link_anchor_classes",
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False, comment=_BLOCK),
    Column(
        "classes",
        LargeBinary,
        nullable=False,
        comment="of a text link, as anchor_class_of reads it: in the lower three bits 1 naked, 2 branded, 3 compound, 4 "
        "exact, 5 partial, 6 generic, 7 other, above them five of its anchor's hash; 0: not known",
    ),
    CheckConstraint("octet_length(classes) = 64", name="anchor_classes_are_of_64_links"),
    comment="Classes of anchors, as of the last ranking. Written only when they change.",
)

edge_relevance = Table(
    "edge_relevance",
    metadata,
    Column("domain_to_id", Integer, primary_key=True, autoincrement=False, comment="the domain linked to"),
    Column("domain_from_id", Integer, primary_key=True, autoincrement=False, comment="the domain that links"),
    Column("relevance", SmallInteger, nullable=False, comment="the largest relevance of a live link, 0 to 100"),
    CheckConstraint("relevance BETWEEN 0 AND 100", name="edge_relevance_is_a_percentage"),
    comment="Domain edges of more than eight live links whose relevance is known, as of the last ranking. Of others it is "
    "looked up among their links.",
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

_WEIGHT = "how much a link may lose for {}, 0 to 1; 0: it does not count"
_PART = "what a link in that part of its page is worth, 0 to 1"
value_weights = Table(
    "value_weights",
    metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False, comment="1: there is one row"),
    *(
        Column(name, Double, nullable=False, server_default=weight, comment=_WEIGHT.format(what))
        for name, weight, what in (
            ("authority", "0.6", "the authority of its domain"),
            ("trust", "0.2", "the trust of its domain"),
            ("position", "0.7", "where on its page it stands"),
            ("relevance", "0.5", "its relevance"),
            ("follow", "0.8", "not being followed"),
            ("outgoing", "0.4", "the other links that leave its page's domain"),
        )
    ),
    *(
        Column(name, Double, nullable=False, server_default=worth, comment=_PART)
        for name, worth in (
            ("content", "1"),
            ("list", "0.5"),
            ("nav", "0.3"),
            ("header", "0.3"),
            ("footer", "0.1"),
            ("sidebar", "0.3"),
            ("comments", "0.2"),
            ("unknown", "0.5"),
        )
    ),
    Column(
        "sitewide",
        Double,
        nullable=False,
        server_default="0.1",
        comment="what a sitewide link is worth, wherever it stands",
    ),
    CheckConstraint("one = 1", name="value_weights_are_one_row"),
    CheckConstraint(
        "least(authority, trust, position, relevance, follow, outgoing, content, list, nav, header, footer, sidebar, "
        "comments, unknown, sitewide) >= 0 AND greatest(authority, trust, position, relevance, follow, outgoing, content, "
        "list, nav, header, footer, sidebar, comments, unknown, sitewide) <= 1",
        name="value_weights_are_shares",
    ),
    comment="What the value of a link is made of. Change it, and backlinks.value follows.",
)
