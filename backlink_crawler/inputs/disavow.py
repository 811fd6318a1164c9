"""Files of links to be disavowed, in the format that Google takes: what each line means, or what is wrong with it.

That format is UTF-8 with a URL or `domain:` and a domain or host in each line, and `#` at the beginning of comments (Search
Console Help, "Disavow links to your site"). A URL means that page alone, a domain or host all below it.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.seeds import parse_seed
from backlink_crawler.urls.domains import public_suffix_of
from backlink_crawler.urls.normalise import host_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.model import Url
    from backlink_crawler.urls.normalise import Normaliser

MAX_LINES = 100_000  # comments and blank lines are among them
MAX_BYTES = 2_000_000  # 2 MB, whichever of its two meanings is meant
MAX_URL = 2_048  # characters
DOMAIN = "domain:"
_SHOWN = 80  # characters of a line, in sentences
_URL = re.compile(r"https?://", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_COMMENT_BEHIND = re.compile(r"\s#")


@dataclass(frozen=True, slots=True)
class DisavowLine:
    """host: what a `domain:` line names, or where a URL is, without its port. domain: registrable domain of host.

    problem: what is wrong with it, a sentence; empty: nothing, and host and domain are known. is_suffix: of the domain line
    of a public suffix, which covers many domains.
    """

    number: int
    text: str
    host: str = ""
    domain: str = ""
    url: Url | None = None
    is_suffix: bool = False
    problem: str = ""


@dataclass(slots=True)
class DisavowFile:
    """lines: without comments and blank ones. problems: of the whole file, sentences."""

    lines: list[DisavowLine] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Overlap:
    """That a line says nothing new. by: the number of the line that says it. is_same: it says just that."""

    by: int
    is_same: bool


def parse_disavow(body: bytes, normalise: Normaliser) -> DisavowFile:
    """Raises InvalidInput when it is no text at all."""
    parsed = DisavowFile()
    if len(body) > MAX_BYTES:
        parsed.problems.append(f"it has {len(body):,} bytes; 2 MB ({MAX_BYTES:,} bytes) are taken at most.")
    lines = list(_decoded(body, parsed.problems))
    if len(lines) > MAX_LINES:
        parsed.problems.append(f"it has {len(lines):,} lines, comments included; {MAX_LINES:,} are taken at most.")
    for number, line in enumerate(lines, 1):
        if line is None:
            parsed.lines.append(DisavowLine(number, "", problem="it is not UTF-8: save the file as UTF-8."))
        elif (text := line.strip()) and not text.startswith("#"):
            parsed.lines.append(_line(number, text, normalise))
    return parsed


def overlaps(lines: list[DisavowLine]) -> dict[int, Overlap]:
    """By the numbers of lines: those that an earlier line repeats, and those that a `domain:` line covers."""
    first: dict[str, int] = {}
    found: dict[int, Overlap] = {}
    good = [line for line in lines if not line.problem]
    for line in good:
        said = line.url.text if line.url else line.host
        if (by := first.setdefault(said, line.number)) != line.number:
            found[line.number] = Overlap(by, is_same=True)
    for line in good:
        if line.number in found:
            continue
        above = _above(line.host) if line.url is None else [line.host, *_above(line.host)]
        if covers := [first[host] for host in above if host in first]:
            found[line.number] = Overlap(covers[0], is_same=False)
    return found


def _above(host: str) -> list[str]:
    """The hosts that it is below, the nearest first; an address is below none."""
    labels = host.split(".")
    if host.startswith("[") or labels[-1].isdigit():
        return []
    return [".".join(labels[place:]) for place in range(1, len(labels))]


def _decoded(body: bytes, problems: list[str]) -> Iterator[str | None]:
    """Its lines; None: one that is no UTF-8."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        problems.append("it is UTF-16; only UTF-8 is taken: save it as UTF-8.")
        yield from body.decode("utf-16", "replace").splitlines()
        return
    if b"\0" in body:
        raise InvalidInput("it is a binary file; a disavow file is a text file with a URL or domain:… in each line.")
    for line in body.removeprefix(codecs.BOM_UTF8).splitlines():
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            yield None


def _line(number: int, text: str, normalise: Normaliser) -> DisavowLine:
    try:
        if text[: len(DOMAIN)].lower() == DOMAIN:
            return _domain_line(number, text, normalise)
        return _url_line(number, text, normalise)
    except ValueError as error:
        problem = str(error)
    return DisavowLine(number, text, problem=f"{problem}.")


def _domain_line(number: int, text: str, normalise: Normaliser) -> DisavowLine:
    """Raises ValueError."""
    named = text[len(DOMAIN) :]
    if not named.strip():
        raise ValueError("there is no domain after domain:")
    _refuse_what_is_behind(named)
    if named.endswith((",", ";")):
        raise ValueError(f"there is a {named[-1]} at its end")
    if named != named.strip():
        raise ValueError(f"there is a space after domain:; write {DOMAIN}{named.strip()}")
    if "/" in named or named.startswith(("*", ".")):
        host = host_name(parse_seed(named.lstrip("."), normalise).url.host)
        raise ValueError(f"domain: takes a domain or host alone, and covers all below it; write {DOMAIN}{host}")
    seed = parse_seed(named, normalise)
    if (host := host_name(seed.url.host)) != seed.url.host:
        raise ValueError(f"it has a port, which domain: does not take; write {DOMAIN}{host}")
    return DisavowLine(number, text, host, seed.url.domain, is_suffix=public_suffix_of(host) == host)


def _url_line(number: int, text: str, normalise: Normaliser) -> DisavowLine:
    """Raises ValueError."""
    if not _URL.match(text):
        raise ValueError(_no_url(text, normalise))
    _refuse_what_is_behind(text)
    if len(text) > MAX_URL:
        raise ValueError(f"it has {len(text):,} characters; a URL may have {MAX_URL:,}")
    if "*" in text.split("/", 3)[2] or text.endswith("*"):
        raise ValueError("a URL means that page alone, and * no others; name its domain, or page by page")
    if text.endswith((",", ";")):
        raise ValueError(f"there is a {text[-1]} at its end")
    url = parse_seed(text, normalise).url
    return DisavowLine(number, text, host_name(url.host), url.domain, url)


def _refuse_what_is_behind(text: str) -> None:
    if _COMMENT_BEHIND.search(text):
        raise ValueError("there is a comment behind it; comments stand on lines of their own")
    if any(character.isspace() for character in text.strip()):
        raise ValueError("there is a space in it; write one URL or domain a line")


def _no_url(text: str, normalise: Normaliser) -> str:
    if _OTHER_SCHEME.match(text):
        return "only pages at http:// and https:// can be disavowed"
    try:
        seed = parse_seed(text, normalise)
    except ValueError:
        return f"{text[:_SHOWN]!r} is neither a URL nor {DOMAIN} and a domain"
    if seed.bare:
        return f"write {DOMAIN}{host_name(seed.url.host)} for all of it, or the URL of a page with https://"
    return f"write the whole URL, {seed.url.text}"
