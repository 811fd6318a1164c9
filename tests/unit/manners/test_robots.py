"""What a robots.txt allows a robot: groups, names and bounds. How its rules match is in tests/conformance."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.manners.robots import MAX_WILDCARDS, RobotsAnswer, RobotsPolicy, policy_of
from backlink_crawler.model import Outcome

DISALLOWED = (Outcome.ROBOTS_FORBIDDEN, "disallowed")
UNAVAILABLE = (Outcome.ROBOTS_FORBIDDEN, "robots_unavailable")


def says(text: str) -> RobotsPolicy:
    return policy_of(RobotsAnswer(200, text))


def allows(text: str, path: str = "/page") -> bool:
    return says(text).refusal(f"http://from.test{path}") is None


@pytest.mark.parametrize(
    "name", ["backlink-crawler", "Backlink-Crawler", "backlink-crawler/2.0", "BACKLINK-CRAWLER (x)"]
)
def test_a_group_is_ours_by_the_product_token_whatever_its_case(name):
    assert not allows(f"User-agent: {name}\nDisallow: /\n")
    assert allows(f"User-agent: *\nDisallow: /\n\nUser-agent: {name}\nAllow: /\n")


@pytest.mark.parametrize(
    "name", ["backlink", "crawler", "backlink-crawler-pro", "mybacklink-crawler", "b", "backlink_crawler"]
)
def test_a_group_for_a_robot_of_a_similar_name_is_not_ours(name):
    assert allows(f"User-agent: {name}\nDisallow: /\n")
    assert not allows(f"User-agent: *\nDisallow: /\n\nUser-agent: {name}\nAllow: /\n")


def test_all_groups_with_our_name_are_one():
    text = "User-agent: backlink-crawler\nDisallow: /a\n\nUser-agent: other\nDisallow: /b\n\nUser-agent: backlink-crawler\nDisallow: /c\n"
    assert [path for path in ("/a", "/b", "/c") if allows(text, path)] == ["/b"]


def test_our_own_group_replaces_the_one_for_all():
    assert allows("User-agent: *\nDisallow: /\nCrawl-delay: 9\n\nUser-agent: backlink-crawler\nDisallow: /x\n")
    assert says("User-agent: *\nCrawl-delay: 9\n\nUser-agent: backlink-crawler\nDisallow: /x\n").delay == 0.0


@pytest.mark.parametrize("line", ["Sitemap: http://from.test/s.xml", "Host: from.test", "Noindex: /", "what ever", ""])
def test_what_is_not_a_rule_ends_no_list_of_names(line):
    """RFC 9309, 2.2.4."""
    assert not allows(f"User-agent: backlink-crawler\n{line}\nUser-agent: other\nDisallow: /\n")


def test_an_empty_rule_ends_it_and_forbids_nothing():
    assert allows("User-agent: *\nDisallow:\n\nUser-agent: other\nDisallow: /\n")


def test_a_delay_ends_it_too():
    """As on bitbucket.org, and against the letter of RFC 9309."""
    policy = says("User-agent: *\nCrawl-delay: 120\n\nUser-agent: 008\nDisallow: /\n")
    assert policy.refusal("http://from.test/page") is None
    assert policy.delay == 120.0


@pytest.mark.parametrize(
    ("line", "delay"),
    [
        *(("Crawl-delay: 2", 2.0), ("crawl-delay:0.05", 0.05), ("Crawl delay: 3", 3.0), ("Crawl-delay 4", 4.0)),
        *(("Crawl-delay: -1", 0.0), ("Crawl-delay: nan", 0.0), ("Crawl-delay: inf", 0.0), ("Crawl-delay: soon", 0.0)),
        ("Crawl-delay: 5 # seconds", 5.0),
    ],
)
def test_a_delay_is_seconds_of_at_least_nothing(line, delay):
    assert says(f"User-agent: *\n{line}\n").delay == delay


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_may(end):
    assert not allows(end.join(["\ufeffUser-agent: x", "User-agent: *", "Disallow: /page", ""]))


def test_nothing_else_ends_a_line():
    assert allows("User-agent: *\nAllow: /\x0bDisallow: /\u2028Disallow: /\n")


def test_sitemaps_stand_anywhere():
    text = "Sitemap: http://from.test/a.xml\nUser-agent: x\nDisallow: /\nSITEMAP: /b.xml # ours\nSitemap:\n"
    assert says(text).sitemaps == ("http://from.test/a.xml", "/b.xml")


@pytest.mark.parametrize(
    ("code", "refused"), [(200, None), (301, None), (404, None), (403, None), (500, UNAVAILABLE), (599, UNAVAILABLE)]
)
def test_without_a_text_the_status_decides(code, refused):
    assert policy_of(RobotsAnswer(code, None)).refusal("http://from.test/page") == refused


def test_robots_txt_itself_is_always_allowed():
    assert allows("User-agent: *\nDisallow: /\n", "/robots.txt")


def test_beyond_so_many_wildcards_more_is_forbidden_than_said():
    rules = [f"Disallow: /{number}*x" for number in range(MAX_WILDCARDS)]
    text = "\n".join(["User-agent: *", *rules, "Disallow: /late*x", "Allow: /early*", "Disallow: /plain"])
    assert allows(text, "/1999/y")
    assert not allows(text, "/1999/x")
    assert not allows(text, "/late")
    assert allows(text, "/early")
    assert not allows(text, "/plain")


HALF_A_MEGABYTE = {
    "one rule of wildcards": "User-agent: *\nDisallow: /" + "*a" * 250_000,
    "many rules of wildcards": "User-agent: *\n" + "Disallow: /*a*a*a*a*a*a*a*a*b\n" * 17_000,
    "rules that nearly match": "User-agent: *\n" + "Disallow: /*ab\n" * 34_000,
    "names times rules": "".join(f"User-agent: a{n}\n" for n in range(15_000)) + "Disallow: /*q*\n" * 15_000,
    "one name many times": "User-agent: *\n" * 17_000 + "Disallow: /*q*\n" * 17_000,
    "plain rules": "User-agent: *\n" + "".join(f"Disallow: /{n}\n" for n in range(30_000)),
    "escapes": "User-agent: *\nDisallow: /" + "%41" * 160_000,
    "empty lines": "\r" * 500_000,
    "spaces": " " * 500_000,
    "a field and spaces": "disallow" + " " * 500_000 + "x",
    "no line end": "user-agent" * 50_000,
}


@pytest.mark.parametrize("text", HALF_A_MEGABYTE.values(), ids=HALF_A_MEGABYTE)
def test_no_half_megabyte_takes_long(text):
    """A second and more is a hundred times what a file of that size may take; a quadratic one takes minutes."""
    started = time.process_time()
    policy = says(text[: 500 * 1024])
    read = time.process_time()
    for path in ("a" * 2000, "ab" * 1000, "a" * 1999 + "b", "x"):
        policy.refusal(f"http://from.test/{path}")
    assert read - started < 2.0
    assert time.process_time() - read < 1.0


@given(st.text(alphabet=st.sampled_from(list("User-agent:*\nDisallow/ $%4\r#aé\u2028")), max_size=300))
def test_any_text_can_be_read_and_asked(text):
    says(text).refusal("http://from.test/%41/é?q")
