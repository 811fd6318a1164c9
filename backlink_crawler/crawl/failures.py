"""What a run could not read: which hosts, why, and what would help; and what of it was no fault of theirs."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.crawl.fetch.outcomes import NO_ROOM, NO_ROUTE, UNREACHABLE
from backlink_crawler.crawl.fetch.resolver import (
    REFUSED_NO_CONTACT,
    REFUSED_PORT,
    REFUSED_PRIVATE,
    refused_address_of,
)
from backlink_crawler.model import WITHOUT_REQUEST, Outcome, PageKind
from backlink_crawler.urls.normalise import host_name, host_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlink_crawler.model import DuePage, Visit

PAGES, NOTHING, NOT_TRIED = "pages", "nothing", "not tried"
GOOD = frozenset({Outcome.OK, Outcome.REDIRECT, Outcome.NOT_MODIFIED})
MOST_KEPT = 100_000  # pages that failed: a run that reaches nothing at all has one a host
KINDS_SHOWN = 6
HOSTS_SHOWN = 3
_NO_ANSWER = UNREACHABLE | {Outcome.ADDRESS_REFUSED}
_NO_PAGE = frozenset({Outcome.GONE, Outcome.NOT_HTML, Outcome.ROBOTS_FORBIDDEN})  # that may be so for good
_HELP: dict[Outcome | tuple[Outcome, str], str] = {
    (Outcome.ADDRESS_REFUSED, REFUSED_NO_CONTACT): "set BACKLINKS_CONTACT: the public web is not crawled without it",
    (Outcome.ADDRESS_REFUSED, REFUSED_PORT): "browsers refuse that port, and so do we",
    Outcome.DNS_ERROR: "no address is known: look at the name, DNS and VPN, or name one in BACKLINKS_RESOLVE",
    (Outcome.CONNECTION_ERROR, NO_ROUTE): "there is no way to that network: look at this machine's network and VPN",
    (Outcome.CONNECTION_ERROR, NO_ROOM): "this machine was too busy to read pages that long; the next run asks again",
    Outcome.CONNECTION_ERROR: "nobody answers there: look at the URL, at this machine's network and VPN",
    Outcome.TIMEOUT: "no answer came within DOWNLOAD_TIMEOUT: look at this machine's network and VPN",
    Outcome.TLS_ERROR: "https does not work there: name it with http:// if it has no https",
    Outcome.RATE_LIMITED: "it asks to be asked less: a longer DOWNLOAD_DELAY helps",
    Outcome.TOO_LARGE: "DOWNLOAD_MAXSIZE would allow more",
    (Outcome.ROBOTS_FORBIDDEN, "disallowed"): "its robots.txt forbids it, and is obeyed",
    (Outcome.ROBOTS_FORBIDDEN, "robots_unavailable"): "its robots.txt could not be had: it is tried again in an hour",
}


class _Kind(NamedTuple):
    outcome: Outcome
    reason: str


class Failures:
    """Every visit of a run is shown to it."""

    def __init__(self) -> None:
        self._was_read = False
        self._was_answered = False
        self._was_tried = False
        self._counts: Counter[tuple[PageKind, bool, Outcome]] = Counter()
        self._kinds: Counter[_Kind] = Counter()
        self._hosts: defaultdict[_Kind, dict[str, None]] = defaultdict(dict)
        self._failed: dict[int, tuple[DuePage, bool]] = {}

    def see(self, visit: Visit) -> None:
        outcome, is_page = visit.outcome, visit.page.kind is PageKind.PAGE
        self._was_answered = self._was_answered or outcome not in _NO_ANSWER
        if outcome in GOOD:
            self._was_read = self._was_read or is_page
            return
        if is_page and not (outcome in _NO_PAGE and visit.page.visits):  # one that was none before is no news
            self._was_tried = True
        asked = visit.http_code is not None or outcome not in WITHOUT_REQUEST
        self._counts[visit.page.kind, asked, outcome] += 1
        kind = _Kind(outcome, "" if outcome is Outcome.NOT_HTML else visit.reason)  # that is the server's own text
        self._kinds[kind] += 1
        hosts = self._hosts[kind]
        if len(hosts) <= HOSTS_SHOWN:
            hosts[host_of(visit.page.url)] = None
        if outcome in _NO_ANSWER and len(self._failed) < MOST_KEPT:
            self._failed[visit.page.page_id] = (visit.page, _is_ours(kind))

    @property
    def verdict(self) -> str:
        """As in `sources.stats`: PAGES were read; NOTHING, though it was tried; or NOT_TRIED."""
        if self._was_read:
            return PAGES
        return NOTHING if self._was_tried else NOT_TRIED

    def not_theirs(self) -> list[DuePage]:
        """Pages that failed because of this machine or its settings: all, when nobody at all has answered."""
        return [page for page, ours in self._failed.values() if ours or not self._was_answered]

    def starts(self) -> list[DuePage]:
        """Where seeds start, of those that nobody answered for: perhaps a VPN was down, or their hosts were."""
        return [page for page, _ in self._failed.values() if any(not cover.depth for cover in page.covers)]

    def counts(self, *, page: PageKind = PageKind.PAGE, asked: bool = True) -> dict[str, int]:
        """By outcome, most first, then by name. asked: those that were asked for, or those that nobody asked for."""
        most = sorted(self._counts.items(), key=lambda item: (-item[1], item[0][2].name))
        return {outcome.name.lower(): n for (kind, was_asked, outcome), n in most if (kind, was_asked) == (page, asked)}

    def lines(self) -> Iterable[str]:
        """For each kind of failure its hosts, and what would help."""
        for kind, _ in self._kinds.most_common(KINDS_SHOWN):
            hosts = list(self._hosts[kind])
            shown = ", ".join(hosts[:HOSTS_SHOWN]) + (" and others" if len(hosts) > HOSTS_SHOWN else "")
            reason = f" ({kind.reason})" if kind.reason else ""
            help_ = _help(kind, hosts)
            yield f"{kind.outcome.name.lower()}{reason}: {shown}{'; ' if help_ else ''}{help_}"
        if (others := len(self._kinds) - KINDS_SHOWN) > 0:
            yield f"and for {others:,} other reason{'s' if others > 1 else ''}: the view crawled_pages has them all"


def _is_ours(kind: _Kind) -> bool:
    return kind.reason in {REFUSED_PRIVATE, REFUSED_NO_CONTACT, NO_ROUTE, NO_ROOM}


def _help(kind: _Kind, hosts: list[str]) -> str:
    if kind.reason == REFUSED_PRIVATE:
        addresses = dict.fromkeys(filter(None, (refused_address_of(host_name(host)) for host in hosts)))
        networks = ",".join(addresses) or "…"
        return f"this is no public address; BACKLINKS_ALLOW_NETWORKS={networks} would allow it"
    return _HELP.get(kind) or _HELP.get(kind.outcome, "")
