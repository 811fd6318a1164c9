"""What a host's robots.txt allows (RFC 9309), read by Protego."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protego import Protego

from backlink_crawler.links.tags import ROBOT_NAME
from backlink_crawler.model import Outcome

if TYPE_CHECKING:
    from backlink_crawler.store.frontier import RobotsAnswer

MAX_BYTES = 500 * 1024  # parsed at most (RFC 9309, 2.5)
MAX_REDIRECTS = 5  # RFC 9309, 2.3.1.2
PATH = "/robots.txt"


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
        if self.rules is not None and not self.rules.can_fetch(url, ROBOT_NAME):
            return Outcome.ROBOTS_FORBIDDEN, "disallowed"
        return None


def policy_of(answer: RobotsAnswer) -> RobotsPolicy:
    """2xx: its rules. 4xx, and a chain of redirects: everything is allowed. 5xx and silence: nothing is."""
    if answer.http_code >= 500:
        return RobotsPolicy(refused=(Outcome.ROBOTS_FORBIDDEN, "robots_unavailable"))
    if answer.body is None:
        return RobotsPolicy()
    rules = Protego.parse(answer.body)
    return RobotsPolicy(rules, None, float(rules.crawl_delay(ROBOT_NAME) or 0), tuple(rules.sitemaps))
