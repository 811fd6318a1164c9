"""What a host's robots.txt allows (RFC 9309). We find the groups that are meant for us, Protego matches their rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from protego import Protego

from backlink_crawler.links.tags import ROBOT_NAME
from backlink_crawler.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES = 500 * 1024  # parsed at most (RFC 9309, 2.5)
MAX_REDIRECTS = 5  # RFC 9309, 2.3.1.2
MAX_WILDCARDS = 2_000  # rules with a `*`; each may cost a look through a whole URL. 4,231 real files have 582 at most
PATH = "/robots.txt"
_AGENT, _SITEMAP = "user-agent", "sitemap"
# What people write, and what they mean by it.
_FIELDS = {
    **dict.fromkeys((_AGENT, "useragent", "user agent"), _AGENT),
    **dict.fromkeys(("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"), "disallow"),
    "allow": "allow",
    **dict.fromkeys(("crawl-delay", "crawl delay", "crawldelay"), "crawl-delay"),
    **dict.fromkeys((_SITEMAP, "site-map", "sitemaps"), _SITEMAP),
}
_END_OF_LINE = re.compile(r"\r\n|\r|\n")  # RFC 9309, 2.2
_LINE = re.compile(rf"\s*({'|'.join(_FIELDS)})(?:\s*:|\s)\s*(.*)", re.IGNORECASE)
_PRODUCT = re.compile(r"[a-z_-]*", re.IGNORECASE)  # RFC 9309, 2.2.1
_LIKE_A_BROWSER = re.compile(r"mozilla/[^(]*\(compatible;\s*", re.IGNORECASE)


class RobotsAnswer(NamedTuple):
    """body: None unless http_code is 2xx."""

    http_code: int
    body: str | None


@dataclass(frozen=True, slots=True)
class RobotsPolicy:
    """rules: None allows all, unless `refused` says why nothing may be fetched. delay: seconds that it asks for."""

    rules: Protego | None = None
    refused: tuple[Outcome, str] | None = None
    delay: float = 0.0
    sitemaps: tuple[str, ...] = ()

    def refusal(self, url: str) -> tuple[Outcome, str] | None:
        """How a visit to `url` ends before it begins, or None."""
        if self.refused:
            return self.refused
        if self.rules is not None and not self.rules.can_fetch(url, "*"):
            return Outcome.ROBOTS_FORBIDDEN, "disallowed"
        return None


def robot_of(user_agent: str) -> str:
    """The name that a User-Agent sends: `Foobot` of `Foobot/1.0 (…)` and of `Mozilla/5.0 (compatible; Foobot/1.0)`."""
    likeness = _LIKE_A_BROWSER.match(user_agent)
    return _product(user_agent[likeness.end() if likeness else 0 :].strip()) or ROBOT_NAME


def policy_of(answer: RobotsAnswer, robot: str = ROBOT_NAME) -> RobotsPolicy:
    """2xx: its rules. 4xx, and a chain of redirects: everything is allowed. 5xx and silence: nothing is."""
    if answer.http_code >= 500:
        return RobotsPolicy(refused=(Outcome.ROBOTS_FORBIDDEN, "robots_unavailable"))
    if answer.body is None:
        return RobotsPolicy()
    lines = list(_lines(answer.body))
    rules = Protego.parse("\n".join(["User-agent: *", *_bounded(_rules_for(robot, lines))]))
    sitemaps = tuple(value for field, value in lines if field == _SITEMAP)
    return RobotsPolicy(rules, None, float(rules.crawl_delay("*") or 0), sitemaps)


def _lines(body: str) -> Iterator[tuple[str, str]]:
    """Of the lines that mean something to us: field and value. Others count for nothing (RFC 9309, 2.2.4)."""
    for line in _END_OF_LINE.split(body):
        if (found := _LINE.match(line.partition("#")[0])) and (value := " ".join(found[2].splitlines()).strip()):
            yield _FIELDS[found[1].lower()], value
        elif found and _FIELDS[found[1].lower()] in {"disallow", "allow"}:
            yield "allow", ""  # an empty rule matches nothing, and still ends a group's list of names


def _rules_for(robot: str, lines: Iterable[tuple[str, str]]) -> list[str]:
    """The rules of all groups that name the robot, or else of those that name `*` (RFC 9309, 2.2.1).

    Crawl-delay is one of the rules for us, and so ends a group's list of names. By the letter of the RFC it would not,
    and `User-agent: * / Crawl-delay: 120 / User-agent: 008 / Disallow: /`, as bitbucket.org has it, would forbid all.
    """
    named: list[str] = []
    others: list[str] = []
    is_named = for_robot = for_all = in_names = False
    for field, value in lines:
        if field == _AGENT:
            if not in_names:
                for_robot = for_all = False
            in_names = True
            for_all |= value == "*" or value.startswith("* ")
            for_robot |= _product(value) == robot.lower()
            is_named |= for_robot
        elif field != _SITEMAP:
            in_names = False
            if value and for_robot:
                named.append(f"{field}: {value}")
            elif value and for_all:
                others.append(f"{field}: {value}")
    return named if is_named else others


def _bounded(rules: Iterable[str]) -> Iterator[str]:
    """A file of many wildcards is no way to keep us busy: what comes after MAX_WILDCARDS forbids more than it says."""
    wildcards = 0
    for rule in rules:
        wildcards += "*" in rule
        if "*" not in rule or wildcards <= MAX_WILDCARDS:
            yield rule
        elif rule.startswith("disallow"):
            yield rule.partition("*")[0]


def _product(value: str) -> str:
    """The product token that a name begins with: `Foobot/1.0 (a robot)` is about `foobot`."""
    found = _PRODUCT.match(value.strip("*"))
    return found[0].lower() if found else ""
