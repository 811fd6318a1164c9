"""A row that the database refuses is recorded without its links; the batch that it came in is stored."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import Cover, Discovery, Url
from tests.integration.consistency import assert_edges_are_right
from tests.integration.worker import Worker, add_seed, link, page_found, visit

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from backlink_crawler.model import Visit
    from backlink_crawler.store.database import Database

PAGES = [f"http://from.test/{name}" for name in ("", *"abcdefg")]


def _nul_in_an_anchor(poisoned: Visit) -> None:
    poisoned.links[0].anchor = "Free\0Coffee"


def _surrogate_in_a_snippet(poisoned: Visit) -> None:
    poisoned.links[0].snippet_left = "half an emoji: \ud83d"


def _nul_in_the_language(poisoned: Visit) -> None:
    assert poisoned.facts is not None
    poisoned.facts.language = "de\0"


def _surrogate_in_the_title(poisoned: Visit) -> None:
    assert poisoned.facts is not None
    poisoned.facts.title = "\udfff"


def _a_rel_that_no_index_takes(poisoned: Visit) -> None:
    # nothing that compresses: an index row ends at 2,704 bytes
    poisoned.links[0].rel = tuple(hashlib.sha256(bytes([number])).hexdigest() for number in range(120))


def _a_url_that_is_too_long(poisoned: Visit) -> None:
    text = "http://to.test/" + "x" * 3_000
    poisoned.links[0].to = Url(text, "to.test", "to.test", "0" * 32)


def _a_found_page_without_a_host(poisoned: Visit) -> None:
    poisoned.found.append(Discovery(Url("http:///", "", "x", "1" * 32), (Cover(poisoned.page.covers[0].seed_id, 1),)))


def _a_count_that_is_no_integer(poisoned: Visit) -> None:
    poisoned.facts.links_external = 2**40  # type: ignore[union-attr]


POISONS = [
    _nul_in_an_anchor,
    _surrogate_in_a_snippet,
    _nul_in_the_language,
    _surrogate_in_the_title,
    _a_rel_that_no_index_takes,
    _a_url_that_is_too_long,
    _a_found_page_without_a_host,
    _a_count_that_is_no_integer,
]


@pytest.fixture
def full_worker(database: Database) -> Worker:
    add_seed(database, PAGES[0])
    worker = Worker(database)
    worker.claim()
    worker.read(PAGES[0], found=[page_found(address) for address in PAGES[1:]])
    return worker


@pytest.mark.parametrize("poison", POISONS)
def test_one_poisoned_visit_of_eight_is_cut_out_and_the_others_are_stored(
    full_worker: Worker, connection: psycopg.Connection, poison: Callable[[Visit], None]
) -> None:
    with full_worker as worker:
        visits = [visit(worker.page(address), link(f"http://to.test/{address[-1]}", "To")) for address in PAGES]
        poison(visits[5])
        worker.record(*visits)
        assert worker.recorder.counts["pages_unstorable"] == 1
        assert worker.recorder.counts["pages"] == 1 + 8
        stored = connection.execute("SELECT url_from FROM backlinks ORDER BY url_from").fetchall()
        assert stored == [(address,) for address in PAGES if address != PAGES[5]]
        query = "SELECT outcome, reason, next_visit > now() FROM crawled_pages WHERE url = %s"
        assert connection.execute(query, [PAGES[5]]).fetchone() == ("invalid_response", "unstorable", True)
        assert_edges_are_right(connection)

        # and the worker goes on
        worker.read(PAGES[5], link("http://to.test/again"))
        assert connection.execute("SELECT count(*) FROM backlinks").fetchone() == (8,)


def test_a_poisoned_visit_says_nothing_of_the_links_that_the_page_had(
    full_worker: Worker, connection: psycopg.Connection
) -> None:
    with full_worker as worker:
        worker.read(PAGES[0], link("http://to.test/", "To"))
        bad = visit(worker.page(PAGES[0]), link("http://to.test/", "To"), link("http://more.test/", "x"))
        bad.links[1].anchor = "\0"
        worker.record(bad)
    assert connection.execute("SELECT domain_to, status FROM backlinks").fetchall() == [("to.test", "unverified")]


def test_several_poisoned_visits_are_each_cut_out(full_worker: Worker, connection: psycopg.Connection) -> None:
    with full_worker as worker:
        visits = [visit(worker.page(address), link(f"http://to.test/{address[-1]}", "To")) for address in PAGES]
        for number in (0, 3, 7):
            _nul_in_an_anchor(visits[number])
        worker.record(*visits)
        assert worker.recorder.counts["pages_unstorable"] == 3
    assert connection.execute("SELECT count(*) FROM backlinks WHERE status = 'live'").fetchone() == (5,)
    assert connection.execute("SELECT count(*) FROM visits").fetchone() == (1 + 8,)


def test_a_page_of_which_nothing_can_be_stored_is_left_alone_for_a_while(
    full_worker: Worker, connection: psycopg.Connection
) -> None:
    """A run that gets it back as due would fetch it for ever."""
    refused = connection.execute("SELECT id FROM urls WHERE url = %s", [PAGES[3]]).fetchone()
    assert refused is not None
    connection.execute(f"ALTER TABLE visits ADD CONSTRAINT not_that_one CHECK (page_id <> {refused[0]})".encode())
    with full_worker as worker:
        worker.record(*(visit(worker.page(address), link("http://to.test/", "To")) for address in PAGES))
    assert connection.execute("SELECT count(*) FROM backlinks").fetchone() == (7,)
    query = "SELECT url FROM crawled_pages WHERE last_visited IS NULL AND next_visit > now() + interval '29 days'"
    assert connection.execute(query).fetchall() == [(PAGES[3],)]
