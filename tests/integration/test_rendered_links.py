"""Links that scripts add, remove or change: what a visit says of them when it rendered the page, and when it did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.frontier.rendering import RenderHistory
from backlink_crawler.model import Cover, Discovery, Outcome, Url
from backlink_crawler.store.frontier import ReleasedHost
from tests.integration.consistency import assert_edges_are_right
from tests.integration.worker import Worker, add_seed, link, page_found, rendered

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from backlink_crawler.model import DuePage, Visit
    from backlink_crawler.store.database import Database

PAGE, TWO = "http://from.test/", "http://from.test/two"
HTML, SCRIPT = "http://html.test/", "http://script.test/"
WRITTEN = "SELECT 'link', id, xmin::text FROM links UNION ALL SELECT 'edge', domain_to_id, xmin::text FROM domain_edges"
GONE = {"outcome": Outcome.GONE, "http_code": 404}
MOVED = {"outcome": Outcome.REDIRECT, "http_code": 301}
DOWN = {"outcome": Outcome.SERVER_ERROR, "http_code": 503}
SAME = {"outcome": Outcome.NOT_MODIFIED, "http_code": 304}


def stored(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    query = "SELECT domain_to, anchor, status, link_origin FROM backlinks ORDER BY domain_to, anchor, link_origin"
    return connection.execute(query).fetchall()


def events(connection: psycopg.Connection, to: str = "script.test") -> list[tuple[Any, ...]]:
    """Without what was found."""
    query = (
        "SELECT event, before, after FROM link_history WHERE event <> 'found' AND domain_to = %s "
        "ORDER BY happened_at, event"
    )
    return connection.execute(query, [to]).fetchall()


def edges(connection: psycopg.Connection) -> dict[str, str]:
    query = "SELECT domain_to, status FROM referring_domains"
    return dict(connection.execute(query).fetchall())


def written(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Changes with every link or edge that is written, whatever is written."""
    return sorted(connection.execute(WRITTEN.encode()).fetchall())


def seen_at(connection: psycopg.Connection, to: str) -> list[int]:
    """Which visit, from 0, the link was last seen in: as its link, its domain, its anchor and its target say."""
    query = (
        "SELECT (SELECT count(*) FROM visits AS v WHERE v.observed_at < s.last_seen) FROM ("
        "SELECT 1 AS n, last_seen FROM backlinks WHERE domain_to = %(to)s "
        "UNION ALL SELECT 2, last_seen FROM referring_domains WHERE domain_to = %(to)s "
        "UNION ALL SELECT 3, last_seen FROM anchors WHERE domain_to = %(to)s "
        "UNION ALL SELECT 4, last_seen FROM best_by_links WHERE domain_to = %(to)s "
        "UNION ALL SELECT 5, last_seen FROM target_overview WHERE domain_to = %(to)s) AS s ORDER BY n, last_seen"
    )
    return [row[0] for row in connection.execute(query, {"to": to})]


def both_ways(worker: Worker, page: str = PAGE) -> None:
    """A rendering: one link stands in the HTML, and one is a script's."""
    worker.render(page, link(HTML, "H"), shows=[link(HTML, "H"), link(SCRIPT, "S")])


@pytest.fixture
def fresh(database: Database) -> Worker:
    """Of from.test nothing was read yet: its start page is http://from.test/."""
    add_seed(database, PAGE)
    made = Worker(database)
    made.claim()
    return made


def test_a_rendering_adds_links_to_those_of_the_html(worker: Worker, connection: psycopg.Connection) -> None:
    worker.read(PAGE, link(HTML, "H"), link("http://gone.test/", "G"))
    assert stored(connection) == [("gone.test", "G", "live", "html"), ("html.test", "H", "live", "html")]
    shows = [link(HTML, "H"), link(SCRIPT, "S")]
    worker.render(PAGE, link(HTML, "H"), link("http://gone.test/", "G"), shows=shows)
    assert stored(connection) == [
        ("gone.test", "G", "live", "html"),
        ("html.test", "H", "live", "both"),
        ("script.test", "S", "live", "rendered"),
    ]
    assert connection.execute("SELECT url_to FROM backlinks WHERE is_removed_by_scripts").fetchall() == [
        ("http://gone.test/",)
    ]
    assert connection.execute("SELECT count(*) FROM link_events").fetchone() == (0,)
    assert edges(connection) == {"gone.test": "live", "html.test": "live", "script.test": "live"}
    assert_edges_are_right(connection)


def test_what_a_visit_without_rendering_cannot_tell_is_unverified(
    worker: Worker, connection: psycopg.Connection
) -> None:
    both_ways(worker)
    worker.read(PAGE, link(HTML, "H"))
    assert stored(connection) == [("html.test", "H", "live", "both"), ("script.test", "S", "unverified", "rendered")]
    assert edges(connection) == {"html.test": "live", "script.test": "unverified"}
    assert seen_at(connection, "html.test") == [2] * 5
    assert seen_at(connection, "script.test") == [1] * 5
    query = (
        "SELECT backlinks, unverified_links, lost_links, refdomains, refpages FROM target_overview ORDER BY domain_to"
    )
    assert connection.execute(query).fetchall() == [(1, 0, 0, 1, 1), (0, 1, 0, 0, 0)]
    assert_edges_are_right(connection)


def test_a_domain_is_as_live_as_the_link_in_the_html_of_another_page(
    worker: Worker, connection: psycopg.Connection
) -> None:
    both_ways(worker)
    worker.read(TWO, link(SCRIPT, "S"))
    worker.read(PAGE, link(HTML, "H"))
    assert edges(connection)["script.test"] == "live"
    assert_edges_are_right(connection, "the other page stands for it")
    worker.read(TWO, **DOWN)
    assert edges(connection)["script.test"] == "unverified"
    both_ways(worker)
    assert edges(connection)["script.test"] == "live"
    assert_edges_are_right(connection, "the rendered page stands for it")
    assert seen_at(connection, "script.test") == [2, 5, 5, 5, 5, 5]


def test_rendered_again_it_is_live_and_nothing_is_written(worker: Worker, connection: psycopg.Connection) -> None:
    both_ways(worker)
    before = written(connection)
    for _ in range(2):
        worker.read(PAGE, link(HTML, "H"))
        assert written(connection) == before
    both_ways(worker)
    both_ways(worker)
    assert (written(connection), edges(connection)) == (before, {"html.test": "live", "script.test": "live"})
    assert connection.execute("SELECT count(*) FROM link_events").fetchone() == (0,)
    assert seen_at(connection, "script.test") == [5] * 5
    assert_edges_are_right(connection)


HALF: dict[str, Any] = {}  # read, and not rendered
WITHOUT: dict[str, Any] = {"shows": []}  # rendered, and the scripts add no link
LIVES = {
    "not rendered": ([HALF], ("unverified", None), []),
    "never rendered again": ([HALF] * 3, ("unverified", None), []),
    "a 304": ([SAME, SAME], ("unverified", None), []),
    "no answer": ([DOWN, DOWN], ("unverified", None), []),
    "no answer, then not rendered": ([DOWN, HALF], ("unverified", None), []),
    "gone from one rendering": ([WITHOUT], ("missing", None), ["missing"]),
    "gone from two": ([WITHOUT, WITHOUT], ("lost", "link_removed"), ["missing", "lost"]),
    "not rendered while it is missing": ([WITHOUT, HALF, HALF, HALF], ("missing", None), ["missing"]),
    "an unasked 304 while it is missing": ([WITHOUT, SAME], ("missing", None), ["missing"]),
    "gone from two with others between": (
        [WITHOUT, HALF, DOWN, HALF, WITHOUT],
        ("lost", "link_removed"),
        ["missing", "lost"],
    ),
    "page gone": ([GONE, GONE], ("lost", "page_gone"), ["missing", "lost"]),
    "page gone once, then not rendered": ([GONE, HALF, HALF], ("missing", None), ["missing"]),
    "not rendered, then page gone": ([HALF, HALF, GONE, GONE], ("lost", "page_gone"), ["missing", "lost"]),
    "page moved": ([HALF, MOVED, MOVED], ("lost", "page_redirected"), ["missing", "lost"]),
    "gone from a rendering, then page gone": ([WITHOUT, GONE], ("missing", None), ["missing"]),
    "page gone once, then gone from one rendering": ([GONE, HALF, WITHOUT], ("missing", None), ["missing"]),
    "page gone once, then gone from two": (
        [GONE, HALF, WITHOUT, HALF, WITHOUT],
        ("lost", "link_removed"),
        ["missing", "lost"],
    ),
    "lost stays lost": ([WITHOUT, WITHOUT, HALF, HALF, GONE], ("lost", "link_removed"), ["missing", "lost"]),
}


@pytest.mark.parametrize("life", LIVES)
def test_the_life_of_a_link_that_only_the_rendered_page_has(
    fresh: Worker, connection: psycopg.Connection, life: str
) -> None:
    visits, expected, told = LIVES[life]
    query = "SELECT status, lost_reason, link_origin FROM backlinks WHERE domain_to = 'script.test'"
    with fresh as worker:
        both_ways(worker)
        for facts in visits:
            html = [] if "outcome" in facts else [link(HTML, "H")]
            if "shows" in facts:
                worker.render(PAGE, *html, shows=[link(HTML, "H")])
            else:
                worker.read(PAGE, *html, **facts)
            assert_edges_are_right(connection, life)
        assert connection.execute(query).fetchall() == [(*expected, "rendered")]
        assert edges(connection)["script.test"] == expected[0]
        assert [event for event, *_ in events(connection)] == told
        if expected[0] == "missing":
            assert connection.execute("SELECT has_missing FROM pages").fetchall() == [(True,)]
            assert seen_at(connection, "script.test")[:1] == [0]
        both_ways(worker)
        assert connection.execute(query).fetchall() == [("live", None, "rendered")]
        assert edges(connection)["script.test"] == "live"
        assert [event for event, *_ in events(connection)] == ([*told, "restored"] if told else [])
        assert_edges_are_right(connection, life)


def test_a_link_of_a_script_that_comes_into_the_html_is_the_same_link(
    worker: Worker, connection: psycopg.Connection
) -> None:
    both_ways(worker)
    before = connection.execute("SELECT id, first_seen FROM links ORDER BY id").fetchall()
    worker.read(PAGE, link(HTML, "H"), link(SCRIPT, "S"))
    assert stored(connection) == [("html.test", "H", "live", "both"), ("script.test", "S", "live", "both")]
    assert connection.execute("SELECT id, first_seen FROM links ORDER BY id").fetchall() == before
    assert connection.execute("SELECT count(*) FROM link_events").fetchone() == (0,)
    assert edges(connection)["script.test"] == "live"
    assert seen_at(connection, "script.test") == [2] * 5
    assert_edges_are_right(connection)


def test_its_domain_is_live_again_when_the_page_was_unrendered_before(
    worker: Worker, connection: psycopg.Connection
) -> None:
    both_ways(worker)
    worker.read(PAGE, link(HTML, "H"))
    assert edges(connection)["script.test"] == "unverified"
    worker.read(PAGE, link(HTML, "H"), link(SCRIPT, "S"))
    assert stored(connection)[1] == ("script.test", "S", "live", "both")
    assert edges(connection)["script.test"] == "live"
    assert_edges_are_right(connection)


def test_a_link_that_leaves_the_html_and_is_rendered_now_is_unverified_without_rendering(
    worker: Worker, connection: psycopg.Connection
) -> None:
    worker.render(PAGE, link(SCRIPT, "S"), shows=[link(SCRIPT, "S")])
    worker.render(PAGE, shows=[link(SCRIPT, "S")])
    assert stored(connection) == [("script.test", "S", "live", "rendered")]
    assert_edges_are_right(connection, "rendered")
    worker.read(PAGE)
    assert stored(connection) == [("script.test", "S", "unverified", "rendered")]
    assert edges(connection) == {"script.test": "unverified"}
    assert seen_at(connection, "script.test") == [2] * 5
    assert events(connection) == []
    assert_edges_are_right(connection, "not rendered")


def test_a_new_link_in_the_html_does_not_change_the_words_of_one_that_is_rendered(
    worker: Worker, connection: psycopg.Connection
) -> None:
    both_ways(worker)
    worker.read(PAGE, link(HTML, "H"), link(SCRIPT, "Our partner"))
    assert stored(connection)[1:] == [
        ("script.test", "Our partner", "live", "html"),
        ("script.test", "S", "unverified", "rendered"),
    ]
    shows = [link(HTML, "H"), link(SCRIPT, "Our partner"), link(SCRIPT, "S")]
    worker.render(PAGE, link(HTML, "H"), link(SCRIPT, "Our partner"), shows=shows)
    assert stored(connection)[1:] == [
        ("script.test", "Our partner", "live", "both"),
        ("script.test", "S", "live", "rendered"),
    ]
    assert events(connection) == []
    assert_edges_are_right(connection)


def twice(worker: Worker) -> None:
    """Equal words to one target: in the HTML and, once more, by a script."""
    worker.render(PAGE, link(SCRIPT, "S"), shows=[link(SCRIPT, "S"), link(SCRIPT, "S")])


def test_of_equal_links_one_in_the_html_and_one_rendered_each_has_its_own_life(
    worker: Worker, connection: psycopg.Connection
) -> None:
    twice(worker)
    before = written(connection)
    worker.read(PAGE, link(SCRIPT, "S"))
    assert stored(connection) == [("script.test", "S", "live", "both"), ("script.test", "S", "unverified", "rendered")]
    twice(worker)
    assert written(connection) == before
    for expected in ("missing", "lost"):
        worker.render(PAGE, link(SCRIPT, "S"), shows=[link(SCRIPT, "S")])
        assert stored(connection) == [("script.test", "S", "live", "both"), ("script.test", "S", expected, "rendered")]
        assert_edges_are_right(connection, expected)
    assert [event for event, *_ in events(connection)] == ["missing", "lost"]


def test_of_equal_links_the_one_in_the_html_stays_so_wherever_the_other_is_put(
    worker: Worker, connection: psycopg.Connection
) -> None:
    """The script's link stands first in the rendered page, and the HTML's own one after others that scripts remove."""
    others = ["http://a.test/", "http://b.test/"]
    before = None
    while others:
        html = [*(link(to) for to in others), link(SCRIPT, "S")]
        worker.render(PAGE, *html, shows=[link(SCRIPT, "S"), link(SCRIPT, "S")])
        query = "SELECT id, origin FROM links WHERE anchor = 'S' ORDER BY id"
        before = before or connection.execute(query).fetchall()
        assert connection.execute(query).fetchall() == before
        others.pop()


def test_of_equal_links_the_one_that_comes_back_into_the_html_is_the_one_that_was_there(
    worker: Worker, connection: psycopg.Connection
) -> None:
    twice(worker)
    worker.read(PAGE)
    assert stored(connection) == [
        ("script.test", "S", "missing", "both"),
        ("script.test", "S", "unverified", "rendered"),
    ]
    worker.read(PAGE, link(SCRIPT, "S"))
    assert stored(connection) == [("script.test", "S", "live", "both"), ("script.test", "S", "unverified", "rendered")]
    twice(worker)
    assert [event for event, *_ in events(connection)] == ["missing", "restored"]
    assert_edges_are_right(connection)


def test_that_scripts_remove_a_link_is_remembered_until_the_next_rendering(
    worker: Worker, connection: psycopg.Connection
) -> None:
    query = "SELECT status, link_origin, is_removed_by_scripts FROM backlinks"
    worker.render(PAGE, link(HTML, "H"), shows=[])
    for _ in range(2):
        worker.read(PAGE, link(HTML, "H"))
        assert connection.execute(query).fetchall() == [("live", "html", True)]
    worker.render(PAGE, link(HTML, "H"), shows=[link(HTML, "H")])
    assert connection.execute(query).fetchall() == [("live", "both", False)]
    assert events(connection, "html.test") == []
    assert_edges_are_right(connection)


RELS = "SELECT rel, rendered_rel, is_nofollow, is_sponsored, is_dofollow FROM backlinks"


def test_a_rel_that_scripts_change_is_kept_beside_that_of_the_html(
    worker: Worker, connection: psycopg.Connection
) -> None:
    worker.read(PAGE, link(HTML, "H", "sponsored"), link(SCRIPT, "S"))
    shows = [link(HTML, "H"), link(SCRIPT, "S", "nofollow")]
    worker.render(PAGE, link(HTML, "H", "sponsored"), link(SCRIPT, "S"), shows=shows)
    rels = [(["sponsored"], [], False, True, False), ([], ["nofollow"], True, False, False)]
    before = written(connection)
    assert connection.execute(f"{RELS} ORDER BY domain_to".encode()).fetchall() == rels
    worker.read(PAGE, link(HTML, "H", "sponsored"), link(SCRIPT, "S"))
    assert connection.execute(f"{RELS} ORDER BY domain_to".encode()).fetchall() == rels
    assert written(connection) == before
    assert connection.execute("SELECT count(*) FROM link_events").fetchone() == (0,)
    query = "SELECT dofollow_links, nofollow_links, sponsored_links FROM target_overview ORDER BY domain_to"
    assert connection.execute(query).fetchall() == [(0, 0, 1), (0, 1, 0)]
    assert_edges_are_right(connection)
    worker.read(PAGE, link(HTML, "H", "ugc"), link(SCRIPT, "S"))  # the HTML has changed: something is written
    assert connection.execute(f"{RELS} ORDER BY domain_to".encode()).fetchall() == [
        (["ugc"], [], False, False, False),
        rels[1],
    ]
    assert events(connection, "html.test") == [("rel_changed", "sponsored", "ugc")]


@pytest.mark.parametrize(
    ("html", "first", "then", "told"),
    [
        ("", "", "nofollow", ("", "nofollow")),
        ("", "nofollow", "", ("nofollow", "")),
        ("", "nofollow", "ugc", ("nofollow", "ugc")),
        ("nofollow", "nofollow", "", ("nofollow", "")),
        ("nofollow", "", "nofollow", ("", "nofollow")),
        ("nofollow", "", "ugc", ("", "ugc")),
    ],
)
def test_between_two_renderings_a_rel_that_scripts_change_is_an_event(
    worker: Worker, connection: psycopg.Connection, html: str, first: str, then: str, told: tuple[str, str]
) -> None:
    for rel in (first, then):
        worker.render(PAGE, link(SCRIPT, "S", html), shows=[link(SCRIPT, "S", rel)])
        worker.read(PAGE, link(SCRIPT, "S", html))
    assert events(connection) == [("rel_changed", *told)]
    assert_edges_are_right(connection)


def test_a_link_that_no_rendering_has_seen_yet_has_not_changed_in_its_first_one(
    worker: Worker, connection: psycopg.Connection
) -> None:
    worker.render(PAGE, shows=[])
    worker.read(PAGE, link(SCRIPT, "S"))
    worker.render(PAGE, link(SCRIPT, "S"), shows=[link(SCRIPT, "S", "nofollow")])
    assert connection.execute(RELS.encode()).fetchall() == [([], ["nofollow"], True, False, False)]
    assert events(connection) == []


def test_a_rel_of_scripts_that_comes_into_the_html_has_changed_only_there(
    worker: Worker, connection: psycopg.Connection
) -> None:
    worker.render(PAGE, link(SCRIPT, "S"), shows=[link(SCRIPT, "S", "nofollow")])
    worker.read(PAGE, link(SCRIPT, "S", "nofollow"))
    worker.render(PAGE, link(SCRIPT, "S", "nofollow"), shows=[link(SCRIPT, "S", "nofollow")])
    assert events(connection) == [("rel_changed", "", "nofollow")]
    assert connection.execute(RELS.encode()).fetchall() == [(["nofollow"], None, True, False, False)]


def test_what_scripts_make_of_a_link_that_was_put_in_another_ones_place_is_seen(
    worker: Worker, connection: psycopg.Connection
) -> None:
    """The rendering changes the page in the same way, and yet another link."""
    worker.render(PAGE, link(HTML, "H"), shows=[link(HTML, "H", "nofollow")])
    for _ in range(2):
        worker.read(PAGE, link(SCRIPT, "S"))
    worker.render(PAGE, link(SCRIPT, "S"), shows=[link(SCRIPT, "S", "nofollow")])
    query = "SELECT is_dofollow, link_origin FROM backlinks WHERE domain_to = 'script.test'"
    assert connection.execute(query).fetchall() == [(False, "both")]
    assert_edges_are_right(connection)


def test_the_first_rendering_of_a_page_is_no_change_of_it(worker: Worker, connection: psycopg.Connection) -> None:
    """It would be visited more often for that."""
    query = "SELECT changes FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id WHERE u.url = %s"
    worker.read(TWO, link(HTML, "H"))
    worker.read(TWO, link(HTML, "H"))
    worker.render(TWO, link(HTML, "H"), shows=[link(HTML, "H"), link(SCRIPT, "S")])
    assert connection.execute(query, [TWO]).fetchall() == [(0,)]
    worker.render(TWO, link(HTML, "H"), shows=[link(HTML, "H")])
    assert connection.execute(query, [TWO]).fetchall() == [(1,)]


def due_pages(worker: Worker, connection: psycopg.Connection) -> dict[str, DuePage]:
    connection.execute("UPDATE pages SET next_visit = now()")
    pages = worker.due_pages(worker.claimed["from.test"], (), 10)
    return {page.url: page for page in pages}


def due(worker: Worker, connection: psycopg.Connection) -> dict[str, bool]:
    """Of each page: did its last rendering gain anything?"""
    return {url: page.gained for url, page in due_pages(worker, connection).items()}


def test_whether_a_rendering_gained_anything_is_known_when_the_page_is_due(
    worker: Worker, connection: psycopg.Connection
) -> None:
    both_ways(worker)
    worker.render(TWO, link(HTML, "H"), shows=[link(HTML, "H")])
    assert due(worker, connection) == {PAGE: True, TWO: False}
    worker.read(PAGE, link(HTML, "H"))
    worker.read(TWO, link(HTML, "H"))
    assert due(worker, connection) == {PAGE: True, TWO: False}
    worker.render(TWO, shows=[], leads_to=[page_found("http://from.test/three")])
    assert due(worker, connection) == {PAGE: True, TWO: True, "http://from.test/three": False}


def test_a_page_is_rendered_again_while_a_rendered_link_of_it_is_missing(
    worker: Worker, connection: psycopg.Connection
) -> None:
    """Else nothing ever tells whether it is lost, and the page is visited every six hours for good."""
    both_ways(worker)
    for status in ("missing", "lost"):
        worker.render(PAGE, link(HTML, "H"), shows=[link(HTML, "H")])
        assert stored(connection)[1] == ("script.test", "S", status, "rendered")
        page = due_pages(worker, connection)[PAGE]
        assert (page.is_worth_rendering, page.gained) == (status == "missing", False)


def test_what_renderings_of_a_host_were_good_for_is_kept_with_it(database: Database) -> None:
    add_seed(database, PAGE)
    with Worker(database) as worker:
        host = worker.claim()["from.test"]
        assert (host.renders, host.gains) == (0, 0)
        worker.run(worker.frontier.release([ReleasedHost(host, None, renders=RenderHistory(2.5, 1.25))]))
        host = worker.claim()["from.test"]
        assert (host.renders, host.gains) == (2.5, 1.25)


def test_pages_that_only_the_rendering_leads_to_are_found(database: Database, connection: psycopg.Connection) -> None:
    """And those that a budget kept out are found when it grows."""
    known = "SELECT url FROM crawled_pages ORDER BY url"
    led = [page_found(f"http://from.test/{name}") for name in "ab"]
    add_seed(database, PAGE, max_pages=2)
    with Worker(database) as worker:
        worker.claim()
        worker.render(PAGE, shows=[], leads_to=led)
        assert connection.execute(known).fetchall() == [(PAGE,), ("http://from.test/a",)]
        add_seed(database, PAGE, max_pages=3)
        worker.render(PAGE, shows=[], leads_to=led)
    assert connection.execute(known).fetchall() == [(PAGE,), ("http://from.test/a",), ("http://from.test/b",)]


def _in_a_link(poisoned: Visit) -> None:
    poisoned.links[-1].anchor = "\0"


def _in_a_page_found(poisoned: Visit) -> None:
    assert poisoned.rendering is not None
    poisoned.rendering.found = [
        Discovery(Url("http:///", "", "x", "1" * 32), (Cover(poisoned.page.covers[0].seed_id, 1),))
    ]


@pytest.mark.parametrize("poison", [_in_a_link, _in_a_page_found])
def test_a_rendering_that_cannot_be_stored_says_nothing(
    worker: Worker, connection: psycopg.Connection, poison: Callable[[Visit], None]
) -> None:
    both_ways(worker)
    bad = rendered(worker.page(PAGE), link(HTML, "H"), shows=[link(HTML, "H"), link("http://more.test/", "M")])
    poison(bad)
    worker.record(bad)
    assert stored(connection) == [
        ("html.test", "H", "unverified", "both"),
        ("script.test", "S", "unverified", "rendered"),
    ]
    assert [seen_at(connection, to)[0] for to in ("html.test", "script.test")] == [1, 1]
    query = "SELECT outcome, reason FROM crawled_pages WHERE url = %s"
    assert connection.execute(query, [PAGE]).fetchall() == [("invalid_response", "unstorable")]
    assert_edges_are_right(connection)
