"""The User-Agent, and the refusal to crawl the public web without a contact in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.config import Config
from backlink_crawler.errors import InvalidInput
from backlink_crawler.manners.addresses import is_inside
from backlink_crawler.urls.normalise import host_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.settings import BaseSettings


def sign(settings: BaseSettings) -> None:
    """The contact in the User-Agent."""
    contact, agent = Config.from_environment().contact, settings.get("USER_AGENT")
    if contact and agent and contact not in agent:
        settings.set("USER_AGENT", f"{agent} (+{contact})", priority="cmdline")


def require_contact(config: Config, hosts: Iterable[str]) -> None:
    """Raises InvalidInput."""
    if config.contact or config.allow_networks:
        return  # with networks opened, SSRF protection still refuses public addresses without a contact
    names = map(host_name, hosts)
    public = next((name for name in names if config.address_of(name) is None and not is_inside(name)), None)
    if public:
        raise InvalidInput(
            f"{public} is on the public web, and site owners must be able to reach you: "
            "set BACKLINKS_CONTACT to a URL or mail address; it is sent in the User-Agent.",
        )
