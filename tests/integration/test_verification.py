"""`scrapy crawl verify` asks for a contact when it would visit the public web, whatever the kept seeds are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from backlink_crawler.crawl.session import CrawlSession
from backlink_crawler.errors import InvalidInput
from backlink_crawler.model import Priority
from tests.integration.worker import Worker, add_seed, link

if TYPE_CHECKING:
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
    seed_id = add_seed(database, address, kept=False)
    with Worker(database, roots=[seed_id]) as worker:
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
    assert CrawlSession.prepare_verification(settings, "shop.test").limits.up_to is Priority.VERIFY


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
        connection.execute("INSERT INTO optouts (domain) VALUES ('example.org')")
    assert CrawlSession.prepare_verification(settings, "shop.test").seeds_asked == "verify shop.test"


def test_nothing_to_verify_is_said_before_a_contact_is_asked_for(database: Database, settings: Settings) -> None:
    links_to_shop(database, "https://example.org/")
    with pytest.raises(InvalidInput, match=r"no known page links to nowhere\.test; there is nothing to verify"):
        CrawlSession.prepare_verification(settings, "nowhere.test")


def test_pages_of_any_seed_are_verified_without_a_list_of_the_seeds(database: Database, settings: Settings) -> None:
    """It would go with every statement of the frontier, and there may be 100,000 of them."""
    links_to_shop(database, "http://blog.test/")
    session = CrawlSession.prepare_verification(settings, "shop.test")
    assert (session.roots, session.any_seed) == (None, True)
