"""Which links a question is about: the conditions of its query, and the few links that they mean if they are few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backlink_crawler.model import TargetMode
from backlink_crawler.store import marks
from backlink_crawler.store.asking import ALL, FEW, Filters, Key
from backlink_crawler.urls.normalise import host_of

if TYPE_CHECKING:
    from backlink_crawler.model import Target

STATUSES = {None: ("status_id = 0",), ALL: (), "missing": ("status_id = 1",), "lost": ("lost_batch_id IS NOT NULL",)}

# What a filter's value is compared with. Languages are written de, de-AT and, wrongly, de_AT.
_NARROWED = {
    "rel": "lower(%(rel)s) = ANY(rel)",
    "language": "split_part(translate(lower(language_from), '_', '-'), '-', 1) = lower(%(language)s)",
    "max_authority": "authority <= %(max_authority)s",
    "first_from": "first_seen >= %(first_from)s::date::timestamp AT TIME ZONE 'UTC'",
    "first_until": "first_seen < (%(first_until)s::date + 1)::timestamp AT TIME ZONE 'UTC'",
    "lost_reason": "lost_reason = %(lost_reason)s",
}
_MARKED = {marks.ANY: "mark IS NOT NULL", marks.NONE: "mark IS NULL"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """where: conditions on `backlinks`. few_links: as in Query, by the first of them."""

    where: tuple[str, ...]
    parameters: dict[str, Any]
    few_links: dict[str, Key]


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a link. urls: the keys of its URLs, NULL when they are more than FEW; None: of a whole domain."""

    where: tuple[str, ...]
    parameters: dict[str, Any]
    urls: Key | None


def links_to(target: Target, filters: Filters | None = None, *also: str, number: str = "") -> Chosen:
    """Links to the target that the filters let pass; their status does not matter. number: tells targets apart."""
    end = _end(target, "to", number)
    few = [Key(f"few_links({end.urls.call}, %s::integer)", (*end.urls.arguments, FEW))] if end.urls else []
    where, parameters = [*end.where, *also], dict(end.parameters)
    if filters and filters.source:
        source = _end(filters.source, "from", number)
        few = [*_few_from(source, filters.source, target), *few]
        where, parameters = [*where, *source.where], parameters | source.parameters
    elif filters and filters.min_authority is not None and _is_live_and_whole(target, filters):
        ranked = "few_links_ranked(domain_id(%s), %s::real, %s::integer)"
        few = [Key(ranked, (target.domain, filters.min_authority, FEW))]
    if filters and filters.mark:
        where.append(_MARKED.get(filters.mark, "mark = %(mark)s"))
        parameters["mark"] = filters.mark
        if filters.mark != marks.NONE:
            few.append(Key("few_links_marked(domain_id(%s), %s, %s::integer)", (target.domain, filters.mark, FEW)))
    for condition, values in _filtered(filters or Filters()):
        where.append(condition)
        parameters |= values
    return Chosen(tuple(where), parameters, {where[0]: _first_of(few)} if few else {})


def links_from(source: Target, filters: Filters) -> Chosen:
    """Links from the source, which is part of a domain. No index has a domain's links out; one has each of its edges."""
    end = _end(source, "from", "")
    assert end.urls
    few = Key(f"few_links_on({end.urls.call}, %s::integer)", (*end.urls.arguments, FEW))
    linked = "domain_to_id = ANY(ARRAY(SELECT domain_to_id FROM linked_domains WHERE domain_from_id = %(domain_from)s))"
    where, parameters = [*end.where, linked], dict(end.parameters)
    for condition, values in _filtered(filters):
        where.append(condition)
        parameters |= values
    return Chosen(tuple(where), parameters, {where[0]: few})


def with_status(filters: Filters) -> tuple[str, ...]:
    """What stands until a visit has proved otherwise is live or unverified: stored alike, told apart by its page."""
    return STATUSES.get(status_of(filters), ("status_id = 0", "status = %(status)s"))


def status_of(filters: Filters) -> str | None:
    """A reason why links were lost asks for lost ones."""
    return filters.status or ("lost" if filters.lost_reason else None)


def with_marked(filters: Filters, domain: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Conditions on the domains of rows that are of domains, and their parameters. domain: the column with their keys."""
    match filters.mark:
        case None:
            return (), {}
        case marks.NONE:
            return (f"{domain} <> ALL(%(marked)s::integer [])",), {"marked": _marked(marks.ANY)}
        case word:
            return (f"{domain} = ANY(%(marked)s::integer [])",), {"marked": _marked(word)}


def _marked(mark: str) -> Key:
    return Key("marked_domains(%s)", (mark,), is_list=True)


def domain_id(target: Target) -> Key:
    return Key("domain_id(%s)", (target.domain,))


def _filtered(filters: Filters) -> list[tuple[str, dict[str, Any]]]:
    chosen: list[tuple[str, dict[str, Any]]] = []
    if filters.dofollow:
        chosen.append(("is_dofollow", {}))
    if filters.min_authority is not None:
        chosen.append(("authority >= %(min_authority)s", {"min_authority": filters.min_authority}))
    if filters.origin:
        chosen.append(("link_origin = %(origin)s", {"origin": filters.origin}))
    if filters.link_type:
        chosen.append(("link_type = %(link_type)s", {"link_type": filters.link_type}))
    if filters.anchor_class:
        chosen.append(("anchor_class = %(anchor_class)s", {"anchor_class": filters.anchor_class}))
    if filters.position:
        chosen.append(("link_position = %(position)s", {"position": filters.position}))
    if filters.anchor is not None:
        is_whole = filters.anchor.startswith("=")
        condition = "anchor = %(anchor)s" if is_whole else "strpos(lower(anchor), lower(%(anchor)s)) > 0"
        chosen.append((condition, {"anchor": filters.anchor.removeprefix("=")}))
    if filters.max_risk is not None:
        chosen.append(("risk <= %(max_risk)s", {"max_risk": filters.max_risk}))
    if filters.min_relevance is not None:
        chosen.append(("relevance >= %(min_relevance)s", {"min_relevance": filters.min_relevance}))
    narrowed = ((name, condition, getattr(filters, name)) for name, condition in _NARROWED.items())
    return [*chosen, *((condition, {name: value}) for name, condition, value in narrowed if value is not None)]


def _is_live_and_whole(target: Target, filters: Filters) -> bool:
    """A question about live links to a whole domain, by links and not by edges."""
    is_live = filters.status in {None, "live", "unverified"}
    return target.mode is TargetMode.DOMAIN and is_live and not filters.one_per_domain


def _end(target: Target, end: str, number: str) -> _End:
    name = f"{end}{number}"
    where: tuple[str, ...] = (f"domain_{end}_id = %(domain_{name})s",)
    parameters: dict[str, Any] = {f"domain_{name}": domain_id(target)}
    match target.mode:
        case TargetMode.EXACT:
            where = (*where, f"url_{end}_id = %(url_{name})s")
            parameters[f"url_{name}"] = Key("url_id(%s)", target.values)
            return _End(where, parameters, Key("ARRAY[url_id(%s)]", target.values))
        case TargetMode.PREFIX:
            prefixes = {f"prefix_{name}_{place}": value for place, value in enumerate(target.values)}
            tests = [f"starts_with(url_{end}, %({prefix})s)" for prefix in prefixes]
            where = (*where, f"({' OR '.join(tests)})" if len(tests) > 1 else tests[0])
            return _End(where, parameters | prefixes, _urls(host_of(target.values[0]), target))
        case TargetMode.SUBDOMAINS:
            (host,) = target.values
            where = (*where, f"host_{end}_id = ANY(%(hosts_{name})s)")
            parameters[f"hosts_{name}"] = Key("host_ids(%s, %s)", (host, target.domain), is_list=True)
            return _End(where, parameters, _urls(host, target))
        case TargetMode.DOMAIN:
            return _End(where, parameters, None)


def _urls(host: str, target: Target) -> Key:
    prefixes = list(target.values) if target.mode is TargetMode.PREFIX else []
    return Key("few_urls(host_ids(%s, %s), %s::text[], %s::integer)", (host, target.domain, prefixes, FEW))


def _few_from(end: _End, source: Target, target: Target) -> list[Key]:
    few = [Key(f"few_links_on({end.urls.call}, %s::integer)", (*end.urls.arguments, FEW))] if end.urls else []
    edge = Key("few_links_between(domain_id(%s), domain_id(%s), %s::integer)", (target.domain, source.domain, FEW))
    return [*few, edge]


def _first_of(few: list[Key]) -> Key:
    calls = ", ".join(key.call for key in few)
    return Key(f"coalesce({calls})", tuple(argument for key in few for argument in key.arguments))
