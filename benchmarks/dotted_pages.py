"""What do URLs that end like files cost, and what do they gain, by how many files it takes to give an ending up?

`python -m benchmarks.dotted_pages LINKS…`: JSON lines (`.xz` too) as Chromium says what real pages link to: `url`, and
`links` with `protocol` and `href`. Nobody asks their hosts here. Which of these URLs are pages is known of the sites that
show files in pages of their own, listed below; elsewhere what has a file's ending is one.
"""

from __future__ import annotations

import json
import lzma
import re
import sys
from collections import defaultdict
from pathlib import Path
from random import Random
from statistics import mean
from typing import TYPE_CHECKING

from backlink_crawler.frontier import endings
from backlink_crawler.model import Outcome, Refusal, Url
from backlink_crawler.urls.normalise import Normaliser
from backlink_crawler.urls.scope import doubtful_ending, path_refusal
from benchmarks.claims import show

if TYPE_CHECKING:
    from collections.abc import Iterable

ORDERS = 20  # in which a host's URLs are asked for, by lot
FILES = frozenset(
    "7z asc bin bz2 c conf cpp css csv deb dtd git go gz h ipynb jar java js json ldif lua map md md5 properties py rb rdf "
    "rq rss rst sh sha1 sha256 sha512 sig tgz thrift ttl txt whl xml xsd xz yaml yml zip".split()
)
SHOWS_FILES = re.compile(  # mirrors to choose from, code with line numbers, a wiki
    r"//(github|gitlab)\.com/(?!.*/(raw|archive|releases/download)/)|/closer\.(cgi|lua)/|/viewvc/|//(cwiki|gitbox|git-wip-us)\."
)


def is_page(url: str) -> bool:
    return bool(SHOWS_FILES.search(url)) or doubtful_ending(url) not in FILES


def dotted_urls(files: Iterable[str]) -> dict[str, list[str]]:
    """By host, each once: what may be a page or a file, and is asked for."""
    normalise, found = Normaliser(()), defaultdict(set)
    for file in files:
        with lzma.open(file) if file.endswith(".xz") else Path(file).open("rb") as lines:
            for line in lines:
                for link in json.loads(line)["links"]:
                    url = normalise(link["href"]) if link["protocol"] in {"http:", "https:"} else Refusal.SCHEME_OTHER
                    if isinstance(url, Url) and doubtful_ending(url.text) and not path_refusal(url):
                        found[url.host].add(url.text.partition("?")[0])
    return {host: sorted(urls) for host, urls in found.items()}


def ask(hosts: dict[str, list[str]], order: Random) -> tuple[int, int]:
    """(requests answered with a file, pages)."""
    files = pages = 0
    for urls in hosts.values():
        known: dict[str, int] = {}
        for url in order.sample(urls, len(urls)):
            if endings.may_be_page(known, url):
                page = is_page(url)
                files, pages = files + (not page), pages + page
                endings.learn_ending(known, url, Outcome.OK if page else Outcome.NOT_HTML)
    return files, pages


def main(*files: str) -> None:
    hosts = dotted_urls(files)
    urls = [url for each in hosts.values() for url in each]
    rows = []
    for misses in (1, 2, 3, 5, len(urls)):
        endings.MISSES = misses
        order = Random(1)
        asked = [ask(hosts, order) for _ in range(ORDERS)]
        spent, gained, least = (
            mean(each[0] for each in asked),
            mean(each[1] for each in asked),
            min(asked, key=lambda each: each[1]),
        )
        rows.append(("all" if misses == len(urls) else misses, f"{spent:.0f}", f"{gained:.1f}", least[1]))
    title = f"{len(urls)} URLs of {len(hosts)} hosts, {sum(map(is_page, urls))} of them pages"
    show(title, ("files before an ending is given up", "requests for files", "pages, mean", "pages, least"), rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
