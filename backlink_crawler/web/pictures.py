"""What an overview shows, for its page and for the report: tiles, charts, and the figures beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from backlink_crawler.ask.findings import percent
from backlink_crawler.ask.words import ANCHOR_CLASSES, LINK_TYPES, ORIGINS, POSITIONS
from backlink_crawler.terminal import counted
from backlink_crawler.web import charts
from backlink_crawler.web.charts import Series
from backlink_crawler.web.rendering import grouped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlink_crawler.ask.mixes import Mix
    from backlink_crawler.ask.overviews import Coverage, Overview, Top
    from backlink_crawler.ask.trends import Trend
    from backlink_crawler.web.charts import Chart

NO_WORDS = "(no words)"
# Of each mix its title, and the head of its words.
_MIXES = {
    "rel": ("Rel of links", "Rel"),
    "type": ("Types of links", "Type"),
    "position": ("Where links stand", "Position"),
    "anchors": ("Classes of anchors", "Class"),
    "languages": ("Languages of linking pages", "Language"),
    "tlds": ("TLDs of referring domains", "TLD"),
    "origin": ("In the HTML, or rendered", "Origin"),
}
_OVERLAPPING = frozenset({"rel", "position"})  # a link may have several of their words: no whole is made of them
# The filter of the question “links” that a word of a mix stands for, and the words that it takes; none: any.
_FILTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "rel": ("rel", ("nofollow", "sponsored", "ugc")),
    "languages": ("language", ()),
    "type": ("type", LINK_TYPES),
    "position": ("position", POSITIONS),
    "anchors": ("class", ANCHOR_CLASSES),
    "origin": ("origin", ORIGINS),
}
_SHARES = {"languages": "links from pages whose language is known", "tlds": "referring domains"}


class Pathfinder(Protocol):
    """The address of a question about the target. None: there is no page of it, as in a report."""

    def __call__(self, question: str, /, **chosen: Any) -> str | None: ...


class Tile(NamedTuple):
    title: str
    figure: str
    note: str


class Record(NamedTuple):
    """A row of figures. path: of the page of what it counts."""

    word: str
    figures: Sequence[str]
    path: str | None = None


class Table(NamedTuple):
    heads: Sequence[str]
    lines: Sequence[Record]


class Picture(NamedTuple):
    """chart: None: nothing is known, for the reason `why`. note: what must be said beside it."""

    title: str
    chart: Chart | None
    table: Table | None
    note: str | None = None
    why: str | None = None


def tiles(found: Overview) -> list[Tile]:
    """Each count with how much of what links was read, and when."""
    totals, read = found.totals, _briefly(found.coverage)
    live = totals["backlinks"]
    follow = percent(totals["dofollow_links"] / live) if live else "–"
    return [
        Tile("Backlinks", grouped(live), f"live, on {counted(totals['refpages'], 'page')}; {read}"),
        Tile(
            "Referring domains",
            grouped(totals["refdomains"]),
            f"{grouped(totals['dofollow_refdomains'])} with a follow link; {read}",
        ),
        Tile("Follow", follow, f"{grouped(totals['dofollow_links'])} of {counted(live, 'live link')}; {read}"),
        *_scores(totals),
        Tile("Unverified", grouped(totals["unverified_links"]), f"not read again since they were seen; {read}"),
        Tile("Missing", grouped(totals["missing_links"]), f"not there when last read, to be confirmed; {read}"),
        Tile("Lost", grouped(totals["lost_links"]), f"of all that were ever seen; {read}"),
    ]


def _scores(totals: Any) -> Iterator[Tile]:
    """Of the target's whole domain."""
    for name, most in (("authority", "of 100"), ("trust", "of 1")):
        score = totals.get(name)
        if score is None:
            yield Tile(name.capitalize(), "–", "not known: `backlinks rank` computes it for whole domains")
        else:
            yield Tile(name.capitalize(), _figure(name, score), most)


def _briefly(coverage: Coverage) -> str:
    if coverage.visited_share is None or coverage.newest_visit is None:
        return "how much of what links was read is not known"
    return f"{percent(coverage.visited_share)} read, until {coverage.newest_visit:%Y-%m-%d}"


def coverage_in_words(coverage: Coverage) -> str:
    if coverage.visited_share is None:
        return f"How well the domains that link are crawled is not known: {coverage.why}"
    said = (
        f"{grouped(coverage.pages_visited)} of the {counted(coverage.pages_known or 0, 'known page')} of the domains that link "
        f"were read ({percent(coverage.visited_share)})"
    )
    if coverage.oldest_visit and coverage.newest_visit:
        said += f", from {coverage.oldest_visit:%Y-%m-%d %H:%M} to {coverage.newest_visit:%Y-%m-%d %H:%M} UTC"
    return said + (f"; as of {coverage.as_of:%Y-%m-%d %H:%M} UTC." if coverage.as_of else ".")


def over_time(trend: Trend) -> list[Picture]:
    """How many stood, and what came and went."""
    days = [each.day for each in trend.days]
    unit, each = ("week", " (by week)") if trend.days_each == 7 else ("day", "")
    made = []
    for name, title in (("refdomains", "referring domains"), ("links", "links")):
        stood = [getattr(of, name) for of in trend.standing]
        came = [getattr(of, f"new_{name}") + getattr(of, f"restored_{name}") for of in trend.days]
        went = [getattr(of, f"lost_{name}") for of in trend.days]
        made += [
            Picture(
                f"{title.capitalize()} over time{each}",
                charts.lines(f"{title.capitalize()} over time", days, [Series(title.capitalize(), stood)]),
                Table(("Day", title.capitalize()), _by_day(days, stood)),
                f"Known and not lost at the end of each {unit} in UTC; a gap: not known.",
                _why_no_days(trend),
            ),
            Picture(
                f"New and lost {title}{each}",
                charts.bars(f"New and lost {title}", days, Series("New or restored", came), Series("Lost", went)),
                Table(("Day", "New or restored", "Lost"), _by_day(days, came, went)),
                f"Counted when this index learnt of it, by {unit} in UTC.",
                _why_no_days(trend),
            ),
        ]
    return made


def days_of(trend: Trend) -> Table:
    """All that is known of each day, in one table."""
    figures = [
        *([getattr(each, name) for each in trend.standing] for name in ("refdomains", "links")),
        *(
            [getattr(each, f"{kind}_{name}") for each in trend.days]
            for name in ("refdomains", "links")
            for kind in _KINDS
        ),
    ]
    changes = [f"{title} {kind}" for title in ("Domains", "Links") for kind in _KINDS]
    return Table(("Day", "Referring domains", "Links", *changes), _by_day([each.day for each in trend.days], *figures))


def _why_no_days(trend: Trend) -> str:
    return trend.why or "links have been removed from this index since, so that earlier counts are not known."


def _by_day(days: Sequence[Any], *values: Sequence[int | None]) -> list[Record]:
    """The last day first."""
    lines = [Record(str(day), [grouped(each) for each in found]) for day, *found in zip(days, *values, strict=True)]
    return lines[::-1]


def mixes(found: Overview, to: Pathfinder) -> list[Picture]:
    return [_mix(name, found.mixes[name], to) for name in _MIXES if name in found.mixes]


def _mix(name: str, mix: Mix, to: Pathfinder) -> Picture:
    title, head = _MIXES[name]
    if mix.why or not mix.shares:
        return Picture(title, None, None, None, mix.why or "nothing is known.")
    chart: Chart | None
    if name in _OVERLAPPING:
        shown = [(each.word.replace("_", " "), each.share, percent(each.share)) for each in mix.shares]
        chart = charts.rows(title, shown, most=1)
    else:
        chart = charts.stack(title, [(each.word, each.share) for each in mix.shares])
    has_domains = any(each.refdomains is not None for each in mix.shares)
    heads = (head, "Share", "Links", *(("Referring domains",) if has_domains else ()))
    lines = [
        Record(
            each.word,
            [percent(each.share), grouped(each.links), *((grouped(each.refdomains),) if has_domains else ())],
            _path_of_word(name, each.word, to),
        )
        for each in mix.shares
    ]
    return Picture(title, chart, Table(heads, lines), _note(name, mix))


def _note(name: str, mix: Mix) -> str:
    known = f"{_SHARES[name]}" if name in _SHARES else counted(mix.known, "live link")
    said = f"Shares of {known}" + (f", {mix.note}" if mix.note else "")
    more = mix.words - len(mix.shares)
    also = "; a link may count more than once" if name in _OVERLAPPING else ""
    return said + also + (f"; {more:,} more words are not shown." if more > 0 else ".")


def _path_of_word(mix: str, word: str, to: Pathfinder) -> str | None:
    if word == "dofollow":
        return to("links", dofollow="true")
    if mix not in _FILTERS:
        return None
    name, words = _FILTERS[mix]
    return to("links", **{name: word}) if not words or word in words else None


def tops(found: Overview, to: Pathfinder) -> list[Picture]:
    """The first anchors, pages and referring domains."""
    return [
        _top("Top anchors", found.top["anchors"], "anchor", "links", ("refdomains", "dofollow_links"), _to_anchor(to)),
        _top(
            "Top pages",
            found.top["best"],
            "url_to",
            "refdomains",
            ("links", "dofollow_links"),
            lambda page: to("links", page=page),
        ),
        _top_domains(found.top["refdomains"], to),
    ]


def _to_anchor(to: Pathfinder) -> Any:
    return lambda anchor: to("links", anchor=f"={anchor}")


def _top_domains(top: Top, to: Pathfinder) -> Picture:
    is_ranked = top.order == "authority"
    by, others = ("authority", ("links", "dofollow_links")) if is_ranked else ("links", ("dofollow_links", "refpages"))
    return _top("Top referring domains", top, "domain_from", by, others, lambda domain: to("links", from_=domain))


_KINDS = ("new", "restored", "lost")
_UNITS = {"links": "link", "refdomains": "domain"}
_HEADS = {
    "links": "Links",
    "refdomains": "Referring domains",
    "dofollow_links": "Follow links",
    "refpages": "Referring pages",
    "authority": "Authority",
}


def _top(title: str, top: Top, column: str, by: str, others: Sequence[str], path: Any) -> Picture:
    if top.why or not top.rows:
        return Picture(title, None, None, None, top.why or "there are none.")
    rows = dicts(top)
    words = [_shown(column, row[column]) for row in rows]
    bars = [(word, row[by] or 0, _in_units(by, row[by])) for word, row in zip(words, rows, strict=True)]
    lines = [
        Record(word, [_figure(name, row[name]) for name in (by, *others)], path(row[column]))
        for word, row in zip(words, rows, strict=True)
    ]
    heads = (title.removeprefix("Top ").removesuffix("s").capitalize(), *(_HEADS[name] for name in (by, *others)))
    return Picture(
        title,
        charts.rows(title, bars, most=100 if by == "authority" else None),
        Table(heads, lines),
        f"By {top.order}.",
    )


def dicts(top: Top) -> list[dict[str, Any]]:
    """Its rows, by column."""
    return [dict(zip(top.columns, row, strict=True)) for row in top.rows]


def _shown(column: str, value: str | None) -> str:
    if column == "url_to":
        return (value or "").partition("://")[2].removesuffix("/") or value or ""
    return value or NO_WORDS


def _in_units(by: str, value: float | None) -> str:
    if value is None:
        return "not ranked"
    return counted(int(value), _UNITS[by]) if by in _UNITS else _figure(by, value)


def _figure(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name == "authority":
        return f"{value:.1f}".removesuffix(".0")
    return f"{value:.2f}" if name == "trust" else grouped(value)
