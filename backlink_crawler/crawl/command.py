"""`scrapy crawl`, with two things more: it works outside a project's folder, and what goes wrong is a sentence.

Registered as an entry point of Scrapy's. A spider that is not ours is crawled just as Scrapy does.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.utils.project import inside_project

from backlink_crawler.crawl.session import CrawlSession
from backlink_crawler.crawl.spiders.seeds import SeedsSpider
from backlink_crawler.errors import BacklinksError, InvalidInput

if TYPE_CHECKING:
    import argparse

_ARGUMENTS = {"seeds", "max_pages", "max_minutes"}


class Command(ScrapyCrawl):
    requires_project = False

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        if not inside_project():
            assert self.settings is not None
            self.settings.setmodule("backlink_crawler.settings", priority="project")
        super().process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None
        if args != [SeedsSpider.name] or self.crawler_process.spider_loader.load(args[0]) is not SeedsSpider:
            super().run(args, opts)
            return
        try:
            self._crawl(opts.spargs)
        except BacklinksError as error:
            print(f"backlinks: {error}", file=sys.stderr)
            self.exitcode = error.exit_code

    def _crawl(self, arguments: dict[str, str]) -> None:
        assert self.crawler_process is not None
        assert self.settings is not None
        unknown = arguments.keys() - _ARGUMENTS
        if unknown:
            raise InvalidInput(f"-a {min(unknown)}: no such argument; there are {', '.join(sorted(_ARGUMENTS))}.")
        session = CrawlSession.prepare(self.settings, **arguments)
        self.crawler_process.crawl(self._create_crawler(SeedsSpider.name), session=session)
        self.crawler_process.start()
        if session.error:
            raise session.error
        if self.crawler_process.bootstrap_failed:
            self.exitcode = 1
