"""Forty sites that scripts write, in the shapes in which public frameworks put them out: eight shapes, five sites each.

Scripts are files, data comes by `fetch` or XMLHttpRequest from the site itself. Each site has three pages, each of which
shows LINKS links to other domains that are in its data only. The pages of three shapes (sveltekit, astro, next) have a
navigation of twelve links in their HTML, as those that are rendered on a server have; the others are empty shells.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

SITES = 5  # of each shape
LINKS = 4  # to other domains, a page
PAGES = ("", "posts/", "about/")
_PLAIN_LINKS = 12  # in the HTML of a page that a server has rendered
_SHOW = """
function show(root, data) {
  for (const {href, text} of data.links) {
    const link = document.createElement('a');
    link.href = href; link.textContent = text;
    root.append(link, ' ');
  }
}
"""
_FETCH = "fetch(address).then(answer => answer.json()).then(data => show(root, data));"
_ASK = """
const asked = new XMLHttpRequest();
asked.onload = () => show(root, JSON.parse(asked.responseText));
asked.open('GET', address); asked.send();
"""
_LATER = f"setTimeout(() => {{ {_FETCH} }}, 50);"
_IN_VIEW = f"new IntersectionObserver((seen, eye) => {{ eye.disconnect(); {_FETCH} }}).observe(root);"


class Shape(NamedTuple):
    """head, body: of a page, after its navigation if it has one. script: the file that writes its links. data: where they
    are, by page. root: of what it writes. runs: how it gets them.
    """

    name: str
    head: str
    body: str
    script: str
    data: str
    root: str
    runs: str
    has_navigation: bool = False


SHAPES = (
    Shape("react", "<script type=module crossorigin src=/assets/index-d41d8cd9.js></script>", "<div id=root></div>",
          "assets/index-d41d8cd9.js", "api/{}.json", "#root", _FETCH),
    Shape("vue", "<script type=module src=/assets/main.8f14e45f.js></script>",
          "<noscript>We're sorry but this site does not work without JavaScript.</noscript><div id=app></div>",
          "assets/main.8f14e45f.js", "api/v1/{}.json", "#app", _LATER),
    Shape("angular", "<base href=/>", "<app-root></app-root><script src=/main.c9f0f895.js type=module></script>",
          "main.c9f0f895.js", "assets/{}.json", "app-root", _ASK),
    Shape("nuxt", "<link rel=modulepreload href=/_nuxt/entry.45c48cce.js>",
          "<div id=__nuxt></div><script>window.__NUXT__={config:{public:{}}}</script>"
          "<script type=module src=/_nuxt/entry.45c48cce.js></script>",
          "_nuxt/entry.45c48cce.js", "_payload/{}.json", "#__nuxt", _FETCH),
    Shape("gatsby", "<meta name=generator content='Gatsby 5.13.1'>",
          "<div id=___gatsby></div><script src=/app-d3d94468.js async></script>",
          "app-d3d94468.js", "page-data/{}/page-data.json", "#___gatsby", _LATER),
    Shape("sveltekit", "<meta name=viewport content='width=device-width'>",
          "<main id=m></main><script>Promise.all([import('/_app/immutable/entry/start.6512bd43.js')])</script>",
          "_app/immutable/entry/start.6512bd43.js", "{}__data.json", "#m", _FETCH, has_navigation=True),
    Shape("astro", "<meta name=generator content='Astro v4.16.1'>",
          "<astro-island client=visible></astro-island><script type=module src=/_astro/hoisted.c20ad4d7.js></script>",
          "_astro/hoisted.c20ad4d7.js", "feed/{}.json", "astro-island", _IN_VIEW, has_navigation=True),
    Shape("next", "<script src=/_next/static/chunks/main-c51ce410.js defer></script>",
          '<div id=__next><p>news</p></div><script id=__NEXT_DATA__ type=application/json>{"page":"/"}</script>',
          "_next/static/chunks/main-c51ce410.js", "_next/data/b1/{}.json", "#__next", _FETCH, has_navigation=True),
)  # fmt: skip
MUST_BE_FOUND = len(SHAPES) * SITES * len(PAGES) * LINKS


def hosts() -> list[str]:
    return [f"{shape.name}{number}.test" for shape in SHAPES for number in range(SITES)]


def write(root: Path) -> None:
    """A folder of files for each host."""
    for shape in SHAPES:
        for number in range(SITES):
            for path, text in files(shape, number).items():
                file = root / f"{shape.name}{number}.test" / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")


def files(shape: Shape, number: int) -> dict[str, str]:
    """Of one site, by their paths."""
    plain = f"<nav>{'<a href=/posts/>posts</a><a href=/about/>about</a>' * (_PLAIN_LINKS // 2)}</nav>"
    html = f"<!doctype html><html><head><title>{shape.name} {number}</title>{shape.head}</head><body>"
    html += f"{plain if shape.has_navigation else ''}{shape.body}</body></html>"
    address = "'/' + " + " + ".join(["page" if part is None else json.dumps(part) for part in _around(shape.data)])
    script = f"{_SHOW}const root = document.querySelector({json.dumps(shape.root)});"
    script += f"const page = location.pathname.replaceAll('/', '') || 'index'; const address = {address};{shape.runs}"
    found = {shape.script: script, "robots.txt": ""}
    for page in PAGES:
        found[f"{page}index.html"] = html
        found[shape.data.format(page.strip("/") or "index")] = json.dumps({"links": _links(shape, number, page)})
    return found


def _around(pattern: str) -> tuple[str, None, str]:
    before, _, after = pattern.partition("{}")
    return before, None, after


def _links(shape: Shape, number: int, page: str) -> list[dict[str, str]]:
    name = page.strip("/") or "index"
    away = [f"https://{shape.name}-{number}-{name}-{link}.example/" for link in range(LINKS)]
    return [{"href": href, "text": href} for href in (*away, *(f"/{other}" for other in PAGES))]
