"""Marks, from the command line to the views and questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.store import removing
from tests.integration.shop import fill_shop
from tests.integration.small_index import SmallIndex
from tests.integration.test_cli_db import sentence
from tests.integration.worker import link

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg

    from backlink_crawler.store.database import Database
    from tests.integration.conftest import Ran

    Backlinks = Callable[..., Ran]

HISTORY = "SELECT domain, url, mark, mark_note, marked_by, in_force FROM mark_history ORDER BY mark_id"
MARKS = "SELECT domain, url, mark, mark_note, marked_by FROM marks ORDER BY domain, url NULLS FIRST"


@pytest.fixture
def shop(database: Database) -> Database:
    fill_shop(database)
    return database


def rows(connection: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode()).fetchall()


def test_the_last_mark_counts_and_those_before_are_kept(
    shop: Database, connection: psycopg.Connection, backlinks: Backlinks
) -> None:
    ran = backlinks("mark", "beta.test", "--as", "contacted", "--note", " by \n mail", "--by", "Ann", database=shop)
    assert (ran.code, ran.out, ran.err) == (0, "beta.test is marked as contacted\n", "")
    backlinks("mark", "beta.test", "--as", "won", "--by", "Bob", database=shop)
    assert rows(connection, HISTORY) == [
        ("beta.test", None, "contacted", "by mail", "Ann", False),
        ("beta.test", None, "won", None, "Bob", True),
    ]
    assert rows(connection, MARKS) == [("beta.test", None, "won", None, "Bob")]
    assert rows(connection, "SELECT max(marked_at) > now() - interval '1 minute' FROM marks") == [(True,)]
    ran = backlinks("mark", "list", "--history", "--format", "csv", database=shop)
    assert [line.split(",")[2] for line in ran.out.splitlines()] == ["mark", "won", "contacted"]


def test_a_mark_is_taken_back(shop: Database, connection: psycopg.Connection, backlinks: Backlinks) -> None:
    backlinks("mark", "beta.test", "--as", "disavow", "--by", "Ann", database=shop)
    ran = backlinks("mark", "remove", "beta.test", "--by", "Bob", "--note", "it was a mistake", database=shop)
    assert (ran.code, ran.out) == (0, "beta.test is no longer marked\n")
    assert rows(connection, MARKS) == []
    assert rows(connection, HISTORY)[1:] == [("beta.test", None, "none", "it was a mistake", "Bob", False)]
    ran = backlinks("mark", "remove", "beta.test", database=shop)
    assert sentence(ran, 2) == "beta.test is not marked; `backlinks mark list` shows what is."
    backlinks("mark", "beta.test", "--as", "ignore", database=shop)
    assert [row[2] for row in rows(connection, MARKS)] == ["ignore"]


def test_the_same_mark_again_is_no_event_and_its_note_stays(
    shop: Database, connection: psycopg.Connection, backlinks: Backlinks
) -> None:
    backlinks("mark", "beta.test", "--as", "contacted", "--note", "by mail", database=shop)
    ran = backlinks("mark", "www.beta.test", "--as", "contacted", database=shop)
    assert ran.out == "beta.test was marked already as contacted\n"
    backlinks("mark", "beta.test", "--as", "contacted", "--note", "by mail", database=shop)
    assert len(rows(connection, HISTORY)) == 1
    backlinks("mark", "beta.test", "--as", "contacted", "--note", "", database=shop)
    assert [row[3] for row in rows(connection, HISTORY)] == ["by mail", None]


def test_who_marks_is_the_login_name_unless_it_is_said(
    shop: Database, connection: psycopg.Connection, backlinks: Backlinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "carla")
    backlinks("mark", "beta.test", "--as", "won", database=shop)
    assert [row[4] for row in rows(connection, MARKS)] == ["carla"]
    monkeypatch.setattr("getpass.getuser", lambda: {}["nobody"])
    ran = backlinks("mark", "gamma.test", "--as", "won", database=shop)
    assert sentence(ran, 2) == "your login name is not known; say who marks with --by WHO."


def test_a_page_is_taken_for_the_one_with_links_that_differs_by_scheme_or_slash_only(
    shop: Database, connection: psycopg.Connection, backlinks: Backlinks
) -> None:
    ran = backlinks("mark", "https://blog.alpha.test/a/", "--as", "disavow", database=shop)
    assert ran.out == "http://blog.alpha.test/a is marked as disavow\n"
    assert ran.err == "no links on https://blog.alpha.test/a/ are known; taken for http://blog.alpha.test/a\n"
    ran = backlinks("mark", "https://new.test/a", "--as", "contacted", database=shop)
    assert ran.out == "https://new.test/a is marked as contacted; no links from it are known\n"
    assert [row[:2] for row in rows(connection, MARKS)] == [
        ("alpha.test", "http://blog.alpha.test/a"),
        ("new.test", "https://new.test/a"),
    ]


def test_many_are_marked_from_a_file_and_wrong_lines_are_named(
    shop: Database, connection: psycopg.Connection, backlinks: Backlinks, tmp_path: Path
) -> None:
    file = tmp_path / "marks.txt"
    file.write_bytes(
        b"\xef\xbb\xbf# mine\r\nbeta.test\r\ndomain:gamma.test\r\nblog.alpha.test\r\n\r\nhttp://blog.alpha.test/b\r\nnone\r\n"
    )
    ran = backlinks("mark", "--file", file, "--as", "disavow", "--note", "spam", "--by", "Ann", database=shop)
    assert (ran.code, ran.out) == (1, "3 marked as disavow\n")
    said = "only domains and pages can be marked; name alpha.test, or URLs."
    assert ran.err.splitlines() == [
        f"backlinks: {file}, line 4: blog.alpha.test is a host of alpha.test, and {said}",
        f"backlinks: {file}, line 7: 'none' is neither a domain (example.com) nor a URL (https://example.com/blog/).",
    ]
    assert rows(connection, MARKS) == [
        ("alpha.test", "http://blog.alpha.test/b", "disavow", "spam", "Ann"),
        ("beta.test", None, "disavow", "spam", "Ann"),
        ("gamma.test", None, "disavow", "spam", "Ann"),
    ]
    ran = backlinks("mark", "remove", "--file", file, database=shop)
    assert ran.out == "3 marks taken back\n"
    assert rows(connection, MARKS) == []


def test_what_is_listed_as_csv_can_be_read_again(
    shop: Database, connection: psycopg.Connection, backlinks: Backlinks, tmp_path: Path
) -> None:
    backlinks("mark", "beta.test", "new.test", "--as", "contacted", "--note", "a, b; c", "--by", "Ann", database=shop)
    backlinks("mark", "http://blog.alpha.test/a", "--as", "disavow", "--by", "Bob", database=shop)
    before, file = rows(connection, MARKS), tmp_path / "marks.csv"
    ran = backlinks("mark", "list", "--output", file, database=shop)
    assert ran.code == 0
    connection.execute("DELETE FROM mark_events")
    ran = backlinks("mark", "--file", file, database=shop)
    assert (ran.code, ran.out) == (0, "3 marked; no links from 1 of them are known\n")
    assert rows(connection, MARKS) == before
    ran = backlinks("mark", "--file", file, database=shop)
    assert ran.out == "0 marked, 3 were already; no links from 1 of them are known\n"


def test_marks_are_listed_by_whom_as_what_and_of_what(shop: Database, backlinks: Backlinks) -> None:
    nothing = backlinks("mark", "list", database=shop)
    assert (nothing.out, nothing.err) == ("", "nothing is marked; mark with `backlinks mark DOMAIN --as contacted`\n")
    backlinks("mark", "http://blog.alpha.test/a", "beta.test", "--as", "disavow", "--by", "Ann", database=shop)
    backlinks("mark", "alpha.test", "--as", "won", "--by", "Bob", database=shop)

    def listed(*arguments: str) -> list[str]:
        ran = backlinks("mark", "list", *arguments, "--format", "csv", database=shop)
        assert ran.code == 0
        return [",".join(line.split(",")[:3]) for line in ran.out.splitlines()[1:]]

    assert listed("--by", "Ann") == [
        "alpha.test,http://blog.alpha.test/a,disavow",
        "beta.test,,disavow",
    ]
    assert listed("--as", "won") == ["alpha.test,,won"]
    assert listed("alpha.test") == ["alpha.test,,won", "alpha.test,http://blog.alpha.test/a,disavow"]
    assert listed("http://blog.alpha.test/a") == ["alpha.test,http://blog.alpha.test/a,disavow"]
    assert listed("gamma.test") == []


def test_a_link_has_the_mark_of_its_page_and_else_of_its_domain(
    shop: Database, connection: psycopg.Connection, backlinks: Backlinks
) -> None:
    backlinks("mark", "alpha.test", "shop.test", "--as", "contacted", "--note", "mail", database=shop)
    backlinks("mark", "http://blog.alpha.test/a", "--as", "disavow", database=shop)
    asked = "SELECT DISTINCT url_from, mark, mark_note FROM backlinks WHERE domain_to = 'shop.test' ORDER BY url_from"
    assert rows(connection, asked)[1:3] == [
        ("http://blog.alpha.test/a", "disavow", None),
        ("http://blog.alpha.test/b", "contacted", "mail"),
    ]
    asked = "SELECT domain_from, mark, mark_note FROM referring_domains WHERE domain_to = 'shop.test' ORDER BY 1"
    assert rows(connection, asked) == [
        ("alpha.test", "contacted", "mail"),
        ("beta.test", None, None),
        ("gamma.test", None, None),
    ]
    asked = "SELECT domain_to, mark FROM linked_domains WHERE domain_from = 'gamma.test' ORDER BY domain_to"
    assert rows(connection, asked) == [("it's.test", None), ("newsxshop.test", None), ("shop.test", "contacted")]
    asked = "SELECT DISTINCT url_from, mark FROM link_history WHERE domain_from = 'alpha.test' ORDER BY url_from"
    assert rows(connection, asked) == [
        ("http://blog.alpha.test/a", "disavow"),
        ("http://blog.alpha.test/b", "contacted"),
    ]


def domains_of(ran: Ran) -> list[str]:
    assert ran.code == 0, ran.err
    return sorted(line.split(",")[0] for line in ran.out.splitlines()[1:])


@pytest.mark.parametrize("target", ["shop.test", "shop.test/*", "http://shop.test/*"])
def test_referring_domains_are_chosen_by_their_mark(shop: Database, backlinks: Backlinks, target: str) -> None:
    backlinks("mark", "alpha.test", "--as", "contacted", database=shop)
    backlinks("mark", "beta.test", "--as", "won", database=shop)
    backlinks("mark", "http://gamma.test/", "--as", "won", database=shop)  # a page of it is

    def asked(mark: str, *more: str) -> list[str]:
        return domains_of(backlinks("refdomains", target, "--mark", mark, *more, "--format", "csv", database=shop))

    assert asked("contacted") == ["alpha.test"]
    assert asked("won") == ["beta.test"]
    assert asked("any", "--since", "7d") == ["alpha.test", "beta.test"]
    assert asked("none") == ["gamma.test"]
    ran = backlinks("refdomains", target, "--mark", "disavow", database=shop)
    assert ran.code == 1
    assert "marked as disavow have the status live or unverified" in ran.err


@pytest.mark.parametrize("target", ["shop.test", "shop.test/*"])
def test_links_are_chosen_by_the_mark_of_page_or_domain(shop: Database, backlinks: Backlinks, target: str) -> None:
    backlinks("mark", "alpha.test", "--as", "contacted", database=shop)
    backlinks("mark", "http://blog.alpha.test/a", "http://gamma.test/", "--as", "disavow", database=shop)

    def asked(mark: str, *more: str) -> set[str]:
        return set(domains_of(backlinks("links", target, "--mark", mark, *more, "--format", "csv", database=shop)))

    assert asked("disavow") == {"http://blog.alpha.test/a", "http://gamma.test/"}
    assert asked("contacted") == {"http://blog.alpha.test/b"}
    assert asked("any", "--from", "gamma.test") == {"http://gamma.test/"}
    assert asked("none") == {"http://beta.test/"}
    assert asked("any", "--one-per-domain") == {"http://blog.alpha.test/a", "http://gamma.test/"}


def test_other_questions_are_chosen_by_marks_too(shop: Database, backlinks: Backlinks) -> None:
    backlinks("mark", "alpha.test", "it's.test", "--as", "contacted", database=shop)
    backlinks("mark", "gamma.test", "shop.test", "--as", "declined", database=shop)
    asked = backlinks("new", "shop.test", "--mark", "declined", "--format", "csv", database=shop)
    assert domains_of(asked) == ["http://gamma.test/"]
    asked = backlinks("linked", "gamma.test", "--mark", "declined", "--format", "csv", database=shop)
    assert domains_of(asked) == ["shop.test"]
    asked = backlinks("linked", "http://gamma.test/", "--mark", "none", "--format", "csv", database=shop)
    assert domains_of(asked) == ["it's.test", "newsxshop.test"]
    both = ("intersect", "shop.test", "news.shop.test", "--format", "csv")
    assert domains_of(backlinks(*both, "--mark", "contacted", database=shop)) == ["alpha.test"]
    ran = backlinks(*both, "--mark", "declined", database=shop)
    assert (ran.code, ran.err) == (
        1,
        "backlinks: no domain links to shop.test and news.shop.test and is marked as declined.\n",
    )


def test_lost_referring_domains_have_marks(
    database: Database, connection: psycopg.Connection, backlinks: Backlinks
) -> None:
    with SmallIndex(database) as index:
        index.read(0, "http://a.test/", link("http://shop.test/"))
        for at in (1, 2):
            index.read(at, "http://a.test/")
    backlinks("mark", "a.test", "--as", "contacted", "--note", "asked again", database=database)
    ran = backlinks("refdomains", "shop.test", "--lost", "--mark", "contacted", "--format", "csv", database=database)
    assert domains_of(ran) == ["a.test"]
    ran = backlinks("refdomains", "shop.test/*", "--lost", "--mark", "any", "--format", "csv", database=database)
    assert domains_of(ran) == ["a.test"]
    ran = backlinks("lost", "shop.test", "--mark", "any", "--format", "csv", database=database)
    assert domains_of(ran) == ["http://a.test/"]
    assert rows(connection, "SELECT mark, mark_note FROM lost_referring_domains") == [("contacted", "asked again")]


def test_tables_have_a_column_for_marks_once_there_are_some(shop: Database, backlinks: Backlinks) -> None:
    assert "mark" not in backlinks("refdomains", "shop.test", database=shop).out
    backlinks("mark", "alpha.test", "--as", "contacted", "--note", "by mail", database=shop)
    shown = backlinks("refdomains", "shop.test", database=shop).out.splitlines()
    assert shown[1].split()[-2:] == ["mark", "mark_note"]
    assert [line.split()[-3:] for line in shown if "alpha.test" in line] == [["contacted", "by", "mail"]]
    shown = backlinks("links", "shop.test", "--mark", "any", database=shop).out.splitlines()
    assert shown[0] == "links: links to shop.test and all its hosts that are marked (--mode domain, guessed)"
    assert len(shown) == 3 + 4


def test_prospects_leave_out_what_is_settled_and_not_what_is_under_way(
    shop: Database, connection: psycopg.Connection, backlinks: Backlinks
) -> None:
    names = {"alpha.test": "contacted", "beta.test": "won", "gamma.test": "declined", "shop.test": "ignore"}
    for name, word in names.items():
        backlinks("mark", name, "--as", word, database=shop)
    backlinks("mark", "evil.test", "unknown.test", "--as", "disavow", database=shop)
    backlinks("mark", "http://delta.test/", "--as", "disavow", database=shop)  # of its other pages nothing is said
    left_out = "SELECT name FROM domains WHERE id = ANY(domains_left_out()) ORDER BY name"
    assert rows(connection, left_out) == [("beta.test",), ("evil.test",), ("gamma.test",), ("shop.test",)]


def test_marks_outlive_what_the_index_knows(
    shop: Database, connection: psycopg.Connection, backlinks: Backlinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removing, "LEASE", 0.0)
    backlinks("mark", "alpha.test", "http://blog.alpha.test/a", "--as", "disavow", "--by", "Ann", database=shop)
    before = rows(connection, MARKS)
    assert backlinks("remove", "alpha.test", "--yes", database=shop).code == 0
    assert backlinks("seeds", "remove", "http://beta.test/", database=shop).code == 0
    assert backlinks("db", "prune", "--lost-before", "2d", "--visits-older-than", "2d", database=shop).code == 0
    assert rows(connection, "SELECT name FROM domains WHERE name = 'alpha.test'") == []
    assert rows(connection, MARKS) == before
    assert rows(connection, "SELECT domain_id, url_id FROM marks") == [(None, None), (None, None)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("beta.test",), "beta.test: no mark is said; say --as MARK, or in a column named mark."),
        (("--as", "won"), "name a domain or a URL, or a file of them with --file."),
        (("beta.test/blog/*", "--as", "won"), "'beta.test/blog/*' is a part of a site; mark its domain, or its pages"),
        (("beta.test", "--as", "won", "--note", "x" * 1001), "a note has 1,000 characters at most."),
        (("beta.test", "--as", "won", "--by", " "), "--by: name who marks, in 100 characters at most."),
        (("beta.test", "--as", "toxic"), "'toxic' is not one of 'contacted', 'won', 'declined', 'ignore', 'disavow'"),
        (("ftp://beta.test", "--as", "won"), "ftp://beta.test"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    shop: Database, connection: psycopg.Connection, backlinks: Backlinks, arguments: tuple[str, ...], said: str
) -> None:
    ran = backlinks("mark", *arguments, database=shop)
    assert (ran.code, said in ran.err) == (2, True), ran.err
    assert rows(connection, MARKS) == []


def test_where_nothing_is_marked_a_filter_says_so(shop: Database, backlinks: Backlinks) -> None:
    ran = backlinks("links", "shop.test", "--mark", "won", database=shop)
    assert sentence(ran, 1) == "nothing is marked yet: `backlinks mark DOMAIN --as contacted` marks a domain."


def test_a_public_suffix_is_no_site(database: Database, backlinks: Backlinks) -> None:
    ran = backlinks("mark", "co.uk", "--as", "disavow", database=database)
    assert ran.code == 2
    assert "co.uk is a public suffix: it would mean every site below it; name the sites." in ran.err


def test_what_was_taken_for_another_spelling_is_found_by_both(database: Database, backlinks: Backlinks) -> None:
    with SmallIndex(database) as index:
        index.read(0, "http://a.test/page", link("http://shop.test/"))
    backlinks("mark", "https://a.test/page/", "--as", "won", database=database)
    assert "http://a.test/page" in backlinks("mark", "list", "https://a.test/page/", database=database).out
    ran = backlinks("mark", "remove", "https://a.test/page/", database=database)
    assert (ran.code, ran.out) == (0, "http://a.test/page is no longer marked\n")
    assert ran.err == "https://a.test/page/ is not marked; taken for http://a.test/page\n"


def test_bytes_that_are_no_text_are_said_in_a_sentence(shop: Database, backlinks: Backlinks) -> None:
    assert backlinks("mark", "list", "--by", "\udcff", database=shop).code in {0, 1, 2}
