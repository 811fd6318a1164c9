"""What is kept of a page beside its links, when an answer is doubted or says less than a rendering did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.worker import Worker, add_seed, link, page_found, rendered, visit

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database

PAGE = "http://from.test/"
FACTS = "SELECT title, links_external, links_internal, nofollow FROM page_facts"


def test_what_a_doubted_answer_leads_to_is_no_page(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, PAGE)
    with Worker(database) as worker:
        worker.claim()
        worker.read(PAGE, link("http://to.test/"), title="A page")
        made = visit(worker.page(PAGE), found=[page_found("http://from.test/parked")], title="Sorry")
        made.stand_in = "maintenance"
        worker.record(made)
    assert connection.execute("SELECT outcome, reason FROM crawled_pages").fetchall() == [("not_whole", "maintenance")]


def test_headings_are_kept_as_they_were_read_last(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, PAGE)
    with Worker(database) as worker:
        worker.claim()
        for headings in ("Beans\nRoasts", "Beans\nPrices", ""):
            made = visit(worker.page(PAGE), link("http://to.test/"), title="A page")
            assert made.facts
            made.facts.headings = headings
            worker.record(made)
            assert connection.execute("SELECT headings FROM crawled_pages").fetchall() == [(headings or None,)]
            connection.commit()


def test_a_reading_without_rendering_leaves_what_only_a_rendering_shows(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, PAGE)
    with Worker(database) as worker:
        worker.claim()
        made = rendered(worker.page(PAGE), shows=[link("http://to.test/")], title="Shown by scripts")
        assert made.facts
        made.facts.links_external, made.facts.links_internal = 1, 40
        worker.record(made)
        worker.record(visit(worker.page(PAGE), title="A shell", nofollow=True))
        assert connection.execute(FACTS).fetchall() == [("Shown by scripts", 1, 40, True)]
        worker.record(rendered(worker.page(PAGE), shows=[link("http://to.test/")], title="Shown anew"))
    assert connection.execute(FACTS).fetchall() == [("Shown anew", 0, 0, False)]
