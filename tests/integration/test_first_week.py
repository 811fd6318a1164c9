"""The questions of a first week: who is new, who is gone, from whom, with which words; ours beside theirs."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from backlink_crawler.ask.questions import QUESTIONS
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import TargetMode
from backlink_crawler.store import several
from backlink_crawler.store.asking import Filters, run_on
from tests.integration.first_week import ALPHA, BETA, DELTA, EPSILON, GAMMA, RIVAL, SHELF, SHOP, fill_first_week
from tests.integration.small_index import SmallIndex, day, play
from tests.integration.test_cli import sentence
from tests.integration.worker import NORMALISE, link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.integration.test_cli import Backlinks


@pytest.fixture(scope="module")
def week(embedded_server: Server) -> Iterator[Database]:
    """Read-only for all tests of this file."""
    made = embedded_server.copy()
    fill_first_week(made)
    yield made
    embedded_server.drop(made)


class Ask:
    """`backlinks … --format jsonl`: the rows, by the asked columns."""

    def __init__(self, backlinks: Backlinks, database: Database) -> None:
        self.backlinks, self.database = backlinks, database

    def __call__(self, columns: str, *arguments: object) -> list[tuple[Any, ...]]:
        ran = self.backlinks(*arguments, "--format", "jsonl", database=self.database)
        assert (ran.code, ran.err) == (0, "")
        return [tuple(json.loads(line)[column] for column in columns.split()) for line in ran.out.splitlines()]

    def sentence(self, *arguments: object, code: int = 1) -> str:
        return sentence(self.backlinks(*arguments, database=self.database), code)


def is_about(found: str, at: datetime) -> bool:
    """A visit is dated by the database's clock, which is compared with the worker's."""
    return abs(datetime.fromisoformat(found) - at) < timedelta(seconds=30)


@pytest.fixture
def ask(backlinks: Backlinks, week: Database) -> Ask:
    return Ask(backlinks, week)


def test_new_referring_domains(ask: Ask) -> None:
    columns = "domain_from links dofollow_links refpages pages_to status"
    assert ask(columns, "refdomains", "shop.test", "--since", "3d") == [("epsilon.test", 2, 2, 1, 2, "live")]
    assert ask("domain_from", "refdomains", "shop.test", "--since", "20d") == [
        ("epsilon.test",),
        ("beta.test",),
        ("alpha.test",),  # delta.test is new too, and gone
    ]
    (row,) = ask("found_at", "refdomains", "shop.test", "--since", "3d")
    assert timedelta(days=2) < datetime.now(UTC) - datetime.fromisoformat(row[0]) < timedelta(days=3)


@pytest.mark.parametrize(
    ("target", "since", "expected"),
    [
        (SHELF, "3d", [("epsilon.test", 1, 1, "live")]),
        (SHELF, "20d", [("epsilon.test", 1, 1, "live"), ("alpha.test", 1, 0, "live")]),
        ("shop.test/*", "3d", [("epsilon.test", 2, 2, "live")]),
        ("http://shop.test/*", "9d", [("epsilon.test", 2, 2, "live"), ("beta.test", 1, 1, "unverified")]),
    ],
)
def test_new_referring_domains_of_a_part(ask: Ask, target: str, since: str, expected: list[tuple[Any, ...]]) -> None:
    """A new link of a domain that linked there before makes it no new one."""
    columns = "domain_from links dofollow_links status"
    assert ask(columns, "refdomains", target, "--since", since) == expected
    assert ask(columns, "refdomains", "shop.test", "--mode", "subdomains", "--since", "3d") == [
        ("epsilon.test", 2, 2, "live")
    ]


def test_new_referring_domains_by_other_filters(ask: Ask) -> None:
    assert ask("domain_from", "refdomains", "shop.test", "--since", "20d", "--dofollow") == [
        ("epsilon.test",),
        ("beta.test",),
    ]
    assert ask("domain_from links", "refdomains", "shop.test", "--since", "20d", "--status", "unverified") == [
        ("beta.test", 1)
    ]
    assert ask("domain_from links", "refdomains", "http://shop.test/*", "--since", "20d", "--origin", "html") == [
        ("epsilon.test", 2),
        ("beta.test", 1),
        ("alpha.test", 2),
    ]


@pytest.mark.parametrize(
    ("target", "mode"), [("shop.test", None), ("shop.test", "subdomains"), (SHELF, None), ("shop.test/*", None)]
)
def test_lost_referring_domains(ask: Ask, target: str, mode: str | None) -> None:
    options = ("--mode", mode) if mode else ()
    ((domain, links, lost_at, learnt_at),) = ask(
        "domain_from lost_links lost_at lost_learnt_at", "refdomains", target, "--lost", *options
    )
    assert (domain, links) == ("delta.test", 1)
    assert is_about(lost_at, day(5))
    assert timedelta(days=4) < datetime.now(UTC) - datetime.fromisoformat(learnt_at) < timedelta(days=5)
    assert ask("domain_from", "refdomains", target, "--lost", "--since", "5d", *options) == [("delta.test",)]
    said = ask.sentence("refdomains", target, "--lost", "--since", "3d", *options)
    assert re.fullmatch(
        r"of the domains with links to \S+, none was lost in that time; name a longer one with --since\.", said
    )


def test_nobody_is_new_or_lost(ask: Ask) -> None:
    assert (
        ask.sentence("refdomains", SHOP, "--lost") == "of the domains with links to http://shop.test/, none was lost."
    )
    assert ask.sentence("refdomains", "shop.test", "--since", "1h") == (
        "of the domains with links to shop.test, none is new in that time; name a longer one with --since."
    )
    said = ask.sentence("refdomains", "shop.test", "--lost", "--status", "live", code=2)
    assert said == "--lost and --status exclude each other: leave out one of them."


def test_a_domain_that_is_lost_again_is_lost_once(database: Database, backlinks: Backlinks) -> None:
    with SmallIndex(database) as index:
        for at, links in enumerate([True, False, False, True, False, False]):
            index.read(at, ALPHA, *([link(SHOP, "Shop")] if links else []))
    ask = Ask(backlinks, database)
    ((domain, links, lost_at),) = ask("domain_from lost_links lost_at", "refdomains", "shop.test", "--lost")
    assert (domain, links) == ("alpha.test", 1)
    assert is_about(lost_at, day(4))
    with SmallIndex(database) as index:
        index.read(7, ALPHA, link(SHOP, "Shop"))
    assert ask.sentence("refdomains", "shop.test", "--lost") == "of the domains with links to shop.test, none was lost."


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("alpha.test", {(SHOP, "Shop"), (SHELF, "Best beans")}),
        (EPSILON, {(SHELF, "Tea"), (SHOP, "Shop")}),
        ("epsilon.test/*", {(SHELF, "Tea"), (SHOP, "Shop")}),
        ("http://beta.test/*", {(SHOP, "Shop")}),
    ],
)
def test_links_from_somewhere(ask: Ask, source: str, expected: set[tuple[str, str]]) -> None:
    assert set(ask("url_to anchor", "links", "shop.test", "--from", source)) == expected
    assert set(ask("url_to anchor", "links", "shop.test/*", "--from", source)) == expected
    only = {each for each in expected if each[0] == SHOP}
    assert set(ask("url_to anchor", "links", SHOP, "--from", source)) == only


def test_links_from_somewhere_without_any(ask: Ask) -> None:
    assert ask.sentence("links", "shop.test", "--from", "gamma.test") == (
        "no links to shop.test from gamma.test have the status live or unverified; --status all shows the others."
    )
    assert ask.sentence("links", "shop.test", "--from", "gamma.test", "--status", "all") == (
        "no links to shop.test from gamma.test are known."
    )
    assert ask("anchor status", "links", "shop.test", "--from", "delta.test", "--status", "lost") == [("", "lost")]


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        (
            "shop",
            {("alpha.test", "Shop"), ("beta.test", "Shop"), ("epsilon.test", "Shop"), ("epsilon.test", "Shop again")},
        ),
        ("=Shop", {("alpha.test", "Shop"), ("beta.test", "Shop"), ("epsilon.test", "Shop")}),
        ("BEST b", {("alpha.test", "Best beans")}),
        ("=", {("delta.test", "")}),
    ],
)
def test_links_by_their_anchor(ask: Ask, anchor: str, expected: set[tuple[str, str]]) -> None:
    assert set(ask("domain_from anchor", "links", "shop.test", "--anchor", anchor, "--status", "all")) == expected


def test_an_anchor_is_no_pattern(ask: Ask) -> None:
    for anchor in ("Sh_p", "%", "=shop", "'; --"):
        said = ask.sentence("links", "shop.test", "--anchor", anchor)
        assert said.endswith("have the status live or unverified; --status all shows the others.")
    assert ask.sentence(
        "links", "shop.test", "--anchor", "=shop", "--type", "text", "--dofollow", "--status", "all"
    ) == ("no dofollow text links to shop.test with the anchor 'shop' are known.")


def test_links_of_a_type(ask: Ask) -> None:
    assert ask("domain_from link_type", "links", "shop.test", "--type", "image", "--status", "all") == [
        ("delta.test", "image")
    ]
    assert len(ask("url_to", "links", "shop.test", "--type", "text")) == 5


def test_links_to_a_page(ask: Ask) -> None:
    assert ask("url_to domain_from", "links", "shop.test", "--page", SHELF) == [
        (SHELF, "epsilon.test"),
        (SHELF, "alpha.test"),
    ]
    said = ask.sentence("links", "shop.test", "--page", RIVAL, code=2)
    assert said == "--page http://rival.test/ is not a page of shop.test: name one, or leave it out."


def test_one_link_of_each_domain(ask: Ask) -> None:
    """A dofollow one if there is any, and of these the one that was found first."""
    assert ask("domain_from url_to anchor", "links", "shop.test", "--one-per-domain") == [
        ("epsilon.test", SHELF, "Tea"),
        ("beta.test", SHOP, "Shop"),
        ("alpha.test", SHOP, "Shop"),
    ]
    assert ask("domain_from", "links", "shop.test", "--one-per-domain", "--limit", 3, "--dofollow") == [
        ("epsilon.test",),
        ("beta.test",),
    ]
    for target in (SHOP, "shop.test/*"):
        assert len(ask("domain_from", "links", target, "--one-per-domain")) == 3
    assert ask("domain_from anchor", "links", "shop.test", "--one-per-domain", "--anchor", "e") == [
        ("epsilon.test", "Tea"),
        ("alpha.test", "Best beans"),
    ]
    assert ask("domain_from", "links", "shop.test", "--one-per-domain", "--sort", "domain_from") == [
        ("alpha.test",),
        ("beta.test",),
        ("epsilon.test",),
    ]


def test_unverified_links(ask: Ask) -> None:
    for target in ("shop.test", SHOP, "shop.test/*"):
        assert ask("url_from status", "links", target, "--status", "unverified") == [(BETA, "unverified")]
        assert ask("domain_from status", "refdomains", target, "--status", "unverified") == [
            ("beta.test", "unverified")
        ]
    assert ask("anchor links", "anchors", "shop.test", "--status", "unverified") == [("Shop", 1)]


def test_shares_of_anchors(ask: Ask) -> None:
    expected = [("Shop", 3, 60.0, 3), ("Best beans", 1, 20.0, 1), ("Tea", 1, 20.0, 1)]
    for target in ("shop.test", "shop.test/*"):
        first, *others = ask("anchor links links_percent refdomains", "anchors", target)
        assert [first, *sorted(others)] == expected
    assert ask("anchor links_percent", "anchors", SHELF, "--sort", "anchor") == [("Best beans", 50.0), ("Tea", 50.0)]
    assert ask("anchor links_percent", "anchors", "shop.test", "--dofollow", "--sort", "anchor") == [
        ("Shop", 66.7),
        ("Tea", 33.3),
    ]


@pytest.mark.parametrize("source", ["alpha.test", ALPHA, "alpha.test/*", "http://alpha.test/*"])
def test_what_a_target_links_to(ask: Ask, source: str) -> None:
    columns = "domain_to links dofollow_links refpages pages_to status"
    assert ask(columns, "linked", source) == [
        ("shop.test", 2, 0, 1, 2, "live"),
        ("rival.test", 1, 1, 1, 1, "live"),
    ]
    assert ask("domain_to", "linked", source, "--dofollow") == [("rival.test",)]


def test_what_a_target_linked_to(ask: Ask) -> None:
    for source in ("delta.test", DELTA):
        assert ask("domain_to status", "linked", source, "--status", "lost") == [("shop.test", "lost")]
    said = ask.sentence("linked", "http://alpha.test/nothing")
    assert said == (
        "no links from http://alpha.test/nothing are known, but there are some from alpha.test: use that as the target."
    )
    assert ask.sentence("linked", "shop.test") == "no links from shop.test are known; it must be crawled for this."


def test_who_links_to_these(ask: Ask) -> None:
    columns = "domain_from links dofollow_links links_1 links_2"
    assert ask(columns, "intersect", "shop.test", "rival.test") == [
        ("alpha.test", 3, 1, 2, 1),
        ("beta.test", 2, 2, 1, 1),
    ]
    assert ask(columns, "intersect", SHELF, "rival.test/*") == [("alpha.test", 2, 1, 1, 1)]
    assert ask("domain_from", "intersect", "shop.test", "rival.test", "--dofollow") == [("beta.test",)]


def test_who_links_to_these_and_not_to_us(ask: Ask) -> None:
    assert ask("domain_from links", "intersect", "rival.test", "third.test", "--not", "shop.test") == [
        ("gamma.test", 2)
    ]
    assert ask("domain_from", "intersect", "shop.test", "--not", "third.test", "--sort", "domain_from") == [
        ("alpha.test",),
        ("epsilon.test",),
    ]
    assert ask("domain_from", "intersect", "rival.test", "--not", SHELF, "--sort", "domain_from") == [
        ("beta.test",),
        ("gamma.test",),
    ]
    said = ask.sentence("intersect", "shop.test", "third.test", "--not", "rival.test")
    assert said == "no domain links to shop.test and third.test, and not to rival.test."
    assert ask.sentence("intersect", "shop.test", "nowhere.example") == "no links to nowhere.example are known."


def test_a_site_does_not_count_as_linking_to_itself(ask: Ask) -> None:
    """Whoever is not to be linked to is no answer either."""
    assert ask("domain_from", "intersect", "shop.test", "--not", "alpha.test", "--sort", "domain_from") == [
        ("beta.test",),
        ("epsilon.test",),
    ]


def test_targets_side_by_side(ask: Ask) -> None:
    columns = "target backlinks refdomains unverified_links missing_links lost_links own_refdomains shared_refdomains"
    assert ask(columns, "compare", "shop.test", "rival.test", "http://third.test/*") == [
        ("shop.test", 4, 2, 1, 1, 1, 1, 1),
        ("rival.test", 2, 2, 1, 0, 0, 0, 1),
        ("http://third.test/", 1, 1, 1, 0, 0, 0, 1),
    ]
    assert ask("target", "compare", "shop.test", "rival.test", "--sort", "backlinks:asc") == [
        ("rival.test",),
        ("shop.test",),
    ]
    assert ask.sentence("compare", "shop.test", "nowhere.example") == "no links to nowhere.example are known."


def test_a_table_of_a_comparison_has_a_column_a_target(backlinks: Backlinks, week: Database) -> None:
    ran = backlinks("compare", "shop.test", "rival.test", database=week)
    lines = [line.split() for line in ran.out.splitlines()]
    assert lines[0] == ["compare:", "totals", "of", "each", "target"]
    assert lines[1] == ["shop.test", "rival.test"]
    assert ["backlinks", "4", "2"] in lines
    assert ["own_refdomains", "1", "1"] in lines


@pytest.mark.parametrize("target", ["shop.test", "shop.test/*", SHELF])
def test_an_overview_has_the_same_columns_in_every_mode(backlinks: Backlinks, week: Database, target: str) -> None:
    (row,) = json.loads(backlinks("overview", target, "--format", "json", database=week).out)
    assert (
        list(row)
        == (
            "target backlinks dofollow_links nofollow_links sponsored_links ugc_links refpages refdomains "
            "dofollow_refdomains unverified_links missing_links lost_links first_seen last_seen pages_known pages_visited "
            "oldest_visit newest_visit authority trust over_optimised content_links list_links nav_links header_links "
            "footer_links sidebar_links comments_links sitewide_links coverage_as_of"
        ).split()
    )


def test_an_overview_of_a_part_agrees_with_that_of_its_domain(ask: Ask) -> None:
    columns = (
        "backlinks dofollow_links nofollow_links refpages refdomains dofollow_refdomains unverified_links missing_links "
        "lost_links first_seen last_seen pages_known pages_visited oldest_visit newest_visit"
    )
    (whole,) = ask(columns, "overview", "shop.test")
    assert whole[:9] == (4, 2, 2, 2, 2, 1, 1, 1, 1)
    assert ask(columns, "overview", "shop.test/*") == [whole]
    assert ask(columns, "overview", "shop.test", "--mode", "subdomains") == [whole]
    (shelf,) = ask(columns, "overview", SHELF)
    assert shelf[:9] == (2, 1, 1, 2, 2, 1, 0, 0, 1)


def test_days_of_a_part(ask: Ask) -> None:
    today = datetime.now(UTC) - timedelta(hours=12)
    days = ask("day new_links lost_links new_refdomains lost_refdomains", "daily", "shop.test/*")
    assert [((today.date() - datetime.fromisoformat(row[0]).date()).days, *row[1:]) for row in days] == [
        (2, 3, 0, 1, 0),
        (4, 0, 1, 0, 1),
        (6, 1, 0, 1, 0),
        (8, 1, 0, 1, 0),
        (9, 2, 0, 1, 0),
    ]
    assert [row[1:] for row in ask("day new_links new_refdomains", "daily", SHELF, "--since", "5d")] == [(1, 1), (0, 0)]


@pytest.mark.parametrize("seed", range(4))
def test_the_days_of_all_parts_are_those_of_the_domain(database: Database, seed: int) -> None:
    """Counted link by link they are what is kept, whatever happened."""
    with SmallIndex(database) as index:
        play(index, seed, visits=60)
    with database.connect() as connection:
        domains = [row[0] for row in connection.execute("SELECT DISTINCT domain_to FROM new_lost_daily")]
        assert len(domains) > 3
        for domain in domains:
            answers = [
                run_on(connection, QUESTIONS["daily"](parse_target(domain, mode, NORMALISE), Filters())).fetchall()
                for mode in (TargetMode.DOMAIN, TargetMode.SUBDOMAINS)
            ]
            assert answers[0] == answers[1], domain


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("rel_changed", [(ALPHA, "rel_changed", "", "nofollow")]),
        ("lost", [(DELTA, "lost", None, "link_removed")]),
        ("missing", [(EPSILON, "missing", None, None), (DELTA, "missing", None, None)]),
    ],
)
def test_events_of_a_kind(ask: Ask, event: str, expected: list[tuple[Any, ...]]) -> None:
    for target in ("shop.test", "shop.test/*"):
        assert ask("url_from event before after", "history", target, "--event", event) == expected


def test_an_event_that_never_happened(ask: Ask) -> None:
    assert ask.sentence("history", "shop.test", "--event", "moved") == "no event moved of links to shop.test is known."
    assert ask.sentence("history", "shop.test", "--event", "lost", "--since", "1h") == (
        "no event lost of links to shop.test is known in that time; name a longer one with --since."
    )


FILTERS = [
    ("refdomains", Filters(since="now() - interval '4 days'")),
    ("refdomains", Filters(is_lost=True)),
    ("refdomains", Filters(since="now() - interval '20 days'", origin="html", dofollow=True, status="live")),
    ("links", Filters(source=parse_target("alpha.test", None, NORMALISE))),
    ("links", Filters(source=parse_target(ALPHA, None, NORMALISE), anchor="50% _", link_type="text")),
    ("links", Filters(one_per_domain=True)),
    ("links", Filters(one_per_domain=True, status="all", anchor="=Shop", limit=None, sort="anchor")),
    ("links", Filters(status="unverified")),
    ("history", Filters(event="rel_changed")),
]


@pytest.mark.parametrize(("question", "filters"), FILTERS)
@pytest.mark.parametrize("target", ["shop.test", "shop.test/*", SHOP, "www.shop.test"])
def test_the_printed_sql_gives_the_same_rows(week: Database, question: str, filters: Filters, target: str) -> None:
    query = QUESTIONS[question](parse_target(target, None, NORMALISE), filters)
    with psycopg.connect(week.dsn) as plain:
        assert plain.execute(query.literal().encode()).fetchall() == run_on(plain, query).fetchall()


@pytest.mark.parametrize("targets", [["shop.test", "rival.test"], [SHOP, "rival.test/*", "www.third.test"]])
def test_the_printed_sql_of_several_targets_gives_the_same_rows(week: Database, targets: list[str]) -> None:
    parsed = [parse_target(target, None, NORMALISE) for target in targets]
    other = [parse_target("third.test", None, NORMALISE), parse_target(GAMMA, None, NORMALISE)]
    with psycopg.connect(week.dsn) as plain:
        for query in (several.intersect(parsed, other, Filters()), several.compare(parsed, Filters(sort="lost_links"))):
            assert plain.execute(query.literal().encode()).fetchall() == run_on(plain, query).fetchall()


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("https://shop.test/a", SHELF),
        ("http://shop.test/a/", SHELF),
        ("https://shop.test/a/", SHELF),
        ("http://shop.test./a", SHELF),
        ("https://shop.test/a*", "http://shop.test/a"),
    ],
)
def test_a_url_that_nobody_links_to_is_taken_for_its_twin(
    backlinks: Backlinks, week: Database, typed: str, known: str
) -> None:
    ran = backlinks("refdomains", typed, "--format", "jsonl", database=week)
    assert ran.code == 0
    assert len(ran.out.splitlines()) == 2
    said = typed.removesuffix("*")
    assert ran.err == f"no links to or from {said} are known; taken for {known}\n"
    ran = backlinks("links", "shop.test", "--from", "https://alpha.test", "--format", "jsonl", database=week)
    assert len(ran.out.splitlines()) == 2


@pytest.mark.parametrize("question", [*QUESTIONS, "intersect", "compare"])
def test_a_question_names_the_columns_that_it_sorts_by(backlinks: Backlinks, week: Database, question: str) -> None:
    if question == "overview":  # one row
        return
    found = re.search(r"Columns: ([\w, ]+)\.", " ".join(backlinks(question, "--help").out.split()))
    assert found
    targets = {"linked": ("alpha.test",), "intersect": ("shop.test", "rival.test")}.get(question, ("shop.test",))
    for column in found[1].split(", "):
        options: tuple[str, ...] = ()
        if question == "refdomains":
            options = ("--lost",) if column.startswith("lost_") else ("--since", "20d")
        ran = backlinks(question, *targets, *options, "--sort", column, "--format", "csv", database=week)
        assert ran.code == (1 if question == "broken" else 0), (column, ran.err)


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [("refdomain", "refdomains"), ("overvew", "overview"), ("intersct", "intersect"), ("Links", "links")],
)
def test_a_command_that_there_is_not_suggests_the_nearest(backlinks: Backlinks, typed: str, nearest: str) -> None:
    ran = backlinks(typed, "shop.test")
    assert ran.code == 2
    assert f"there is no command '{typed}'; did you mean '{nearest}'?" in ran.err
    assert "No such command 'qqq'" in backlinks("qqq").err
