"""Is a URL that ends like a file worth a request?"""

from __future__ import annotations

import pytest

from backlink_crawler.frontier.endings import learn_ending, may_be_page
from backlink_crawler.model import Outcome

SITE = "https://example.com/"


def after(*answers: tuple[str, Outcome]) -> dict[str, int]:
    endings: dict[str, int] = {}
    for path, outcome in answers:
        learn_ending(endings, SITE + path, outcome)
    return endings


PAGE, FILE = Outcome.OK, Outcome.NOT_HTML


@pytest.mark.parametrize(
    ("answers", "is_asked_for"),
    [
        ([], True),
        ([("a.zip", FILE)] * 2, True),
        ([("a.zip", FILE)] * 3, False),
        ([("a.zip", FILE), ("b.ZIP", FILE), ("c/d.zip", FILE)], False),
        ([("a.gz", FILE)] * 3, True),
        ([("a.zip", PAGE)], True),
        ([("a.zip", FILE), ("a.zip", FILE), ("a.zip", PAGE), *[("a.zip", FILE)] * 9], True),
        ([("a.zip", PAGE), *[("a.zip", FILE)] * 9], True),
        ([("a.zip", Outcome.GONE), ("a.zip", Outcome.REDIRECT), ("a.zip", Outcome.TIMEOUT)] * 3, True),
        ([("a.zip", FILE), ("a.zip", FILE), ("a.zip", Outcome.GONE), ("a.zip", FILE)], False),
    ],
)
def test_three_files_and_no_page_say_that_the_next_is_a_file(answers, is_asked_for):
    assert may_be_page(after(*answers), SITE + "x/y.zip") is is_asked_for


@pytest.mark.parametrize("path", ["", "a", "a.html", "a.php", "docs/v2.0", "zip"])
def test_other_pages_are_asked_for_whatever_was_answered(path):
    assert after(*[(path, FILE)] * 9) == {}
    assert may_be_page({"zip": 3}, SITE + path)


def test_what_is_remembered_of_a_host_is_bounded():
    endings = after(*((f"a.e{number}", FILE) for number in range(1_000) for _ in range(3)))
    assert len(endings) == 64
    assert not may_be_page(endings, SITE + "b.e0")
    assert may_be_page(endings, SITE + "b.e999")
