"""Pages that would do harm: ways out of a browser, each to a door of its own on loopback, and ways to wear one out."""

from __future__ import annotations

import select
import socket
import threading
import time
from typing import TYPE_CHECKING

from tests.crawl.rendered_pages import ADD
from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.zoo_tls import certificate

if TYPE_CHECKING:
    from typing import Self

_LOOK = 0.05  # seconds between two looks at the doors


class Doors:
    """Sockets on loopback that note who knocks, by the name of the way that leads to each. Nobody is answered."""

    def __init__(self) -> None:
        self._ways: dict[socket.socket, str] = {}
        self._knocked: set[str] = set()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def port(self, way: str, address: str = "127.0.0.1", *, udp: bool = False, number: int = 0) -> int:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        door = socket.socket(family, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
        door.bind((address, number))
        if not udp:
            door.listen()
        self._ways[door] = way
        port: int = door.getsockname()[1]
        return port

    @property
    def ways(self) -> set[str]:
        return set(self._ways.values())

    def knocked(self) -> set[str]:
        time.sleep(2 * _LOOK)
        return self._knocked

    def close(self) -> None:
        self._is_over.set()
        self._thread.join()
        for door in self._ways:
            door.close()

    def _watch(self) -> None:
        while not self._is_over.wait(_LOOK):
            for door in select.select(list(self._ways), [], [], 0)[0]:
                self._knocked.add(self._ways[door])
                if door.type == socket.SOCK_DGRAM:
                    door.recv(65_536)
                else:
                    door.accept()[0].close()


class SecureWeb(SmallWeb):
    """Over TLS: what browsers keep for secure contexts exists there."""

    def __enter__(self) -> Self:
        super().__enter__()
        context = certificate("nobody.invalid", days=20)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        return self

    def url(self, name: str) -> str:
        return super().url(name).replace("http:", "https:", 1)


# As markup; DOOR stands for the door's.
MARKUP = {
    "font": "<style>@font-face { font-family: f; src: url(DOOR) }</style><p style='font-family: f'>f</p>",
    "background": "<div style='background: url(DOOR)'>b</div>",
    "icon": "<link rel=icon href=DOOR>",
    "manifest": "<link rel=manifest href=DOOR>",
    "preload": "<link rel=preload as=fetch href=DOOR crossorigin>",
    "modulepreload": "<link rel=modulepreload href=DOOR>",
    "prefetch": "<link rel=prefetch href=DOOR>",
    "preconnect": "<link rel=preconnect href=DOOR>",
    "dns-prefetch": "<link rel=dns-prefetch href=DOOR>",
    "prerender": "<link rel=prerender href=DOOR>",
    "speculation": """<script type=speculationrules>{"prefetch": [{"source": "list", "urls": ["DOOR"], "eagerness":
        "immediate"}], "prerender": [{"source": "list", "urls": ["DOOR"], "eagerness": "immediate"}]}</script>""",
    "image": "<img src=DOOR>",
    "svg": "<svg width=9 height=9><image href=DOOR width=9 height=9 /><use href=DOOR#a /></svg>",
    "poster": "<video poster=DOOR></video>",
    "video": "<video src=DOOR autoplay muted></video>",
    "audio": "<audio src=DOOR autoplay></audio>",
    "track": "<video autoplay muted src=/video><track default src=DOOR></video>",
    "object": "<object data=DOOR></object>",
    "embed": "<embed src=DOOR>",
    "frame": "<iframe src=DOOR></iframe>",
    "refreshed frame": """<iframe srcdoc='<meta http-equiv=refresh content="0;url=DOOR">'></iframe>""",
    "frame's script": '<iframe srcdoc=\'<script>fetch("DOOR", {mode: "no-cors"})</script>\'></iframe>',
    "sandboxed frame": "<iframe sandbox=allow-scripts srcdoc='<script>fetch(\"DOOR\")</script>'></iframe>",
    "attribution": "<img attributionsrc=DOOR src=data:,>",
    "module": "<script type=module src=DOOR></script>",
    "style": "<link rel=stylesheet href=DOOR>",
    "import of a style": "<style>@import 'DOOR';</style>",
    "script": "<script src=DOOR></script>",
}


def _blob(code: str) -> str:
    return "URL.createObjectURL(new Blob([`" + code + "`], {type: 'text/javascript'}))"


# As scripts, each within a function of its own.
SCRIPTS = {
    "fetch": "await fetch('DOOR')",
    "fetch without cors": "await fetch('DOOR', {mode: 'no-cors', keepalive: true})",
    "fetch later": "fetchLater('DOOR', {activateAfter: 0})",
    "xhr": "const x = new XMLHttpRequest(); x.open('GET', 'DOOR'); x.send()",
    "post": "await fetch('DOOR', {method: 'POST', mode: 'no-cors', body: 'x'})",
    "dynamic import": "await import('DOOR')",
    "beacon": "navigator.sendBeacon('DOOR', 'x')",
    "event source": "new EventSource('DOOR')",
    "websocket": "new WebSocket('DOOR'.replace('http', 'ws'))",
    "websocket stream": "await new WebSocketStream('DOOR'.replace('http', 'ws')).opened",
    "worker": "new Worker('DOOR')",
    "worker's fetch": "new Worker(" + _blob("fetch('DOOR', {mode: 'no-cors'})") + ")",
    "worker's import": "new Worker(" + _blob("importScripts('DOOR')") + ")",
    "worker's websocket": "new Worker(" + _blob("new WebSocket('DOOR'.replace('http', 'ws'))") + ")",
    "module worker": "new Worker(" + _blob("import 'DOOR'") + ", {type: 'module'})",
    "shared worker": "new SharedWorker(" + _blob("fetch('DOOR', {mode: 'no-cors'}); importScripts('DOOR')") + ")",
    "data worker": "new Worker('data:text/javascript,fetch(`DOOR`)')",
    "worklet": "await new AudioContext().audioWorklet.addModule('DOOR')",
    "cache": "await (await caches.open('x')).add('DOOR')",
    "ping": "const a = document.createElement('a'); a.href = '#x'; a.ping = 'DOOR'; document.body.append(a); a.click()",
    "form": "const f = document.createElement('form'); f.action = 'DOOR'; f.target = 'other'; f.method = 'post'; "
    "document.body.append(f); f.submit()",
    "window": "open('DOOR')",
    "blank window": "open('about:blank').document.write('<script src=DOOR></scr' + 'ipt><img src=DOOR>')",
    "download": "const a = document.createElement('a'); a.href = 'DOOR'; a.download = 'x'; a.target = 'other'; document.body.append(a); a.click()",
    "turn over tcp": "const p = new RTCPeerConnection({iceServers: [{urls: 'turn:127.0.0.1:PORT?transport=tcp', "
    "username: 'x', credential: 'x'}]}); p.createDataChannel('x'); await p.setLocalDescription()",
    "identity": "await navigator.credentials.get({identity: {providers: [{configURL: 'DOOR', clientId: 'x'}]}})",
    "payment": "await new PaymentRequest([{supportedMethods: 'DOOR'}], {total: {label: 'x', amount: {currency: 'EUR', "
    "value: '1'}}}).canMakePayment()",
    "auction": "await navigator.joinAdInterestGroup({owner: 'DOOR', name: 'x', biddingLogicURL: 'DOOR'}, 9)",
}
UDP_SCRIPTS = {
    "stun": "const p = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:PORT'}]}); p.createDataChannel('x'); "
    "await p.setLocalDescription()",
    "turn": "const p = new RTCPeerConnection({iceServers: [{urls: 'turn:127.0.0.1:PORT', username: 'x', credential: 'x'}]})"
    "; p.createDataChannel('x'); await p.setLocalDescription()",
    "webtransport": "await new WebTransport('https://127.0.0.1:PORT/', {serverCertificateHashes: [{algorithm: 'sha-256', "
    "value: new Uint8Array(32)}]}).ready",
}
HEADERS = {
    "Link": "<DOOR>; rel=preconnect, <DOOR>; rel=preload; as=script, <DOOR>; rel=dns-prefetch",
    "Content-Security-Policy-Report-Only": "img-src 'none'; report-uri DOOR; report-to all",
    "Reporting-Endpoints": 'all="DOOR", default="DOOR"',
    "Report-To": '{"group": "all", "max_age": 9, "endpoints": [{"url": "DOOR"}]}',
    "NEL": '{"report_to": "all", "max_age": 9, "success_fraction": 1}',
    "Alt-Svc": 'h3="127.0.0.1:PORT", h2="127.0.0.1:PORT"',
    "Attribution-Reporting-Register-Source": '{"destination": "DOOR"}',
    "Speculation-Rules": '"DOOR"',
    "SourceMap": "DOOR",
}


def ways_out(doors: Doors, scheme: str, address: str = "127.0.0.1") -> Answer:
    """A page that tries each of them, and is kept open meanwhile by something of its own that is long in coming."""

    def to_door(text: str, way: str, *, udp: bool = False) -> str:
        port = doors.port(f"{scheme}: {way}", address.strip("[]"), udp=udp)
        return text.replace("PORT", str(port)).replace("DOOR", f"{scheme}://{address}:{port}/")

    scripts = [to_door(text, way) for way, text in SCRIPTS.items()]
    scripts += [to_door(text, way, udp=True) for way, text in UDP_SCRIPTS.items()]
    body = ADD + "<iframe name=other></iframe><script>fetch('/slow').finally(() => add('done'))</script>"
    body += "".join(f"<script>(async () => {{ {text} }})().catch(console.log)</script>" for text in scripts)
    body += "".join(to_door(text, way) for way, text in MARKUP.items())  # some would keep scripts waiting
    return Answer(body, headers={name: to_door(value, name) for name, value in HEADERS.items()})


def slow(connection: socket.socket) -> None:
    """Answers after two seconds."""
    time.sleep(2)
    connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


def inside(doors: Doors) -> str:
    """A page whose scripts ask for what lies inside, and add a link to `let-in` when they get it."""
    urls = [
        f"http://127.0.0.1:{doors.port('127.0.0.1')}/",
        f"http://localhost:{doors.port('localhost')}/",
        f"http://[::1]:{doors.port('[::1]', '::1')}/",
        f"http://2130706433:{doors.port('2130706433')}/",
        f"http://inside.example:{doors.port('a name for it')}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "/moved",
    ]
    sockets = [f"ws://127.0.0.1:{doors.port('websocket')}/", f"ws://localhost:{doors.port('websocket to localhost')}/"]
    return f"""{ADD}<script>
        const said = [];
        function say(what) {{ if (!said.includes(what)) {{ said.push(what); add(what); }} }}
        for (const url of {urls}) {{
            fetch(url, {{mode: "no-cors"}}).then(() => say("let-in"), () => say("kept-out"));
            const script = document.createElement("script");
            script.onload = () => say("let-in");
            script.src = url;
            document.body.append(script);
        }}
        for (const url of {sockets}) new WebSocket(url).onopen = () => say("let-in");
        fetch("data:text/plain,x").then(() => say("data"));</script>"""


def rebinding(doors: Doors) -> str:
    """A name that leads to an open address first, and then to a closed one."""
    port = doors.port("open at first", "127.0.0.2")
    doors.port("closed afterwards", "127.0.0.1", number=port)
    return f"""{ADD}<script>(async () => {{
        for (let i = 0; i < 4; i++) await fetch("http://rebinding.example:{port}/", {{mode: "no-cors"}}).catch(() => 0);
        add("tried");
        }})()</script>"""


# Every Python that finds this on its path begins with it.
LOOK_UPS = """
import socket
look_up, answers = socket.getaddrinfo, iter(["127.0.0.2"])
def getaddrinfo(host, *others, **named):
    if host == "inside.example":
        host = "127.0.0.1"
    if host == "rebinding.example":
        host = next(answers, "127.0.0.1")
    return look_up(host, *others, **named)
socket.getaddrinfo = getaddrinfo
"""

MANY_REQUESTS = f"""{ADD}<script>
    let ended = 0;
    function end() {{ ended += 1; if (ended == 1000) add("all-ended"); }}
    for (let i = 0; i < 1000; i++) fetch("/asked?" + i).then(end, end);
    for (let i = 0; i < 1000; i++) new WebSocket("ws://sockets.test:{{port}}/" + i);</script>"""

# Each wears the browser out in its own way, after its HTML's one link: as the visit's reason says.
WEARING = {
    "never.test/": (None, "let n = 0; setInterval(() => add(`at${++n}`), 900);"),
    "loop.test/": ("render_timeout", "for (;;);"),
    "arrays.test/": ("render_crashed", "const kept = []; for (;;) kept.push(new Array(10_000).fill(kept.length));"),
    "buffers.test/": ("render_crashed", "const kept = []; for (;;) kept.push(new Uint8Array(10_000_000).fill(1));"),
    "nodes.test/": (
        "render_too_large",
        "for (let i = 0; i < 100_001; i++) document.body.append(document.createElement('p'));",
    ),
    "attribute.test/": ("render_too_large", "document.body.title = 'x'.repeat(10_000_001);"),
    "workers.test/": (None, "for (let i = 0; i < 20; i++) new Worker('data:text/javascript,setInterval(() => 0, 1)');"),
}
