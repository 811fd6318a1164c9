"""Whatever an index holds, and whatever an address says, is shown as text."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from selectolax.lexbor import LexborHTMLParser

from backlink_crawler.web.asked import ASKED
from tests.web.addresses import OF_TARGET
from tests.web.hostile import SAID, TARGET

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlink_crawler.store.database import Database
    from tests.web.conftest import Served

_ADDRESSES = {name: address.replace("bergkaffee.test", TARGET) for name, address in OF_TARGET.items()}


@pytest.fixture(scope="module")
def explorer(hostile: Database, serve: Callable[..., Served]) -> Served:
    return serve(hostile)


def require_harmless(text: str) -> None:
    tree = LexborHTMLParser(text)
    assert [script.attributes.get("src", "") for script in tree.css("script")] in ([], ["/static/explorer.js?0.1.0"])
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith("on")
            assert name != "style"
            if name in {"href", "src", "action"}:
                assert str(value).startswith(("/", "#", "http://", "https://"))
    assert not tree.css("img, svg[onload], iframe, object, embed, base")
    assert not {"\u202e", "\u2066", "\x1b", "\x07"} & set(text)


@pytest.mark.parametrize("name", _ADDRESSES)
def test_a_page_shows_what_pages_say_as_text(explorer: Served, name: str) -> None:
    answered = explorer.get(_ADDRESSES[name].lstrip("/"))
    assert answered.status == 200
    require_harmless(answered.text)


def test_every_link_has_a_harmless_page(explorer: Served) -> None:
    rows = explorer.get("api/v1/links", target=TARGET).json()["rows"]
    assert len(rows) == len(SAID)
    for row in rows:
        require_harmless(explorer.get(f"link/{row['link_id']}").text)


@pytest.mark.parametrize("said", SAID)
def test_an_address_is_shown_as_text(explorer: Served, said: str) -> None:
    for path in ("links", "overview", "prospects", "profile", "api", "nothing"):
        for asked in (
            f"target={quote(said)}",
            f"target={TARGET}&{quote(said)}=1",
            f"target={TARGET}&sort={quote(said)}",
        ):
            answered = explorer.get(f"{path}?{asked}")
            assert answered.status < 500
            require_harmless(answered.text)
    require_harmless(explorer.get(quote(said)).text)


@pytest.mark.parametrize("question", [name for name in ASKED if name not in {"intersect", "compare", "prospects"}])
def test_no_cell_of_a_csv_is_a_formula(explorer: Served, question: str) -> None:
    text = explorer.get(f"{question}.csv", target=TARGET).text
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.lstrip()[:1] in set("=+@") or "\x1b" in cell]


def test_no_cell_of_what_is_taken_along_of_a_link_or_a_host_is_a_formula(explorer: Served) -> None:
    rows = explorer.get("api/v1/links", target=TARGET).json()["rows"]
    paths = [*(f"link/{row['link_id']}.csv" for row in rows), "why/prospect.csv?target=a.test&domain=b.test"]
    cells = [cell for path in paths for row in csv.reader(io.StringIO(explorer.get(path).text)) for cell in row]
    assert len(cells) > len(rows)
    assert not [cell for cell in cells if cell.lstrip()[:1] in set("=+@") or "\x1b" in cell]


def test_json_has_every_text_as_it_was(explorer: Served) -> None:
    rows = explorer.get("api/v1/links", target=TARGET, limit=100).json()["rows"]
    assert "<script>alert(1)</script>" in {row["anchor"] for row in rows}
