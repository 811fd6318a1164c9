"""Nothing that a page says leads inside: ports on loopback listen, one for each URL that leads there, and nobody knocks.

A knock is never answered: a run that is let in ends by its DOWNLOAD_TIMEOUT.
"""

from __future__ import annotations

import os
import select
import socket
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import Outcome
from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_little_web import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

# As it is written: as the frontier holds it (URL Standard, 3.5 "Host parsing").
INSIDE = {
    "http://127.0.0.1:{port}/": "http://127.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/": "http://127.0.0.1:{port}/",
    "http://127.1:{port}/": "http://127.0.0.1:{port}/",
    "http://2130706433:{port}/": "http://127.0.0.1:{port}/",
    "http://0x7f000001:{port}/": "http://127.0.0.1:{port}/",
    "http://0177.0.0.1:{port}/": "http://127.0.0.1:{port}/",
    "http://１２７。0。0。1:{port}/": "http://127.0.0.1:{port}/",
    "http://%31%32%37.0.0.1:{port}/": "http://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/": "https://127.0.0.1:{port}/",
    "http://0:{port}/": "http://0.0.0.0:{port}/",
    "http://[::1]:{port}/": "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/": "http://[::ffff:7f00:1]:{port}/",
    "http://Inside.Example:{port}/": "http://inside.example:{port}/",
    "http://inside.example.:{port}/": "http://inside.example.:{port}/",
}
LOCALHOST = {"http://localhost:{port}/": "http://localhost:{port}/"}
NAT64 = {"http://[64:ff9b::7f00:1]:{port}/": "http://[64:ff9b::7f00:1]:{port}/"}
# Every Python that finds this on its path begins with it.
LOOK_UPS = """
import socket
ANSWERS = {
    "inside.example": ["127.0.0.1"],
    "first.example": ["127.0.0.1", "127.0.0.2"],
    "last.example": ["127.0.0.2", "127.0.0.1"],
}
look_up = socket.getaddrinfo
def getaddrinfo(host, *others, **named):
    name = host.rstrip(".") if isinstance(host, str) else host
    return [answer for each in ANSWERS.get(name, [host]) for answer in look_up(each, *others, **named)]
socket.getaddrinfo = getaddrinfo
"""
MARKUP = {
    "link": '<a href="{}">in</a>',
    "area": '<map><area href="{}"></map>',
    "frame": '<iframe src="{}"></iframe>',
    "canonical": '<link rel="canonical" href="{}">',
    "refresh": '<meta http-equiv="refresh" content="0;url={}">',
}
STATUSES = ("301", "302", "303", "307", "308")
Frontier = dict[str, tuple[Outcome | None, str | None]]
REFUSED = (Outcome.ADDRESS_REFUSED, "refused_private_address")
PATIENCE = ("-s", "DOWNLOAD_TIMEOUT=8")  # seconds: a failed guard is not waited for long
NO_PATIENCE = ("-s", "DOWNLOAD_TIMEOUT=1")


class Listeners:
    """On loopback, each at a port of its own."""

    def __init__(self) -> None:
        self._urls: dict[socket.socket, str] = {}

    def listen(self, written: str) -> int:
        """The port, which is to stand for `{port}` in the URL."""
        family, address = (socket.AF_INET6, "::1") if "[::1]" in written else (socket.AF_INET, "127.0.0.1")
        listener = socket.create_server((address, 0), family=family)
        port: int = listener.getsockname()[1]
        self._urls[listener] = written.format(port=port)
        return port

    def knocked(self) -> set[str]:
        """The URLs whose ports have been connected to."""
        return {self._urls[listener] for listener in select.select(self._urls, [], [], 0)[0]}

    def close(self) -> None:
        for listener in self._urls:
            listener.close()


@pytest.fixture
def listeners() -> Iterator[Listeners]:
    made = Listeners()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def surroundings(crawler: Crawler) -> None:
    """The system's resolver answers as LOOK_UPS says; a contact, so that nothing is refused for want of one."""
    crawler.environment["BACKLINKS_CONTACT"] = "bot@open.test"
    (crawler.folder / "sitecustomize.py").write_text(LOOK_UPS)
    paths = [str(crawler.folder), os.environ.get("PYTHONPATH", "")]
    crawler.environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))


def page(way: str, url: str) -> Answer | str:
    """Leads to `url`."""
    if way in MARKUP:
        return MARKUP[way].format(url)
    return Answer(status=int(way), headers={"Location": url.encode().decode("latin-1")})


def frontier(database: Database) -> Frontier:
    """How the last visit of each page ended, sitemaps too."""
    query = "SELECT u.url, p.outcome, p.reason FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id"
    return {url: (outcome and Outcome(outcome), reason) for url, outcome, reason in rows(database, query)}


def test_a_seed_inside_is_refused(crawler: Crawler, database: Database, listeners: Listeners) -> None:
    seeds, expected = ["http://open.test:6667/"], {"http://open.test:6667/": (Outcome.ADDRESS_REFUSED, "refused_port")}
    for written, normal in (INSIDE | NAT64).items():
        port = listeners.listen(written)
        seeds.append(written.format(port=port))
        expected[normal.format(port=port)] = REFUSED
    seeds.append(f"http://localhost:{listeners.listen('localhost')}/")
    code, output = crawler.run("-a", crawler.seeds("\n".join(seeds)), *PATIENCE)
    assert code == 5, output
    assert listeners.knocked() == set()
    assert frontier(database) == expected
    assert f"line 17: '{seeds[-1]}' is neither a domain (example.com) nor a URL" in output
    assert "not read: address_refused 16\n" in output


def test_what_a_page_leads_to_is_refused(crawler: Crawler, database: Database, listeners: Listeners) -> None:
    """One hop, so that links to other domains are followed. Ports differ, as one page of a host that fails is tried."""
    expected: Frontier = {}
    outcomes: Frontier = {"open.test/": (Outcome.OK, None)}
    pages, index = {}, ""
    for number, (written, normal) in enumerate((INSIDE | NAT64 | LOCALHOST).items()):
        for way in (*MARKUP, *STATUSES):
            port, path = listeners.listen(written), f"{number}/{way}"
            pages[f"open.test/{path}"] = page(way, written.format(port=port))
            index += f"<a href={path}>open</a>"
            outcomes[f"open.test/{path}"] = (Outcome.OK if way in MARKUP else Outcome.REDIRECT, None)
            expected[normal.format(port=port)] = REFUSED
    with SmallWeb(pages | {"open.test/": index}) as web:
        expected |= {web.url(name): outcome for name, outcome in outcomes.items()}
        seeds = crawler.seeds(f"url,hops,max_pages\n{web.url('open.test/')},1,1000", "seeds.csv")
        code, output = crawler.run("-a", seeds, *PATIENCE)
    assert code == 0, output
    assert listeners.knocked() == set()
    assert frontier(database) == expected


def test_what_a_robots_txt_leads_to_is_refused(crawler: Crawler, database: Database, listeners: Listeners) -> None:
    """A site whose robots.txt lies inside is not read; one whose sitemap does is."""
    expected: Frontier = {}
    outcomes: Frontier = {}
    pages: dict[str, Answer | str] = {}
    for number, (written, normal) in enumerate((INSIDE | NAT64 | LOCALHOST).items()):
        moved, listed = (listeners.listen(written) for _ in range(2))
        pages[f"moved{number}.test/robots.txt"] = page("301", written.format(port=moved))
        pages[f"listed{number}.test/robots.txt"] = Answer(f"Sitemap: {written.format(port=listed)}\n")
        pages[f"listed{number}.test/"] = "open"
        outcomes |= {f"moved{number}.test/": REFUSED, f"listed{number}.test/": (Outcome.OK, None)}
        expected[normal.format(port=listed)] = REFUSED
    with SmallWeb(pages) as web:
        expected |= {web.url(name): outcome for name, outcome in outcomes.items()}
        seeds = crawler.seeds("\n".join(web.url(name) for name in outcomes))
        code, output = crawler.run("-a", seeds, *PATIENCE)
    assert code == 0, output
    assert listeners.knocked() == set()
    assert frontier(database) == expected


def test_an_open_network_is_entered(crawler: Crawler, listeners: Listeners) -> None:
    """So the listeners of the tests above would have heard."""
    seeds = {written.format(port=listeners.listen(written)) for written in INSIDE}
    networks = "127.0.0.0/8,::1/128,0.0.0.0/32"
    code, output = crawler.run("-a", crawler.seeds("\n".join(seeds)), *NO_PATIENCE, BACKLINKS_ALLOW_NETWORKS=networks)
    assert code == 5, output
    assert listeners.knocked() == seeds


def test_a_private_address_beside_an_open_one_closes_both(
    crawler: Crawler, database: Database, listeners: Listeners
) -> None:
    port = listeners.listen("127.0.0.1")
    seeds = [f"http://{name}.example:{port}/" for name in ("first", "last")]
    code, output = crawler.run("-a", "seeds=" + ",".join(seeds), *PATIENCE, BACKLINKS_ALLOW_NETWORKS="127.0.0.2/32")
    assert code == 5, output
    assert listeners.knocked() == set()
    assert frontier(database) == dict.fromkeys(seeds, REFUSED)
