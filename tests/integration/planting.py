"""Targets of known profiles, recorded as a crawl would have recorded them over the last months."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.model import Outcome, Placement, Position
from tests.integration.archive import Recording
from tests.integration.worker import link, visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlink_crawler.model import Link
    from backlink_crawler.store.database import Database

PROFILES: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("planted_profiles.toml").read_text(encoding="utf-8")
)
ORDINARY = 60
_KNOWN = 100
_TLDS = ("test", "example", "invalid", "one", "two")
_BEANS = "/fair-trade-beans"
_AT_ONCE = 100  # visits a batch
_FIRST = 200  # days ago
_TITLE = "A page on beans and tea"


class Seen(NamedTuple):
    """What a page showed so many days ago."""

    days: int
    page: str
    links: tuple[Link, ...] = ()
    title: str = ""
    language: str = "en"
    outcome: Outcome = Outcome.OK


def known(number: int) -> str:
    """One of the domains that ordinary targets are linked by."""
    return f"from{number}.{_TLDS[number // 3 % 5]}"


def ordinary() -> Iterator[Seen]:
    """Sixty targets of 25 domains, none of them remarkable, and what links to the domains that link."""
    for number in range(_KNOWN):
        if (number + 1) % 5:  # to every fifth nobody links
            yield Seen(
                _FIRST, f"http://{known(number)}/", (link(f"http://{known((number + 1) % _KNOWN)}/", "a friend"),)
            )
    for place in range(ORDINARY):
        target = f"ordinary{place}.test"
        domains = [known((place * 7 + step * 3) % _KNOWN) for step in range(25 + place % 3)]
        yield from _site(target, domains[: place % 4])
        anchors = _anchors(place)
        for step, domain in enumerate(domains):
            anchor, rel = (anchors[step].format(n=step), _rel(place, step)) if step < 25 else ("Bean Shop", "")
            found = 20 if 1 <= step <= place % 3 else _FIRST
            pages = (1, 2, 3, 5, 14)[place % 5] if step == 0 else 1
            language = "de" if 5 <= step < 5 + place % 4 else "en"
            made = placed(link(f"http://{target}{_BEANS}", anchor, rel), _place(place, step))
            yield from _pages(domain, target, made, found, pages, language)
            if step >= 25:
                yield from _lost(domain, target, 10)
            elif step == 4 and place % 4 == 1:
                yield Seen(2, f"http://{domain}/{target}/0", outcome=Outcome.SERVER_ERROR)


def planted(name: str) -> Iterator[Seen]:
    """The profile of this name in planted_profiles.toml."""
    target, numbers, linked = f"{name}.test", count(), (n for n in range(_KNOWN) if n % 5)
    back: list[str] = []
    for group in PROFILES[name]["groups"]:
        for number in (next(numbers) for _ in range(group["domains"])):
            domain = f"site{number}.cheap" if group.get("source") == "cheap" else known(next(linked))
            made = link(
                f"http://{target}{group.get('to', _BEANS)}", group["anchor"].format(n=number), group.get("rel", "")
            )
            placed(made, group.get("place", "content"))
            facts = (group.get("found", _FIRST), group.get("pages", 1), group.get("language", "en"), group.get("about"))
            yield from _pages(domain, target, made, *facts)
            if group.get("back"):
                back.append(domain)
            if "lost" in group:
                yield from _lost(domain, target, group["lost"])
            if group.get("unread"):
                yield Seen(2, f"http://{domain}/{target}/0", outcome=Outcome.SERVER_ERROR)
    yield from _site(target, back)
    if any(group.get("to") == "/gone" for group in PROFILES[name]["groups"]):
        yield Seen(1, f"http://{target}/gone", outcome=Outcome.GONE)


def unseen(name: str) -> Iterator[str]:
    """Pages of its domains that are known and were never visited. All of its domains are its own then."""
    numbers = count()
    for group in PROFILES[name]["groups"]:
        for number in (next(numbers) for _ in range(group["domains"])):
            for page in range(group.get("unseen", 0)):
                yield f"http://site{number}.cheap/unseen/{page}"


def placed(made: Link, place: str) -> Link:
    """As it is read. Footers are slots of a template, whatever stands elsewhere has a place of its own."""
    made.placement = Placement(Position[place.upper()], 40, 5, 500, -77 if place == "footer" else None)
    return made


def plant(database: Database, seen: Iterable[Seen], target: str | None = None, also_known: Iterable[str] = ()) -> None:
    """target: whose totals by day are of this; None: all that there are."""
    by_day = defaultdict(list)
    for each in seen:
        by_day[each.days].append(each)
    with _Months(database) as months:
        for days, later in pairwise([*sorted(by_day, reverse=True), 0]):
            for first in range(0, len(by_day[days]), _AT_ONCE):
                months.record(*map(months.made, by_day[days][first : first + _AT_ONCE]))
            months.go_by(days - later, target)
        for address in also_known:
            months.page(address)


class _Months(Recording):
    """A crawl that records what was seen before today, and lets the days go by."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, is_crawl=True)
        self._now = datetime.now(UTC)

    def made(self, seen: Seen) -> Any:
        code = {Outcome.OK: 200, Outcome.GONE: 404, Outcome.SERVER_ERROR: 503}[seen.outcome]
        made = visit(self.page(seen.page), *seen.links, outcome=seen.outcome, http_code=code, title=seen.title)
        made.observed_at = self._now - timedelta(days=seen.days)
        if made.facts:
            made.facts.language = seen.language
            made.facts.links_internal = 100  # beside which what comes and goes is never most of a page's links
        return made

    def go_by(self, days: int, target: str | None) -> None:
        """What has been recorded was recorded so many days earlier."""
        self._connection.execute(
            "UPDATE batches SET recorded_at = recorded_at - %s * interval '1 day' WHERE source_id = %s",
            [days, self.source_id],
        )
        for moved in (100_000, -100_000 - days):  # in two steps, so that no day meets another
            self._connection.execute(
                "UPDATE daily_changes SET day = day + %s::int "
                "WHERE %s::text IS NULL OR domain_to_id IN (SELECT id FROM domains WHERE name = %s)",
                [moved, target, target],
            )


def _site(target: str, back: Iterable[str]) -> Iterator[Seen]:
    """Pages of the target: by three titles its name is known. back: domains that it links to."""
    links = tuple(link(f"http://{domain}/", "a neighbour") for domain in back)
    yield Seen(_FIRST, f"http://{target}{_BEANS}", links, "Fair trade beans | Bean Shop")
    yield Seen(_FIRST, f"http://{target}/about", (), "About | Bean Shop")
    yield Seen(_FIRST, f"http://{target}/contact", (), "Where we are | Bean Shop")


def _pages(
    domain: str, target: str, made: Link, found: int, pages: int, language: str, about: str | None = None
) -> Iterator[Seen]:
    for page in range(pages):
        yield Seen(found, f"http://{domain}/{target}/{page}", (made,), about or _TITLE, language)


def _lost(domain: str, target: str, days: int) -> Iterator[Seen]:
    """Two visits in a row that do not see the link."""
    for day in (days, days - 1):
        yield Seen(day, f"http://{domain}/{target}/0", title=_TITLE)


def _anchors(place: int) -> list[str]:
    """Of the 25 domains of an ordinary target: its name, its address, generic ones, up to three keywords, and their own."""
    named = ["Bean Shop"] * (7 + place * 2 % 5)
    made = [
        *named,
        *["fair trade beans"] * (0, 1, 2, 2, 3)[place % 5],
        *[f"ordinary{place}.test"] * 3,
        *["click here"] * 5,
    ]
    return [*made, *["what number {n} said of it"] * (25 - len(made))]


def _place(place: int, step: int) -> str:
    """Five to nine of them elsewhere than in the text."""
    if step >= 25 - place % 3:
        return "comments"
    return ("list", "sidebar", "footer")[step % 3] if step >= 20 - place % 5 else "content"


def _rel(place: int, step: int) -> str:
    """Two to eight of them nofollow, of which two may be ugc; and a sponsored link here and there."""
    if step >= 25 - (2 + place % 7):
        return "ugc nofollow" if step >= 25 - place % 3 else "nofollow"
    return "sponsored" if step == 8 and place % 4 == 0 else ""
