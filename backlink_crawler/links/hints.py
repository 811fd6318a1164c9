"""What a page's HTML says of whether scripts write its links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlink_crawler.links.scripts import NO_SCRIPTS, Scripts, runs, scripts_of

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

ENOUGH_LINKS = 10  # http(s) links of any kind: whoever writes so many in HTML does not need scripts for links
_FEW_WORDS = 400  # characters of text in what may be an empty application root
_SCRIPT = re.compile("<script", re.IGNORECASE)
# Elements that applications are put into, by the names that the generators of frameworks give them.
_APP_ROOTS = (
    "#root, #app, #__next, #__nuxt, #___gatsby, #svelte, #q-app, #react-root, #app-root, #main-app, #ember-app, "
    "app-root, my-app, [data-reactroot], [ng-app], [data-ng-app], [data-server-rendered]"
)
_NEEDS_SCRIPTS = re.compile("java\\s?script", re.IGNORECASE)  # the word is the same in every language


@dataclass(frozen=True, slots=True)
class Hints:
    """links: http(s) links in the HTML. The others are looked for only where these are few.

    scripts: it has some that run. app_root: an empty one. notice: a noscript element asks for JavaScript.
    refreshes: a meta element or a header leads elsewhere at once. bare: it has no link and hardly a word. writing: the
    scripts that could write links.
    """

    links: int
    scripts: bool
    app_root: bool = False
    notice: bool = False
    refreshes: bool = False
    bare: bool = False
    writing: Scripts = NO_SCRIPTS

    @property
    def waits_for_scripts(self) -> bool:
        """Does its HTML look as that of an application does, before its scripts have run?"""
        return self.scripts and (self.app_root or self.notice or self.bare)


def hints_of(tree: LexborHTMLParser, text: str, links: int, *, refreshes: bool) -> Hints:
    """text: what the tree was made of."""
    has_scripts = _SCRIPT.search(text) is not None
    if links >= ENOUGH_LINKS or not has_scripts:
        writing = scripts_of(tree) if has_scripts else NO_SCRIPTS
        return Hints(links, has_scripts, refreshes=refreshes, writing=writing)
    return Hints(
        links,
        any(runs(script) for script in tree.css("script")),
        any(_is_empty(root) for root in tree.css(_APP_ROOTS)),
        any(_NEEDS_SCRIPTS.search(notice.text()) for notice in tree.css("noscript")),
        refreshes,
        links == 0 and _has_few_words(tree),
        scripts_of(tree),
    )


def _is_empty(root: LexborNode) -> bool:
    return root.css_first("a[href]") is None and len(root.text().strip()) < _FEW_WORDS


def _has_few_words(tree: LexborHTMLParser) -> bool:
    body = tree.body
    if body is None:
        return True
    unseen = sum(len(node.text()) for node in body.css("script, style, noscript, template"))
    return len(body.text().strip()) - unseen < _FEW_WORDS
