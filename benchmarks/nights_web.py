"""Real sites that change overnight: files that are edited, and pages that answer otherwise than they did."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
from enum import Enum, auto
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Change(Enum):
    """Of one link in a page's file, or of what the server says instead of the page."""

    REMOVED = auto()
    REL = auto()
    ANCHOR = auto()
    PLACE = auto()
    NOT_FOUND = "return 404;"
    GONE = "return 410;"
    MOVED = "return 301 /;"
    AWAY = "return 302 /;"
    FORBIDDEN = "return 403;"
    UNAVAILABLE = "return 503;"
    SILENT = "proxy_pass http://127.0.0.1:9999;"

    @property
    def is_edit(self) -> bool:
        return not isinstance(self.value, str)


class ChangedWeb:
    """What miniweb serves from `root`, seen from inside its network: its nginx is told of every change."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._master, self._configuration = _nginx()
        self._original = self._configuration.read_text(encoding="utf-8")
        self._files: dict[Path, bytes] = {}
        self._answers: dict[str, Change] = {}
        silent = socket.create_server(("127.0.0.1", 9999), backlog=512)
        threading.Thread(target=_swallow, args=[silent], daemon=True).start()

    def file(self, url: str) -> Path:
        parts = urlsplit(url)
        path = self._root / str(parts.hostname) / unquote(parts.path).lstrip("/")
        return path / "index.html" if parts.path.endswith("/") else path

    def show(self, url: str, change: Change | None, link: str) -> None:
        """From now on the page looks like that; None: as it did at first."""
        file = self.file(url)
        original = self._files.setdefault(file, file.read_bytes())
        edited = _edited(original, link, change) if change and change.is_edit else original
        if file.read_bytes() != edited:
            file.write_bytes(edited)
        if change and not change.is_edit:
            self._answers[url] = change
        else:
            self._answers.pop(url, None)

    def close(self, host: str) -> None:
        (self._root / host / "robots.txt").write_text("User-agent: *\nDisallow: /\n", encoding="utf-8")

    def reload(self) -> None:
        """Each answer is a location of a server of its host's name, which is nginx's fastest way to tell them apart."""
        by_host: dict[str, list[tuple[str, Change]]] = {}
        for url, change in self._answers.items():
            parts = urlsplit(url)
            by_host.setdefault(str(parts.hostname), []).append((unquote(parts.path), change))
        _, found, after = self._original.partition("listen 127.0.0.1:443 ssl default_server;")
        certificate = re.search(r"ssl_certificate .*", after)
        assert found
        assert certificate
        servers = "".join(
            f"server {{ listen 127.0.0.1:443 ssl; server_name {host}; {certificate[0]}\n"
            f"root {self._root}/{host}; index index.html index.htm;\n"
            + "".join(f'location = "{path}" {{ {change.value} }}\n' for path, change in answers)
            + "}\n"
            for host, answers in by_host.items()
        )
        self._configuration.write_text(
            self._original.replace("server { listen 127.0.0.1:80", servers + "server { listen 127.0.0.1:80", 1),
            encoding="utf-8",
        )
        os.kill(self._master, signal.SIGHUP)


def changeable(file: Path, link: str) -> bool:
    """Is there just one such link in the file, plain enough to be edited?"""
    if not file.is_file() or any(character in file.as_posix() for character in '"\\$ %'):
        return False
    text = file.read_bytes()
    return len(_anchors(text, link)) == 1 == text.count(link.encode()) and b"<body" in text


def _anchors(text: bytes, link: str) -> list[re.Match[bytes]]:
    return list(re.finditer(rb'<a href="' + re.escape(link.encode()) + rb'">([\w .-]+)</a>', text))


def _edited(text: bytes, link: str, change: Change) -> bytes:
    (found,) = _anchors(text, link)
    whole, words = found[0], found[1]
    match change:
        case Change.REMOVED:
            return text.replace(whole, words)
        case Change.REL:
            return text.replace(whole, whole.replace(b"<a ", b'<a rel="nofollow ugc" '))
        case Change.ANCHOR:
            return text.replace(whole, whole.replace(b">" + words + b"<", b">Other words<"))
        case _:
            return re.sub(rb"(<body[^>]*>)", lambda body: body[0] + whole, text.replace(whole, b""), count=1)


def _nginx() -> tuple[int, Path]:
    """Process id and configuration of the nginx that miniweb has started."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "cmdline").read_bytes().decode().replace("\0", " ")
        except OSError:
            continue
        if found := re.search(r"nginx: master process .*-c (\S+/nginx\.conf)", said):
            same_network = (process / "ns/net").readlink() == Path("/proc/self/ns/net").readlink()
            if same_network:
                return int(process.name), Path(found[1])
    raise RuntimeError("no nginx of miniweb's is running here")


def _swallow(server: socket.socket) -> None:
    held = []
    while True:
        held.append(server.accept())  # and never answers
