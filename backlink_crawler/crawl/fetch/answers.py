"""What an answer's headers say, read as browsers read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.links.documents import Document, document_in
from backlink_crawler.links.headers import redirect_url
from backlink_crawler.model import Refusal

if TYPE_CHECKING:
    from scrapy.http import Response
    from scrapy.http.headers import Headers


def header_values(headers: Headers, name: bytes) -> list[str]:
    return [value.decode("latin-1") for value in headers.getlist(name)]


def content_type_of(headers: Headers) -> str:
    """All of them, joined."""
    return ", ".join(header_values(headers, b"Content-Type"))


def is_nosniff(headers: Headers) -> bool:
    """Fetch Standard, 3.7 "determine nosniff"."""
    first, _, _ = ", ".join(header_values(headers, b"X-Content-Type-Options")).partition(",")
    return first.strip().lower() == "nosniff"


def document_of_answer(response: Response) -> Document:
    return document_in(response.body, content_type_of(response.headers), nosniff=is_nosniff(response.headers))


def redirect_of(response: Response) -> str | Refusal:
    """Where it redirects to, if it does."""
    location = response.headers.get(b"Location")
    return redirect_url(location, response.url) if location else Refusal.INVALID_URL
