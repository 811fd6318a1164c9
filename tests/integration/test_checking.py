"""`backlinks db check`: every sum beside its rows, what differs said and mended."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.store import checking
from backlink_crawler.store.checking import check
from tests.integration.small_index import SmallIndex, play
from tests.integration.worker import link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.integration.test_cli import Backlinks


@pytest.mark.parametrize("seed", range(4))
def test_an_index_that_crawls_have_written_has_nothing_that_differs(database: Database, seed: int) -> None:
    with SmallIndex(database) as index:
        play(index, seed)
    assert [str(difference) for difference in check(database)] == []


@pytest.fixture(scope="module")
def original(embedded_server: Server) -> Iterator[Database]:
    """from.test links to to.test from two pages, three times in all; another domain has lost its link."""
    database = embedded_server.copy()
    with SmallIndex(database) as index:
        index.read(1, "http://from.test/", link("http://to.test/", "To"), link("http://to.test/", "Again", "nofollow"))
        index.read(1, "http://from.test/two", link("http://to.test/two", "Two"))
        index.read(1, "http://once.test/", link("http://to.test/", "Once"))
        for day in (2, 3):
            index.read(day, "http://once.test/")
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO seeds (queue_id, url_id, domain_id, scope, pages_known) SELECT 1, u.id, h.domain_id, 'host', 2 "
            "FROM urls AS u INNER JOIN hosts AS h ON u.host_id = h.id WHERE u.url = 'http://from.test/'"
        )
        connection.execute(
            "INSERT INTO seed_pages (page_id, seed_id, depth) SELECT p.page_id, s.id, 0 FROM pages AS p "
            "INNER JOIN hosts AS h ON p.host_id = h.id CROSS JOIN seeds AS s WHERE h.name = 'from.test'"
        )
    yield database
    embedded_server.drop(database)


@pytest.fixture
def small(embedded_server: Server, original: Database) -> Iterator[Database]:
    made = embedded_server.copy(original)
    yield made
    embedded_server.drop(made)


LIVE = "FROM domains AS f, domains AS t WHERE f.id = domain_from_id AND t.id = domain_to_id AND f.name = 'from.test'"
LOST = "FROM domains AS f, domains AS t WHERE f.id = domain_from_id AND t.id = domain_to_id AND f.name = 'once.test'"
TOTAL = "FROM domains AS d WHERE d.id = domain_totals.domain_id AND d.name = 'to.test'"
COVERED = "FROM domains AS d WHERE d.id = domain_coverage.domain_id AND d.name = 'from.test'"
LONG_AGO, SOON = "'2020-01-01 00:00+00'", "'2027-01-01 00:00+00'"
# What is set by hand → what is said of it.
DRIFTS = {
    f"UPDATE domain_edges SET links = 7 {LIVE}": "links is 7 and should be 3",
    f"UPDATE domain_edges SET dofollow_links = 0 {LIVE}": "dofollow_links is 0 and should be 2",
    f"UPDATE domain_edges SET refpages = 3 {LIVE}": "refpages is 3 and should be 2",
    f"UPDATE domain_edges SET pages_to = -1 {LIVE}": "pages_to is -1 and should be 2",
    f"UPDATE domain_edges SET status = 2 {LIVE}": "status is 2 and should be 0",
    f"UPDATE domain_edges SET status = 0 {LOST}": "status is 0 and should be 2",
    f"UPDATE domain_edges SET first_seen = {SOON} {LIVE}": "first_seen is 2027-01-01T00:00:00+00:00 and should be 2026-03-0",
    f"UPDATE domain_edges SET absent_since = {SOON} {LIVE}": "absent_since is 2027-01-01T00:00:00+00:00 and should be empty",
    f"UPDATE domain_edges SET absent_since = NULL {LOST}": "absent_since is empty and should be 2026-03-0",
    f"UPDATE domain_edges SET absent_since = {LONG_AGO} {LOST}": "absent_since is 2020-01-01T00:00:00+00:00 and should be",
    f"UPDATE domain_edges SET last_page_id = 0 {LIVE}": "last_page_id is 0 and should be ",
    f"UPDATE domain_edges SET last_page_id = NULL {LIVE}": "last_page_id is empty and should be ",
    f"UPDATE domain_edges SET last_page_id = 1 {LOST}": "last_page_id is 1 and should be empty",
    f"UPDATE domain_edges SET last_rendered = TRUE {LIVE}": "last_rendered is True and should be empty",
    f"DELETE FROM domain_edges USING {LIVE.removeprefix('FROM')}": "from.test → to.test: there is no row, and there should",
    "INSERT INTO domain_edges (domain_to_id, domain_from_id, batch_id, first_seen, last_seen) "
    "SELECT id, id, 1, now(), now() FROM domains WHERE name = 'to.test'": "to.test → to.test: there is a row, and nothing",
    f"UPDATE domain_totals SET backlinks = 4 {TOTAL}": "backlinks is 4 and should be 3",
    f"UPDATE domain_totals SET dofollow_links = 4 {TOTAL}": "dofollow_links is 4 and should be 2",
    f"UPDATE domain_totals SET nofollow_links = 0 {TOTAL}": "nofollow_links is 0 and should be 1",
    f"UPDATE domain_totals SET sponsored_links = 1 {TOTAL}": "sponsored_links is 1 and should be 0",
    f"UPDATE domain_totals SET ugc_links = 1 {TOTAL}": "ugc_links is 1 and should be 0",
    f"UPDATE domain_totals SET refpages = 3 {TOTAL}": "refpages is 3 and should be 2",
    f"UPDATE domain_totals SET refdomains = 2 {TOTAL}": "refdomains is 2 and should be 1",
    f"UPDATE domain_totals SET dofollow_refdomains = 0 {TOTAL}": "dofollow_refdomains is 0 and should be 1",
    f"UPDATE domain_totals SET unverified_links = 2 {TOTAL}": "unverified_links is 2 and should be 0",
    f"UPDATE domain_totals SET missing_links = 1 {TOTAL}": "missing_links is 1 and should be 0",
    f"UPDATE domain_totals SET lost_links = 0 {TOTAL}": "lost_links is 0 and should be 1",
    f"UPDATE domain_totals SET first_seen = {SOON} {TOTAL}": "first_seen is 2027-01-01T00:00:00+00:00 and should be",
    "DELETE FROM domain_totals": "to.test: there is no row, and there should be one",
    "INSERT INTO domain_totals (domain_id, first_seen, last_seen) "
    "SELECT id, now(), now() FROM domains WHERE name = 'from.test'": "from.test: there is a row, and nothing that it sums",
    f"UPDATE domain_coverage SET pages_known = 3 {COVERED}": "pages_known is 3 and should be 2",
    f"UPDATE domain_coverage SET pages_visited = 0 {COVERED}": "pages_visited is 0 and should be 2",
    f"UPDATE domain_coverage SET newest_visit = {SOON} {COVERED}": "newest_visit is 2027-01-01T00:00:00+00:00 and should be",
    f"UPDATE domain_coverage SET oldest_visit = {SOON} {COVERED}": "oldest_visit is 2027-01-01T00:00:00+00:00 and should be",
    f"DELETE FROM domain_coverage USING {COVERED.removeprefix('FROM')}": "from.test: there is no row, and there should be",
    "INSERT INTO domain_coverage (domain_id, pages_known) "
    "SELECT id, 1 FROM domains WHERE name = 'to.test'": "to.test: there is a row, and nothing that it sums up",
    "UPDATE seeds SET pages_known = 0": "http://from.test/ (seed 1): pages_known is 0 and should be 2",
    "UPDATE seeds SET sitemaps_known = -1": "http://from.test/ (seed 1): sitemaps_known is -1 and should be 0",
    "UPDATE daily_changes SET new_links = new_links + 1": "to.test: links is 4 and should be 3",
    "UPDATE daily_changes SET lost_links = 0": "to.test: links is 4 and should be 3",
    "UPDATE daily_changes SET restored_links = 1": "to.test: links is 4 and should be 3",
    "UPDATE daily_changes SET new_refdomains = 1": "to.test: refdomains is 0 and should be 1",
    "UPDATE daily_changes SET lost_refdomains = 0": "to.test: refdomains is 2 and should be 1",
    "DELETE FROM daily_changes": "to.test: there is no row, and there should be one",
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_a_sum_that_has_drifted_is_found_and_counted_anew(small: Database, drift: str) -> None:
    with small.connect() as connection:
        assert connection.execute(drift.encode()).rowcount == 1
    table = drift.replace("DELETE FROM ", "UPDATE ").replace("INSERT INTO ", "UPDATE ").split()[1]
    found = [str(difference) for difference in check(small)]
    assert [said for said in found if said.startswith(f"{table}, ")]
    assert any(DRIFTS[drift] in said for said in found), found
    assert [str(difference) for difference in check(small)] == found  # who only looks changes nothing
    mended = [str(difference) for difference in check(small, repair=True)]
    assert any(DRIFTS[drift] in said for said in mended)
    assert list(check(small)) == []


def test_the_command_says_what_differs_and_what_it_mended(backlinks: Backlinks, small: Database) -> None:
    ran = backlinks("db", "check", database=small)
    assert (ran.code, ran.out, ran.err) == (0, "every stored count matches its rows\n", "")
    with small.connect() as connection:
        connection.execute(f"UPDATE domain_edges SET links = 7, refpages = 3 {LIVE}".encode())
    said = "domain_edges, from.test → to.test: links is 7 and should be 3; refpages is 3 and should be 2."
    ran = backlinks("db", "check", database=small)
    assert (ran.code, ran.out) == (1, f"{said}\n")
    assert ran.err == "backlinks: 1 row differs; `backlinks db check --repair` recounts them.\n"
    ran = backlinks("db", "check", "--repair", database=small)
    assert (ran.code, ran.out, ran.err) == (0, f"repaired: {said}\n1 row was recounted\n", "")
    assert backlinks("db", "check", database=small).code == 0


@pytest.mark.parametrize("drifts", [False, True], ids=["check", "repair"])
def test_crawls_go_on_beside_it(database: Database, drifts: bool) -> None:
    """What differs for a moment is not taken for wrong, and what is counted anew is right whatever is being written."""
    tables = {"domain_edges": "links = links + 1, refpages = 0", "domain_totals": "backlinks = 0, lost_links = 99"}
    with ThreadPoolExecutor() as threads, SmallIndex(database) as index:
        crawling = threads.submit(play, index, 11, visits=150)
        looked = 0
        while not crawling.done():
            if drifts:
                with database.connect() as connection:
                    for table, drift in tables.items():
                        connection.execute(
                            f"LOCK TABLE batches IN SHARE ROW EXCLUSIVE MODE; UPDATE {table} SET {drift}".encode()
                        )
            found = [str(difference) for difference in check(database, repair=drifts)]
            assert drifts or found == []
            looked += 1
        crawling.result()
    assert looked > 3
    assert drifts or list(check(database)) == []
    list(check(database, repair=True))
    assert list(check(database)) == []


def test_a_repair_that_is_killed_has_mended_what_it_said(small: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "KEYS_AT_ONCE", 1)
    with small.connect() as connection:
        connection.execute("UPDATE domain_edges SET links = 7")
    repairing = check(small, repair=True)
    said = str(next(repairing))
    repairing.close()
    left = [str(difference) for difference in check(small)]
    assert "links is 7" in said
    assert said not in left
    assert [each for each in left if "links is 7" in each]
