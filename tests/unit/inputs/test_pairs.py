"""Files of pages and their targets, as people keep them."""

from __future__ import annotations

import pytest

from backlink_crawler.inputs.pairs import parse_pairs
from backlink_crawler.urls.normalise import Normaliser

NORMALISE = Normaliser(())
PAGE = "https://blog.test/post"


@pytest.mark.parametrize(
    ("lines", "target"),
    [
        ([f"{PAGE},shop.test"], "shop.test"),
        ([f"{PAGE};shop.test/blog/*"], "https://shop.test/blog/"),
        ([f"{PAGE}\thttps://shop.test/a"], "https://shop.test/a"),
        ([f'2026-01-31,"bought, 50 EUR",{PAGE},https://shop.test/a,yes'], "https://shop.test/a"),
        ([f'"{PAGE}","shop.test"'], "shop.test"),
        (["# bought", "", "target,price,page", f"shop.test,50,{PAGE}"], "shop.test"),
        (["who,what,where", f"{PAGE},shop.test"], "shop.test"),
    ],
)
def test_the_page_and_the_target_are_found(lines: list[str], target: str) -> None:
    parsed = parse_pairs(lines, NORMALISE)
    assert parsed.problems == []
    ((line, page, found),) = parsed.pairs
    assert (line, page.text, str(found)) == (len(lines), PAGE, target)


def test_what_separates_most_lines_separates_all() -> None:
    parsed = parse_pairs([f"{PAGE};jsessionid=1,shop.test", f"{PAGE},shop.test"], NORMALISE)
    assert [pair.page.text for pair in parsed.pairs] == [f"{PAGE};jsessionid=1", PAGE]


def test_a_line_that_no_csv_can_have_is_refused() -> None:
    parsed = parse_pairs([f"{PAGE},shop.test", f"{PAGE},{'x' * 140_000}"], NORMALISE)
    assert len(parsed.pairs) == 1
    assert [problem.partition(":")[0] for problem in parsed.problems] == ["line 2"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (PAGE, "write the page, a comma, and the target: https://blog.example.org/post,example.com."),
        ("blog.test,shop.test", None),  # a header, for all we know
        (f"{PAGE},www.blog.test", "page and target are both on blog.test; only links between domains are kept."),
        (f"{PAGE},mailto:a@b.test", "'mailto:a@b.test' is not a domain, host or URL; "),
    ],
)
def test_what_is_no_pair_is_refused_with_its_line(line: str, said: str | None) -> None:
    parsed = parse_pairs([line, f"{PAGE},shop.test"], NORMALISE)
    assert [pair.line for pair in parsed.pairs] == [2]
    assert [problem.partition("write example")[0] for problem in parsed.problems] == (
        [f"line 1: {said}"] if said else []
    )
