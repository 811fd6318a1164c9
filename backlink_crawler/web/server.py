"""`backlinks serve`: who may reach the explorer, and the server that answers."""

from __future__ import annotations

import logging
import socket
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from backlink_crawler.errors import BacklinksError, InvalidInput
from backlink_crawler.web.app import make_app
from backlink_crawler.web.guard import host_name_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from backlink_crawler.web.index import Index

_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_LEAST_PASSWORD = 8  # characters
_HEAD_SECONDS = 5  # from the beginning of a connection to a whole request
_AT_ONCE = 200  # connections; beyond them the server says 503


class _InTime(H11Protocol):
    """A connection that says nothing whole for long is ended: whoever holds hundreds of them holds up nobody."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.loop.call_later(_HEAD_SECONDS, self._end_if_silent)

    def _end_if_silent(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()


def serve(
    index: Index,
    *,
    address: str,
    port: int,
    names: Sequence[str],
    password: str | None,
    ready: Callable[[str], None],
) -> None:
    """Until a signal. names: further names that it answers to. ready: called with its address once it listens.

    Raises InvalidInput, or BacklinksError when the address is taken.
    """
    require_password(address, password)
    listening = _listening(address, port)
    port = listening.getsockname()[1]
    hosts = _OWN_NAMES | {_named(name) for name in names} | ({address.lower()} if _is_one(address) else set())
    config = uvicorn.Config(
        make_app(index, hosts=frozenset(hosts), password=password),
        http=_InTime,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_AT_ONCE,
        timeout_graceful_shutdown=2,
    )
    shown = address if _is_one(address) else next((_named(name) for name in names), "127.0.0.1")
    ready(f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/")
    with suppress(KeyboardInterrupt):  # which it raises again once it has ended
        uvicorn.Server(config).run(sockets=[listening])


def require_password(address: str, password: str | None) -> None:
    """Beyond this machine nobody reads without one. Raises InvalidInput."""
    if password is not None and len(password) < _LEAST_PASSWORD:
        raise InvalidInput(f"BACKLINKS_WEB_PASSWORD must have at least {_LEAST_PASSWORD} characters.")
    if password is None and not _is_loopback(address):
        raise InvalidInput(
            f"{address} can be reached from other machines: set BACKLINKS_WEB_PASSWORD, or leave out --address."
        )


def _named(name: str) -> str:
    """As the Host header has it. Raises InvalidInput."""
    try:
        host = host_name_of(name.strip().rstrip(".").encode("idna").decode())
    except UnicodeError:
        host = ""
    if not host or "/" in host:
        raise InvalidInput(f"--name {name}: write a host name, links.example.com.")
    return host


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _is_one(address: str) -> bool:
    """And not all that this machine has."""
    try:
        return not ip_address(address).is_unspecified
    except ValueError:
        return True


def _listening(address: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
    except socket.gaierror as error:
        raise InvalidInput(f"--address {address}: {error.strerror}.") from None
    except OSError as error:
        raise BacklinksError(
            f"cannot listen on {address}:{port} ({error.strerror}); name another with --port."
        ) from None
    made.listen(128)
    return made
