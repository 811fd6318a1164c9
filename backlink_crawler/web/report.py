"""The report about a target: one file that needs nothing else, to be sent to somebody and to be printed."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from backlink_crawler import __version__
from backlink_crawler.ask.columns import Kind, kind_of
from backlink_crawler.errors import InvalidInput
from backlink_crawler.model import TargetMode
from backlink_crawler.web import pictures, rendering
from backlink_crawler.web.profile import HEADINGS

if TYPE_CHECKING:
    from jinja2 import Environment

    from backlink_crawler.ask.overviews import Overview

MOST_OF_A_LOGO = 2 * 1024 * 1024  # bytes
RECENT = ("url_from", "anchor", "is_dofollow", "url_to")
_MEANINGS = {
    TargetMode.DOMAIN: "the domain {} and all its hosts",
    TargetMode.SUBDOMAINS: "the host {} and its subdomains",
    TargetMode.PREFIX: "all pages whose address begins with {}",
    TargetMode.EXACT: "the page {}",
}


@dataclass(frozen=True, slots=True)
class Sender:
    """What a report shows of whoever sends it. title: None: that of the target. logo: as logo_of makes it."""

    agency: str | None = None
    title: str | None = None
    logo: str | None = None


def report(found: Overview, sender: Sender, now: datetime | None = None) -> str:
    """A page of HTML with its charts and styles in it, that loads nothing and has no script."""
    subject = _MEANINGS[found.target.mode].format(found.target)
    return (
        _environment()
        .get_template("report.html")
        .render(
            found=found,
            sender=sender,
            subject=subject,
            title=sender.title or f"Links to {found.target}",
            now=now or datetime.now(UTC),
            tiles=[tile for tile in pictures.tiles(found) if tile.figure != "–"],
            pictures=pictures,
            to=_nowhere,
            recent=RECENT,
            headings=HEADINGS,
            kinds=sorted({finding.kind for finding in found.told.findings}),
            css=Markup(_css()),  # noqa: S704  our own files
        )
    )


def logo_of(content: bytes) -> str:
    """A picture as a data: URI. Raises InvalidInput for what is none, or might load something."""
    if len(content) > MOST_OF_A_LOGO:
        raise InvalidInput("the logo has more than 2 MB: make it smaller.")
    kind = _kind_of_picture(content)
    if kind is None:
        raise InvalidInput(_no_picture(content))
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _kind_of_picture(content: bytes) -> str | None:
    """By its first bytes, whatever its name says."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def _no_picture(content: bytes) -> str:
    beginning = content[:1_000].lower()
    if b"<svg" in beginning or beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<!doctype")):
        return "the logo is an SVG, which can load things from elsewhere: save it as PNG, JPEG or WebP."
    return "the logo is no picture that a report can have: save it as PNG, JPEG or WebP."


def _nowhere(_question: str, /, **_chosen: Any) -> None:
    """A report has no other pages."""


def _environment() -> Environment:
    made = rendering.environment()
    made.globals.update(cell=_cell, version=__version__)
    return made


def _cell(column: str, value: Any) -> Markup:
    """As in the explorer, without ways into it."""
    kind = kind_of(column)
    if kind is Kind.DOMAIN and value is not None:
        return Markup("<bdi>{}</bdi>").format(rendering.cut(value))
    if kind is Kind.URL and value is not None and not value.lower().startswith(("http://", "https://")):
        return Markup("<bdi>{}</bdi>").format(rendering.cut(value))
    return rendering.cell(column, value)


def _css() -> str:
    static = resources.files("backlink_crawler.web").joinpath("static")
    return "\n".join(static.joinpath(name).read_text(encoding="utf-8") for name in ("charts.css", "report.css"))
