"""`backlinks extract`: why is a link counted, or not?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backlink_crawler.ask.formats import to_json
from backlink_crawler.changes.matching import merge_rendered
from backlink_crawler.config import Config
from backlink_crawler.errors import InvalidInput
from backlink_crawler.links.html import ParsedPage, parse_body, parse_page
from backlink_crawler.links.stages import normalise_link, tag_link
from backlink_crawler.model import Link, LinkOrigin, Refusal
from backlink_crawler.urls.normalise import Normaliser, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command()
@click.option("--all", "every_link", is_flag=True, help="Also show links inside the page's own domain.")
@click.option("--url", help="The URL that FILE was fetched from (default: its name under http://example.invalid/).")
@click.option("--content-type", help="The Content-Type header that FILE came with, for its charset.")
@click.option(
    "--list",
    "listing",
    type=click.Path(path_type=Path),
    help="A file with one page a line: URL, file, and optionally content type, tab-separated.",
)
@click.option(
    "--render", "rendered", metavar="URL|FILE", help="Render one page in a browser, and show what that changes."
)
@click.option(
    "--browser", default="", metavar="PROGRAM", help="The browser for --render (default: the first one found)."
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def extract(
    every_link: bool,
    url: str | None,
    content_type: str | None,
    listing: Path | None,
    rendered: str | None,
    browser: str,
    files: tuple[Path, ...],
) -> None:
    """Print the links of saved pages, and why others are refused.

    One line of JSON for each page.
    `refused` of the page counts the links that are not stored, by reason; `refused` of a link says why it is not. With
    --render, each link says whether it is in the HTML, in the rendered page, or in both.
    """
    if rendered:
        click.echo(to_json(_rendered(rendered, url, content_type, browser, every_link=every_link)))
        return
    if not files and not listing:
        raise InvalidInput("name at least one FILE, or --list PAGES.tsv.")
    if url and len(files) > 1:
        raise InvalidInput("--url is the URL of one FILE; for several files use --list PAGES.tsv.")
    normalise = Normaliser(Config.from_environment().tracking_parameters)
    pages = [(url or f"http://example.invalid/{file.name}", file, content_type) for file in files]
    failed = False
    for number, page in enumerate((*pages, *(_listed(listing) if listing else ())), 1):
        try:
            address, file, declared = page
            click.echo(to_json(_report(address, file, declared, normalise, every_link=every_link)))
        except InvalidInput as error:
            failed = True
            click.echo(f"backlinks: page {number}: {error}", err=True)
    if failed:
        sys.exit(InvalidInput.exit_code)


def _listed(listing: Path) -> Iterator[tuple[str, Path, str | None]]:
    for number, line in enumerate(_read(listing).decode("utf-8", "replace").splitlines(), 1):
        fields = line.split("\t")
        if len(fields) < 2:
            raise InvalidInput(
                f"{listing}, line {number}: expected url, file and an optional content type, tab-separated."
            )
        yield fields[0], Path(fields[1]), fields[2] if len(fields) > 2 else None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {file}: {error.strerror}.") from None


def _report(
    url: str, file: Path, content_type: str | None, normalise: Normaliser, *, every_link: bool
) -> dict[str, Any]:
    page = parse_body(_read(file), _address(url), content_type, every_link=every_link)
    _finish(page.links, normalise)
    return _told(url, page.encoding, page, page.links)


def _rendered(
    place: str, url: str | None, content_type: str | None, browser: str, *, every_link: bool
) -> dict[str, Any]:
    """place: a URL, or a file."""
    from backlink_crawler.crawl.render.job import Answer  # noqa: PLC0415
    from backlink_crawler.crawl.render.one_page import OnePage, render  # noqa: PLC0415  Scrapy takes a second to import

    config = Config.from_environment()
    if place.startswith(("http://", "https://")):
        one = OnePage(_address(place))
    else:
        file = Path(place)
        headers = {"Content-Type": content_type or "text/html"}
        one = OnePage(_address(url or f"http://example.invalid/{file.name}"), Answer(200, headers, _read(file)))
    render(one, config, browser)
    assert one.answer is not None
    assert one.became is not None
    declared = {name.lower(): value for name, value in one.answer.headers.items()}.get("content-type")
    html = parse_body(one.answer.body, one.url, declared, every_link=every_link)
    page = parse_page(one.became.html, one.became.url, html.encoding, every_link=every_link)
    normalise = Normaliser(config.tracking_parameters)
    for links in (html.links, page.links):
        _finish(links, normalise)
    kept = [[link for link in links if link.to] for links in (html.links, page.links)]
    report = _told(one.url, html.encoding, page, merge_rendered(*kept))
    asked = {"seconds": round(one.became.seconds, 2), "refused": one.refused, "left_for": one.became.left_for}
    return report | {"links_in_html": html.facts.links_external + html.facts.links_internal, "rendering": asked}


def _address(url: str) -> str:
    address = resolve(url, url)
    if isinstance(address, Refusal):
        raise InvalidInput(f"{url!r} is not an http(s) URL.")
    return address


def _finish(links: list[Link], normalise: Normaliser) -> None:
    for link in links:
        normalise_link(link, normalise)
        tag_link(link)


def _told(url: str, encoding: str, page: ParsedPage, all_links: list[Link]) -> dict[str, Any]:
    facts = page.facts
    links = [_link(link) for link in all_links]
    return {
        "url": url,
        "title": facts.title,
        "headings": facts.headings,
        "language": facts.language or None,
        "encoding": encoding,
        "page_nofollow": facts.robots.nofollow,
        "page_noindex": facts.robots.noindex,
        "canonical": facts.canonical or None,
        "links_external": facts.links_external,
        "links_internal": facts.links_internal,
        "links": [link for link in links if link["tag"] in {"a", "area"}],
        "page_links": [link for link in links if link["tag"] not in {"a", "area"}],
        "refused": dict(page.refused),
    }


def _link(link: Link) -> dict[str, Any]:
    return {
        "tag": link.tag,
        "href": link.href,
        "url_to": link.to.text if link.to else None,
        "domain_to": link.to.domain if link.to else None,
        "rel": list(link.rel),
        "text": link.text,
        "anchor": link.anchor,
        "anchor_source": link.anchor_source.name.lower(),
        "link_type": link.link_type.name.lower(),
        "snippet_left": link.snippet_left,
        "snippet_right": link.snippet_right,
        "link_position": link.placement.position.name.lower(),
        "block_words": link.placement.block_words,
        "link_density": _share(link.placement.density, 100),
        "order_on_page": _share(link.placement.order, 1000),
        "is_nofollow": link.is_nofollow,
        "is_sponsored": link.is_sponsored,
        "is_ugc": link.is_ugc,
        "external": link.external,
        "refused": link.refused,
        "link_origin": "html" if link.origin is LinkOrigin.REMOVED else link.origin.name.lower(),
        "is_removed_by_scripts": link.origin is LinkOrigin.REMOVED,
        "rendered_rel": None if link.rendered_rel is None else list(link.rendered_rel),
    }


def _share(stored: int | None, whole: int) -> float | None:
    return None if stored is None else stored / whole
