"""May an answer be believed that would have links go? Asked only where stored links are not in it.

An answer that is whole may still not be of the page: a log-in, a notice of maintenance, the site's way to say 404, HTML
that was cut. It is *doubted*. As long as it is, it settles nothing, as if nobody had answered; but for `links_gone`,
whose links are missing, and stay so. It is believed when later visits, days apart, say the same. What stands before a
page for everyone who does not log in or consent is never believed, as a 403 is not: behind it the links may be there.
It is known by its title, or by leading to such a page; a form or a script of that kind ordinary pages have too.

Belief goes by the order in which visits are made: a late one is neither doubted nor counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.manners.stand_ins import APPLICATION, LEADS_TO, kind_of_title
from backlink_crawler.model import Ending, LinkOrigin, LinkStatus, LinkType, Outcome, Settled

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from backlink_crawler.changes.matching import KnownLink
    from backlink_crawler.changes.observation import Observation

MANY_LINKS = 5  # http(s) links of a page: from here on, half of them are many
SHARED = 3  # pages of a host: when so many others, or most of them, redirect to one page for good, it is no move
SMALL = 4  # times smaller than it was
LINKS_GONE = "links_gone"


class Patience(NamedTuple):
    """Visits that must say the same, this one and earlier ones, and how far the first of them must be back."""

    visits: int
    time: timedelta


# A nightly run of four nights is shorter than `links_gone`; a notice of maintenance is up for less than a week.
LINKS_GONE_PATIENCE = Patience(2, timedelta(days=3.5))
PATIENCE = Patience(3, timedelta(days=7))
_GATES = frozenset({"login", "consent", "challenge", "refusal"})
_NEVER = frozenset({APPLICATION, *(f"redirect_to_{kind}" for kind in ("itself", "login", "consent", "challenge"))})


@dataclass(frozen=True, slots=True)
class Before:
    """A page as it was last read, and what other pages of its host are known to do.

    links: http(s) links, of whatever kind; None: it was never read. size: bytes of its HTML, to a factor of two.
    redirects_alike: other pages of its host that redirect for good to where this one now does, as many as matter;
    others_read: those that were read when they were last visited. returns: that one redirects back here.
    """

    title: str = ""
    links: int | None = None
    size: int = 0
    redirects_alike: int = 0
    others_read: int = 0
    returns: bool = False


class Doubt(NamedTuple):
    """reason: what the answer looks like. since: the first visit of those in a row that looked so; visits: how many.

    believed: that is enough. settles: it is a reading of the page all the same.
    """

    reason: str
    since: datetime
    visits: int
    believed: bool

    @property
    def settles(self) -> bool:
        return self.believed or self.reason == LINKS_GONE


def may_be_doubted(observation: Observation, known: Iterable[KnownLink]) -> bool:
    """Would it have stored links go? Cheap, for every page whose links have changed."""
    if observation.is_late or not observation.is_latest or observation.settled not in {Settled.READ, Settled.MOVED}:
        return False
    return observation.visit.outcome is not Outcome.NOT_MODIFIED and bool(_going(observation, known))


def doubt_of(observation: Observation, known: Iterable[KnownLink], before: Before) -> Doubt | None:
    """Of one that would have links go; None: there is no doubt."""
    known = list(known)
    if observation.settled is Settled.MOVED:
        reason = _of_redirect(observation, before)
    else:
        reason = _of_reading(observation, known, before)
    if not reason:
        return None
    state = observation.state
    goes_on = state.doubted_for == reason and state.doubted_since is not None
    since = state.doubted_since if goes_on and state.doubted_since else observation.at
    visits = state.doubts + 1 if goes_on else 1
    patience = LINKS_GONE_PATIENCE if reason == LINKS_GONE else PATIENCE
    enough = visits >= patience.visits and observation.at - since >= patience.time
    return Doubt(reason, since, visits, enough and not _is_for_ever(observation, reason, before))


def _is_for_ever(observation: Observation, reason: str, before: Before) -> bool:
    """Under the title that it has always had, a page that says `log in` or leads there may be as it always was."""
    visit, facts = observation.visit, observation.visit.facts
    if reason not in _GATES or facts is None or facts.title == before.title:
        return reason in _NEVER
    return visit.stand_in.startswith(LEADS_TO) or kind_of_title(facts.title) in _GATES


def _going(observation: Observation, known: Iterable[KnownLink]) -> list[KnownLink]:
    """Stored links that are not in what was seen, as far as it was looked."""
    left: Counter[tuple[int, str]] = Counter(
        (link.link_type, link.to.text) for link in observation.visit.links if link.to
    )
    going = []
    for old in known:
        if old.status == LinkStatus.LOST or (observation.is_partial and old.origin == LinkOrigin.RENDERED):
            continue
        if observation.settled is Settled.MOVED and old.link_type == LinkType.REDIRECT:
            continue
        key = (old.link_type, old.url_to)
        if left[key]:
            left[key] -= 1
        else:
            going.append(old)
    return going


def _of_redirect(observation: Observation, before: Before) -> str:
    if kind := observation.visit.stand_in:
        return f"redirect_to_{kind}"
    if before.returns:
        return "redirect_returns"
    most = 0 < before.redirects_alike >= before.others_read
    return "redirect_shared" if most or before.redirects_alike >= SHARED else ""


def _of_reading(observation: Observation, known: list[KnownLink], before: Before) -> str:
    visit, state, facts = observation.visit, observation.state, observation.visit.facts
    if facts is None or before.links is None:
        return ""
    # what a rendering counted, and this visit could not, has not gone
    counted = not (observation.is_partial and state.rendered_at is not None)
    now = facts.links_external + facts.links_internal
    is_thin = counted and now * 2 < before.links
    is_other = facts.title != before.title
    is_thin &= is_other or before.links >= MANY_LINKS or visit.size * SMALL < before.size
    kind = (is_other and kind_of_title(facts.title)) or visit.stand_in.removeprefix(LEADS_TO)
    if kind and (is_thin or is_other):
        return kind
    if state.ending is not None and visit.ending > state.ending:
        return "cut_markup" if visit.ending is Ending.OPEN else "unended"
    nothing_left = is_other and len(_going(observation, known)) == len(known)
    return LINKS_GONE if is_thin or nothing_left else ""
