"""Is this answer a bot wall's challenge instead of the page? Such an answer tells nothing of the page's links.

A wall is known by what only its challenges and refusals hold. What it adds to every answer, as `server: cloudflare` or
`x-datadome`, is no marker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOKED_AT = 8 * 1024  # bytes of a body: challenge pages are short, or say what they are at their beginning
DENIALS = frozenset({403, 503})  # here one marker in the body is enough
_MAYBE = frozenset({200, 202, 405, 429})  # here a page may speak of walls: all that is `unmistakable` must be there


class Wall(NamedTuple):
    """headers: name and what its value begins with; one is enough. body: one is enough. unmistakable: all together.

    In lower case.
    """

    name: str
    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[bytes, ...] = ()
    unmistakable: tuple[bytes, ...] = ()


WALLS = (
    # https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
    Wall(
        "cloudflare",
        headers=(("cf-mitigated", "challenge"),),
        body=(b"/cdn-cgi/challenge-platform/h/", b"_cf_chl_opt", b"<title>attention required! | cloudflare</title>"),
    ),
    Wall(
        "akamai",
        body=(b"errors.edgesuite.net", b"reference&#32;&#35;", b"/_sec/cp_challenge/"),
        unmistakable=(b'id="sec-if-cpt-container"', b"/_sec/cp_challenge/"),
    ),
    # Its challenges often come with status 200. The script /_Incapsula_Resource?… is in ordinary pages too.
    Wall(
        "imperva",
        body=(b"incapsula incident id", b'src="/_incapsula_resource?'),
        unmistakable=(b'<iframe id="main-iframe" src="/_incapsula_resource?', b"incapsula incident id"),
    ),
    Wall("datadome", body=(b"captcha-delivery.com/",)),
    Wall(
        "human",
        body=(b'id="px-captcha"', b"window._pxappid", b"captcha.px-cdn.net", b"captcha.px-cloud.net"),
        unmistakable=(b'<div id="px-captcha"', b"window._pxappid"),
    ),
    # https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html
    Wall(
        "aws_waf",
        headers=(("x-amzn-waf-action", "challenge"), ("x-amzn-waf-action", "captcha")),
        body=(b"window.gokuprops", b".token.awswaf.com/", b".captcha.awswaf.com/"),
        unmistakable=(b"window.gokuprops", b"awswafintegration."),
    ),
    Wall(
        "sucuri",
        headers=(("x-sucuri-block", ""),),
        body=(
            b"sucuri website firewall - access denied",
            b"cdn.sucuri.net/sucuri-firewall-block",
            b"sucuri_cloudproxy_js",
        ),
        unmistakable=(b"you are being redirected...", b"sucuri_cloudproxy_js=''"),
    ),
    Wall(
        "ddos_guard",
        body=(b"<title>ddos-guard</title>", b"/.well-known/ddos-guard/"),
        unmistakable=(b"<title>ddos-guard</title>", b"/.well-known/ddos-guard/"),
    ),
    Wall("kasada", body=(b"window.kpsdk",), unmistakable=(b"<script>window.kpsdk={}", b"/ips.js?")),
    # Both of its pages come with status 200: the refusal, and the challenge in JavaScript.
    Wall(
        "f5",
        body=(b"the requested url was rejected. please consult with your administrator",),
        unmistakable=(
            b"<title>request rejected</title>",
            b"the requested url was rejected. please consult with your administrator",
        ),
    ),
    Wall("f5", body=(b'window["bobcmn"]',), unmistakable=(b'window["bobcmn"]', b"/tspd/")),
    # https://anubis.techaro.lol/docs/ Its challenges come with status 200.
    Wall(
        "anubis",
        body=(b"/.within.website/x/cmd/anubis/",),
        unmistakable=(b'<script id="anubis_challenge"', b"/.within.website/x/cmd/anubis/"),
    ),
    Wall(
        "go_away",
        body=(b"/.well-known/.git.gammaspectra.live/git/go-away/",),
        unmistakable=(b'="/.well-known/.git.gammaspectra.live/git/go-away/cmd/', b"go-away"),
    ),
    # https://vercel.com/docs/vercel-firewall/firewall-concepts
    Wall(
        "vercel",
        headers=(("x-vercel-mitigated", "challenge"), ("x-vercel-mitigated", "deny")),
        body=(b"<title>vercel security checkpoint</title>",),
        unmistakable=(b"<title>vercel security checkpoint</title>",),
    ),
)
HEADERS = frozenset(header for wall in WALLS for header, _ in wall.headers)


def challenge(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """The name of the bot wall that answers, or None. headers: names in lower case. body: its first LOOKED_AT bytes."""
    if status not in DENIALS and status not in _MAYBE:
        return None
    if any(map(headers.get, HEADERS)):
        for wall in WALLS:
            if any((said := headers.get(header)) and said.lower().startswith(value) for header, value in wall.headers):
                return wall.name
    text = body[:LOOKED_AT].lower()
    for wall in WALLS:
        if status in DENIALS:
            seen = any(marker in text for marker in wall.body)
        else:
            seen = bool(wall.unmistakable) and all(marker in text for marker in wall.unmistakable)
        if seen:
            return wall.name
    return None
