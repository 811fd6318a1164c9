"""What a page says in its headings."""

from __future__ import annotations

import time

import pytest

from backlink_crawler.links.headings import MAX_HEADINGS
from backlink_crawler.links.html import parse_page


def headings(text: str) -> str:
    return parse_page(text, "https://example.com/").facts.headings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<h1>Coffee</h1><p>x<h3>Beans</h3><h2>Roasts</h2>", "Coffee\nBeans\nRoasts"),
        ("<h1> Our\n <b>own</b> roast<br>since 1999</h1>", "Our own roast since 1999"),
        ("<h4>Small print</h4><h5>a</h5><h6>b</h6>", ""),
        ("<h1><img alt=Logo></h1><h2>Prices</h2>", "Prices"),
        ("<h2>Prices</h2><h2>Prices</h2>", "Prices"),
        ("<h1>Now<script>x()</script></h1><template><h1>Hidden</h1></template>", "Now"),
        ("<p>None</p>", ""),
    ],
    ids=["in document order", "broken lines", "h4 to h6", "an image's", "twice", "unseen", "none"],
)
def test_headings_are_h1_to_h3_in_document_order_a_line_each(text: str, expected: str) -> None:
    assert headings(text) == expected


def test_all_headings_together_are_at_most_300_characters() -> None:
    found = headings("".join(f"<h2>{number:03} {'word ' * 18}</h2>" for number in range(10)))
    assert found.startswith("000 word word")
    assert len(found) <= MAX_HEADINGS == 300
    assert found.count("\n") == 3


def test_many_large_headings_cost_no_more_than_a_look_at_the_first() -> None:
    page = "<h1>" + "<b>x</b> " * 300_000 + "</h1>" + "<h2></h2>" * 100_000
    started = time.process_time()
    assert len(headings(page)) <= MAX_HEADINGS
    assert time.process_time() - started < 5
