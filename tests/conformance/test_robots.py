"""Google's own cases for robots.txt (google/robotstxt, robots_test.cc), and 4,231 real files (scrapy/protego, tests)."""

from __future__ import annotations

import json
import tarfile
import time
from typing import TYPE_CHECKING

from backlink_crawler.manners.robots import MAX_BYTES, RobotsAnswer, policy_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Rules, path and whether we may fetch it, where Google's parser says the opposite.
DIFFERENCES = {
    # Google's matcher takes a URL as it is and expects it to be encoded. RFC 9309, 2.2.2 has octets outside ASCII
    # percent-encoded before they are compared. The URLs of a crawl always are.
    ("Disallow: /\nAllow: /foo/bar/ツ\n", "/foo/bar/ツ", True),
    ("Disallow: /\nAllow: /foo/bar/%E3%83%84\n", "/foo/bar/ツ", True),
    # RFC 9309, 2.2.2: an escaped unreserved character is decoded before it is compared, and its table of examples says
    # that `/foo/bar/%62%61%7A` matches `/foo/bar/baz`. Google leaves such a rule as it is.
    ("Disallow: /\nAllow: /foo/bar/%62%61%7A\n", "/foo/bar/baz", True),
}
SLOWEST = 3.0  # seconds of processor time for one real file, under load; docs/reliability.md has what was measured
PATHS = ("/", "/index.html", "/some/page/a.html?b=c", "/wp-admin/", "/search?q=x")


def test_every_case_of_google(data_file: Callable[[str], Path]):
    cases = json.loads(data_file("robots/google-robotstxt.json").read_text("utf-8"))
    differences = set()
    for case in cases:
        policy = policy_of(RobotsAnswer(200, case["robots"]), case["agent"])
        allowed = policy.refusal(case["url"]) is None
        if allowed is not case["allowed"]:
            rules = case["robots"].removeprefix("User-agent: FooBot\n")
            differences.add((rules, case["url"].removeprefix("http://foo.bar"), allowed))
    assert len(cases) == 142
    assert differences == DIFFERENCES


def test_every_real_file_is_read_and_none_takes_long(data_file: Callable[[str], Path]):
    files, slowest = 0, 0.0
    with tarfile.open(data_file("robots/real-robots.tar.xz"), "r|xz") as archive:
        for member in archive:
            if not (member.isfile() and (file := archive.extractfile(member))):
                continue
            text = file.read()[:MAX_BYTES].decode("utf-8-sig", "replace").replace("\0", "")
            started = time.process_time()
            policy = policy_of(RobotsAnswer(200, text))
            for path in PATHS:
                policy.refusal(f"https://{member.name.rpartition('/')[2]}{path}")
            slowest = max(slowest, time.process_time() - started)
            files += 1
    assert files == 4231
    assert slowest < SLOWEST
