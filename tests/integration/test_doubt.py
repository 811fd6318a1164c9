"""An answer that would have links go is believed when it says so again, days apart; what stands before a page never is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import Ending, LinkType, Outcome
from tests.integration.archive import Archive, day
from tests.integration.worker import link, rendered, url, visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from backlink_crawler.model import Visit
    from backlink_crawler.store.database import Database

HOST = "http://from.test"
PAGE = f"{HOST}/page"
GOOD = ("http://to.test/a", "http://to.test/b")


@pytest.fixture
def archive(database: Database) -> Iterator[Archive]:
    with Archive(database) as made:
        yield made


class Nights:
    """Of one page. The links are those of its first reading."""

    def __init__(self, archive: Archive, connection: psycopg.Connection, address: str = PAGE) -> None:
        self._archive, self._connection, self._address = archive, connection, address

    def read(
        self,
        at: float,
        *targets: str,
        title: str = "A page",
        links: int = 20,
        stand_in: str = "",
        ending: Ending = Ending.ENDED,
    ) -> tuple[str, str]:
        """links: of any kind, that it counts. Returns the page's outcome, and how its links are."""
        made = visit(self._archive.page(self._address), *(link(to, "words") for to in targets), title=title)
        assert made.facts
        made.facts.links_internal, made.facts.links_external = links, len(targets)
        made.stand_in, made.ending = stand_in, ending
        return self.record(at, made)

    def redirect(self, at: float, to: str, stand_in: str = "") -> tuple[str, str]:
        made = visit(self._archive.page(self._address), outcome=Outcome.REDIRECT, http_code=301)
        made.redirect_to, made.stand_in = url(to), stand_in
        return self.record(at, made)

    def record(self, at: float, made: Visit) -> tuple[str, str]:
        self._archive.take(day(at), made)
        query = """
            SELECT p.outcome, p.reason, array_agg(l.status ORDER BY l.id)
            FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id INNER JOIN links AS l ON l.page_id = p.page_id
            WHERE u.url = %s GROUP BY 1, 2"""
        row = self._connection.execute(query, [self._address]).fetchone()
        assert row is not None
        outcome = Outcome(row[0]).name.lower()
        states = ["live", "missing", "lost"]
        return f"{outcome}/{row[1]}" if row[1] else outcome, " ".join(states[each] for each in row[2])


@pytest.fixture
def nights(archive: Archive, connection: psycopg.Connection) -> Nights:
    made = Nights(archive, connection)
    assert made.read(0, *GOOD) == ("ok", "live live")
    return made


def test_one_link_that_is_removed_is_lost_at_the_second_reading(nights: Nights) -> None:
    assert nights.read(1, GOOD[0], links=19) == ("ok", "live missing")
    assert nights.read(1.25, GOOD[0], links=19) == ("ok", "live lost")


@pytest.mark.parametrize(
    ("title", "stand_in", "reason"),
    [
        ("Sign in", "login", "login"),
        ("Before you continue", "", "consent"),
        ("Just a moment...", "", "challenge"),
        ("Access denied", "maintenance", "refusal"),
        ("Another title", "leads_to_login", "login"),
        ("Another title", "leads_to_consent", "consent"),
        ("Another title", "leads_to_challenge", "challenge"),
        ("Another title", "application", "application"),
    ],
)
def test_what_stands_before_a_page_is_never_believed(nights: Nights, title: str, stand_in: str, reason: str) -> None:
    for at in range(1, 40, 3):
        seen = nights.read(at, title=title, links=1, stand_in=stand_in)
        assert seen == (f"not_whole/{reason}", "live live")
    assert nights.read(41, *GOOD) == ("ok", "live live")


@pytest.mark.parametrize("stand_in", ["login", "consent", "challenge", "refusal"])
def test_what_only_has_something_of_it_is_believed_after_three_visits_and_a_week(nights: Nights, stand_in: str) -> None:
    """A page with a new title has a consent manager, or a form for its members, as ordinary pages do."""
    for at in (1, 4, 7.9):
        seen = nights.read(at, title="Another title", links=1, stand_in=stand_in)
        assert seen == (f"not_whole/{stand_in}", "live live")
    assert nights.read(8, title="Another title", links=1, stand_in=stand_in) == ("ok", "missing missing")
    assert nights.read(8.25, title="Another title", links=1, stand_in=stand_in) == ("ok", "lost lost")


def test_a_log_in_is_known_by_the_title_too(nights: Nights) -> None:
    assert nights.read(1, title="Sign in", links=20) == ("not_whole/login", "live live")


def test_a_form_that_the_page_may_always_have_had_makes_it_no_log_in_for_ever(nights: Nights) -> None:
    for at in (1, 3, 7.9):
        assert nights.read(at, links=1, stand_in="login") == ("not_whole/login", "live live")
    assert nights.read(8, links=1, stand_in="login") == ("ok", "missing missing")
    assert nights.read(8.25, links=1, stand_in="login") == ("ok", "lost lost")


@pytest.mark.parametrize("stand_in", ["maintenance", "soft_404", "placeholder"])
def test_what_a_site_shows_instead_is_believed_after_three_visits_and_a_week(nights: Nights, stand_in: str) -> None:
    for at in (1, 4, 7.9):
        assert nights.read(at, title="Sorry", links=1, stand_in=stand_in) == (f"not_whole/{stand_in}", "live live")
    assert nights.read(8, title="Sorry", links=1, stand_in=stand_in) == ("ok", "missing missing")
    assert nights.read(8.25, title="Sorry", links=1, stand_in=stand_in) == ("ok", "lost lost")


def test_two_visits_are_not_enough_however_far_apart(nights: Nights) -> None:
    assert nights.read(1, title="Sorry", stand_in="maintenance")[1] == "live live"
    assert nights.read(30, title="Sorry", stand_in="maintenance")[1] == "live live"
    assert nights.read(31, title="Sorry", stand_in="maintenance")[1] == "missing missing"


def test_a_doubt_begins_anew_after_a_good_reading_and_when_it_is_another(nights: Nights) -> None:
    nights.read(1, title="Sorry", stand_in="maintenance")
    nights.read(5, title="Sorry", stand_in="maintenance")
    assert nights.read(6, *GOOD) == ("ok", "live live")
    assert nights.read(9, title="Sorry", stand_in="maintenance") == ("not_whole/maintenance", "live live")
    assert nights.read(17, title="None", stand_in="soft_404") == ("not_whole/soft_404", "live live")
    assert nights.read(18, title="None", stand_in="soft_404") == ("not_whole/soft_404", "live live")


def test_most_links_gone_at_once_are_missing_and_lost_days_later(nights: Nights) -> None:
    assert nights.read(1, links=3) == ("ok", "missing missing")
    assert nights.read(1.25, links=3) == ("ok", "missing missing")
    assert nights.read(4.4, links=3) == ("ok", "missing missing")
    assert nights.read(4.5, links=3) == ("ok", "lost lost")


def test_so_are_the_last_links_of_a_page_with_another_title(nights: Nights) -> None:
    assert nights.read(1, title="Another") == ("ok", "missing missing")
    assert nights.read(2, title="Another") == ("ok", "missing missing")
    assert nights.read(3, *GOOD) == ("ok", "live live")


@pytest.mark.parametrize(("ending", "reason"), [(Ending.OPEN, "cut_markup"), (Ending.UNENDED, "unended")])
def test_html_that_ends_before_its_end_is_doubted(nights: Nights, ending: Ending, reason: str) -> None:
    for at in (1, 2, 4):
        assert nights.read(at, GOOD[0], ending=ending) == (f"not_whole/{reason}", "live live")
    assert nights.read(8, GOOD[0], ending=ending) == ("ok", "live missing")
    assert nights.read(9, GOOD[0], ending=ending) == ("ok", "live lost")


def test_a_page_that_always_ends_so_is_read_as_any_other(archive: Archive, connection: psycopg.Connection) -> None:
    nights = Nights(archive, connection, f"{HOST}/old")
    nights.read(0, *GOOD, ending=Ending.UNENDED)
    assert nights.read(1, GOOD[0], ending=Ending.UNENDED) == ("ok", "live missing")
    assert nights.read(2, GOOD[0], ending=Ending.OPEN) == ("not_whole/cut_markup", "live missing")


@pytest.mark.parametrize("kind", ["itself", "login", "consent"])
def test_a_redirect_to_itself_or_to_a_gate_is_never_believed(nights: Nights, kind: str) -> None:
    for at in range(1, 40, 3):
        assert nights.redirect(at, f"{HOST}/x", kind) == (f"not_whole/redirect_to_{kind}", "live live")


def test_a_redirect_to_a_copy_for_a_country_is_believed_after_a_week(nights: Nights) -> None:
    for at in (1, 2, 3):
        seen = nights.redirect(at, f"{HOST}/de/page", "country")
        assert seen == ("not_whole/redirect_to_country", "live live")
    assert nights.redirect(8, f"{HOST}/de/page", "country") == ("redirect", "missing missing")
    assert nights.redirect(9, f"{HOST}/de/page", "country") == ("redirect", "lost lost")


def test_one_page_of_many_that_leads_to_the_start_page_has_gone(nights: Nights) -> None:
    assert nights.redirect(1, f"{HOST}/") == ("redirect", "missing missing")
    assert nights.redirect(2, f"{HOST}/") == ("redirect", "lost lost")


def test_a_redirect_that_other_pages_of_the_host_share_is_doubted(
    archive: Archive, connection: psycopg.Connection
) -> None:
    pages = [Nights(archive, connection, f"{HOST}/{number}") for number in range(5)]
    for each in pages:
        each.read(0, *GOOD)
    seen = [each.redirect(1, f"{HOST}/sorry") for each in pages]
    assert seen[0] == ("redirect", "missing missing")  # nothing is known of the others yet
    assert seen[4] == ("not_whole/redirect_shared", "live live")
    assert {each.redirect(2, f"{HOST}/sorry")[0] for each in pages} == {"not_whole/redirect_shared"}
    assert pages[0].read(3, *GOOD) == ("ok", "live live")


def test_a_site_that_leads_to_another_is_believed_after_a_week(
    archive: Archive, connection: psycopg.Connection
) -> None:
    paths = ("", "a", "b", "c")
    pages = [Nights(archive, connection, f"{HOST}/{path}") for path in paths]
    for each in pages:
        each.read(0, *GOOD)

    def leads_away(at: float) -> list[tuple[str, str]]:
        seen = []
        for path, each in zip(paths, pages, strict=True):
            away = link("https://successor.test/", link_type=LinkType.REDIRECT)
            made = visit(archive.page(f"{HOST}/{path}"), away, outcome=Outcome.REDIRECT, http_code=301)
            seen.append(each.record(at, made))
        return seen

    # of the first two it is not known yet that most of the host does so
    missing, live = "missing missing live", "live live"
    assert leads_away(1) == [("redirect", missing)] * 2 + [("not_whole/redirect_shared", live)] * 2
    for at in (2, 5, 7.9):
        expected = [("not_whole/redirect_shared", missing)] * 2 + [("not_whole/redirect_shared", live)] * 2
        assert leads_away(at) == expected
    assert leads_away(8)[2:] == [("redirect", missing)] * 2
    assert leads_away(9) == [("redirect", "lost lost live")] * 4


def test_a_redirect_that_leads_back_is_believed_after_a_week(archive: Archive, connection: psycopg.Connection) -> None:
    """Where the other one leads is as old as its last visit."""
    one, two = (Nights(archive, connection, f"{HOST}/{name}") for name in ("one", "two"))
    for each in (one, two):
        each.read(0, *GOOD)
    assert one.redirect(1, f"{HOST}/two") == ("redirect", "missing missing")
    assert two.redirect(1, f"{HOST}/one") == ("not_whole/redirect_returns", "live live")
    for at in (2, 5, 8.9):
        assert one.redirect(at, f"{HOST}/two") == ("not_whole/redirect_returns", "missing missing")
    assert one.redirect(9, f"{HOST}/two") == ("redirect", "lost lost")


def test_where_a_late_visit_was_led_is_not_where_the_page_leads(
    archive: Archive, connection: psycopg.Connection
) -> None:
    old, new = (Nights(archive, connection, f"{HOST}/{name}") for name in ("old", "new"))
    for each in (old, new):
        each.read(0, *GOOD)
    old.read(10, *GOOD)
    old.redirect(5, f"{HOST}/new")
    assert new.redirect(11, f"{HOST}/old") == ("redirect", "missing missing")
    assert new.redirect(12, f"{HOST}/old") == ("redirect", "lost lost")


def test_a_page_that_moves_to_its_own_new_address_is_believed(nights: Nights) -> None:
    assert nights.redirect(1, f"{HOST}/new/page") == ("redirect", "missing missing")
    assert nights.redirect(2, f"{HOST}/new/page") == ("redirect", "lost lost")


def test_one_that_could_not_be_reached_in_between_changes_no_doubt(
    nights: Nights, archive: Archive, connection: psycopg.Connection
) -> None:
    nights.read(1, title="Sorry", stand_in="maintenance")
    archive.capture(day(2), PAGE, outcome=Outcome.SERVER_ERROR, http_code=503)
    nights.read(4, title="Sorry", stand_in="maintenance")
    assert nights.read(8, title="Sorry", stand_in="maintenance") == ("ok", "missing missing")


def test_a_late_one_is_neither_doubted_nor_counted(nights: Nights, connection: psycopg.Connection) -> None:
    nights.read(10, *GOOD)
    assert nights.read(5, title="Sorry", stand_in="maintenance") == ("ok", "live live")
    assert connection.execute("SELECT doubts FROM pages").fetchall() == [(0,)]


@pytest.mark.parametrize("late", [(0.5,), (1.2,), (0.5, 0.6), (0.5, 0.6, 1.2)])
def test_a_late_one_loses_none_of_many_links_that_have_gone(nights: Nights, late: tuple[float, ...]) -> None:
    assert nights.read(1, links=3) == ("ok", "missing missing")
    assert nights.read(1.25, links=3) == ("ok", "missing missing")
    for at in late:
        assert nights.read(at, links=3)[1] == "missing missing"
    assert nights.read(2, *GOOD) == ("ok", "live live")


def test_one_that_saw_them_does_not_make_later_visits_lose_them(nights: Nights) -> None:
    for at in (1, 1.5, 2):
        assert nights.read(at, links=3) == ("ok", "missing missing")
    assert nights.read(0.5, *GOOD, "http://to.test/c")[1] == "missing missing missing"


def test_what_was_lost_before_stays_lost(nights: Nights) -> None:
    for at in (1, 2):
        nights.read(at, GOOD[0], links=19)
    assert nights.read(3, links=3) == ("ok", "missing lost")
    assert nights.read(1.5, GOOD[0], links=19) == ("ok", "missing lost")


def test_a_late_one_brings_back_nothing_that_was_believed(nights: Nights) -> None:
    for at in (1, 4.5):
        nights.read(at, links=3)
    assert nights.read(4, links=3) == ("ok", "lost lost")


def test_a_removed_link_of_a_page_that_is_never_wholly_rendered_is_lost_after_a_week(
    archive: Archive, nights: Nights, connection: psycopg.Connection
) -> None:
    """Its scripts might still write it: its rendering is never whole, as they POST, or use a WebSocket."""

    def reads(at: float, *targets: str, is_whole: bool = False) -> str:
        html, shows = ([link(to, "words") for to in targets] for _ in range(2))
        made = rendered(archive.page(PAGE), *html, shows=shows, is_whole=is_whole)
        assert made.facts
        made.facts.links_internal, made.facts.title = 19, "A page"
        return nights.record(at, made)[1]

    assert reads(0.5, *GOOD) == "live live"
    for at in (1, 1.25, 7.9):
        assert reads(at, GOOD[0]) == "live missing"
    assert reads(8, GOOD[0]) == "live lost"
