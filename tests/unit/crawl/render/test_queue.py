"""Whatever address a page gives its scripts, it is decided whether to render it."""

from __future__ import annotations

import pytest

from backlink_crawler.crawl.render.queue import _writing
from backlink_crawler.links.hints import Hints
from backlink_crawler.links.scripts import Scripts


@pytest.mark.parametrize(
    ("address", "files"),
    [
        ("app.1f2e3d4c5b.js", ("/app..js",)),
        ("//cdn.test/app.js", ("cdn.test/app.js",)),
        ("data:text/javascript,document.write(1)", ("refused_data",)),
        ("blob:https://a.test/1", ("refused_other_scheme",)),
        ("javascript:1", ("refused_javascript",)),
        ("http://[", ()),
        ("https:///", ()),
        ("https://www.google-analytics.com/analytics.js", ()),
    ],
)
def test_a_script_of_any_address_is_a_file_or_none(address: str, files: tuple[str, ...]) -> None:
    assert _writing("https://a.test/page", Hints(0, 0, writing=Scripts(files=(address,)))).files == files
