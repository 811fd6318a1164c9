"""How requests go over the wire: Scrapy's HTTP/1.1, with connections that are not kept long and heads that end.

And without what a crawl pays for at each request and never uses: an endpoint with its TLS context for a request that goes
over a connection which is open, copies of headers, a guess at the body's type and encoding, proxies.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
    _ScrapyAgent,
)
from scrapy.http import Headers, Response
from scrapy.utils._download_handlers import normalize_bind_address, wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.web._newclient import ParseError
from twisted.web.client import Agent, _StandardEndpointFactory
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from backlink_crawler.crawl.fetch.outcomes import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler

KEEP_ALIVE_SECONDS = 20  # longer than most delays between two requests to a host
MAX_HEAD = 256 * 1024  # bytes of status lines and headers; browsers stop there too


class BriefKeepAlive(HTTP11DownloadHandler):
    """Twisted keeps an idle connection for 240 s: a crawl that meets 20 new hosts a second would hold 4,800 of them."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.cachedConnectionTimeout = KEEP_ALIVE_SECONDS
        self._pool._factory = _Factory  # noqa: SLF001  as Scrapy does
        self._agents: dict[float, Agent] = {}
        # What a stranger's server does wrong is the visit's reason, and no news for the log.
        logging.getLogger("scrapy.core.downloader.handlers.http11").setLevel(logging.ERROR)

    async def download_request(self, request: Request) -> Response:
        exchange = _Exchange(self._agent, self._default_maxsize, self._crawler)
        with wrap_twisted_exceptions():
            return await maybe_deferred_to_future(exchange.download_request(request))

    def _agent(self, timeout: float) -> Agent:
        """timeout: seconds until a connection is there. There are two of them, for pages and for what may be large."""
        if timeout not in self._agents:
            from twisted.internet import reactor  # noqa: PLC0415  importing it installs one

            bind_address = normalize_bind_address(self._bind_address)
            endpoints = _StandardEndpointFactory(reactor, self._contextFactory, timeout, bind_address)
            self._agents[timeout] = Agent.usingEndpointFactory(reactor, _Endpoints(endpoints), self._pool)
        return self._agents[timeout]


class _Exchange(_ScrapyAgent):
    """A request and its answer, as bytes."""

    _headers: Headers | None = None

    def __init__(self, agent: Callable[[float], Agent], maxsize: int, crawler: Crawler) -> None:
        super().__init__(contextFactory=None, maxsize=maxsize, crawler=crawler)
        self._agent = agent

    def _get_agent(self, _request: Request, timeout: float) -> Agent:
        return self._agent(timeout)

    def _headers_from_twisted_response(self, response: Any) -> Headers:  # type: ignore[override]
        """Asked for twice."""
        if self._headers is None:
            self._headers = super()._headers_from_twisted_response(response)
        return self._headers

    def _cb_bodydone(self, result: Any, url: str) -> Response:
        answer, stopped = result["txresponse"], result.get("stop_download")
        response = Response(url, int(answer.code), body=result.get("body", b""), flags=result.get("flags"))
        response.headers = self._headers_from_twisted_response(answer)
        if stopped:
            response.flags.append("download_stopped")
            if stopped.fail:
                stopped.response = response
                raise stopped
        return response


@implementer(IAgentEndpointFactory)
class _Endpoints:
    def __init__(self, made: Any) -> None:
        self._made = made

    def endpointForURI(self, uri: Any) -> _Endpoint:  # noqa: N802  Twisted's interface
        return _Endpoint(partial(self._made.endpointForURI, uri))


@implementer(IStreamClientEndpoint)
class _Endpoint:
    """One that is made when a connection is: with its TLS context it costs more than all else of a request."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def connect(self, protocol_factory: Any) -> Any:
        return self._make().connect(protocol_factory)


class _Parser(_LenientHTTPClientParser):
    """Twisted bounds a line of the head, at 16 KiB, and not the head."""

    MAX_LENGTH = MAX_HEAD
    _head = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802  Twisted's interface
        self._head += len(line) + 1
        if self._head > MAX_HEAD:
            raise BadAnswer("head_too_large")
        super().lineReceived(line)

    def lineLengthExceeded(self, _line: bytes) -> None:  # noqa: N802
        raise BadAnswer("head_too_large")

    def statusReceived(self, status: bytes) -> None:  # noqa: N802
        try:
            super().statusReceived(status)
        except ParseError:
            raise BadAnswer("not_http") from None

    def allHeadersReceived(self) -> None:  # noqa: N802
        try:
            super().allHeadersReceived()
        except KeyError:
            raise BadAnswer("transfer_encoding") from None
        except ValueError:
            raise BadAnswer("content_length") from None


class _Protocol(_LenientHTTP11ClientProtocol):
    def request(self, request: Any) -> Any:
        answered = super().request(request)
        self._parser.__class__ = _Parser  # as Scrapy does: the parser's class is not a parameter
        return answered


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, _address: Any) -> _Protocol:  # noqa: N802
        return _Protocol(self._quiescentCallback)
