"""Which pages count against the budget of a seed: those that can still be read."""

from __future__ import annotations

from backlink_crawler.model import Outcome, Settled

_NO_PAGE = frozenset({Outcome.NOT_HTML, Outcome.TOO_LARGE})


def can_be_read(outcome: Outcome, settled: Settled | None, before: Settled | None) -> bool | None:
    """After a visit that settled so much about its page; before: what the conclusive one before it settled. None: as before.

    One bad answer changes nothing: a page is gone, or redirects, when two conclusive visits in a row agree.
    """
    if outcome in _NO_PAGE:
        return False
    if settled is Settled.READ:
        return True
    return False if settled is not None and settled is before else None
