"""Groups of large domains stay right whatever is done to an index: checked, repaired, pruned, moved to another domain."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.store import checking, groups, recording
from backlink_crawler.store.checking import check
from backlink_crawler.store.pruning import prune_links
from backlink_crawler.store.rehoming import rehome
from tests.integration.archive import Archive, day
from tests.integration.small_index import HOSTS, SmallIndex, play
from tests.integration.test_groups import assert_groups_are_right, large, rows
from tests.integration.test_pruning import long_ago
from tests.integration.test_rehoming import NEW, OLD, use
from tests.integration.worker import link

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from backlink_crawler.store.database import Database
    from tests.conftest import Server

ONE, TWO, OTHER = "http://one.test/", "http://one.test/two", "http://other.test/"
HOME, PAGE = "http://to.test/", "http://to.test/page"


@pytest.fixture(autouse=True)
def large_from_four_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """And small below two."""
    monkeypatch.setattr(groups, "MOST_COUNTED", 4)


@pytest.fixture
def archive(database: Database) -> Iterator[Archive]:
    with Archive(database) as made:
        yield made


def found(database: Database, *, repair: bool = False) -> list[str]:
    return [str(difference) for difference in check(database, repair=repair)]


@pytest.fixture(scope="module")
def original(embedded_server: Server) -> Iterator[Database]:
    """to.test is large: it has five links from three pages of two domains, with two anchors. few.test has three."""
    database = embedded_server.copy()
    with pytest.MonkeyPatch.context() as patch, SmallIndex(database) as index:
        patch.setattr(groups, "MOST_COUNTED", 4)
        few = [link(f"http://few.test/{number}") for number in range(3)]
        index.read(1, ONE, link(HOME, "A"), link(HOME, "B", "nofollow"), link(PAGE, "A"), *few)
        index.read(2, TWO, link(HOME, "A"))
        index.read(3, OTHER, link(HOME, "A"))
    yield database
    embedded_server.drop(database)


@pytest.fixture
def small(embedded_server: Server, original: Database) -> Iterator[Database]:
    made = embedded_server.copy(original)
    yield made
    embedded_server.drop(made)


OF_A = "WHERE kind = 1 AND anchor = 'A'"
SAYS_A, TO_PAGE = 'link_groups, to.test, links that say "A": ', f"link_groups, to.test, links to {PAGE}: "
TOTAL = "FROM domains AS d WHERE d.id = domain_id AND d.name"
# What is set by hand → what is said of it.
DRIFTS = {
    f"UPDATE link_groups SET links = 7 {OF_A}": f"{SAYS_A}links is 7 and should be 4.",
    f"UPDATE link_groups SET dofollow_links = 0 {OF_A}": f"{SAYS_A}dofollow_links is 0 and should be 4.",
    f"UPDATE link_groups SET refpages = 2 {OF_A}": f"{SAYS_A}refpages is 2 and should be 3.",
    f"UPDATE link_groups SET refdomains = 3 {OF_A}": f"{SAYS_A}refdomains is 3 and should be 2.",
    f"UPDATE link_groups SET first_seen = '2027-01-01 00:00+00' {OF_A}": f"{SAYS_A}first_seen is 2027-01-01T00:00:00",
    f"UPDATE link_groups SET last_page_id = 0 {OF_A}": f"{SAYS_A}last_page_id is 0 and should be ",
    f"DELETE FROM link_groups {OF_A}": f"{SAYS_A}there is no row, and there should be one.",
    f"INSERT INTO link_groups SELECT * FROM link_groups {OF_A}": f"{SAYS_A}links is 8 and should be 4; refpages is 6 and",
    f"DELETE FROM link_groups USING urls AS u WHERE key = u.id AND u.url = '{PAGE}'": f"{TO_PAGE}there is no row, and",
    "UPDATE link_groups SET anchor = 'C', key = 1 WHERE anchor = 'B'": 'to.test, links that say "C": there is a row, and',
    f"UPDATE domain_totals SET has_groups = FALSE {TOTAL} = 'to.test'": "to.test: has_groups is False and should be True.",
    f"UPDATE domain_totals SET has_groups = TRUE {TOTAL} = 'few.test'": "link_groups, few.test, links that say",
    f"UPDATE link_groups SET domain_to_id = d.id FROM domains AS d {OF_A} AND d.name = 'few.test'": (
        'few.test, links that say "A": there is a row, and nothing that it sums up.'
    ),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_a_group_that_has_drifted_is_found_and_counted_anew(small: Database, drift: str) -> None:
    assert found(small) == []
    with small.connect() as connection:
        assert connection.execute(drift.encode()).rowcount == 1
    said = found(small)
    assert any(DRIFTS[drift] in each for each in said), said
    assert found(small) == said  # who only looks changes nothing
    assert any(DRIFTS[drift] in each for each in found(small, repair=True))
    assert found(small) == []
    with small.connect() as connection:
        assert_groups_are_right(connection)
        shown = rows(connection, "kept_anchors WHERE domain_to = 'to.test'", "anchor, refdomains, links")
        assert shown == [("A", 2, 4), ("B", 1, 1)]


def test_a_domain_that_is_small_has_no_groups_and_one_in_between_may(
    small: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for most in (5, 6, 10):
        monkeypatch.setattr(groups, "MOST_COUNTED", most)
        assert found(small) == []
    monkeypatch.setattr(groups, "MOST_COUNTED", 12)
    assert found(small, repair=True) == ["domain_totals, to.test: has_groups is True and should be False."]
    monkeypatch.setattr(groups, "MOST_COUNTED", 6)
    assert found(small) == []
    with small.connect() as connected:
        assert connected.execute("SELECT count(*) FROM link_groups").fetchone() == (0,)


def test_a_repair_counts_a_domain_once_and_says_every_group(small: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    recount = checking.recount
    monkeypatch.setattr(checking, "KEYS_AT_ONCE", 1)
    monkeypatch.setattr(checking, "recount", lambda *asked: counted.append(1) or recount(*asked))
    with small.connect() as connection:
        connection.execute("UPDATE link_groups SET links = 7, first_seen = '2020-01-01 00:00+00'")
    assert len(found(small, repair=True)) == 4
    assert len(counted) == 1
    with small.connect() as connection:  # what may be of links that are gone stays known
        assert connection.execute("SELECT DISTINCT extract(YEAR FROM first_seen) FROM link_groups").fetchall() == [
            (2020,)
        ]


def test_lost_links_are_in_no_group_and_go_without_a_trace(database: Database, connection: psycopg.Connection) -> None:
    kept = [link(HOME, "A") for _ in range(4)]
    with SmallIndex(database) as index:
        index.read(1, ONE, *kept, link(HOME, "Gone"), link(PAGE, "A"))
        for number in (2, 3):
            index.read(number, ONE, *kept)
        before = rows(connection, "kept_anchors", "*")
        long_ago(database)
        assert prune_links(database, "400 days").links == 2
    assert found(database) == []
    assert rows(connection, "kept_anchors", "*") == before
    assert rows(connection, "kept_best_by_links", "url_to, links") == [(HOME, 4)]


def test_groups_move_with_their_links(
    database: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What hosting.test had is two domains', of which one is large; to the third two domains link that are one now."""
    use(monkeypatch, OLD, "old")
    with SmallIndex(database) as index:
        ann = [link(f"http://ann.hosting.test/{number}", "Ann") for number in range(4)]
        index.read(1, ONE, *ann, link("http://bob.hosting.test/", "Ann"))
        index.read(2, "http://a.b.city.test/", *(link(HOME, "A") for _ in range(4)))
        index.read(2, "http://www.c.city.test/", link(HOME, "A"))
    assert large(connection) == [("hosting.test",), ("to.test",)]
    use(monkeypatch, NEW, "new")
    assert rehome(database).links == 10
    assert sorted(large(connection)) == [("ann.hosting.test",), ("to.test",)]
    shown = rows(connection, "kept_anchors", "anchor, refdomains, refpages, links")
    assert shown == [("A", 1, 2, 5), ("Ann", 1, 1, 4)]
    assert_groups_are_right(connection)
    assert found(database) == []


FIRST_SEEN = "SELECT anchor, first_seen FROM kept_anchors"


def test_a_late_capture_makes_groups_older(
    archive: Archive, connection: psycopg.Connection, database: Database
) -> None:
    archive.capture(day(5), ONE, *(link(HOME, "A") for _ in range(4)))
    archive.capture(day(2), ONE, *(link(HOME, "A") for _ in range(4)))
    assert connection.execute(FIRST_SEEN).fetchall() == [("A", day(2))]


def test_a_page_that_has_moved_passes_on_how_old_its_groups_are(
    archive: Archive, connection: psycopg.Connection
) -> None:
    """Its links were missing when the domain was grouped."""
    secure = "https://one.test/"
    archive.capture(day(1), ONE, link(HOME, "A"))
    archive.capture(day(2), secure, link(HOME, "A"))
    archive.redirect(day(3), ONE, secure)
    archive.capture(day(3), OTHER, *(link(HOME, "B") for _ in range(4)))
    assert connection.execute(FIRST_SEEN + " WHERE anchor = 'A'").fetchall() == [("A", day(2))]
    archive.redirect(day(4), ONE, secure)
    assert connection.execute(FIRST_SEEN + " WHERE anchor = 'A'").fetchall() == [("A", day(1))]
    assert_groups_are_right(connection)


def test_a_domain_that_another_batch_makes_small_meanwhile_gets_no_groups(
    archive: Archive, database: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.capture(day(1), ONE, *(link(HOME, "A") for _ in range(4)))
    note_groups = groups.note_groups

    async def and_small(cursor: psycopg.AsyncCursor[Any]) -> None:
        await note_groups(cursor)
        with database.connect() as other:
            other.execute("UPDATE domain_totals SET has_groups = FALSE, backlinks = 0, unverified_links = 1")
            other.execute("DELETE FROM link_groups")

    monkeypatch.setattr(recording, "note_groups", and_small)
    archive.capture(day(1), OTHER, link(HOME, "B"))
    assert (large(connection), rows(connection, "link_groups", "anchor, refdomains, links")) == ([], [])


BROKEN = (
    "UPDATE link_groups SET links = links + 1",
    "UPDATE link_groups SET refdomains = 9, last_page_id = 0 WHERE kind = 1",
    "DELETE FROM link_groups WHERE kind = 0",
    "INSERT INTO link_groups SELECT * FROM link_groups",
    "UPDATE domain_totals SET has_groups = NOT has_groups",
)


@pytest.mark.parametrize("seed", range(6))
def test_check_has_nothing_to_say_whatever_is_done_in_whatever_order(
    database: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    lists = {"old": OLD, "new": NEW}
    use(monkeypatch, OLD, "old")
    rehome(database)
    in_force, done, were_large = "old", [], 0
    with SmallIndex(database) as index, Archive(database) as archive:
        for step in range(14):
            deed = chance.choice(["play", "play", "capture", "capture", "prune", "re-home", "repair"])
            if step < 2 or deed == "play":
                play(index, seed * 100 + step, visits=20, start=step * 10, lists=[OLD, NEW])
            elif deed == "capture":
                capture_some(index, archive, chance, step)
            elif deed == "prune":
                long_ago(database)
                prune_links(database, "400 days")
            elif deed == "re-home":
                in_force = next(name for name in lists if name != in_force)
                use(monkeypatch, lists[in_force], in_force)
                rehome(database)
            else:
                connection.execute(chance.choice(BROKEN).encode())
                found(database, repair=True)
            done.append(deed)
            assert found(database) == [], (seed, done)
            assert_groups_are_right(connection, (seed, done))
            were_large += len(large(connection))
    assert were_large > 0


def capture_some(index: SmallIndex, archive: Archive, chance: random.Random, step: int) -> None:
    """Older than the visits or later, of pages that may be known."""
    for _ in range(10):
        host = chance.choice(HOSTS[:2])
        address, at = f"http://{host}/{chance.randrange(3)}", day(chance.random() * (step + 1) * 10)
        index.page(address)
        if chance.random() < 0.2:
            secure = address.replace("http:", "https:")
            index.page(secure)
            archive.redirect(at, address, secure)
        else:
            targets = [f"http://{to}/{path}" for to in HOSTS[2:] for path in ("", "a", "b")]
            shown = [link(to, chance.choice("xy")) for to in chance.sample(targets, chance.randrange(8))]
            archive.capture(at, address, *shown)
