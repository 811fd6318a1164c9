"""The page that reads a profile prints what the commands do print."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.crawl.first_week_page import EXAMPLE, PROFILE_PAGE, printed
from tests.crawl.test_first_week_page import plain

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import FirstRun

EXAMPLES = EXAMPLE.findall(PROFILE_PAGE.read_text(encoding="utf-8"))


def test_there_are_two_profiles() -> None:
    assert [command.split()[1] for command, _ in EXAMPLES] == ["profile", "profile"]


@pytest.mark.parametrize(("command", "output"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_what_the_page_says_is_printed(first_run: FirstRun, ranked: Database, command: str, output: str) -> None:
    environment = os.environ | {"BACKLINKS_DATABASE_URL": ranked.dsn}
    said = printed(first_run.web.localise(command), environment)
    assert plain(said) == plain(first_run.web.localise(output))
