"""The page of the first week prints what the commands do print."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.crawl.first_week_page import EXAMPLE, PAGE, printed

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import FirstRun

EXAMPLES = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))


def plain(output: str) -> list[str]:
    """Its lines, whatever the day, the widths and the order of equals."""
    output = re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", "DATE", output).replace("─", "")
    return sorted(" ".join(line.split()) for line in output.splitlines())


def test_there_are_fifteen_tasks() -> None:
    assert len(EXAMPLES) == 15
    tasks = re.findall(r"^\*\*\d+\. .+\*\*", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(task[2:].split(".")[0]) for task in tasks] == list(range(1, 16))


@pytest.mark.parametrize(("command", "output"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_a_command_prints_what_the_page_says(first_run: FirstRun, ranked: Database, command: str, output: str) -> None:
    environment = os.environ | {"BACKLINKS_DATABASE_URL": ranked.dsn}
    said = printed(first_run.web.localise(command), environment)
    assert plain(said) == plain(first_run.web.localise(output))
