"""Rendered links at random: whatever comes in whatever order, what is stored agrees with itself and with the rules."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.model import Outcome
from tests.integration.consistency import assert_edges_are_right
from tests.integration.worker import Worker, add_seed, link, page_found, rendered, visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from backlink_crawler.model import Link, Visit
    from backlink_crawler.store.database import Database

SITES = ("http://one.test/", "http://two.test/")
PAGES = [f"{site}{name}" for site in SITES for name in ("", "b")]
TARGETS = {f"http://{name}.test/{rel}": rel for name in ("red", "green", "blue") for rel in ("", "ugc")}


@pytest.fixture
def sites(database: Database) -> Worker:
    for site in SITES:
        add_seed(database, site)
    made = Worker(database)
    made.claim()
    for site in SITES:
        made.read(site, found=[page_found(site + "b")])
        made.read(site + "b")
    return made


def any_links(choose: random.Random, like: Sequence[Link] = ()) -> list[Link]:
    """like: what the HTML has, of which scripts leave most as it is."""
    kept = [link(each.href, each.anchor, each.rel_attribute) for each in like if choose.random() < 0.8]
    more = [
        link(choose.choice([*TARGETS]), choose.choice(["", "one", "two"]), choose.choice(["", "nofollow", "ugc"]))
        for _ in range(choose.choice([0, 0, 1, 1, 2, 4]))
    ]
    return choose.sample(kept + more, len(kept + more))


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_edges_are_right_after_any_visits_rendered_or_not(
    sites: Worker, connection: psycopg.Connection, seed: int
) -> None:
    choose = random.Random(seed)
    seen: dict[tuple[str, str], Any] = {}
    with sites as worker:
        for step in range(40):
            visits = []
            for address in choose.sample(PAGES, choose.choice([1, 1, 2, 4])):
                page, html = worker.page(address), any_links(choose)
                match choose.randrange(10):
                    case 0:
                        visits.append(visit(page, outcome=Outcome.SERVER_ERROR, http_code=503))
                    case 1:
                        visits.append(visit(page, outcome=choose.choice([Outcome.GONE, Outcome.NOT_MODIFIED])))
                    case 2 | 3 | 4 | 5:
                        visits.append(visit(page, *html))
                    case _:
                        is_whole = choose.random() < 0.6
                        visits.append(rendered(page, *html, shows=any_links(choose, html), is_whole=is_whole))
            worker.record(*visits)
            assert_edges_are_right(connection, (seed, step))
            for *edge, last_seen in connection.execute("SELECT domain_to, domain_from, last_seen FROM linked_domains"):
                assert seen.get((edge[0], edge[1]), last_seen) <= last_seen, f"{edge} went back in time"
                seen[edge[0], edge[1]] = last_seen
        assert worker.recorder.counts["pages_unstorable"] == 0


@dataclass
class Told:
    """What visits have said of a link so far. last_seen: in which visit of its page, from 1."""

    status: str = "live"
    origin: str = "html"
    removed: bool = False
    rendered_rel: str | None = None
    first_seen: int = 0
    last_seen: int = 0
    unrendered: bool = False  # a rendering has not had it since


@dataclass
class TellingPage:
    """The rules of DESIGN, section 7, for a page that has at most one link to a target."""

    links: dict[str, Told] = field(default_factory=dict)
    visits: int = 1
    rendered_at: int = 0
    said: str = "read"
    unverified: bool = False
    unrendered: bool = False

    def read(self, html: set[str]) -> None:
        self._says("read")
        for to in html:
            told = self.links.setdefault(to, Told(first_seen=self.visits))
            told.status, told.last_seen = "live", self.visits
            told.origin = "both" if told.origin == "rendered" else told.origin
        self._absent({to for to, told in self.links.items() if told.origin != "rendered"} - html, "read")
        self.unrendered = True

    def render(self, html: set[str], shows: dict[str, str]) -> None:
        self._says("read")
        for to in html | shows.keys():
            told = self.links.setdefault(to, Told(first_seen=self.visits))
            told.status, told.last_seen = "live", self.visits
            told.origin = "rendered" if to not in html else "both" if to in shows else "html"
            told.removed = to not in shows
            told.rendered_rel = shows[to] if told.origin == "both" and shows[to] != TARGETS[to] else None
        absent = self.links.keys() - html - shows.keys()
        self._absent({to for to in absent if not self._unheard(self.links[to])}, "read")
        for to in self.links:
            self.links[to].unrendered = to in absent
        self.unrendered, self.rendered_at = False, self.visits

    def render_partly(self, html: set[str], shows: dict[str, str]) -> None:
        """It says only what is there, and of what it lacks what the HTML alone would."""
        self._says("read")
        absent = self.links.keys() - html - shows.keys()
        lacks = any(self.links[to].origin == "rendered" and self.links[to].status != "lost" for to in absent)
        for to in html | shows.keys():
            is_new = to not in self.links
            told = self.links.setdefault(to, Told(first_seen=self.visits))
            was, told.status = told.origin, "live"
            if to not in shows:
                told.origin = "both" if was == "rendered" else was
            else:
                is_only = to not in html and (not lacks or is_new or was == "rendered")
                told.origin, told.removed = "rendered" if is_only else "both", False
                told.rendered_rel = shows[to] if to in html and shows[to] != TARGETS[to] else None
            told.last_seen = self.visits
            if lacks and told.origin == "rendered":
                told.last_seen = max(told.first_seen, self.rendered_at)
        self._absent({to for to in absent if self.links[to].origin == "html"}, "read")
        for to in absent:
            if self.links[to].origin == "both" and self.links[to].status == "live":
                self.links[to].status = "missing"
            self.links[to].unrendered |= not lacks
        self.unrendered = lacks
        self.rendered_at = self.rendered_at if lacks else self.visits

    def _unheard(self, told: Told) -> bool:
        """It is missing, as of a 404, and the reading since then did not render it: this is the first word of it."""
        return self.unrendered and told.origin == "rendered" and told.status == "missing" and not told.unrendered

    def gone(self) -> None:
        self._says("gone")
        self._absent(self.links.keys(), "gone")

    def unmodified(self) -> None:
        """Of no use while a link is missing: nobody asks for it then."""
        if self.said == "read" and not any(told.status == "missing" for told in self.links.values()):
            self._says("read")
            for told in self.links.values():
                if told.status == "live" and told.origin != "rendered":
                    told.last_seen = self.visits
            self.unrendered = True
        else:
            self.no_answer()

    def no_answer(self) -> None:
        self.visits += 1
        self.unverified = True

    def _says(self, said: str) -> None:
        self.visits += 1
        self.before, self.said, self.unverified = self.said, said, False

    def _absent(self, targets: Any, said: str) -> None:
        for told in (self.links[to] for to in targets):
            if told.status == "missing" and self.before == said:
                told.status = "lost"
            elif told.status == "live":
                told.status = "missing"

    def shown(self) -> set[tuple[Any, ...]]:
        doubtful = {"html": self.unverified, "both": self.unverified, "rendered": self.unverified or self.unrendered}
        return {
            (
                to,
                "unverified" if told.status == "live" and doubtful[told.origin] else told.status,
                told.origin,
                told.removed,
                None if told.rendered_rel is None else tuple(told.rendered_rel.split()),
                told.last_seen,
            )
            for to, told in self.links.items()
        }


SHOWN = (
    "SELECT url_from, url_to, status, link_origin, is_removed_by_scripts, rendered_rel, (SELECT count(*) FROM visits "
    "AS v INNER JOIN urls AS u ON v.page_id = u.id WHERE u.url = url_from AND v.observed_at <= last_seen) FROM backlinks"
)


def long(made: Visit) -> Visit:
    """With so many links besides that it is never doubted for those that go."""
    assert made.facts
    made.facts.links_internal = 100
    return made


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_links_are_what_their_pages_visits_say(sites: Worker, connection: psycopg.Connection, seed: int) -> None:
    choose = random.Random(seed)
    pages = {address: TellingPage() for address in PAGES}
    played: Counter[str] = Counter()
    with sites as worker:
        for step in range(60):
            address = choose.choice(PAGES)
            page, told = worker.page(address), pages[address]
            html = {to for to in TARGETS if choose.random() < 0.4}
            shows = {
                to: choose.choice([TARGETS[to], "nofollow"]) if to in html else TARGETS[to]
                for to in TARGETS
                if choose.random() < (0.8 if to in html else 0.2)
            }
            links = [link(to, "T", TARGETS[to]) for to in sorted(html)]
            match choose.choice(
                ["read"] * 4 + ["render"] * 4 + ["partly"] * 4 + ["gone"] * 2 + ["unmodified", "no answer"]
            ):
                case "read":
                    told.read(html)
                    worker.record(long(visit(page, *links)))
                case "render":
                    told.render(html, shows)
                    shown_links = [link(to, "T", rel) for to, rel in shows.items()]
                    worker.record(long(rendered(page, *links, shows=shown_links)))
                case "partly":
                    told.render_partly(html, shows)
                    shown_links = [link(to, "T", rel) for to, rel in shows.items()]
                    worker.record(long(rendered(page, *links, shows=shown_links, is_whole=False)))
                case "gone":
                    told.gone()
                    worker.record(visit(page, outcome=Outcome.GONE, http_code=404))
                case "unmodified":
                    told.unmodified()
                    worker.record(visit(page, outcome=Outcome.NOT_MODIFIED, http_code=304))
                case _:
                    told.no_answer()
                    worker.record(visit(page, outcome=Outcome.SERVER_ERROR, http_code=503))
            shown: dict[str, set[tuple[Any, ...]]] = {each: set() for each in PAGES}
            for page_url, *facts, rendered_rel, seen in connection.execute(SHOWN):
                shown[page_url].add((*facts, None if rendered_rel is None else tuple(rendered_rel), seen))
                played[facts[1]] += 1
            assert shown == {each: told.shown() for each, told in pages.items()}, (seed, step, address)
            assert_edges_are_right(connection, (seed, step))
    assert {"live", "unverified", "missing", "lost"} == played.keys()
