"""Every case of the Web Platform Tests for URLs (web-platform-tests/wpt, url/resources).

Lone surrogates are the one thing on which `resolve` and a browser part: a browser puts U+FFFD in their place, `resolve`
refuses. No page can hold one, for an HTML parser has replaced it by then; these copies of the cases hold none either.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from backlink_crawler.model import Refusal
from backlink_crawler.urls.normalise import host_of, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# A base on which only an absolute URL resolves to http or https: what the cases call no base at all.
NO_BASE = "about:blank"


def cases(path: Path) -> Iterator[dict[str, Any]]:
    """The strings in between are comments."""
    return (case for case in json.loads(path.read_text("utf-8")) if isinstance(case, dict))


def test_every_case_of_urltestdata(data_file: Callable[[str], Path]):
    web, others, differences = 0, 0, []
    for case in cases(data_file("url/urltestdata.json")):
        found = resolve(case["input"], case["base"] or NO_BASE)
        if str(case.get("href")).startswith(("http://", "https://")):
            web += 1
            agrees = found == case["href"]
        else:
            others += 1
            agrees = isinstance(found, Refusal)
        if not agrees:
            differences.append((case["input"], case["base"], case.get("href"), found))
    assert differences == []
    assert (web, others) == (247, 644)


def test_a_case_that_fails_by_the_standard_is_an_invalid_url_or_of_a_scheme_that_is_not_ours(
    data_file: Callable[[str], Path],
):
    """A failing href of http or https is never counted as some other scheme's."""
    failures = [case for case in cases(data_file("url/urltestdata.json")) if case.get("failure")]
    of_the_web = [case for case in failures if case["input"].lower().startswith(("http:", "https:"))]
    assert len(of_the_web) > 100
    assert {resolve(case["input"], case["base"] or NO_BASE) for case in of_the_web} == {Refusal.INVALID_URL}


def test_every_case_of_toascii(data_file: Callable[[str], Path]):
    hosts, failures, differences = 0, 0, []
    for case in cases(data_file("url/toascii.json")):
        found = resolve(f"http://{case['input']}/x", NO_BASE)
        host = None if isinstance(found, Refusal) else host_of(found)
        hosts += case["output"] is not None
        failures += case["output"] is None
        if host != case["output"]:
            differences.append((case["input"], case["output"], found))
    assert differences == []
    assert (hosts, failures) == (68, 19)
