"""How near links are to what they link to, and the words by which that is told."""

from __future__ import annotations

from sqlalchemy import REAL, BigInteger, CheckConstraint, Column, Integer, SmallInteger, Table

from backlink_crawler.store.schema.base import bytewise, metadata

link_relevance = Table(
    "link_relevance",
    metadata,
    Column("link_id", BigInteger, primary_key=True, autoincrement=False, comment="the link"),
    Column(
        "relevance",
        REAL,
        nullable=False,
        comment="how near the words around the link and of its page are to those of its target, 0 to 1",
    ),
    Column(
        "basis",
        SmallInteger,
        nullable=False,
        comment="the target's words that were known: 1 its title or headings, 2 the anchors of other domains, 3 both",
    ),
    CheckConstraint("relevance BETWEEN 0 AND 1", name="relevance_is_a_share"),
    CheckConstraint("basis BETWEEN 1 AND 3", name="relevance_basis_is_known"),
    comment="Links whose relevance is known, as of the last ranking. Others have no row: nothing was known of their target.",
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
