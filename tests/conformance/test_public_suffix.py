"""Every case of the Public Suffix List's own test file, as a host that a browser has read.

The file says null where a name has no registrable domain; there a host is its own domain for us, so that every link
has one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import ada_url

from backlink_crawler.urls.domains import domain_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_CASE = re.compile(r"^checkPublicSuffix\((null|'[^']*'), (null|'[^']*')\);", re.MULTILINE)

# Names that begin with a dot are no host names (DNS has no empty label) and the list's algorithm refuses them. The URL
# Standard lets them pass, so a page can link to them: the domain is what follows the dot. ('.com' and '.example' are
# their own domains, as every name without one.)
DIFFERENCES = {
    ".example.com": "example.com",
    ".example.example": "example.example",
}


def host(name: str) -> str:
    return ada_url.URL(f"http://{name}/").host


def test_every_case_of_the_list(data_file: Callable[[str], Path]):
    checked, differences = 0, {}
    for quoted, expected in _CASE.findall(data_file("url/test_psl.txt").read_text("utf-8")):
        if quoted == "null":
            continue  # a name that is none cannot be asked for
        name = quoted.strip("'")
        checked += 1
        found = domain_of(host(name))
        if found != host(name if expected == "null" else expected.strip("'")):
            differences[name] = found
    assert differences == DIFFERENCES
    assert checked == 77
