"""`backlinks serve`: who may reach the explorer, and the server that answers."""

from __future__ import annotations

import logging
import socket
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

import uvicorn

from backlink_crawler.errors import BacklinksError, InvalidInput
from backlink_crawler.web.app import make_app

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backlink_crawler.web.index import Index

_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_LEAST_PASSWORD = 8  # characters
_AT_ONCE = 200  # connections; beyond them the server says 503


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
    hosts = _OWN_NAMES | {name.lower().rstrip(".") for name in names} | ({address} if _is_one(address) else set())
    config = uvicorn.Config(
        make_app(index, hosts=frozenset(hosts), password=password),
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_AT_ONCE,
        timeout_graceful_shutdown=2,
    )
    shown = f"[{address}]" if ":" in address else address
    ready(f"http://{shown}:{port}/")
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
