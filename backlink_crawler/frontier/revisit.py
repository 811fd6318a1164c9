"""When is a page due again? A first answer: by how the visit ended."""

from __future__ import annotations

from datetime import timedelta

from backlink_crawler.model import Outcome

READ = timedelta(days=7)
GONE = timedelta(days=30)
NEVER_HTML = timedelta(days=30)
FAILED = timedelta(days=1)

_READ_OUTCOMES = frozenset({Outcome.OK, Outcome.REDIRECT, Outcome.NOT_MODIFIED})


def next_visit(outcome: Outcome) -> timedelta:
    """How long to wait."""
    if outcome in _READ_OUTCOMES:
        return READ
    if outcome is Outcome.GONE:
        return GONE
    if outcome in {Outcome.NOT_HTML, Outcome.TOO_LARGE}:
        return NEVER_HTML
    return FAILED
