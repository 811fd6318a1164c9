"""Who may ask the explorer: hosts by name, people by password, and what browsers may do with its answers.

Whatever page a reader has open elsewhere must neither read the index nor change it (DNS rebinding, CSRF, clickjacking).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from backlink_crawler.web.origin import asked_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",  # with no-referrer, forms of ours would say Origin: null
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_TRIES = 10  # wrong passwords of a network in a while; right ones are not counted
_ALL_TRIES = 200  # of all networks that have never said the right one
_WHILE = 60  # seconds
_NETWORKS_KEPT = 10_000


@dataclass(slots=True)
class Attempts:
    """Wrong passwords, by network. clock: seconds."""

    clock: Callable[[], float] = time.monotonic
    _wrong: OrderedDict[str, list[float]] = field(default_factory=OrderedDict)
    _known: set[str] = field(default_factory=set)

    def are_too_many(self, network: str) -> bool:
        """Those who have said the right one are not locked out by what others say."""
        since = self.clock() - _WHILE
        if sum(moment > since for moment in self._wrong.get(network, ())) >= _TRIES:
            return True
        return network not in self._known and self._of_all(since) >= _ALL_TRIES

    def was_wrong(self, network: str) -> None:
        moments = self._wrong.setdefault(network, [])
        moments.append(self.clock())
        del moments[:-_TRIES]
        self._wrong.move_to_end(network)
        while len(self._wrong) > _NETWORKS_KEPT:
            self._wrong.popitem(last=False)

    def was_right(self, network: str) -> None:
        self._known.add(network)

    def _of_all(self, since: float) -> int:
        return sum(
            moment > since
            for network, moments in self._wrong.items()
            if network not in self._known
            for moment in moments
        )


class Guard:
    """ASGI middleware. hosts: names that the Host header may have, in lower case. password: None: none is needed."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], password: str | None) -> None:
        self._app = app
        self._hosts = hosts
        self._password = password
        self._attempts = Attempts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "private, no-cache")
            await send(message)

        asked_host.set(Headers(scope=scope).get("host", ""))
        refusal = self._refusal(scope)
        if scope["method"] == "HEAD" and "." not in scope["path"].rpartition("/")[2]:  # of downloads nothing is asked
            scope = {**scope, "method": "GET"}
            await (refusal or self._app)(scope, receive, _without_body(send_guarded))
            return
        await (refusal or self._app)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        name = host_name_of(headers.get("host", ""))
        if name not in self._hosts:
            return PlainTextResponse(
                f"This explorer does not answer to the name {name!r}; start it with --name to add one.\n", 421
            )
        if is_loaded_elsewhere(headers):
            return PlainTextResponse("Other sites may link to this explorer, and load nothing of it.\n", 403)
        if self._password is None:
            return None
        network = network_of((scope.get("client") or ("",))[0])
        if self._attempts.are_too_many(network):
            return PlainTextResponse("Too many wrong passwords; wait a minute.\n", 429, {"Retry-After": str(_WHILE)})
        said = _password_in(headers.get("authorization", ""))
        if said is not None and hmac.compare_digest(said, self._password.encode()):
            self._attempts.was_right(network)
            return None
        if said is not None:
            self._attempts.was_wrong(network)
        challenge = {"WWW-Authenticate": 'Basic realm="backlinks", charset="UTF-8"'}
        return PlainTextResponse("The password of this explorer is needed (any user name).\n", 401, challenge)


def _without_body(send: Send) -> Send:
    """RFC 9110, section 9.3.2: as the answer to GET, without its content."""

    async def send_head(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_head


def host_name_of(host: str) -> str:
    """`Example.com:8300` → `example.com`, `[::1]:8300` → `::1`."""
    if host.startswith("["):
        name, _, rest = host[1:].partition("]")
        return name.lower() if not rest or rest.startswith(":") else host.lower()
    return host.rpartition(":")[0].lower() if host.count(":") == 1 else host.lower()


def is_loaded_elsewhere(headers: Headers) -> bool:
    """A page of another site asks for it, other than by a link that somebody follows (Fetch Metadata)."""
    if headers.get("sec-fetch-site", "none") in {"none", "same-origin"}:
        return False
    return headers.get("sec-fetch-mode") != "navigate" or headers.get("sec-fetch-dest") != "document"


def network_of(address: str) -> str:
    """A person has a whole IPv6 /64 to ask from."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else address


def _password_in(authorization: str) -> bytes | None:
    """None: it says none. Headers are read as Latin-1: the bytes that were sent are UTF-8."""
    scheme, _, value = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip().encode("latin-1", "replace")
        case "basic":
            try:
                return base64.b64decode(value, validate=True).partition(b":")[2]
            except (binascii.Error, ValueError):
                return b""
        case _:
            return None
