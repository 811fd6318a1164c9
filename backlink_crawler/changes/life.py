"""The life of a link: what a visit says of its page, and what becomes of a link that the page no longer shows."""

from __future__ import annotations

from backlink_crawler.model import LinkStatus, LostReason, Outcome, Settled

_SETTLED = {Outcome.OK: Settled.READ, Outcome.NOT_MODIFIED: Settled.READ, Outcome.GONE: Settled.GONE}
_PERMANENT = frozenset({301, 308})
_REASONS = {
    Settled.READ: LostReason.LINK_REMOVED,
    Settled.GONE: LostReason.PAGE_GONE,
    Settled.MOVED: LostReason.PAGE_REDIRECTED,
}


def settles(outcome: Outcome, http_code: int | None, before: Settled | None) -> Settled | None:
    """What a visit says of its page; None when it cannot tell, so that the page's links are unverified.

    before: what the last visit that could tell said. A temporary redirect says nothing of a page that was
    read before; one that always was a redirect is one.
    """
    if outcome is Outcome.REDIRECT:
        return Settled.MOVED if http_code in _PERMANENT or before is not Settled.READ else None
    return _SETTLED.get(outcome)


def fate(status: LinkStatus, said: Settled, before: Settled | None) -> tuple[LinkStatus, LostReason | None]:
    """Of a link that was not seen: missing at first, and lost when two visits in a row say the same of its page.

    So neither one bad answer nor two different ones lose a link.
    """
    if status == LinkStatus.MISSING and said is before:
        return LinkStatus.LOST, _REASONS[said]
    return LinkStatus.MISSING, None
