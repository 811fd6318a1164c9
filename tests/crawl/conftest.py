"""`scrapy crawl seeds` as a user runs it: another process, a real web server, a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.demo.server import LittleWeb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from backlink_crawler.store.database import Database

SECONDS = 90


@dataclass
class Crawler:
    """Runs in an empty folder, so that no scrapy.cfg helps."""

    folder: Path
    environment: dict[str, str]

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "scrapy", "crawl", "seeds", "-s", "DOWNLOAD_DELAY=0", *arguments]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=os.environ | self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """(exit code, all that was printed)"""
        process = self.start(*arguments, **environment)
        output, _ = process.communicate(timeout=SECONDS)
        assert "Traceback" not in output, output
        return process.returncode, output

    def seeds(self, text: str, name: str = "seeds.txt") -> str:
        """The -a argument for a seeds file with this text."""
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return f"seeds={file}"


@pytest.fixture
def crawler(database: Database, tmp_path: Path) -> Crawler:
    return Crawler(tmp_path, {"BACKLINKS_DATABASE_URL": database.dsn, "BACKLINKS_RESOLVE": "*.test=127.0.0.1"})


@pytest.fixture
def little_web() -> Iterator[LittleWeb]:
    with LittleWeb() as web:
        yield web
