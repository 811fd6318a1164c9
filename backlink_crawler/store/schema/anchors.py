"""What the words of links are to the pages they lead to, as of the last `backlinks rank`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, Integer, Table

from backlink_crawler.store.schema.base import metadata

_SHARED = "referring domains with at least one text or image link that is live or unverified"
anchor_profiles = Table(
    "anchor_profiles",
    metadata,
    Column(
        "entropy",
        Double,
        comment="of its text anchors by referring domains, in bits; 0: all use the same; NULL: there are none",
    ),
    Column(
        "exact_lower",
        Double,
        comment="lower end of Wilson's interval (z 1.96) for the share of exact; NULL: fewer than 20 referring domains",
    ),
    Column(
        "exact_p95",
        Double,
        comment="95th percentile of that share among all targets of 20 and more; NULL: exact_lower is, or these are "
        "fewer than 20",
    ),
    Column("domain_to_id", Integer, primary_key=True, autoincrement=False, comment="the domain linked to"),
    Column(
        "over_optimised",
        Boolean,
        comment="exact_lower is above exact_p95, and three domains or more use a keyword; NULL: one of the two is",
    ),
    Column("refdomains", Integer, nullable=False, comment=_SHARED),
    Column("anchors", Integer, nullable=False, comment="different texts of these links"),
    *(
        Column(f"{name}_refdomains", Integer, nullable=False, comment=f"those of refdomains with {what}")
        for name, what in {
            "empty": "a link without words",
            "image": "an image link with an alt",
            "naked": "an address as anchor",
            "branded": "its name as anchor",
            "compound": "its name and more as anchor",
            "exact": "a keyword of it as anchor",
            "partial": "a keyword among other words, or a part of one",
            "generic": "an anchor that would fit any link",
            "other": "any other anchor",
        }.items()
    ),
    *(
        Column(f"{name}_links", Integer, nullable=False, comment=f"live links {where}")
        for name, where in {
            "content": "in pages' own text",
            "list": "in lists and tables",
            "nav": "in navigation",
            "header": "in headers",
            "footer": "in footers",
            "sidebar": "in sidebars",
            "comments": "in comments",
            "sitewide": "that are sitewide, which are counted as well where they stand",
        }.items()
    ),
    comment="By what words and from which parts of pages each domain is linked to. Written only when that changes.",
)
