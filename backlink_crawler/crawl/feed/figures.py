"""What this process can tell of its hosts in work. It looks, and changes nothing."""

from __future__ import annotations

from heapq import nlargest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlink_crawler.crawl.feed.host import HostInWork

_MOST_TOLD = 100


def waiting(hosts: Iterable[HostInWork]) -> int:
    """How many have something to ask for, and may not yet."""
    return sum(host.waits for host in hosts)


def long_delays(hosts: Iterable[HostInWork]) -> dict[str, float]:
    """Seconds between two requests, of hosts that ask for more than our own settings do; the longest."""
    slow = (host for host in hosts if host.delay > host.least_delay)
    return {host.claimed.name: host.delay for host in nlargest(_MOST_TOLD, slow, key=lambda host: host.delay)}
