"""What people type for a target, and what it is taken for."""

from __future__ import annotations

import pytest

from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.targets import parse_target, twins
from backlink_crawler.model import Target, TargetMode
from backlink_crawler.urls.normalise import Normaliser

NORMALISE = Normaliser(())
DOMAIN, SUBDOMAINS, EXACT, PREFIX = (
    TargetMode.DOMAIN,
    TargetMode.SUBDOMAINS,
    TargetMode.EXACT,
    TargetMode.PREFIX,
)


@pytest.mark.parametrize(
    ("typed", "mode", "values"),
    [
        *(
            (typed, DOMAIN, ("example.com",))
            for typed in ("example.com", "EXAMPLE.com.", "example.com/", "example.com//")
        ),
        *(
            (typed, DOMAIN, ("example.com",))
            for typed in ("//example.com", "example.com,", "*.example.com", "<example.com>")
        ),
        *((typed, SUBDOMAINS, ("blog.example.com",)) for typed in ("blog.example.com", "blog.example.com./")),
        ("www.example.com.:8000/", SUBDOMAINS, ("www.example.com:8000",)),
        ("example.com/blog", PREFIX, ("https://example.com/blog", "http://example.com/blog")),
        ("example.com/*", PREFIX, ("https://example.com/", "http://example.com/")),
        ("https://example.com/blog/*", PREFIX, ("https://example.com/blog/",)),
        *((typed, EXACT, ("http://example.com/x",)) for typed in ("http://example.com/x", "http//example.com/x")),
        *((typed, EXACT, ("http://example.com/x",)) for typed in ("http:/example.com/x", "http:example.com/x")),
        *(
            (typed, EXACT, ("http://example.com/x",))
            for typed in ("HTTP:///example.com/x", "https://http://example.com/x")
        ),
        ('"https//example.com/x"', EXACT, ("https://example.com/x",)),
        ("http://example.com", EXACT, ("http://example.com/",)),
    ],
)
def test_what_is_typed_is_understood(typed: str, mode: TargetMode, values: tuple[str, ...]) -> None:
    assert parse_target(typed, None, NORMALISE) == Target(mode, "example.com", values)


@pytest.mark.parametrize(
    "typed", ["", "*", "two words.com", "ftp://example.com/", "mailto:me@example.com", "http://", "/"]
)
def test_what_is_no_target_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput, match=r"is not a domain, host or URL; write example\.com"):
        parse_target(typed, None, NORMALISE)


@pytest.mark.parametrize(
    ("typed", "others"),
    [
        ("example.com", []),
        ("blog.example.com", []),
        ("example.com/x*", []),
        ("https://example.com/", ["http://example.com/"]),
        ("https://example.com/x", ["https://example.com/x/", "http://example.com/x", "http://example.com/x/"]),
        ("http://example.com/x/", ["http://example.com/x", "https://example.com/x/", "https://example.com/x"]),
        ("http://example.com/x?a=/", ["https://example.com/x?a=/"]),
        ("https://example.com/x*", ["http://example.com/x"]),
        ("http://example.com./", ["https://example.com./", "http://example.com/", "https://example.com/"]),
        ("example.com./x*", ["https://example.com/x"]),
    ],
)
def test_what_else_may_be_meant(typed: str, others: list[str]) -> None:
    assert [str(twin) for twin in twins(parse_target(typed, None, NORMALISE))] == others
