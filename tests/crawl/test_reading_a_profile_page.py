"""The page that reads a profile prints what the commands do print."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.crawl.first_week_page import EXAMPLE, PROFILE_PAGE, printed
from tests.crawl.test_first_week_page import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.crawl.conftest import FirstRun

EXAMPLES = EXAMPLE.findall(PROFILE_PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def to_be_ranked(first_run: FirstRun, embedded_server: Server) -> Iterator[Database]:
    made = embedded_server.copy(first_run.database)
    yield made
    embedded_server.drop(made)


def test_what_the_page_says_is_printed_in_its_order(first_run: FirstRun, to_be_ranked: Database) -> None:
    """The first of them ranks."""
    assert [command.split()[1] for command, _ in EXAMPLES] == ["rank", "profile", "profile"]
    environment = os.environ | {"BACKLINKS_DATABASE_URL": to_be_ranked.dsn}
    for command, output in EXAMPLES:
        said = printed(first_run.web.localise(command), environment)
        assert plain(said) == plain(first_run.web.localise(output))
