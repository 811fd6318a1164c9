"""The classes of anchors, as `backlinks rank` tells them and the views and commands show them."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.model import LinkType, Outcome
from backlink_crawler.rank.job import rank
from backlink_crawler.store import anchor_classes, groups
from benchmarks.quality.anchors import PLANTED, planted_links, store_links
from tests.integration.small_index import SmallIndex
from tests.integration.worker import link

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from backlink_crawler.store.database import Database

BEANS = "http://www.bean-shop.test/cheap-coffee-beans"
ANCHORS = [
    link(BEANS, "Bean Shop"),
    link(BEANS, "cheap coffee beans"),
    link(BEANS, "CHEAP coffee beans!"),
    link(BEANS, "coffee at the Bean Shop"),
    link(BEANS, "where to buy coffee beans"),
    link(BEANS, "click here"),
    link(BEANS, "www.bean-shop.test"),
    link(BEANS, "Sons of Java"),
    link(BEANS, ""),
    link(BEANS, "a cup", link_type=LinkType.IMAGE),
    link(BEANS, "", link_type=LinkType.CANONICAL),
]
CLASSES = {
    "Bean Shop": "branded",
    "cheap coffee beans": "exact",
    "CHEAP coffee beans!": "exact",
    "coffee at the Bean Shop": "compound",
    "where to buy coffee beans": "partial",
    "click here": "generic",
    "www.bean-shop.test": "naked",
    "Sons of Java": "other",
    "": "empty",
    "a cup": "image",
}

HEADED = {
    "Filter coffee at home": "exact",
    "the brewing": "exact",
    "a guide to filter coffee": "partial",
    "tasting": "other",
}


@pytest.fixture
def index(database: Database) -> Database:
    with SmallIndex(database) as made:
        made.read(1, "http://one.test/", *ANCHORS)
        made.read(2, "http://two.test/", link(BEANS, "Bean Shop"))
    return database


def ranked(database: Database) -> None:
    rank(database, lambda _doing: None)


def rows(connection: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode()).fetchall()


def test_views_show_the_classes(index: Database, connection: psycopg.Connection):
    ranked(index)
    links = rows(connection, "SELECT anchor, link_type, anchor_class FROM backlinks WHERE domain_from = 'one.test'")
    assert {(anchor, link_type): shown for anchor, link_type, shown in links} == {
        ("", "canonical"): None,
        **{(anchor, "image" if anchor == "a cup" else "text"): shown for anchor, shown in CLASSES.items()},
    }
    assert dict(rows(connection, "SELECT anchor, class FROM anchors")) == CLASSES


def test_large_domains_show_them_too(index: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(groups, "MOST_COUNTED", 4)
    groups.group_anew(connection)
    ranked(index)
    assert dict(rows(connection, "SELECT anchor, class FROM kept_anchors")) == CLASSES


def test_words_that_are_newer_have_none(index: Database, connection: psycopg.Connection):
    """What needs no ranking is told all the same."""
    assert {shown for (shown,) in rows(connection, "SELECT class FROM anchors")} == {None, "empty", "image"}
    assert rows(connection, "SELECT over_optimised FROM target_overview") == [(None,)]
    ranked(index)
    with SmallIndex(index) as made:
        made.read(3, "http://two.test/", link(BEANS, "quite new"))
    assert rows(connection, "SELECT class FROM anchors WHERE anchor = 'quite new'") == [(None,)]


def test_an_image_and_a_text_of_the_same_words(database: Database, connection: psycopg.Connection):
    with SmallIndex(database) as made:
        made.read(1, "http://one.test/", link(BEANS, "Bean Shop", link_type=LinkType.IMAGE))
        made.read(1, "http://two.test/", link(BEANS, "Bean Shop"))
    ranked(database)
    assert rows(connection, "SELECT class FROM anchors") == [("branded",)]
    assert set(rows(connection, "SELECT link_type, anchor_class FROM backlinks")) == {
        ("image", "image"),
        ("text", "branded"),
    }


def test_a_profile_is_of_referring_domains(index: Database, connection: psycopg.Connection):
    ranked(index)
    (profile,) = rows(
        connection,
        "SELECT domain_to, refdomains, branded_share, exact_share, naked_refdomains, image_refdomains, empty_refdomains, "
        "exact_lower, over_optimised, round(entropy::numeric, 3) FROM anchor_profile",
    )
    # nine uses of eight texts, two of them of one: 7 × 1/9 × log2 9 + 2/9 × log2 4.5 = 2.948
    assert profile[:9] == ("bean-shop.test", 2, 1.0, 0.5, 1, 1, 1, None, None)
    assert float(profile[9]) == 2.948


def test_a_second_ranking_writes_nothing_that_has_not_changed(index: Database, connection: psycopg.Connection):
    ranked(index)
    told = "SELECT xmin, block FROM link_anchor_classes UNION ALL SELECT xmin, domain_to_id FROM anchor_profiles ORDER BY 2"
    before = rows(connection, told)
    ranked(index)
    assert rows(connection, told) == before
    with SmallIndex(index) as made:
        made.read(3, "http://one.test/")
        made.read(4, "http://one.test/")
    ranked(index)
    assert dict(rows(connection, "SELECT anchor, class FROM anchors")) == {"Bean Shop": "branded"}


def test_a_ranking_says_what_it_did(index: Database, connection: psycopg.Connection):
    ranked(index)
    ((parameters, figures),) = rows(connection, "SELECT parameters, figures FROM ranking_runs")
    assert parameters["anchors"] == {"least_refdomains": 20, "least_targets": 20, "least_exact": 3}
    assert {**figures["anchors"], "seconds": 0} == {
        "anchors": 9,
        "targets": 1,
        "judged": 0,
        "exact_p95": None,
        "seconds": 0,
    }


def test_what_titles_users_and_others_say_counts(database: Database, connection: psycopg.Connection, backlinks: Any):
    page = "http://to.test/7"
    with SmallIndex(database) as made:
        for number, anchor in enumerate(["Green tea", "Old Kettle", "a fine brew", "sencha", "sencha", "sencha"]):
            made.read(1, f"http://from{number}.test/", link(page, anchor))
        for number, title in enumerate(["Black tea | Kettle & Co", "Coffee | Kettle & Co", "Green tea | Kettle & Co"]):
            made.read(2, f"http://to.test/{5 + number}", title=title)
        made.read(3, "http://from9.test/", link(page, "Kettle & Co"))
    backlinks("targets", "add", "to.test", "--brand", "Old Kettle", "--keyword", "A Fine  Brew", database=database)
    ranked(database)
    assert dict(rows(connection, "SELECT anchor, class FROM anchors")) == {
        "Green tea": "exact",
        "Kettle & Co": "branded",
        "Old Kettle": "branded",
        "a fine brew": "exact",
        "sencha": "exact",
    }


@pytest.mark.parametrize("has_moved", [False, True])
def test_what_a_page_is_headed_counts(database: Database, connection: psycopg.Connection, has_moved: bool):
    """Also where the URL that is linked to has moved there."""
    with SmallIndex(database) as made:
        made.read(1, "http://from.test/", *(link("http://kettle.test/7", anchor) for anchor in HEADED))
        made.read(2, "http://kettle.test/7", title="Moved" if has_moved else "")
        made.read(
            3,
            "http://kettle.test/8" if has_moved else "http://kettle.test/7",
            headings="Filter coffee at home\nBrewing",
        )
    if has_moved:
        connection.execute(
            "UPDATE pages SET moved_to_id = url_id('http://kettle.test/8') WHERE page_id = url_id('http://kettle.test/7')"
        )
    ranked(database)
    assert dict(rows(connection, "SELECT anchor, class FROM anchors")) == HEADED


def test_watched_targets_have_names_and_keywords(database: Database, backlinks: Callable[..., Any]):
    backlinks("targets", "add", "to.test", "--brand", "Kettle", "--keyword", "green  tea", database=database)
    backlinks("targets", "add", "to.test", "--keyword", "sencha", "--keyword", "green tea", database=database)
    backlinks("targets", "add", "other.test", database=database)
    listed = json.loads(backlinks("targets", "list", "--format", "json", database=database).out)
    assert [(row["target"], row["brands"], row["keywords"]) for row in listed] == [
        ("other.test", [], []),
        ("to.test", ["Kettle"], ["green tea", "sencha"]),
    ]
    refused = backlinks("targets", "add", "to.test", "--keyword", " – ", database=database)
    assert refused.code == 2
    assert "--keyword '–': give a word or a few" in refused.err


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_commands_choose_by_class(index: Database, backlinks: Callable[..., Any], form: str):
    ranked(index)

    def asked(*arguments: str) -> list[dict[str, str]]:
        out = backlinks(*arguments, "--format", form, database=index).out
        if form == "csv":
            return list(csv.DictReader(io.StringIO(out)))
        return [json.loads(line) for line in out.splitlines()]

    exact = asked("anchors", "bean-shop.test", "--class", "exact")
    assert sorted((row["anchor"], row["class"]) for row in exact) == [
        ("CHEAP coffee beans!", "exact"),
        ("cheap coffee beans", "exact"),
    ]
    assert [row["anchor"] for row in asked("anchors", "www.bean-shop.test", "--class", "image")] == ["a cup"]
    assert {row["anchor_class"] for row in asked("links", "bean-shop.test", "--class", "branded")} == {"branded"}
    (profile,) = asked("anchors", "bean-shop.test", "--shares")
    assert float(profile["exact_share"]) == 0.5
    (overview,) = asked("overview", "bean-shop.test")
    assert overview["over_optimised"] in {None, ""}


def test_tables_and_sentences(index: Database, backlinks: Callable[..., Any]):
    nothing = backlinks("anchors", "bean-shop.test", "--shares", database=index)
    assert nothing.code == 1
    assert "the links to bean-shop.test have not been ranked yet; run `backlinks rank`." in nothing.err
    ranked(index)
    assert "exact" in backlinks("anchors", "bean-shop.test", database=index).out
    shares = backlinks("anchors", "bean-shop.test", "--shares", database=index)
    assert " exact_share     0.5\n" in shares.out
    assert "whether it is over-optimised is not known: that takes 20 referring domains, and 20 targets" in shares.err
    none = backlinks("links", "bean-shop.test", "--class", "exact", "--anchor", "=nothing", database=index)
    assert "with an anchor of the class exact" in none.err
    part = backlinks("anchors", "www.bean-shop.test", "--shares", database=index)
    assert "--shares are kept of whole domains: ask for those of bean-shop.test." in part.err
    some = backlinks("anchors", "bean-shop.test", "--shares", "--dofollow", database=index)
    assert "leave out the options that choose among them" in some.err


def test_an_overview_leaves_out_scores_that_are_not_known(index: Database, backlinks: Callable[..., Any]):
    shown = backlinks("overview", "bean-shop.test", database=index).out
    assert not any(name in shown for name in ("authority", "trust", "over_optimised"))
    ranked(index)
    shown = backlinks("overview", "bean-shop.test", database=index).out
    assert " authority            100.0\n" in shown
    assert "trust" not in shown


def test_few_anchors_at_once_give_the_same(
    index: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(anchor_classes, "_MOST_AT_ONCE", 2)
    ranked(index)
    assert dict(rows(connection, "SELECT anchor, class FROM anchors")) == CLASSES


def test_planted_profiles(database: Database, connection: psycopg.Connection):
    """Over-optimised is whoever is meant to be."""
    store_links(connection, planted_links())
    ranked(database)
    told = dict(rows(connection, "SELECT domain_to, over_optimised FROM target_overview"))
    assert {name: told[f"{name}.test"] for name in PLANTED} == {
        "natural": False,
        "stuffed": True,
        "branded": False,
        "tiny": None,
        "mild": False,
        "quoted": False,
    }


def test_a_keyword_or_two_are_no_pattern(database: Database, connection: psycopg.Connection):
    """Nobody else in this index uses any, so that the 95th percentile is none."""
    plain = [
        (f"http://from{place}.test/{number}", f"http://to{number}.test/green-tea", f"words {place}{number}")
        for number in range(60)
        for place in range(20)
    ]
    used = [(page, url, "green tea") for page, url, _ in plain[:3] + plain[20:22]]
    store_links(connection, plain + used)
    ranked(database)
    told = rows(
        connection, "SELECT exact_refdomains, exact_p95, over_optimised FROM anchor_profile ORDER BY domain_to_id"
    )
    assert sorted(set(told)) == [(0, 0.0, False), (2, 0.0, False), (3, 0.0, True)]


def test_too_few_targets_have_no_percentile(database: Database, connection: psycopg.Connection):
    store_links(
        connection, [(f"http://from{place}.test/", "http://to.test/green-tea", "green tea") for place in range(20)]
    )
    ranked(database)
    assert rows(connection, "SELECT exact_share, exact_p95, over_optimised FROM anchor_profile") == [(1.0, None, None)]


def test_a_page_that_cannot_be_read_keeps_its_anchors(index: Database, connection: psycopg.Connection):
    with SmallIndex(index) as made:
        made.read(3, "http://one.test/", outcome=Outcome.SERVER_ERROR, http_code=503)
    ranked(index)
    assert dict(rows(connection, "SELECT anchor, class FROM anchors")) == CLASSES
