"""The environment, read once into one frozen Config."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import resources
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from backlink_crawler.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

TRACKING_PARAMETERS: tuple[str, ...] = tuple(
    tomllib.loads(resources.files(__package__).joinpath("tracking_parameters.toml").read_text("utf-8"))["parameters"]
)
EXPLORER_PORT = 8300


@dataclass(frozen=True, slots=True)
class Config:
    """What the environment says.

    database_url: None means the embedded server under `home`.
    contact: a URL or mail address for site owners, sent in the User-Agent; None is refused on the public web.
    resolve: (host pattern, address) pairs, first match wins; a named address is allowed without further ado.
    allow_networks: networks that are not public and may be crawled all the same.
    tracking_parameters: query parameters that normalisation drops; a trailing `*` matches any ending.
    web_password: what the explorer asks for; None: nothing, which goes on this machine alone.
    """

    database_url: str | None
    home: Path
    contact: str | None
    resolve: tuple[tuple[str, str], ...]
    allow_networks: tuple[IPv4Network | IPv6Network, ...]
    tracking_parameters: tuple[str, ...] = TRACKING_PARAMETERS
    web_password: str | None = field(default=None, repr=False)

    def address_of(self, host_name: str) -> str | None:
        """The address that the user has named for this host, if any."""
        return next((address for pattern, address in self.resolve if fnmatchcase(host_name, pattern)), None)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Config:
        """Raises InvalidInput, naming the variable."""
        home = environment.get("BACKLINKS_HOME")
        tracking = environment.get("BACKLINKS_TRACKING_PARAMETERS")
        return cls(
            database_url=environment.get("BACKLINKS_DATABASE_URL") or None,
            home=Path(home).expanduser().absolute() if home else default_home(),
            contact=_contact(environment.get("BACKLINKS_CONTACT", "")),
            resolve=tuple(_override(entry) for entry in _entries(environment.get("BACKLINKS_RESOLVE", ""))),
            allow_networks=tuple(
                _network(entry) for entry in _entries(environment.get("BACKLINKS_ALLOW_NETWORKS", ""))
            ),
            tracking_parameters=TRACKING_PARAMETERS if tracking is None else tuple(_entries(tracking)),
            web_password=environment.get("BACKLINKS_WEB_PASSWORD") or None,
        )


def default_home() -> Path:
    """Root has one of its own: PostgreSQL does not run as root, and the user that it runs as has no business in /root."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return Path("/var/lib/backlinks") if is_root else platformdirs.user_data_path("backlinks")


def _entries(text: str) -> list[str]:
    return [entry for entry in (part.strip() for part in text.split(",")) if entry]


def _contact(text: str) -> str | None:
    text = text.strip()
    if not text.isprintable() or not text.isascii():
        raise InvalidInput("BACKLINKS_CONTACT must be a URL or a mail address in plain ASCII.")
    return text or None


def _override(entry: str) -> tuple[str, str]:
    pattern, separator, address = entry.partition("=")
    try:
        ip_address(address.strip())
    except ValueError:
        separator = ""
    if not separator or not pattern.strip():
        raise InvalidInput(f"BACKLINKS_RESOLVE: {entry!r} is not HOST=ADDRESS; write, for example, *.test=127.0.0.1.")
    return pattern.strip().lower(), address.strip()


def _network(entry: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(entry)
    except ValueError as error:
        raise InvalidInput(f"BACKLINKS_ALLOW_NETWORKS: {error}; write, for example, 10.0.0.0/8.") from None
