"""Claim: rendering what is worth it leaves the plain fetching about as fast as it is without a browser.

`scrapy crawl seeds` over the 20 real sites, served over TLS on loopback, everything stored in a fresh embedded
PostgreSQL each time. First once with render=auto, which also warms the caches: what was decided, and what came of it.
Then never and auto in turns. Then render=always over some pages of each site, drawn by lot among those that have
scripts: what rendering would gain at all, and how much of that auto finds.

Plain pages a second: answers that came ÷ plain seconds, those from the spider's start until 99 of 100 visits were
stored that waited for no browser. What follows is the tail, in which only the browser works, and pages that were
found behind its last ones. The pages of the tail count, since they had been fetched before. Processor time is the
crawling process's and the browser's.

Last come forty sites that scripts write (benchmarks/client_sites.py), with auto: how many of their links are found.

The folders of the real sites hold HTML and next to nothing else: scripts that are files of their own answer 404, and other
sites cannot be reached. Only scripts that stand in the pages run. So what is gained here says little of the web.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter, defaultdict
from os import getloadavg
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.model import RenderMode, RenderReason
from benchmarks import client_sites
from benchmarks.claims import Claim, Skipped, at_least, show, spread
from benchmarks.crawl_speed import crawl
from benchmarks.environment import Web, fresh_index, little_web

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from benchmarks.crawl_speed import Speed
    from benchmarks.environment import Index

TARGET = 0.95
WHOLE_TARGET = 0.8
DRAWN = 10  # pages of each site


class Page(NamedTuple):
    """A page that was read. decision: of its rendering, as in the view.

    seconds: of the browser; None: it was not rendered. gained: to links, or to pages of the site, that its HTML had not.
    added, removed: links by scripts. failed: why its rendering did.
    """

    url: str
    host: str
    decision: str
    seconds: float | None
    gained: bool
    added: int
    removed: int
    failed: str | None


class Run(NamedTuple):
    """plain_seconds: until the tail. rendered: pages."""

    whole: Speed
    plain_seconds: float
    rendered: int

    @property
    def rate(self) -> float:
        return self.whole.pages / self.plain_seconds

    def __str__(self) -> str:
        return f"{self.rate:,.1f}/s {self.whole.seconds:.1f} s {1000 * self.whole.cpu / self.whole.pages:.1f} ms"


def measure(pairs: int) -> list[Claim]:
    with little_web() as web, tempfile.TemporaryDirectory(prefix="backlinks-benchmark-") as name:
        sites, drawn = Path(name, "sites"), Path(name, "drawn")
        write_seeds(sites, [f"https://{host}/" for host in web.hosts])
        with fresh_index() as index:
            crawl_with(RenderMode.AUTO, web, sites, index)
            found = pages_read(index)
        if any(page.decision == "no_browser" for page in found):
            raise Skipped("there is no browser")
        show_found(found)
        ratios, whole = compare(web, sites, pairs)
        write_seeds(drawn, draw(found), max_pages=1)
        with fresh_index() as index:
            crawl_with(RenderMode.ALWAYS, web, drawn, index)
            show_always(pages_read(index), {page.url: page for page in found})
        found_links = measure_client_sites(web)
    return [
        at_least("plain pages/s, pages rendered where it is worth it ÷ none", TARGET, ratios),
        at_least("pages/s of whole runs, the same", WHOLE_TARGET, whole),
        at_least("links found of those that scripts write on 40 sites", 1.0, [found_links]),
    ]


def measure_client_sites(web: Web) -> float:
    """The share of their links that is found in one run, whose budget is large enough for all of them."""
    with tempfile.TemporaryDirectory(prefix="backlinks-benchmark-") as name:
        root, seeds = Path(name, "web"), Path(name, "seeds")
        client_sites.write(root)
        Path(name).chmod(0o755)  # nginx's workers are not root
        sites = Web(root, web.miniweb)
        write_seeds(seeds, [f"https://{host}/" for host in sites.hosts])
        with fresh_index() as index:
            crawl_with(RenderMode.AUTO, sites, seeds, index, "-s", f"BACKLINKS_RENDER_FEW={client_sites.MUST_BE_FOUND}")
            pages = pages_read(index)
            with index.database.connect() as connection:
                links = connection.execute("SELECT count(DISTINCT url_to) FROM backlinks").fetchone()
    assert links
    rows = [(name, len(of), *brought(of)) for name, of in grouped(pages, "decision").items()]
    show(
        f"40 sites that scripts write: {links[0]} of {client_sites.MUST_BE_FOUND} links",
        ("decision", "pages", *_BROUGHT),
        rows,
    )
    return float(links[0] / client_sites.MUST_BE_FOUND)


def write_seeds(folder: Path, urls: Iterable[str], max_pages: int | None = None) -> None:
    """max_pages: of each; None: any number."""
    folder.mkdir()
    rows = "".join(f'"{url}",{max_pages or ""}\n' for url in urls)
    (folder / "seeds.txt").write_text(f"url,max_pages\n{rows}", encoding="utf-8")


def crawl_with(mode: RenderMode, web: Web, folder: Path, index: Index, *arguments: str) -> Run:
    whole = crawl(web, folder, index, "-a", f"render={mode}", *arguments)
    with index.database.connect() as connection:
        row = connection.execute(
            """
            SELECT
                coalesce(
                    percentile_disc(0.99) WITHIN GROUP (ORDER BY extract(EPOCH FROM v.observed_at - c.started_at))
                    FILTER (WHERE v.rendering IS NULL OR v.rendering < %s),
                    extract(EPOCH FROM max(v.observed_at - c.started_at))
                )::float8,
                count(v.rendered_ms)
            FROM sources AS c
            INNER JOIN batches AS b ON c.id = b.source_id
            INNER JOIN visits AS v ON b.id = v.batch_id
            WHERE v.http_code IS NOT NULL
            GROUP BY c.id
            """,
            [RenderReason.BUDGET_SPENT.value],  # or what comes after it: they have waited for a browser
        ).fetchone()
    assert row
    run = Run(whole, *row)
    print(f"rendering: {mode}: {whole.pages:,} pages, {run}, {run.rendered} rendered, load {load()}", flush=True)
    return run


def load() -> str:
    return f"{getloadavg()[0]:.1f}"


def pages_read(index: Index) -> list[Page]:
    with index.database.connect() as connection:
        rows = connection.execute(
            r"""
            WITH scripted AS (
                SELECT
                    url_from,
                    count(*) FILTER (WHERE link_origin = 'rendered') AS added,
                    count(*) FILTER (WHERE is_removed_by_scripts) AS removed
                FROM backlinks
                GROUP BY url_from
            )
            SELECT
                c.url,
                c.host,
                c.rendering,
                v.rendered_ms / 1000.0::float8,
                coalesce(p.gained, FALSE),
                coalesce(s.added, 0),
                coalesce(s.removed, 0),
                CASE WHEN v.reason LIKE 'render\_%' THEN v.reason END
            FROM crawled_pages AS c
            INNER JOIN urls AS u ON c.url = u.url
            INNER JOIN pages AS p ON u.id = p.page_id
            INNER JOIN visits AS v ON u.id = v.page_id
            LEFT JOIN scripted AS s ON c.url = s.url_from
            WHERE c.rendering IS NOT NULL AND c.outcome = 'ok'
            ORDER BY c.url
            """
        )
        return [Page(*row) for row in rows]


def draw(found: Iterable[Page]) -> list[str]:
    """So many pages of each site, the same each time. Where there are no scripts there is nothing to gain."""
    scripted: dict[str, list[str]] = defaultdict(list)
    for page in found:
        if page.decision != "no_scripts":
            scripted[page.host].append(page.url)
    return [url for host, urls in scripted.items() for url in Random(host).sample(urls, min(DRAWN, len(urls)))]


def compare(web: Web, sites: Path, pairs: int) -> tuple[list[float], list[float]]:
    """In turns, every other pair the other way round: neither is always the first."""
    rows: list[tuple[object, ...]] = []
    ratios: list[float] = []
    whole: list[float] = []
    for number in range(1, pairs + 1):
        order = (RenderMode.NEVER, RenderMode.AUTO) if number % 2 else (RenderMode.AUTO, RenderMode.NEVER)
        runs = {}
        for mode in order:
            with fresh_index() as index:
                runs[mode] = crawl_with(mode, web, sites, index)
        never, auto = runs[RenderMode.NEVER], runs[RenderMode.AUTO]
        ratios.append(auto.rate / never.rate)
        whole.append(auto.whole.rate / never.whole.rate)
        rows.append((number, never, auto, auto.rendered, load(), f"{whole[-1]:.2f}", f"{ratios[-1]:.2f}"))
        print(f"rendering: pair {number} of {pairs}: auto ÷ never {ratios[-1]:.2f}, whole {whole[-1]:.2f}", flush=True)
    rows.append(("median", "", "", "", "", spread(whole), spread(ratios)))
    columns = ("pair", "never", "auto", "rendered", "load", "whole, auto ÷ never", "plain, auto ÷ never")
    show("Plain pages a second, seconds of the whole run, processor time a page", columns, rows)
    return ratios, whole


def show_found(found: list[Page]) -> None:
    decisions = [decision for decision, _ in Counter(page.decision for page in found).most_common()]
    counts = {site: Counter(page.decision for page in pages) for site, pages in grouped(found, "host").items()}
    rows = [(site, of.total(), *(of[decision] for decision in decisions)) for site, of in counts.items()]
    show("auto: pages read, and what was decided of each", ("site", "pages", *decisions), rows)
    for by in ("host", "decision"):
        rows = [(name, len(pages), *brought(pages)) for name, pages in grouped(found, by).items()]
        show(f"auto: what it brought, by {by}", (by, "pages", *_BROUGHT), rows)


def grouped(pages: Iterable[Page], by: str) -> Mapping[str, list[Page]]:
    """With all of them together at the end."""
    groups: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        groups[getattr(page, by)].append(page)
    return groups | {"all": [page for group in groups.values() for page in group]}


_BROUGHT = ("rendered", "gained", "gained links", "links gained", "links removed", "failed", "s a page")


def brought(pages: list[Page]) -> tuple[object, ...]:
    seconds = [page.seconds for page in pages if page.seconds is not None]
    failed = Counter(page.failed.removeprefix("render_") for page in pages if page.failed)
    return (
        len(seconds),
        sum(page.gained for page in pages),
        sum(page.added > 0 for page in pages),
        sum(page.added for page in pages),
        sum(page.removed for page in pages),
        ", ".join(f"{number} {reason}" for reason, number in failed.items()),
        f"{sum(seconds) / len(seconds):.2f}" if seconds else "",
    )


def show_always(always: list[Page], found: Mapping[str, Page]) -> None:
    rows = []
    for site, pages in grouped(always, "host").items():
        same = [found[page.url] for page in pages if page.gained and page.url in found]
        rows.append((site, len(pages), *brought(pages), sum(page.seconds is not None for page in same)))
    columns = ("site", "pages", *_BROUGHT, "of the gained, auto rendered")
    show(f"always: {DRAWN} pages a site, drawn among those with scripts", columns, rows)
    for page in always:
        if page.gained or page.removed or page.failed:
            auto = found[page.url].decision if page.url in found else "not read"
            what = page.failed or f"{page.added} links added, {page.removed} removed"
            print(f"rendering: {page.url}: {what}; auto: {auto}", file=sys.stderr)
