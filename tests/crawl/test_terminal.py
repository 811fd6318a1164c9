"""What pages and servers say commands no terminal: a hostile site is crawled, and every command is run on a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.terminal import COMMANDS
from tests.crawl.rendering import BROWSER
from tests.crawl.small_web import Answer, SmallWeb

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

# Rename the window, clear the screen (7 and 8 bits), reorder, hide, and break lines.
EVIL = "EVIL\x1b]0;owned\x07\x1b[2J\x9b2J\x9d0;owned\x9c\x7f\u202eLIVE\u2066\u200b\u2028\u2029\ufeff\U000e0041"
# What a table that updates in place needs: rich's own sequences (ECMA-48: CSI with digits, and a private mode).
OURS = re.compile("\x1b\\[[0-9;?]*[A-Za-z]")
PAGE = f"""<!DOCTYPE html><html lang="{EVIL}"><title>{EVIL}</title><link rel=canonical href="http://else.test/{EVIL}">
<p>{EVIL} <a href="http://to.test/{EVIL}" rel="{EVIL}" title="{EVIL}">{EVIL}</a> {EVIL}
<a href="/{EVIL}">in</a> <a href="http://{EVIL}.test/">x</a> <a href="{EVIL}:x">y</a> <a href="/type">t</a>
<a href="/moved">m</a> <a href="/broken">b</a>"""
EVIL_BYTES = EVIL.replace("\u2028", "").encode().decode("latin-1")  # a header's bytes
PAGES = {
    "evil.test/robots.txt": Answer(f"User-agent: *\nDisallow: /{EVIL}\nSitemap: http://evil.test:{{port}}/{EVIL}.xml"),
    "evil.test/": PAGE,
    "evil.test/type": Answer("x", headers={"Content-Type": f"application/{EVIL_BYTES}"}),
    "evil.test/moved": Answer("", 301, {"Location": f"http://else.test/{EVIL_BYTES}"}),
    "evil.test/broken": Answer(PAGE, headers={"Content-Encoding": EVIL_BYTES, "Content-Language": EVIL_BYTES}),
}


# Each command in turn, in one process.
COMMANDS_IN_TURN = """
import json, sys
from backlink_crawler.cli import main
for command in json.load(open("commands.json")):
    print("$", command[0], ascii(command[1:]), flush=True)
    sys.argv = ["backlinks", *command]
    try:
        main()
    except SystemExit:
        pass
"""
QUESTIONS = ("links", "anchors", "refdomains", "best", "new", "overview", "history")
OTHERS = (
    *(["seeds", "list"], ["optout", "list"], ["skip", "list"], ["targets", "list"], ["linked", "evil.test"]),
    *(["status"], ["status", "--json"], ["db", "status"], ["db", "check"], ["extract", "--all", "page.html"]),
    *(["links", EVIL], ["seeds", "add", EVIL], ["extract", EVIL], ["verify", EVIL], ["optout", "add", EVIL]),
)


def on_a_terminal(*command: str, folder: Path, **environment: str) -> str:
    """All that it prints."""
    ours, theirs = pty.openpty()
    said = b""
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=os.environ | environment
    ):
        os.close(theirs)
        try:
            while piece := os.read(ours, 65536):
                said += piece
        except OSError:  # the other end is closed
            pass
    os.close(ours)
    return said.decode()


def lines_with_commands(said: str) -> list[str]:
    lines = said.replace("\r\n", "\n").split("\n")
    return [line for line in lines if COMMANDS.search(line)]


def test_no_command_of_a_page_reaches_the_terminal(crawler: Crawler, database: Database) -> None:
    environment = crawler.environment | {"COLUMNS": "250", "TERM": "xterm"}
    with SmallWeb(PAGES) as web:
        scrapy = (sys.executable, "-m", "scrapy", "crawl", "seeds", "-s", "DOWNLOAD_DELAY=0", "-s", "LOG_LEVEL=DEBUG")
        seeds = ("-a", f"seeds={web.url('evil.test/')}", "-a", "render=never")
        said = on_a_terminal(*scrapy, *seeds, folder=crawler.folder, **environment)
    assert "finished: " in said
    assert lines_with_commands(OURS.sub("", said).replace("\r", "")) == []
    with database.connect(autocommit=True) as connection:
        connection.execute("UPDATE domain_edges SET links = links + 1")  # for `db check` to find
        connection.execute("INSERT INTO optouts (domain, note) VALUES ('out.test', %s)", [EVIL])
    (crawler.folder / "page.html").write_text(PAGE, encoding="utf-8")
    forms = [["--format", form] for form in ("table", "csv", "json", "jsonl")]
    asked = [[question, "to.test", *form] for question in QUESTIONS for form in forms]
    (crawler.folder / "commands.json").write_text(json.dumps([*asked, *OTHERS]))
    said = on_a_terminal(sys.executable, "-c", COMMANDS_IN_TURN, folder=crawler.folder, **environment)
    assert said.count("$ ") == len(asked) + len(OTHERS)
    assert said.count("EVIL") > len(asked)
    assert lines_with_commands(said) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", ["type", "moved"])
def test_a_page_that_cannot_be_rendered_says_so_without_commands(crawler: Crawler, path: str) -> None:
    if not BROWSER:
        pytest.skip("no browser")
    backlinks = str(Path(sys.executable).with_name("backlinks"))
    with SmallWeb(PAGES) as web:
        said = on_a_terminal(
            *(backlinks, "extract", "--render", web.url(f"evil.test/{path}")),
            folder=crawler.folder,
            **crawler.environment,
        )
    assert "owned" in said
    assert lines_with_commands(said) == []
