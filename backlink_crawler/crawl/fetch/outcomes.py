"""How a fetch ended: from Scrapy's responses and failures to our outcomes, each with its reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    StopDownload,
    UnsupportedURLSchemeError,
)
from twisted.internet.error import ConnectionClosed, NoRouteError
from twisted.web.http import _MalformedChunkedDataError

from backlink_crawler.crawl.fetch.resolver import refusal_of
from backlink_crawler.manners.back_off import SLOW_DOWN, retry_after
from backlink_crawler.manners.challenges import HEADERS, LOOKED_AT, challenge
from backlink_crawler.model import Outcome
from backlink_crawler.urls.normalise import host_name, host_of

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure

UNREACHABLE = frozenset({Outcome.CONNECTION_ERROR, Outcome.TLS_ERROR, Outcome.TIMEOUT, Outcome.DNS_ERROR})
NO_ROOM = "no_room"  # ours to be short of: it is tried again soon
NO_ROUTE = "no_route"  # from this machine to the host's network
NO_ANSWER_OVER_HTTPS = frozenset({Outcome.CONNECTION_ERROR, Outcome.TLS_ERROR, Outcome.TIMEOUT})  # http may have one
_BY_STATUS = {
    401: Outcome.FORBIDDEN,
    403: Outcome.FORBIDDEN,
    404: Outcome.GONE,
    410: Outcome.GONE,
    429: Outcome.RATE_LIMITED,
    304: Outcome.NOT_MODIFIED,
}
_BY_ERROR = {
    DownloadTimeoutError: (Outcome.TIMEOUT, ""),
    DownloadConnectionRefusedError: (Outcome.CONNECTION_ERROR, "refused"),
    DownloadCancelledError: (Outcome.TOO_LARGE, ""),
    UnsupportedURLSchemeError: (Outcome.ADDRESS_REFUSED, "refused_scheme"),
    IgnoreRequest: (Outcome.TOO_LARGE, "decompressed"),
    StopDownload: (Outcome.CONNECTION_ERROR, NO_ROOM),
}

_OF_WALLS = {name.title().encode(): name for name in HEADERS}  # as Scrapy keeps names


class BadAnswer(Exception):
    """What came is not HTTP as anyone reads it. reason: of the visit."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def status_of(response: Response) -> int | None:
    """The status, if it is one: a server may send any number."""
    return response.status if 100 <= response.status <= 599 else None


def slows_down(response: Response) -> bool:
    """Does the host ask to be asked less?"""
    return response.status in SLOW_DOWN


def retry_after_of(response: Response) -> float | None:
    """Seconds, by its Retry-After."""
    value = response.headers.get(b"Retry-After")
    return retry_after(value.decode("latin-1") if value else None, datetime.now(UTC))


def outcome_of_status(status: int) -> Outcome:
    if status == 200:
        return Outcome.OK
    if 200 < status < 300:
        return Outcome.NOT_WHOLE
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 300 <= status < 400:
        return Outcome.REDIRECT
    if not 100 <= status <= 599:
        return Outcome.INVALID_RESPONSE
    return Outcome.SERVER_ERROR if status >= 500 else Outcome.HTTP_ERROR


def challenge_of(response: Response) -> str | None:
    """The bot wall that answers instead of the site, if one does."""
    there = _OF_WALLS.keys() & response.headers.keys()
    headers = {_OF_WALLS[name]: (response.headers.get(name) or b"").decode("latin-1") for name in there}
    return challenge(response.status, headers, response.body[:LOOKED_AT])


def outcome_of_failure(failure: Failure, url: str) -> tuple[Outcome, str]:
    error = failure.value
    if isinstance(error, CannotResolveHostError):
        refused = refusal_of(host_name(host_of(url)))
        return (Outcome.ADDRESS_REFUSED, refused) if refused else (Outcome.DNS_ERROR, "")
    for kind, outcome in _BY_ERROR.items():
        if isinstance(error, kind):
            return outcome
    return _outcome_of_causes(_causes(error))


def _outcome_of_causes(causes: list[BaseException]) -> tuple[Outcome, str]:
    """causes: the error itself first."""
    for cause in causes:
        if isinstance(cause, BadAnswer):
            return Outcome.INVALID_RESPONSE, cause.reason
        if isinstance(cause, _MalformedChunkedDataError):
            return Outcome.INVALID_RESPONSE, "chunks"
    if any(isinstance(cause, ResponseDataLossError) for cause in causes):
        return Outcome.INVALID_RESPONSE, "truncated"
    said = " ".join(map(repr, causes))
    if "SSL" in said or "TLS" in said or "certificate" in said:
        return Outcome.TLS_ERROR, "handshake"
    for kind, reason in ((NoRouteError, NO_ROUTE), (ConnectionClosed, "closed")):
        if any(isinstance(cause, kind) for cause in causes):
            return Outcome.CONNECTION_ERROR, reason
    bad = isinstance(causes[0], ValueError)
    return Outcome.INVALID_RESPONSE if bad else Outcome.CONNECTION_ERROR, type(causes[0]).__name__


def _causes(error: BaseException) -> list[BaseException]:
    """An error and what led to it, which may be a list of Twisted's `reasons`."""
    causes: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and len(causes) < 10:
        causes.append(each)
        causes.extend(reason.value for reason in getattr(each, "reasons", ()))
        each = each.__cause__ or each.__context__
    return causes
