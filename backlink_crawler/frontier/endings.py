"""Is a URL that ends like a file worth a request? What its host has answered to earlier ones with that ending says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.model import Outcome
from backlink_crawler.urls.scope import doubtful_ending

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    Endings = MutableMapping[str, int]  # of a host: PAGE, or how many of its answers were none

MISSES = 3  # answers that were no page, before an ending is taken for that of files
PAGE = 0  # one was a page: all are asked for
MOST_ENDINGS = 64  # that are remembered of a host


def may_be_page(endings: Endings, url: str) -> bool:
    ending = doubtful_ending(url)
    return ending is None or endings.get(ending, PAGE) < MISSES


def learn_ending(endings: Endings, url: str, outcome: Outcome) -> None:
    """From an answer. Errors and redirects say nothing, since another URL decides, or none."""
    ending = doubtful_ending(url)
    if ending is None or (ending not in endings and len(endings) >= MOST_ENDINGS):
        return
    if outcome is Outcome.OK:
        endings[ending] = PAGE
    elif outcome is Outcome.NOT_HTML and endings.get(ending) != PAGE:
        endings[ending] = min(endings.get(ending, 0) + 1, MISSES)
