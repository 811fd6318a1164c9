"""SSRF protection: from a host name to addresses that may be connected to.

Twisted connects to exactly the addresses that its resolver hands out, IP literals included, and asks for each new
connection: so this is where redirects and names that change their address are covered too.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from backlink_crawler.config import Config
from backlink_crawler.manners.addresses import REFUSED_PORTS, is_allowed, network_of
from backlink_crawler.urls.normalise import host_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler

CACHE_SECONDS = 60.0
CACHE_SIZE = 10_000
_ANY_PORT = 443  # it matters for refused ports only
REFUSED_PRIVATE = "refused_private_address"
REFUSED_PORT = "refused_port"
REFUSED_NO_CONTACT = "refused_no_contact"


@implementer(IHostnameResolver)
class GuardedResolver:
    """TWISTED_DNS_RESOLVER. `refusals`: host name → why its addresses were refused, for the last CACHE_SIZE names.

    `refused_addresses`: the first of them that is not public, of those names.
    """

    def __init__(self, reactor: Any, config: Config) -> None:
        self._reactor = reactor
        self._config = config
        self._system = reactor.nameResolver
        self._cache: OrderedDict[str, tuple[float, list[str]]] = OrderedDict()
        self.refusals: OrderedDict[str, str] = OrderedDict()
        self.refused_addresses: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, _crawler: Crawler, reactor: Any) -> GuardedResolver:
        return cls(reactor, Config.from_environment())

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)
        self._reactor.backlinks_resolver = self

    def resolveHostName(  # noqa: N802  Twisted's interface
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        name = hostName.lower().rstrip(".")
        pinned = self._config.address_of(name)
        cached = self._cache.get(name)
        receiver = _Receiver(self, resolutionReceiver, name, portNumber)
        if pinned is not None:
            return receiver.answer([pinned], pinned=True)
        if cached and cached[0] > time.monotonic():
            return receiver.answer(cached[1])
        return self._system.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)

    def vet(self, name: str, port: int, addresses: list[str], *, pinned: bool) -> list[str]:
        """Those of the addresses that may be connected to; why not, when there is none, goes to `refusals`."""
        if port in REFUSED_PORTS:
            return self._refuse(name, REFUSED_PORT)
        if pinned:
            return addresses
        # One private answer beside a public one is a trick: then none of them is trusted.
        private = [address for address in addresses if not is_allowed(address, self._config.allow_networks)]
        if private:
            self.refused_addresses[name] = private[0]
            return self._refuse(name, REFUSED_PRIVATE)
        if self._config.contact is None and any(is_allowed(address) for address in addresses):
            return self._refuse(name, REFUSED_NO_CONTACT)
        self.refusals.pop(name, None)
        return addresses

    def remember(self, name: str, addresses: list[str]) -> None:
        self._cache[name] = (time.monotonic() + CACHE_SECONDS, addresses)
        if len(self._cache) > CACHE_SIZE:
            self._cache.popitem(last=False)

    def _refuse(self, name: str, reason: str) -> list[str]:
        self.refusals[name] = reason
        if len(self.refusals) > CACHE_SIZE:
            oldest, _ = self.refusals.popitem(last=False)
            self.refused_addresses.pop(oldest, None)
        return []


@implementer(IResolutionReceiver, IHostResolution)
class _Receiver:
    """Collects the answers for one name and passes on those that are allowed."""

    def __init__(self, guard: GuardedResolver, receiver: Any, name: str, port: int) -> None:
        self._guard = guard
        self._receiver = receiver
        self._port = port
        self._addresses: list[str] = []
        self.name = name

    def resolutionBegan(self, _resolution: Any) -> None:  # noqa: N802
        self._receiver.resolutionBegan(self)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self._addresses.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        if self._addresses:
            self._guard.remember(self.name, self._addresses)
        self._pass_on(self._addresses, pinned=False)

    def answer(self, addresses: list[str], *, pinned: bool = False) -> _Receiver:
        self._receiver.resolutionBegan(self)
        self._pass_on(addresses, pinned=pinned)
        return self

    def cancel(self) -> None:
        """A look-up that nobody waits for any more ends by itself."""

    def _pass_on(self, addresses: list[str], *, pinned: bool) -> None:
        for address in self._guard.vet(self.name, self._port, addresses, pinned=pinned):
            kind = IPv6Address if ":" in address else IPv4Address
            self._receiver.addressResolved(kind("TCP", address, self._port))
        self._receiver.resolutionComplete()


def refusal_of(host_name: str) -> str | None:
    """Why this name was refused lately, if it was."""
    from twisted.internet import reactor  # noqa: PLC0415  importing it installs one

    guard = getattr(reactor, "backlinks_resolver", None)
    return guard.refusals.get(host_name.lower().rstrip(".").strip("[]")) if guard else None


def refused_address_of(host_name: str) -> str | None:
    """The address for which this name was refused lately, as it is not public."""
    from twisted.internet import reactor  # noqa: PLC0415  importing it installs one

    guard = getattr(reactor, "backlinks_resolver", None)
    return guard.refused_addresses.get(host_name.lower().rstrip(".").strip("[]")) if guard else None


async def address_of(host: str) -> str | None:
    """The network at which a host is asked, as in manners.addresses.network_of; None: at none that may be asked.

    Of several addresses one stands for all, whatever their order: hosts that share them share a bound. It is one of IPv4 where
    there is one, so that who has both is in one network with who has not. What is looked up for that is in the cache when the
    connection is made.
    """
    from twisted.internet import reactor  # noqa: PLC0415  importing it installs one

    found: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
    name = host_name(host).strip("[]")
    reactor.nameResolver.resolveHostName(_Addresses(found), name, _ANY_PORT)
    addresses = await found
    return min(map(network_of, addresses), key=lambda network: (":" in network, network), default=None)


@implementer(IResolutionReceiver)
class _Addresses:
    """Puts all addresses of a name into a future."""

    def __init__(self, found: asyncio.Future[list[str]]) -> None:
        self._found = found
        self._addresses: list[str] = []

    def resolutionBegan(self, _resolution: Any) -> None:  # noqa: N802
        """There is nothing to prepare."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self._addresses.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        if not self._found.done():
            self._found.set_result(self._addresses)
