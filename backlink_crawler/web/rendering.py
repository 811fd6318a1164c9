"""Templates, and how numbers, times and addresses stand in them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from backlink_crawler import __version__
from backlink_crawler.ask.columns import Kind, kind_of, meaning_of, title_of
from backlink_crawler.ask.files import available
from backlink_crawler.terminal import COMMANDS
from backlink_crawler.web.calendar import months
from backlink_crawler.web.navigation import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_COMMAND = re.compile(r"`([^`]+)`")
_OPTION = re.compile(r"(?<!\S)--([a-z-]+)")
_SHORT = ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k"))
_LONGEST = 90  # characters of an address that are shown


def url(path: str, /, **parameters: Any) -> str:
    """`/links?target=example.com`. Parameters without a value are left out; `from_` is from."""
    given = [(name.rstrip("_"), value) for name, value in parameters.items() if not _says_nothing(value)]
    return f"/{path}?{urlencode(given, doseq=True)}" if given else f"/{path}"


def _says_nothing(value: Any) -> bool:
    return value is None or value is False or value in ("", [])


def kept(path: str, given: Mapping[str, Any], **changes: Any) -> str:
    """As `url`, with what was asked for and these changes."""
    return url(path, **{**given, **{name.rstrip("_"): value for name, value in changes.items()}})


def grouped(number: float | None) -> str:
    """`1,234,567`, `12.3`."""
    if number is None:
        return "–"
    if isinstance(number, int):
        return f"{number:,}"
    return f"{number:,.3f}".rstrip("0").rstrip(".")


def short(number: float | None) -> Markup:
    """`1.2 M`, with the exact number on hover."""
    if number is None:
        return Markup("–")
    for size, letter in _SHORT:
        if abs(number) >= 10 * size or (size > 1_000 and abs(number) >= size):
            shown = f"{number / size:.1f}".removesuffix(".0")
            return Markup('<data value="{0}" title="{1}">{2}&nbsp;{3}</data>').format(
                number, grouped(number), shown, letter
            )
    return Markup('<data value="{}">{}</data>').format(number, grouped(number))


def percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}".removesuffix(".0") + " %"


def moment(time: datetime | None) -> Markup:
    """In UTC; the script shows it in the reader's zone."""
    if time is None:
        return Markup("–")
    utc = time.astimezone(UTC)
    return Markup(
        '<time datetime="{0:%Y-%m-%dT%H:%M:%SZ}" title="{0:%Y-%m-%d %H:%M:%S} UTC">{0:%Y-%m-%d %H:%M}</time>'
    ).format(utc)


def day(of: date | None) -> str:
    return of.isoformat() if of else "–"


def plain(text: object) -> str:
    """Without characters that reorder or hide what stands around them."""
    return COMMANDS.sub("\ufffd", str(text))


def plain_lines(text: object) -> str:
    """As `plain`, and lines stay lines."""
    return "\n".join(map(plain, str(text).splitlines()))


def cut(text: str, longest: int = _LONGEST) -> str:
    """Its middle gives way."""
    text = plain(text)
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def sentence(text: str) -> Markup:
    """Commands, which stand between backticks, as code; an option's name without what tells it on a command line."""
    pieces = [
        piece if place % 2 else _OPTION.sub(lambda found: found[1].replace("-", " "), piece)
        for place, piece in enumerate(_COMMAND.split(plain(text)))
    ]
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
    )


def begun(text: str) -> str:
    """As a sentence of its own."""
    return text[:1].upper() + text[1:]


def cell(column: str, value: Any) -> Markup:
    """A value as it stands in a table."""
    kind = kind_of(column)
    if value is None or (kind is Kind.WORDS and not value):
        return Markup('<span class="none">–</span>')
    return _host_cell(value) if column == "host" else _CELLS[kind](value)


def _url_cell(value: str) -> Markup:
    shown = value.partition("://")[2].removesuffix("/") or value
    return Markup('<a class="url" rel="noopener noreferrer nofollow external" href="{}">{}</a>').format(
        value, cut(shown)
    )


def _domain_cell(value: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(url("overview", target=value), cut(value))


def _host_cell(value: str) -> Markup:
    """What the crawl does with it."""
    return Markup('<a href="{}">{}</a>').format(url("host", name=value), cut(value))


def _words_cell(value: Iterable[Any]) -> Markup:
    return Markup(" ").join(Markup('<span class="tag">{}</span>').format(cut(str(each))) for each in value)


def _word_cell(value: object) -> Markup:
    word = plain(value)
    return Markup('<span class="word {}">{}</span>').format(re.sub(r"[^a-z_]", "", word), word.replace("_", " "))


def _flag_cell(value: bool) -> Markup:
    return Markup('<span class="flag {}">{}</span>').format("yes" if value else "no", "yes" if value else "no")


def _text(value: object) -> Markup:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, (int, float)):
        return escape(grouped(value))
    return Markup('<bdi class="text">{}</bdi>').format(cut(str(value), 160))


_CELLS: dict[Kind, Callable[[Any], Markup]] = {
    Kind.URL: _url_cell,
    Kind.DOMAIN: _domain_cell,
    Kind.COUNT: lambda value: escape(grouped(value)) if isinstance(value, (int, float)) else _text(value),
    Kind.SCORE: lambda value: escape(f"{value:.1f}".removesuffix(".0")),
    Kind.SHARE: lambda value: escape(f"{value:.2f}"),
    Kind.FACTOR: lambda value: escape(f"{value:.3f}"),
    Kind.TIME: moment,
    Kind.DAY: lambda value: escape(day(value)),
    Kind.FLAG: _flag_cell,
    Kind.WORDS: _words_cell,
    Kind.WORD: _word_cell,
    Kind.TEXT: _text,
}


def figure(name: str, value: float | None) -> str:
    """A figure of a profile."""
    if value is None:
        return "–"
    return (
        percent(value)
        if kind_of(name) is Kind.SHARE
        else grouped(round(value, 2) if isinstance(value, float) else value)
    )


_NUMBERS = {Kind.COUNT, Kind.SCORE, Kind.SHARE, Kind.FACTOR}


def is_number(column: str) -> bool:
    return kind_of(column) in _NUMBERS


def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("backlink_crawler.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        grouped=grouped,
        short=short,
        percent=percent,
        moment=moment,
        day=day,
        cut=cut,
        sentence=sentence,
        plain=plain,
        plain_lines=plain_lines,
        begun=begun,
    )
    made.filters["zip"] = zip
    made.filters["plain_lines"] = plain_lines
    made.globals.update(
        url=url,
        kept=kept,
        cell=cell,
        formats=available(),
        months=months,
        figure=figure,
        is_number=is_number,
        title_of=title_of,
        meaning_of=meaning_of,
        version=__version__,
        navigation=PAGES,
    )
    return made
