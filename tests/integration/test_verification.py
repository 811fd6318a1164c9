"""`scrapy crawl verify` asks for a contact when it would visit the public web, whatever the kept seeds are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from backlink_crawler.crawl.session import CrawlSession
from backlink_crawler.errors import InvalidInput
from backlink_crawler.model import Priority
from backlink_crawler.store.frontier import VERIFY
from backlink_crawler.store.optouts import add_optout
from backlink_crawler.store.seeds import remove_seed
from tests.integration.worker import Worker, add_seed, link, url

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database


@pytest.fixture
def settings() -> Settings:
    made = Settings()
    made.setmodule("backlink_crawler.settings")
    return made


@pytest.fixture(autouse=True)
def environment(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of .test is ours; nobody can be reached yet."""
    monkeypatch.setenv("BACKLINKS_DATABASE_URL", database.dsn)
    monkeypatch.setenv("BACKLINKS_RESOLVE", "*.test=127.0.0.1")


def links_to_shop(database: Database, address: str) -> None:
    """A page that was read in a run which named its seed."""
    queue = add_seed(database, address, kept=False)
    with Worker(database, queue=queue) as worker:
        hosts = worker.claim()
        worker.read(address, link("http://shop.test/"))
        worker.release(*hosts.values())


@pytest.mark.parametrize("kept", [["http://inside.test/"], []])
def test_pages_on_the_public_web_are_not_verified_without_a_contact(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch, kept: list[str]
) -> None:
    """Whatever the kept seeds are."""
    for address in kept:
        add_seed(database, address)
    links_to_shop(database, "http://blog.test/")
    links_to_shop(database, "https://example.org:8443/")
    with pytest.raises(InvalidInput) as refused:
        CrawlSession.prepare_verification(settings, "shop.test")
    assert refused.value.exit_code == 2
    assert str(refused.value) == (
        "example.org is on the public web, and site owners must be able to reach you: "
        "set BACKLINKS_CONTACT to a URL or mail address; it is sent in the User-Agent."
    )
    monkeypatch.setenv("BACKLINKS_CONTACT", "https://bot.example/")
    session = CrawlSession.prepare_verification(settings, "shop.test")
    assert (session.limits.up_to, session.queue_id) == (Priority.VERIFY, VERIFY)


def test_pages_of_our_own_are_verified_though_a_kept_seed_is_on_the_public_web(
    database: Database, settings: Settings
) -> None:
    add_seed(database, "https://example.org/")
    links_to_shop(database, "http://blog.test/")
    assert CrawlSession.prepare_verification(settings, "shop.test").seeds_asked == "verify shop.test"


def test_a_public_host_that_opted_out_asks_for_no_contact(database: Database, settings: Settings) -> None:
    links_to_shop(database, "http://blog.test/")
    links_to_shop(database, "https://example.org/")
    with database.connect() as connection:
        add_optout(connection, "example.org", None)
    assert CrawlSession.prepare_verification(settings, "shop.test").seeds_asked == "verify shop.test"


def test_nothing_to_verify_is_said_before_a_contact_is_asked_for(database: Database, settings: Settings) -> None:
    links_to_shop(database, "https://example.org/")
    with pytest.raises(InvalidInput, match=r"no known page links to nowhere\.test; there is nothing to verify"):
        CrawlSession.prepare_verification(settings, "nowhere.test")


def test_pages_are_verified_whosoever_they_are_and_those_of_nobody_are_then_left_alone(
    database: Database, settings: Settings, connection: psycopg.Connection
) -> None:
    for address in ("http://kept.test/", "http://left.test/"):
        add_seed(database, address)
    with Worker(database) as worker:
        hosts = worker.claim()
        for address in ("http://kept.test/", "http://left.test/"):
            worker.read(address, link("http://shop.test/"))
        worker.release(*hosts.values())
    links_to_shop(database, "http://once.test/")
    with database.connect() as writer:
        assert remove_seed(writer, url("http://left.test/").hash)
    queue = CrawlSession.prepare_verification(settings, "shop.test").queue_id
    with Worker(database, queue=queue) as worker, Worker(database) as kept:
        assert worker.run(worker.frontier.due())[:3] == (3, 0, 3)
        hosts = worker.claim()
        assert set(hosts) == {"kept.test", "left.test", "once.test"}
        assert kept.run(kept.frontier.is_any_held()) is True
        for name, host in hosts.items():
            assert worker.due(host) == [f"http://{name}/"]
            worker.read(f"http://{name}/", link("http://shop.test/"))
            assert worker.due(host) == []
        worker.release(*hosts.values())
        assert worker.claim() == kept.claim() == {}
    never = "SELECT u.url FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id WHERE p.next_visit IS NULL"
    assert connection.execute(never).fetchall() == [("http://left.test/",)]
