"""A flood of names costs the other sites nothing, and a domain and an address no more than their bound. By the server's own log."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from tests.crawl.small_web import SmallWeb
from tests.crawl.test_manners import gaps, site

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

DELAY = 0.2
SETTINGS = ("-s", f"DOWNLOAD_DELAY={DELAY}", "-s", "BACKLINKS_BATCH_SECONDS=0.1", "-a", "render=never")
NO_ADDRESS = ("-s", "BACKLINKS_ADDRESS_HOSTS=0", "-s", "BACKLINKS_ADDRESS_REQUESTS=0")


class WildcardWeb(SmallWeb):
    """Sites of ten pages, and a domain each of whose hosts leads to five new ones."""

    def page(self, host: str, path: str) -> Any:
        if not host.endswith(".wild.test") or path == "/robots.txt":
            return super().page(host, path)
        name = host.removesuffix(".wild.test")
        return "".join(f"<a href=http://{name}{number}.wild.test:{{port}}/>x</a>" for number in range(5))


def moments(web: SmallWeb, ending: str) -> list[float]:
    return sorted(asked.at for asked in web.asked if asked.host.endswith(ending))


def busiest_second(asked: list[float]) -> int:
    """Most requests that began within any one second."""
    return max(sum(1 for at in asked if start <= at < start + 1) for start in asked)


def test_a_domain_without_end_of_names_gets_its_bound_and_the_other_sites_all_they_would(
    crawler: Crawler, database: Database
) -> None:
    pages = {path: page for number in range(12) for path, page in site(f"good{number}.test", 10).items()}
    with WildcardWeb(pages) as web:
        good = [web.url(f"good{number}.test/") for number in range(12)]
        # first of all, and each of them a seed
        wild = [web.url(f"a{number}.wild.test/") for number in range(300)]
        seeds = crawler.seeds("\n".join([*wild, *good]))
        code, output = crawler.run("-a", seeds, "-a", "max_minutes=0.15", *NO_ADDRESS, *SETTINGS)
        assert code == 0, output
        for number in range(12):
            assert len(web.paths(f"good{number}.test")) == 10
            assert min(gaps(web, f"good{number}.test")) >= DELAY
        flood = moments(web, ".wild.test")
        assert len(flood) > 6
        assert busiest_second(flood) <= 1 / DELAY + 1


def test_names_at_one_address_are_asked_no_faster_than_that_by_two_workers(
    crawler: Crawler, database: Database
) -> None:
    pages = {path: page for number in range(16) for path, page in site(f"name{number}.farm{number}.test", 2).items()}
    with SmallWeb(pages) as web:
        seeds = crawler.seeds("\n".join(web.url(f"name{number}.farm{number}.test/") for number in range(16)))
        workers = [crawler.start("-a", seeds, "-s", "BACKLINKS_WORKERS=2", *SETTINGS) for _ in range(2)]
        for worker in workers:
            output, _ = worker.communicate(timeout=120)
            assert worker.returncode == 0, output
        asked = moments(web, ".test")
        assert len(asked) == 3 * 16
        gap = min(later - earlier for earlier, later in itertools.pairwise(asked))
        assert gap > DELAY / 2
        assert busiest_second(asked) <= 1 / DELAY
