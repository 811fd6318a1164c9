"""`scrapy crawl`, with two additions: it works outside a project's folder, and errors are one sentence each.

Registered as an entry point of Scrapy. Spiders that are not ours are run as Scrapy does.
"""

from __future__ import annotations

# Before all others: as it is imported it walks the stack and every module that there is, which are few by now.
import scrapy.core.downloader.handlers.http11  # noqa: F401

# isort: split
import gc
import logging
import sys
from typing import TYPE_CHECKING, NoReturn

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.project import inside_project

from backlink_crawler import settings
from backlink_crawler.crawl.afterwards import rank_after
from backlink_crawler.crawl.spiders.seeds import SeedsSpider
from backlink_crawler.errors import BacklinksError, InvalidInput
from backlink_crawler.terminal import EscapedRecord

if TYPE_CHECKING:
    import argparse

    from scrapy.settings import Settings

    from backlink_crawler.crawl.session import CrawlSession


class Command(ScrapyCrawl):
    requires_project = False
    _session: CrawlSession | None = None

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Prepares the run too: Scrapy installs its event loop right after, and an error is then more than a sentence."""
        assert self.settings is not None
        logging.setLogRecordFactory(EscapedRecord)
        if not inside_project():
            self.settings.setmodule(settings, priority="project")
        super().process_options(args, opts)
        try:
            self._session = _prepare(self.settings, args, opts.spargs)
        except BacklinksError as error:
            _exit(error)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if self._session is None:
            super().run(args, opts)
            return
        assert self.crawler_process is not None
        _open_many_files()
        _collect_less_garbage()
        self.crawler_process.crawl(self._create_crawler(args[0]), session=self._session)
        self.crawler_process.start()
        if self._session.error:
            _exit(self._session.error)
        if self.crawler_process.bootstrap_failed:
            self.exitcode = 1
        elif self.settings and self.settings.getbool("BACKLINKS_RANK_AT_END"):
            rank_after(self._session)


def _collect_less_garbage() -> None:
    """A page makes thousands of objects, of which few are cyclic: collecting them took a twelfth of a worker's time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _open_many_files() -> None:
    """A connection is an open file, and the usual limit of 1,024 is meant for programs that have few."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))


def _prepare(given: Settings, spiders: list[str], arguments: dict[str, str]) -> CrawlSession | None:
    """None: the spider is none of ours. Raises BacklinksError."""
    try:
        spider = get_spider_loader(given).load(" ".join(spiders))
    except KeyError:
        if given["BOT_NAME"] != settings.BOT_NAME:
            return None
        raise InvalidInput(
            f"there is no spider {' '.join(spiders)!r}; write `scrapy crawl {SeedsSpider.name}`."
        ) from None
    if not issubclass(spider, SeedsSpider):
        return None
    with_its_own = given.copy()
    spider.update_settings(with_its_own)
    return spider.prepare(with_its_own, arguments)


def _exit(error: BacklinksError) -> NoReturn:
    print(f"backlinks: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
