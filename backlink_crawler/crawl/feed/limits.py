"""What a run may do, read from Scrapy's settings and the spider's arguments."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from backlink_crawler.errors import InvalidInput
from backlink_crawler.frontier.bounds import Bound
from backlink_crawler.frontier.revisit import Pace
from backlink_crawler.links.tags import ROBOT_NAME
from backlink_crawler.manners.back_off import BackOff
from backlink_crawler.manners.robots import robot_of
from backlink_crawler.model import Priority, RenderMode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.settings import BaseSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """delay: seconds between two requests to a host. max_pages, max_seconds: of this run; None means any.

    up_to: the least urgent pages that this run visits. lease: seconds that a claim lasts unless it is renewed.
    workers: that were started together; each leaves the others their share of the hosts. bounds: that hosts share, by kind.
    robot: the name that it goes by, for robots.txt and what pages say to robots.
    """

    concurrency: int
    per_host: int
    delay: float
    max_pages: int | None
    max_seconds: float | None
    up_to: Priority = Priority.OTHER
    back_off: BackOff = field(default_factory=BackOff)
    lease: float = 60.0
    workers: int = 1
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    robot: str = ROBOT_NAME


def limits_of(settings: BaseSettings, max_pages: str | None, max_minutes: str | None) -> Limits:
    """Raises InvalidInput."""
    return Limits(
        concurrency=settings.getint("CONCURRENT_REQUESTS") or 1_000,
        per_host=settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") or 1,
        delay=settings.getfloat("DOWNLOAD_DELAY"),
        back_off=_back_off(settings),
        lease=max(1.0, settings.getfloat("BACKLINKS_LEASE_SECONDS")),
        workers=max(1, settings.getint("BACKLINKS_WORKERS")),
        bounds=_bounds(settings, settings.getfloat("DOWNLOAD_DELAY")),
        robot=robot_of(settings["USER_AGENT"] or ""),
        max_pages=None if max_pages is None else int(_number(max_pages, "max_pages")),
        max_seconds=None if max_minutes is None else 60 * _number(max_minutes, "max_minutes"),
    )


def _bounds(settings: BaseSettings, delay: float) -> dict[str, Bound]:
    """A bound is never tighter than what one host alone is asked for; none holds when that is without any delay."""
    found = {}
    for kind in ("domain", "suffix", "address"):
        hosts = settings.getint(f"BACKLINKS_{kind.upper()}_HOSTS")
        requests = settings.getfloat(f"BACKLINKS_{kind.upper()}_REQUESTS")
        if delay > 0 and (hosts > 0 or requests > 0):
            found[kind] = Bound(hosts if hosts > 0 else sys.maxsize, min(1 / requests, delay) if requests > 0 else 0.0)
    return found


def _back_off(settings: BaseSettings) -> BackOff:
    """Raises InvalidInput."""
    names = ("BACKLINKS_BACK_OFF_FIRST", "BACKLINKS_BACK_OFF_LONGEST", "BACKLINKS_RETRY_AFTER_LONGEST")
    first, longest, longest_asked = (_number(settings[name], name) for name in names)
    return BackOff(first, max(first, longest), longest_asked)


def pace_of(settings: BaseSettings) -> Pace:
    """Raises InvalidInput."""
    hours = {name: settings.getfloat(f"BACKLINKS_REVISIT_{name.upper()}_HOURS") for name in ("least", "most", "first")}
    hours["soon"] = settings.getfloat("BACKLINKS_MISSING_HOURS")
    changes = settings.getfloat("BACKLINKS_REVISIT_CHANGES")
    if min(*hours.values(), changes) <= 0 or hours["least"] > hours["most"] or max(hours.values()) > 24 * 3650:
        raise InvalidInput("BACKLINKS_REVISIT_… and BACKLINKS_MISSING_HOURS must be above 0, and LEAST not above MOST.")
    return Pace(**{name: timedelta(hours=number) for name, number in hours.items()}, changes=changes)


def _number(text: str, name: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < 1e9:
        raise InvalidInput(f"{name}={text} is not a number above 0.")
    return number


def render_mode_of(text: str | None) -> RenderMode | None:
    """Raises InvalidInput."""
    try:
        return RenderMode(text) if text is not None else None
    except ValueError:
        raise InvalidInput(f"render={text} is not {', '.join(RenderMode)}.") from None


def moment_of(recrawl: str | None) -> datetime | None:
    """Since when pages must have been visited to be left alone; None: since now. Raises InvalidInput."""
    if recrawl is None or recrawl.lower() in {"1", "yes", "true", "now"}:
        return None
    try:
        moment = datetime.fromisoformat(recrawl)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(f"recrawl={recrawl} is neither yes nor a moment such as 2026-01-31T09:00:00+00:00.")
    return moment
