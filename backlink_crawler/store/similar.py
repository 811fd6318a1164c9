"""One row for links that are alike: of one domain, to one URL, with one anchor, of one type and from one place of a template.

It is the row of the first of them in the order of links. Of a page of rows not all links are read: the first LOOKED_AT
are, which nearly always suffice, and the others only where they do not.
"""

from __future__ import annotations

from dataclasses import replace
from textwrap import indent
from typing import TYPE_CHECKING

from backlink_crawler.store.asking import ALL, Query, Select, and_
from backlink_crawler.store.choosing import status_of

if TYPE_CHECKING:
    from backlink_crawler.store.asking import Filters
    from backlink_crawler.store.choosing import Chosen

LOOKED_AT = 20_000
COUNTED = 2_000  # links of each domain, for how many are alike
COLUMNS = ("similar", "similar_is_exact")

_ALIKE = ("domain_from_id", "url_to_id", "anchor", "link_type", "path_hash")
_LIST = ",\n    ".join(_ALIKE)
_GROUPS = f"""SELECT
    {_LIST},
    max(ARRAY[batch_id, link_id]) AS first_link,
    count(*)::integer AS number,
    {{is_whole}} AS is_whole
FROM {{source}}
GROUP BY
    {_LIST}"""  # noqa: S608  our own names
_NEAR = f"""SELECT
    batch_id,
    link_id,
    {_LIST}
FROM backlinks
WHERE {{where}}
ORDER BY batch_id DESC, link_id DESC
LIMIT {LOOKED_AT}"""  # noqa: S608  our own names
# What pages before this one have shown, of the domains that these links are from.
_EARLIER = f"""SELECT DISTINCT
    {_LIST}
FROM backlinks
WHERE {{where}}
    AND domain_from_id = ANY(ARRAY(SELECT DISTINCT domain_from_id FROM alike))"""  # noqa: S608  our own names
_ARE_ALIKE = " AND ".join(
    f"e.{name} IS NOT DISTINCT FROM g.{name}" if name == "path_hash" else f"e.{name} = g.{name}" for name in _ALIKE
)
# A domain's links are found by its edge. The condition is turned round: those that stand for links to the target are
# replaced by the few links that they mean.
_COUNTED = f"""SELECT
    {_LIST},
    count(*)::integer AS number,
    min(looked_at) AS looked_at
FROM (SELECT DISTINCT domain_from_id AS linking_id FROM shown WHERE NOT is_whole) AS d
CROSS JOIN LATERAL (
    SELECT
        p.*,
        count(*) OVER () AS looked_at
    FROM (
        SELECT *
        FROM backlinks
        WHERE %(domain_to)s = domain_to_id AND domain_from_id = linking_id AND {{status}}
        LIMIT {COUNTED}
    ) AS p
) AS l
WHERE {{where}}
GROUP BY
    {_LIST}"""  # noqa: S608  our own names
_FOUND = f"""SELECT
    l.*,
    greatest(g.number, e.number) AS similar,
    g.is_whole OR coalesce(e.looked_at < {COUNTED}, FALSE) AS similar_is_exact
FROM shown AS g
LEFT JOIN counted AS e ON {_ARE_ALIKE}
CROSS JOIN LATERAL (SELECT * FROM backlinks WHERE link_id = g.first_link[2] OFFSET 0) AS l"""  # noqa: S608  our own names
# By the index of an edge's live links, that of its others, or both.
_BY_EDGE = {"missing": "status_id = 1", "lost": "status_id = 2", ALL: "(status_id = 0 OR status_id <> 0)"}


def grouped(columns: tuple[str, ...], order: tuple[str, ...], chosen: Chosen, filters: Filters) -> Query:
    """columns, order: of links. chosen: which links; filters: which page of the rows that they make."""
    steps = _alike(order, chosen, filters)
    is_new = ""
    if filters.after is not None and filters.sort is None:
        earlier = Select((), (), (), order).before(filters.after)
        steps["earlier"] = _EARLIER.format(where=and_([*chosen.where, earlier]))
        is_new = f"\nWHERE NOT EXISTS (SELECT FROM earlier AS e WHERE {_ARE_ALIKE})"
    limit = "" if filters.limit is None or filters.sort else f"\nLIMIT {int(filters.limit)}"
    steps["shown"] = f"SELECT g.*\nFROM alike AS g{is_new}\nORDER BY g.first_link DESC{limit}"
    by_edge = _BY_EDGE.get(status_of(filters) or "", "status_id = 0")
    steps["counted"] = _COUNTED.format(status=by_edge, where=and_(chosen.where))
    steps["found"] = _FOUND
    said = ",\n\n".join(f"{name} AS (\n{indent(text, '    ')}\n)" for name, text in steps.items())
    select = Select((*columns, *COLUMNS), ("found",), (), order, steps=said)
    text = select.text(replace(filters, after=filters.after if filters.sort else None, until=None))
    return Query(text, chosen.parameters, chosen.few_links, order=order)


def _alike(order: tuple[str, ...], chosen: Chosen, filters: Filters) -> dict[str, str]:
    """The steps that find the groups."""
    where = and_([*chosen.where, *Select((), (), (), order).between(filters)])
    if filters.until is not None:
        return {"alike": _GROUPS.format(source=f"backlinks\nWHERE {where}", is_whole="FALSE")}
    if filters.limit is None or filters.sort:
        return {"alike": _GROUPS.format(source=f"backlinks\nWHERE {where}", is_whole="TRUE")}
    are_few = f"(SELECT count(*) FROM near_groups) < {int(filters.limit)}"  # noqa: S608  a number
    of_all = _GROUPS.format(source=f"backlinks\nWHERE {where}\n    AND {are_few}", is_whole="TRUE")
    return {
        "near": _NEAR.format(where=where),
        "near_groups": _GROUPS.format(source="near", is_whole="FALSE"),
        "alike": f"SELECT *\nFROM near_groups\nWHERE NOT {are_few}\nUNION ALL\n({of_all})",
    }
