"""Questions about several targets at once: as SQL over the views, as in queries.py."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backlink_crawler.model import TargetMode
from backlink_crawler.store.asking import Key, Query, Select, and_
from backlink_crawler.store.choosing import domain_id, links_to, with_marked
from backlink_crawler.store.summing import OVERVIEW, overview

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Filters

COMPARE = (*OVERVIEW, "own_refdomains", "shared_refdomains")

_COMPARED = """linking AS (
    {pairs}
),

reach AS (
    SELECT
        domain_from_id,
        count(*) AS targets
    FROM linking
    GROUP BY domain_from_id
),

shares AS (
    SELECT
        place,
        count(*) FILTER (WHERE targets = 1)::integer AS own_refdomains,
        count(*) FILTER (WHERE targets = {targets})::integer AS shared_refdomains
    FROM linking
    INNER JOIN reach USING (domain_from_id)
    GROUP BY place
),

overviews AS (
    {rows}
),

compared AS (
    SELECT
        overviews.*,
        coalesce(own_refdomains, 0) AS own_refdomains,
        coalesce(shared_refdomains, 0) AS shared_refdomains
    FROM overviews
    LEFT JOIN shares USING (place)
)"""


def intersect_columns(targets: int) -> tuple[str, ...]:
    each = tuple(f"links_{number}" for number in range(1, targets + 1))
    return ("domain_from", "links", "dofollow_links", *each, "mark", "mark_note", "domain_from_id")


def intersect(targets: Sequence[Target], without: Sequence[Target], filters: Filters) -> Query:
    """Domains that link to each of the targets, and to none of the others."""
    made = _Parts()
    of_links = replace(filters, mark=None)
    names = [made.add(f"linking_{number}", target, of_links) for number, target in enumerate(targets, 1)]
    others = [made.add(f"other_{number}", target, None) for number, target in enumerate(without, 1)]
    for number, target in enumerate(without, 1):
        made.parameters[f"without_{number}"] = domain_id(target)
    own = [f"domain_from_id IS DISTINCT FROM %(without_{number})s" for number, _ in enumerate(without, 1)]
    none = [f"domain_from_id NOT IN (SELECT domain_from_id FROM {name})" for name in others]  # noqa: S608  our own names
    sums = [f"{' + '.join(f'{name}.{column}' for name in names)} AS {column}" for column in ("links", "dofollow_links")]
    each = [f"{name}.links AS links_{number}" for number, name in enumerate(names, 1)]
    marked, parameters = with_marked(filters, "domain_from_id")
    made.parameters |= parameters
    columns = ",\n        ".join(["domain_from_id", f"{names[0]}.domain_from", *sums, *each, "m.mark", "m.mark_note"])
    joined = "\n    ".join([names[0], *(f"INNER JOIN {name} USING (domain_from_id)" for name in names[1:])])
    joined += f"\n    LEFT JOIN marks AS m ON {names[0]}.domain_from = m.domain AND m.url IS NULL"
    where = (*own, *none, *marked)
    conditions = f"\n    WHERE {and_(where)}" if where else ""
    made.steps.append(f"common AS (\n    SELECT\n        {columns}\n    FROM {joined}{conditions}\n)")
    order = ("links", "domain_from_id")
    select = Select(intersect_columns(len(targets)), ("common",), (), order, steps=",\n\n".join(made.steps))
    return Query(select.text(filters), made.parameters, made.few_links, order=order)


def compare(targets: Sequence[Target], filters: Filters) -> Query:
    """The overview of each target, and how many of its referring domains link to no other, and to all of them."""
    made = _Parts()
    for number, target in enumerate(targets, 1):
        made.add(f"linking_{number}", target, replace(filters, dofollow=False))
        totals = overview(target, f"_{number}")
        made.steps.append(f"overview_{number} AS (\n{totals.text}\n)")
        made.parameters |= totals.parameters
    places = range(1, len(targets) + 1)  # from the first to the last is from the top
    pairs = [f"SELECT -{place} AS place, domain_from_id FROM linking_{place}" for place in places]  # noqa: S608  our own names
    rows = [f"SELECT -{place} AS place, * FROM overview_{place}" for place in places]  # noqa: S608  our own names
    made.steps.append(
        _COMPARED.format(
            pairs="\n    UNION ALL\n    ".join(pairs), rows="\n    UNION ALL\n    ".join(rows), targets=len(targets)
        )
    )
    text = Select(COMPARE, ("compared",), (), ("place",), steps=",\n\n".join(made.steps)).text(filters)
    return Query(text, made.parameters, made.few_links)


class _Parts:
    """Steps of a query, and what they need."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.parameters: dict[str, Any] = {}
        self.few_links: dict[str, Key] = {}

    def add(self, name: str, target: Target, filters: Filters | None) -> str:
        """A step of this name: the domains with live or unverified links to the target. filters: None: any such link."""
        number = f"_{name.removeprefix('linking_')}"
        is_dofollow = filters is not None and filters.dofollow
        if target.mode is TargetMode.DOMAIN:
            where = [
                f"domain_to_id = %(domain_to{number})s",
                "links > 0",
                *(["dofollow_links > 0"] if is_dofollow else []),
            ]
            columns = "domain_from_id,\n        domain_from,\n        links,\n        dofollow_links"
            rest = f"FROM referring_domains\n    WHERE {and_(where)}"
            self.parameters[f"domain_to{number}"] = domain_id(target)
        else:
            chosen = links_to(target, filters, "status_id = 0", number=number)
            columns = (
                "domain_from_id,\n        domain_from,\n        count(*)::integer AS links,\n"
                "        count(*) FILTER (WHERE is_dofollow)::integer AS dofollow_links"
            )
            rest = f"FROM backlinks\n    WHERE {and_(chosen.where)}\n    GROUP BY domain_from_id, domain_from"
            self.parameters |= chosen.parameters
            self.few_links |= chosen.few_links
        self.steps.append(f"{name} AS (\n    SELECT\n        {columns}\n    {rest}\n)")
        return name
