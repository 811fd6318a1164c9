"""rel attributes and robots directives: what they say of a link, and of all links of a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backlink_crawler.model import RobotsFacts

if TYPE_CHECKING:
    from collections.abc import Iterable

ROBOT_NAME = "backlink-crawler"
MAX_REL_TOKENS = 32
MAX_REL_BYTES = 2_000  # of all tokens in UTF-8: they must fit a row of an index, which ends at 2,704
_SEPARATORS = re.compile(r"[\s,]+")
_BOT_NAME = re.compile(r"[a-z][\w\-]*\Z")
# Directives that carry a colon themselves: `unavailable_after: 25 Jun 2027` names no bot.
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


def rel_tokens(rel: str) -> tuple[str, ...]:
    """All tokens, lower-cased, in order, each once. White space and commas separate."""
    tokens = tuple(dict.fromkeys(token for token in _SEPARATORS.split(rel.lower()) if token))[:MAX_REL_TOKENS]
    if len(rel) <= MAX_REL_BYTES // 8:  # bytes that a character has at the most, once in lower case
        return tokens
    text = " ".join(tokens).encode("utf-8", "ignore")[: MAX_REL_BYTES - 8 * MAX_REL_TOKENS].decode("utf-8", "ignore")
    return tuple(dict.fromkeys(text.split()))


def is_nofollow(rel: str) -> bool:
    return "nofollow" in rel.lower() and "nofollow" in rel_tokens(rel)


def meta_robots(metas: Iterable[tuple[str, str]], robot: str) -> RobotsFacts:
    """From (name, content) of a page's meta elements. Only `robots` and our own name, `robot`, count; the most
    restrictive wins.
    """
    names = ("robots", robot.lower())
    return _facts(content for name, content in metas if name.strip().lower() in names)


def header_robots(values: Iterable[str], robot: str) -> RobotsFacts:
    """From the X-Robots-Tag headers of a response. `otherbot: nofollow` does not count, nor what follows it."""
    return _facts(rule for value in values if (rule := _own_rules(value, robot.lower())))


def most_restrictive(first: RobotsFacts, second: RobotsFacts) -> RobotsFacts:
    return RobotsFacts(nofollow=first.nofollow or second.nofollow, noindex=first.noindex or second.noindex)


def _own_rules(value: str, robot: str) -> str:
    """The rules of one X-Robots-Tag header that are meant for us. A bot's name holds until the next one."""
    own, ours = [], True
    for rule in value.lower().split(","):
        name, colon, rest = rule.partition(":")
        if colon and _BOT_NAME.match(name.strip()) and name.strip() not in _WITH_VALUE:
            ours = name.strip() == robot
            own.append(rest if ours else "")
        elif ours:
            own.append(rule)
    return ",".join(own)


def _facts(rules: Iterable[str]) -> RobotsFacts:
    directives = {directive for rule in rules for directive in _SEPARATORS.split(rule.lower())}
    return RobotsFacts(
        nofollow=not directives.isdisjoint({"nofollow", "none"}),
        noindex=not directives.isdisjoint({"noindex", "none"}),
    )
