"""The command line, SQL, the API, downloads, exports, pages and the report give the same figures."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from backlink_crawler.ask.formats import to_json
from tests.integration.conftest import backlinks
from tests.site.expected import LINKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import FirstRun
    from tests.integration.conftest import Ran
    from tests.web.conftest import Served

__all__ = ["backlinks"]
pytestmark = pytest.mark.slow
LISTS = ("links", "refdomains", "anchors", "best", "broken", "linked", "new", "lost", "history", "daily")
# Those of the roaster are asked by hand (test_the_figures_of_the_roaster); that of any other domain here.
MODES = ("domain", "subdomains", "exact", "prefix")
DOMAINS = sorted({link.url_to.split("/")[2].split(":")[0] for link in LINKS if ".test" in link.url_to})
Rows = list[str]


def in_any_order(rows: Sequence[dict[str, Any]]) -> Rows:
    """Equals may come in any order."""
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def by_sql(database: Database, literal: str) -> Rows:
    with database.connect() as connection:
        cursor = connection.execute(literal.encode())
        names = [column.name for column in cursor.description or ()]
        return in_any_order([json.loads(to_json(dict(zip(names, row, strict=True)))) for row in cursor.fetchall()])


def lines(text: str) -> Rows:
    return in_any_order([json.loads(line) for line in text.splitlines()])


@pytest.fixture
def ask(
    first_run: FirstRun, served: Served, backlinks: Callable[..., Ran], tmp_path: Path
) -> Callable[[str, str, str], dict[str, Rows]]:
    """By door, the rows of a question about a target."""

    def by_door(question: str, target: str, mode: str) -> dict[str, Rows]:
        asked = ("--mode", mode)
        printed = backlinks(question, target, *asked, "--format", "jsonl", database=first_run.database)
        literal = backlinks(question, target, *asked, "--sql", "--format", "jsonl", database=first_run.database).out
        of_page = served.get(f"api/v1/{question}", target=target, mode=mode, limit=1_000).json()
        file = tmp_path / f"{question}.jsonl"
        file.unlink(missing_ok=True)
        doors = {
            "command line": lines(printed.out),
            "SQL": by_sql(first_run.database, literal),
            "API": in_any_order(of_page["rows"]),
            "download": lines(served.get(f"{question}.jsonl", target=target, mode=mode).text),
        }
        backlinks("export", target, *asked, "--what", question, "-o", file, database=first_run.database)
        if doors["API"]:
            doors["export"] = lines(file.read_text())
        return doors

    return by_door


def targets(first_run: FirstRun) -> Iterator[tuple[str, str]]:
    """Every domain that is linked to, in each mode: (target, mode)."""
    for domain in DOMAINS:
        host = first_run.web.localise(f"{domain}:8000")
        for mode in MODES:
            yield (
                {"domain": domain, "subdomains": host, "exact": f"http://{host}/", "prefix": f"http://{host}/"}[mode],
                mode,
            )


@pytest.mark.timeout(600)
def test_every_door_gives_the_same_rows(first_run: FirstRun, ask: Callable[[str, str, str], dict[str, Rows]]) -> None:
    """Of the roaster to every question, of all others to the one that all else rests on."""
    for target, mode in targets(first_run):
        for question in LISTS if "bergkaffee" in target else ("links",):
            doors = ask(question, target, mode)
            first = doors["command line"]
            assert {door: rows == first for door, rows in doors.items()} == dict.fromkeys(doors, True), (
                question,
                target,
                mode,
            )


@pytest.mark.timeout(600)
def test_every_door_gives_the_same_totals(
    first_run: FirstRun, served: Served, backlinks: Callable[..., Ran], tmp_path: Path
) -> None:
    for target, mode in targets(first_run):
        asked = ("overview", target, "--mode", mode)
        printed = backlinks(*asked, "--format", "json", database=first_run.database)
        page = served.get("overview", target=target, mode=mode)
        api = served.get("api/v1/overview", target=target, mode=mode).json()
        if printed.code:
            assert api["nothing"], (target, mode)
            assert 'class="nothing"' in page.text
            continue
        (totals,) = json.loads(printed.out)
        literal = backlinks(*asked, "--sql", database=first_run.database).out
        assert by_sql(first_run.database, literal) == in_any_order([totals])
        assert {name: value for name, value in api["totals"].items() if name in totals} == totals
        assert json.loads(served.get("overview.json", target=target, mode=mode).body) == [totals]
        assert figures_of(page.text)[:2] == [totals["backlinks"], totals["refdomains"]], (target, mode)
        if mode in {"domain", "exact"}:
            file = tmp_path / "report.html"
            backlinks("report", target, "--mode", mode, "-o", file, database=first_run.database)
            assert figures_of(file.read_text())[:2] == [totals["backlinks"], totals["refdomains"]]


def figures_of(page: str) -> list[int]:
    """Of its tiles, those that are whole numbers."""
    shown = [tile.text(strip=True) for tile in LexborHTMLParser(page).css(".tiles dd:not(.note)")]
    return [int(text.replace(",", "")) for text in shown if re.fullmatch(r"[\d,]+", text)]


def test_the_figures_of_the_roaster(served: Served, first_run: FirstRun) -> None:
    """Counted by hand, as tests/site/expected.py has them."""
    to = [link for link in LINKS if re.match(r"http://([a-z]+\.)*bergkaffee\.test:8000/", link.url_to)]
    assert len(to) == 54
    totals = served.get("api/v1/overview", target="bergkaffee.test").json()["totals"]
    assert (totals["backlinks"], totals["refdomains"], totals["lost_links"]) == (54, 15, 0)
