"""What `backlinks refdomains | links | anchors | best | linked | daily | overview` print, format by format."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from tests.integration.shop import EVIL, fill_shop
from tests.integration.test_cli import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.integration.test_cli import Backlinks


@pytest.fixture(scope="module")
def shop(embedded_server: Server) -> Iterator[Database]:
    """Read-only for all tests of this file."""
    made = embedded_server.copy()
    fill_shop(made)
    yield made
    embedded_server.drop(made)


def test_a_table_for_people(backlinks: Backlinks, shop: Database) -> None:
    ran = backlinks("refdomains", "shop.test", database=shop)
    assert (ran.code, ran.err) == (0, "")
    head, titles, _, *lines = (line for line in ran.out.splitlines() if line)
    assert head == "refdomains: links to shop.test and all its hosts (--mode domain, guessed)"
    assert titles.replace(" (UTC)", "").split() == (
        "domain_from links dofollow_links refpages pages_to first_seen last_seen status".split()
    )
    assert [line.split()[:5] for line in lines] == [
        ["alpha.test", "4", "2", "2", "3"],
        ["beta.test", "3", "3", "1", "3"],
        ["gamma.test", "1", "0", "1", "1"],
    ]


def test_a_mode_that_was_named_is_not_called_guessed(backlinks: Backlinks, shop: Database) -> None:
    ran = backlinks("anchors", "news.shop.test", "--mode", "subdomains", database=shop)
    assert ran.out.splitlines()[0] == "anchors: links to the host news.shop.test and its subdomains"


def test_an_overview_is_a_line_a_column(backlinks: Backlinks, shop: Database) -> None:
    ran = backlinks("overview", "shop.test", database=shop)
    values = dict((*line.split(maxsplit=1), "")[:2] for line in ran.out.splitlines()[1:] if line)
    assert (values["backlinks"], values["refdomains"], values["pages_visited"]) == ("8", "3", "4")


def test_csv_has_every_column_and_dates_that_programs_read(backlinks: Backlinks, shop: Database) -> None:
    ran = backlinks("links", "shop.test", "--format", "csv", database=shop)
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert len(rows) == 8
    assert set(rows[0]) >= {"url_from", "url_to", "anchor", "rel", "snippet_left", "title_from", "lost_reason"}
    gamma = next(row for row in rows if row["domain_from"] == "gamma.test")
    assert (gamma["rel"], gamma["is_dofollow"], gamma["lost_at"]) == ("nofollow ugc", "False", "")
    assert gamma["first_seen"].endswith("+00:00")


def test_a_csv_cell_is_no_formula(backlinks: Backlinks, shop: Database) -> None:
    ran = backlinks("links", "http://shop.test/", "--format", "csv", database=shop)
    assert "'=HYPERLINK(1)" in ran.out
    anchors = {row["anchor"] for row in csv.DictReader(io.StringIO(ran.out))}
    assert anchors == {"Shop", "'=HYPERLINK(1)"}


def test_json_is_one_list_and_jsonl_an_object_a_line(backlinks: Backlinks, shop: Database) -> None:
    listed = json.loads(backlinks("links", "shop.test", "--format", "json", database=shop).out)
    lines = backlinks("links", "shop.test", "--format", "jsonl", database=shop).out.splitlines()
    assert [json.loads(line) for line in lines] == listed
    assert len(listed) == 8
    by_anchor = {row["anchor"]: row for row in listed}
    assert by_anchor["=HYPERLINK(1)"]["is_dofollow"] is True  # programs get what the web says
    assert by_anchor["Blog"]["rel"] == ["nofollow"]
    assert by_anchor["Two"]["title_from"] == "Beta’s page"
    assert by_anchor["Two"]["lost_at"] is None


@pytest.mark.parametrize("question", ["links", "anchors"])
def test_control_characters_of_the_web_do_not_reach_the_terminal(
    backlinks: Backlinks, shop: Database, question: str
) -> None:
    ran = backlinks(question, "evil.test", database=shop)
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(ran.out)
    assert "[31mred   gnp" in ran.out
    said = json.loads(backlinks(question, "evil.test", "--format", "json", database=shop).out)
    assert said[0]["anchor"] == EVIL  # escaped by JSON, kept for programs


def test_control_characters_do_not_reach_the_terminal_by_any_format(backlinks: Backlinks, shop: Database) -> None:
    for form in ("csv", "json", "jsonl"):
        ran = backlinks("links", "evil.test", "--format", form, database=shop)
        assert not {"\x1b", "\x07", "\x9b"} & set(ran.out), form


def test_a_cut_list_says_so(backlinks: Backlinks, shop: Database) -> None:
    ran = backlinks("links", "shop.test", "--limit", 3, "--format", "jsonl", database=shop)
    assert (len(ran.out.splitlines()), ran.err) == (3, "only the first 3 rows are shown; --limit 0 shows all\n")
    ran = backlinks("links", "shop.test", "--limit", 0, "--format", "jsonl", database=shop)
    assert (len(ran.out.splitlines()), ran.err) == (8, "")


def test_an_unknown_target_names_the_nearest(backlinks: Backlinks, shop: Database) -> None:
    said = sentence(backlinks("refdomains", "shpo.test", database=shop), 1)
    assert said.startswith("no links to shpo.test are known; the nearest known targets are shop.test")


def test_a_status_that_no_link_has_says_how_to_see_the_others(backlinks: Backlinks, shop: Database) -> None:
    said = sentence(backlinks("refdomains", "shop.test", "--status", "lost", database=shop), 1)
    assert said == "no links to shop.test have the status lost; --status all shows the others."
    ran = backlinks("links", "shop.test", "--status", "missing", "--format", "jsonl", database=shop)
    assert [json.loads(line)["anchor"] for line in ran.out.splitlines()] == ["Gone"]


def test_the_printed_sql_needs_no_database(backlinks: Backlinks) -> None:
    ran = backlinks(
        "refdomains", "it's.test", "--sql", "--dofollow", "--limit", 5, database_url="postgresql://127.0.0.1:1/x"
    )
    assert ran.code == 0
    assert ran.out == (
        "SELECT\n    domain_from,\n    links,\n    dofollow_links,\n    refpages,\n    pages_to,\n    first_seen,\n"
        "    last_seen,\n    status,\n    authority,\n    trust,\n    risk,\n    reasons,\n    relevance,\n    content_links,\n    mark,\n    mark_note,\n    domain_from_id\nFROM referring_domains\n"
        "WHERE domain_to_id = domain_id('it''s.test')\n"
        "    AND links > 0\n    AND dofollow_links > 0\nORDER BY links DESC, domain_from_id DESC\nLIMIT 5;\n"
    )


def test_a_sort_that_is_no_column_is_exit_code_2(backlinks: Backlinks, shop: Database) -> None:
    said = sentence(backlinks("refdomains", "shop.test", "--sort", "colour", database=shop), 2)
    assert said.startswith("--sort colour: choose one of domain_from, links, dofollow_links, ")


@pytest.mark.parametrize("question", ["refdomains", "links", "anchors"])
def test_links_by_where_they_stand(backlinks: Backlinks, shop: Database, question: str) -> None:
    """None of the shop's was rendered: all stand in the HTML, as far as is known."""
    everything = json.loads(backlinks(question, "shop.test", "--format", "json", database=shop).out)
    html = json.loads(backlinks(question, "shop.test", "--origin", "html", "--format", "json", database=shop).out)
    assert len(html) == len(everything)
    ran = backlinks(question, "shop.test", "--origin", "rendered", database=shop)
    assert sentence(ran, 1) == (
        "no rendered links to shop.test have the status live or unverified; --status all shows the others."
    )


def test_a_table_says_which_links_it_is_about(backlinks: Backlinks, shop: Database) -> None:
    ran = backlinks("linked", "blog.alpha.test", "--mode", "subdomains", database=shop)
    assert ran.out.splitlines()[0] == "linked: links from the host blog.alpha.test and its subdomains"
    ran = backlinks("daily", "http://shop.test/", "--mode", "exact", database=shop)
    assert ran.out.splitlines()[0] == "daily: links to exactly http://shop.test/, day by day in UTC"
    ran = backlinks("best", "shop.test", "--limit", 1, database=shop)
    head, titles, _, line = (line for line in ran.out.splitlines() if line)
    assert head == "best: links to shop.test and all its hosts (--mode domain, guessed)"
    assert titles.replace(" (UTC)", "").split() == (
        "url_to refdomains refpages links dofollow_links first_seen last_seen".split()
    )
    assert line.split()[:5] == ["http://shop.test/", "3", "4", "4", "3"]


def test_nothing_broken_says_so(backlinks: Backlinks, shop: Database) -> None:
    said = sentence(backlinks("broken", "shop.test", database=shop), 1)
    assert said == "of the links to shop.test, none points to a page that is known to be gone."
