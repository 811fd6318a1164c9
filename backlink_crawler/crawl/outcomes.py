"""How a fetch ended: from Scrapy's responses and failures to our outcomes, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from backlink_crawler.crawl.resolver import refusal_of
from backlink_crawler.model import Outcome
from backlink_crawler.urls.normalise import host_name, host_of

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure

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
    ResponseDataLossError: (Outcome.INVALID_RESPONSE, "truncated"),
    DownloadCancelledError: (Outcome.TOO_LARGE, ""),
    UnsupportedURLSchemeError: (Outcome.ADDRESS_REFUSED, "refused_scheme"),
    IgnoreRequest: (Outcome.TOO_LARGE, "decompressed"),
}


def status_of(response: Response) -> int | None:
    """The status, if it is one: a server may send any number."""
    return response.status if 100 <= response.status <= 599 else None


def outcome_of_status(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome.OK
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 300 <= status < 400:
        return Outcome.REDIRECT
    if not 100 <= status <= 599:
        return Outcome.INVALID_RESPONSE
    return Outcome.SERVER_ERROR if status >= 500 else Outcome.HTTP_ERROR


def outcome_of_failure(failure: Failure, url: str) -> tuple[Outcome, str]:
    error = failure.value
    if isinstance(error, CannotResolveHostError):
        refused = refusal_of(host_name(host_of(url)))
        return (Outcome.ADDRESS_REFUSED, refused) if refused else (Outcome.DNS_ERROR, "")
    for kind, outcome in _BY_ERROR.items():
        if isinstance(error, kind):
            return outcome
    said = _said(error)
    if "SSL" in said or "TLS" in said or "certificate" in said:
        return Outcome.TLS_ERROR, type(error).__name__
    if "ParseError" in said or "BadHeaders" in said or isinstance(error, ValueError):
        return Outcome.INVALID_RESPONSE, type(error).__name__
    return Outcome.CONNECTION_ERROR, type(error).__name__


def _said(error: BaseException | None) -> str:
    """All that an error and its causes say of themselves."""
    parts = []
    for _ in range(5):
        if error is None:
            break
        parts.append(repr(error))
        parts.extend(repr(getattr(reason, "value", reason)) for reason in getattr(error, "reasons", ()))
        error = error.__cause__ or error.__context__
    return " ".join(parts)
