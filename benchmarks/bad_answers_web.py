"""Sites whose pages answer badly for some nights, each in its own way; and sites whose pages really change."""

from __future__ import annotations

import gzip
import socketserver
import threading
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import brotli
from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable
PATHS = ("/", "/a.html", "/b.html", "/c.html")
LINKS = 3  # of each page, to other domains
_HTML = {"Content-Type": "text/html; charset=utf-8"}


class Asked(NamedTuple):
    """host: with the port."""

    host: str
    path: str

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.path}"


Answer = "Callable[[Asked], bytes]"


def page(asked: Asked, *, links: int = LINKS, title: str | None = None, nav: int = 12) -> str:
    """As it is when all is well."""
    name = asked.host.partition(".")[0]
    menu = "".join(f'<li><a href="{PATHS[number % 4]}#{number}">Menu {number}</a></li>' for number in range(nav))
    menu += "".join(f'<li><a href="{path}">{path}</a></li>' for path in PATHS)
    texts = "".join(
        f'<p>Some words before <a href="https://{name}.example/{number}{asked.path}">link {number}</a> and after.</p>'
        for number in range(links)
    )
    return (
        f"<!DOCTYPE html><html lang=en><head><title>{title or f'All about {asked.path}'}</title></head><body>"
        f"<form action=/search><input name=q></form><ul>{menu}</ul><h1>A page of {name}</h1>"
        f"{'<p>Words and more words, as a page has them.</p>' * 20}{texts}<p>The end.</p></body></html>"
    )


def reply(
    body: str | bytes = "", status: int = 200, *, length: int | None = None, framed: bool = True, **headers: str
) -> bytes:
    """framed: with a Content-Length; else the connection's end is the body's."""
    data = body.encode() if isinstance(body, str) else body
    named = _HTML | {name.replace("_", "-"): value for name, value in headers.items()}
    if framed and status not in {204, 304}:
        named["Content-Length"] = str(len(data) if length is None else length)
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} X\r\n{lines}Connection: close\r\n\r\n".encode("latin-1") + data


def _says(title: str, body: str = "", **answer: Any) -> Answer:
    html = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body or f'<h1>{title}</h1>'}</body></html>"
    return lambda _: reply(html, **answer)


def _good(status: int = 200, **headers: str) -> Answer:
    return lambda asked: reply(page(asked), status, **headers)


def _packed(pack: Callable[[bytes], bytes], encoding: str, *, framed: bool = True) -> Answer:
    def answer(asked: Asked) -> bytes:
        packed = pack(page(asked).encode())
        return reply(packed[: len(packed) * 2 // 3], framed=framed, Content_Encoding=encoding)

    return answer


def _raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


def _cut_at(marker: str, then: str = "") -> Answer:
    """By the connection's end."""
    return lambda asked: reply(page(asked).partition(marker)[0] + then, framed=False)


def _open(start: str) -> Answer:
    """An element or a comment at the top that takes in the rest."""
    return lambda asked: reply(page(asked).replace("<form", f"{start}<form", 1))


def _moves(to: str | Callable[[Asked], str], status: int = 301) -> Answer:
    return lambda asked: reply("", status, Location=to if isinstance(to, str) else to(asked))


def _chunks(body: bytes) -> Answer:
    return lambda _: reply(body, framed=False, Transfer_Encoding="chunked")


def _chunked_page(asked: Asked) -> bytes:
    html = page(asked).encode()[:900]
    return reply(b"400\r\n" + html, framed=False, Transfer_Encoding="chunked")


def _start_page(asked: Asked) -> bytes:
    return reply(page(asked._replace(path="/none"), links=0, title="Welcome"))


def _loop(asked: Asked) -> bytes:
    there = asked.path.replace("?again", "") if asked.path.endswith("?again") else asked.path + "?again"
    return reply("", 301, Location=there)


_SGCAPTCHA = (
    '<html><head><meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2F&y=ipr:192.0.2.1:1"></head></html>'
)
_INCAPSULA = (
    '<html><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"></head><iframe id="main-iframe" '
    'src="/_Incapsula_Resource?CWUDNSAI=9&xinfo=1" width="100%">Request unsuccessful. Incapsula incident ID: 1</iframe></html>'
)
_ANUBIS = (
    '<script id="anubis_challenge" type="application/json">{}</script>'
    "<script src=/.within.website/x/cmd/anubis/static/js/main.mjs></script>"
)
_PASSWORD = "<form method=post><input name=user><input type=password name=word></form>"
_APP = "<!doctype html><title>App</title><div id=root></div><script src=/app.js></script>"
_NOTICE = "<!doctype html><title>Shop</title><noscript>Please enable JavaScript.</noscript><script>start()</script>"

BAD: dict[str, Answer] = {
    **{f"status {status}": _good(status) for status in (201, 202, 203, 205, 206, 207, 208, 226, 299)},
    "204 without a body": lambda _: reply(status=204),
    "206 with a part": lambda asked: reply(page(asked)[:400], 206, Content_Range="bytes 0-399/9000"),
    "Retry-After: 60 with 200": _says("Busy", Retry_After="60"),
    "Retry-After, a date, with 200": _says("Busy", Retry_After="Fri, 01 Jan 2100 00:00:00 GMT"),
    "an empty body": lambda _: reply(),
    "a body of blanks": lambda _: reply(" \n\t\n"),
    "shorter than its Content-Length": lambda asked: reply(page(asked)[:900], length=9000),
    "cut between chunks": _chunked_page,
    "chunks that are none": _chunks(b"zz\r\nnot a chunk\r\n"),
    "gzip cut": _packed(gzip.compress, "gzip"),
    "gzip cut by a close": _packed(gzip.compress, "gzip", framed=False),
    "deflate cut": _packed(zlib.compress, "deflate"),
    "raw deflate cut": _packed(_raw_deflate, "deflate"),
    "brotli cut": _packed(brotli.compress, "br"),
    "brotli cut by a close": _packed(brotli.compress, "br", framed=False),
    "zstd cut": _packed(zstd.compress, "zstd"),
    "gzip that is none": lambda asked: reply(page(asked), Content_Encoding="gzip"),
    "charset=utf-16": _good(Content_Type="text/html; charset=utf-16"),
    "charset=utf-16be": _good(Content_Type="text/html; charset=utf-16be"),
    "charset=iso-2022-kr": _good(Content_Type="text/html; charset=iso-2022-kr"),
    "charset=no-such": _good(Content_Type="text/html; charset=no-such"),
    "cut in a tag": _cut_at("link 1", "<a hre"),
    "cut in an attribute": _cut_at("link 1", '<a href="https://exa'),
    "cut in a text": _cut_at(" and after"),
    "cut before its links": _cut_at("<p>Some words"),
    "cut in a list": _cut_at("Menu 7"),
    "cut in a script": _cut_at("<p>Some words", "<script>let a = 1;"),
    "a comment never closed": _open("<!-- "),
    "a title never closed": lambda asked: reply(page(asked).replace("</title>", "", 1)),
    **{
        f"a {name} never closed": _open(f"<{name}>")
        for name in ("plaintext", "template", "textarea", "script", "style", "xmp", "noembed", "iframe")
    },
    "a log-in": _says("Log in", _PASSWORD),
    "a log-in with the site's menu": lambda asked: reply(
        page(asked, links=0, title="Sign in").replace("<h1>", _PASSWORD + "<h1>")
    ),
    "a log-in by the page's own title": lambda asked: reply(
        f"<html><title>All about {asked.path}</title><body>{_PASSWORD}</body></html>"
    ),
    "a log-in, in German": _says("Anmelden", "<p>Bitte melden Sie sich an.</p>"),
    "a frameset that leads to a log-in": lambda _: reply("<html><frameset><frame src=/login></frameset></html>"),
    "a refresh to a log-in": lambda _: reply('<html><meta http-equiv=refresh content="0;url=/login?next=/a"></html>'),
    "a script that leads to a log-in": lambda _: reply("<html><script>location.href='/login'</script></html>"),
    "301 to a log-in": _moves("/login"),
    "301 to a log-in that returns": _moves(lambda asked: f"/members?return={asked.path}&lang=en"),
    "301 to another host's log-in": _moves(lambda asked: f"https://sso.elsewhere.example/x?service={asked.url}"),
    "302 to a log-in": _moves("/login", 302),
    "a consent page": _says("Before you continue", "<p>We and our 900 partners</p><button>Accept</button>"),
    "a consent page by a vendor's script": _says("Site", "<script src=https://cdn.cookielaw.org/x.js></script>"),
    "301 to a consent page": _moves(lambda asked: f"https://consent.elsewhere.example/?continue={asked.url}"),
    "an age gate": _says("Are you over 18?"),
    "SiteGround, 202": lambda _: reply(_SGCAPTCHA, 202, SG_Captcha="challenge"),
    "SiteGround, 200": lambda _: reply(_SGCAPTCHA),
    "Imperva, 200": lambda _: reply(_INCAPSULA),
    "Anubis, 200": lambda _: reply(_ANUBIS),
    "Cloudflare, 403": _says("Just a moment...", status=403, cf_mitigated="challenge"),
    "Cloudflare, 200": _says("Just a moment...", "<script>window._cf_chl_opt={}</script>"),
    "AWS WAF, 202": _says("", status=202, x_amzn_waf_action="challenge"),
    "AWS WAF, 405": _says("Human Verification", status=405, x_amzn_waf_action="captcha"),
    "Vercel, 429": _says("Vercel Security Checkpoint", status=429, x_vercel_mitigated="challenge"),
    "DDoS-Guard, 200": _says("DDoS-Guard", "<script src=/.well-known/ddos-guard/check></script>"),
    "Imunify360, 200": _says(
        "One moment, please...", "<script>setTimeout(function(){window.location.reload()},5000)</script>"
    ),
    "Bunny Shield, 200": _says(
        "Establishing a secure connection ...", "<script src=/.bunny-shield/assets/x.js></script>"
    ),
    "an unknown wall with a captcha": _says("Site", '<div class="h-captcha" data-sitekey=x></div>'),
    "a cookie wall in a script": lambda _: reply(
        "<html><script>document.cookie='a=1';location.reload()</script></html>"
    ),
    "a notice of maintenance": _says("Site maintenance"),
    "a notice of maintenance, in German": _says("Wartungsarbeiten"),
    "a notice of maintenance without a title": lambda _: reply("<p>Down for maintenance, be back soon."),
    "no connection to its database": _says("Error establishing a database connection"),
    "a fatal error of its language": lambda _: reply("<br />\n<b>Fatal error</b>: Uncaught Error in /x.php:1"),
    "too many requests, 200": _says("Too many requests"),
    "not in this country, 200": _says("Site", "<p>This content is not available in your country.</p>"),
    "access denied, 200": _says("Access Denied"),
    "a soft 404": _says("Page not found"),
    "a soft 404 with the site's menu": lambda asked: reply(page(asked, links=0, title="Oops! Page not found")),
    "a soft 404 without a word of it": lambda asked: reply(page(asked, links=0, title="Our site")),
    "the start page everywhere": _start_page,
    "a server without a site": _says("Welcome to nginx!"),
    "a suspended account": _says("Account Suspended"),
    "a parked domain": _says("Domain for sale"),
    "a page of another site": _says("Cooking", "<p>Recipes.</p><a href=/r>more</a>"),
    "an empty application": lambda _: reply(_APP),
    "a page that asks for JavaScript": lambda _: reply(_NOTICE),
    "301 to itself": _moves(lambda asked: asked.path),
    "308 to itself": _moves(lambda asked: asked.path, 308),
    "301 to itself with a fragment": _moves(lambda asked: asked.path + "#x"),
    "301 in a circle": _loop,
    "301 to the start page": lambda asked: _moves("/")(asked) if asked.path != "/" else _good()(asked),
    "301 to a copy for a country": _moves(lambda asked: "/de" + asked.path),
    "301 to a copy on another host": _moves(lambda asked: f"http://de.{asked.host}{asked.path}"),
    "301 to one page for all": _moves("/sorry.html"),
    **{f"{status} elsewhere": _moves("/elsewhere.html", status) for status in (300, 302, 303, 307)},
    **{f"status {status}": _says("No", status=status) for status in (400, 401, 403, 418, 429, 451, 500, 503, 521)},
    "not HTML": lambda _: reply("{}", Content_Type="application/json"),
    "closed without an answer": lambda _: b"",
    "not HTTP": lambda _: b"hello\r\n\r\n",
}


_FOR_ALL = {BAD[kind] for kind in BAD if "soft 404" in kind or kind == "the start page everywhere"}  # paths


@dataclass(frozen=True, slots=True)
class Real:
    """What really happens to a site. links: how many of a page are lost then; lost: in which night, the first being 1."""

    answer: Answer
    lost: int | None
    links: int = LINKS


def _gone(_: Asked) -> bytes:
    return reply("", 404)


REAL: dict[str, Real] = {
    "a link is removed": Real(lambda asked: reply(page(asked, links=2)), 3, 1),
    "its links are removed": Real(lambda asked: reply(page(asked, links=0)), 3),
    "a link is removed, and the title is another": Real(lambda asked: reply(page(asked, links=2, title="New")), 3, 1),
    "404": Real(_gone, 3),
    "410": Real(lambda _: reply("", 410), 3),
    "moved for good, each to its own address": Real(_moves(lambda asked: f"/new{asked.path}x"), 3),
    "most of its links are gone": Real(lambda asked: reply(page(asked, links=0, nav=0)), 6),
    "another page with another title": Real(lambda asked: reply(page(asked, links=0, title="Something else")), 6),
    "a link is removed, and its end tags": Real(
        lambda asked: reply(page(asked, links=2).replace("</body></html>", "")), 10, 1
    ),
    "all its pages lead to the start page": Real(
        lambda asked: reply("", 301, Location="/") if asked.path != "/" else _good()(asked), 10
    ),
    "all its pages lead to another site": Real(_moves("https://successor.example/"), 10),
    "moved below /en/": Real(_moves(lambda asked: "/en" + asked.path), 10),
    "soft 404 for good": Real(_says("Page not found"), 10),
    "parked for good": Real(_says("Domain for sale"), 10),
    "behind a log-in for good": Real(_says("Log in", _PASSWORD), None),
}


@dataclass
class BadWeb:
    """Within a `with` block. Names are `kind-N.test:PORT`; night: which night it is."""

    night: int = 1
    bad_nights: range = range(2, 6)
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.hosts: dict[str, Answer] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.web = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def answer(self, asked: Asked) -> bytes:
        self.asked.append(asked)
        name = asked.host.partition(".")[0]
        if asked.path == "/robots.txt":
            return reply("", 404)
        kind = self.hosts.get(name)
        known = asked.path.partition("?")[0] in PATHS
        if kind is None or not (known or kind in _FOR_ALL):
            return reply("no such page", 404)
        is_bad = self.night >= 2 if name.startswith("real") else self.night in self.bad_nights
        if not is_bad:
            return reply(page(asked)) if known else reply("no such page", 404)
        return kind(asked)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    web: BadWeb

    def handle_error(self, *_: object) -> None:
        pass  # a client that hangs up


class _Handler(socketserver.StreamRequestHandler):
    timeout = 10
    server: _Server

    def handle(self) -> None:
        line = self.rfile.readline().decode("latin-1").split(" ")
        host = ""
        while (header := self.rfile.readline().strip()) != b"":
            name, _, value = header.decode("latin-1").partition(":")
            host = value.strip() if name.lower() == "host" else host
        self.wfile.write(self.server.web.answer(Asked(host, line[1])))
