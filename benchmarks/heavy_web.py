"""A web of another kind than the 20 sites: hosts of modern, heavy pages, made of the single pages of pages.tar.xz.

Each of those pages, 288 kB on the average, is taken as a page of several hosts. Its links to its own host lead to other
pages of the host instead, so that a crawl finds all of them from the first; what else is in it stays as it is.
"""

from __future__ import annotations

import re
import tarfile
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.environment import Web, conformance_data

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTS = 50
_HREF = re.compile(rb"""(<a\s[^>]*?\bhref\s*=\s*)(["'])(.*?)\2""", re.IGNORECASE | re.DOTALL)
_BASE = re.compile(rb"<base\s[^>]*>", re.IGNORECASE)


@contextmanager
def heavy_web(pages: int) -> Iterator[Web]:
    """HOSTS hosts with so many pages each. Raises Skipped."""
    archive, miniweb = conformance_data("pages.tar.xz")
    with TemporaryDirectory(prefix="backlinks-benchmark-web-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx's workers are not root
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        made = [folder / "pages" / file for file in _rewritten(folder, pages)]
        for host in range(HOSTS):
            root = folder / "web" / f"heavy-{host:02}.test"
            root.mkdir(parents=True)
            for page in range(pages):
                file = root / ("index.html" if page == 0 else f"{page}.html")
                file.symlink_to(made[(host * pages + page) % len(made)])
        yield Web(folder / "web", miniweb)


def _rewritten(folder: Path, pages: int) -> list[str]:
    """The names of the pages, which link to the pages of any host that they may be on."""
    names = []
    for line in (folder / "pages.tsv").read_text(encoding="utf-8").splitlines():
        url, name, _ = line.split("\t")
        file = folder / name
        file.write_bytes(_linked_inside(file.read_bytes(), urlsplit(url).netloc, pages, Random(name)))
        names.append(file.name)
    return names


def _linked_inside(page: bytes, host: str, pages: int, random: Random) -> bytes:
    """With its links to its own host leading to pages of ours, and a few more: some pages have none that is followed."""

    def another() -> bytes:
        return f"/{random.randrange(1, pages)}.html".encode()

    def led_inside(match: re.Match[bytes]) -> bytes:
        inside = _leads_inside(match[3].decode("utf-8", "replace").strip(), host)
        return match[1] + match[2] + another() + match[2] if inside else match[0]

    more = b"".join(b'<a href="%s">More</a>' % another() for _ in range(8))
    return _BASE.sub(b"", _HREF.sub(led_inside, page)) + more


def _leads_inside(href: str, host: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return parts.netloc == host or not (parts.netloc or parts.scheme or href.startswith("#"))
