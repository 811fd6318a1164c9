"""Which headers of a script's request are sent. What is no secret goes to the page's own host, as from any visitor.

So does Authorization: a script has it from its page, which was got without any credentials of ours.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LISTED = tomllib.loads(resources.files(__package__).joinpath("request_headers.toml").read_text("utf-8"))
NEVER, OF_THE_BROWSER, TO_ANY_HOST = (frozenset(_LISTED[name]) for name in ("never", "of_the_browser", "to_any_host"))
_OF_THE_BROWSER_TOO = ("sec-", "proxy-")  # Fetch Standard, 2.2.2


def headers_to_send(headers: Mapping[str, str], *, is_own: bool) -> tuple[dict[str, str], bool]:
    """Of a browser's request, by lower-case names. is_own: to the page's own host.

    Also whether one was withheld that a script has set.
    """
    of_script = {
        name: value
        for name, value in headers.items()
        if name not in OF_THE_BROWSER and not name.startswith(_OF_THE_BROWSER_TOO)
    }
    sent = {name: value for name, value in of_script.items() if name not in NEVER and (is_own or name in TO_ANY_HOST)}
    return sent, bool(of_script.keys() - sent.keys() - {"user-agent"})
