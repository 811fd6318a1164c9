"""Private parts of libraries that the crawler leans on. Each is pinned exactly: whoever lifts a pin learns here what went."""

from __future__ import annotations

import inspect
import tomllib
from importlib import import_module, metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
PINNED = ("scrapy", "scrapy-playwright", "tldextract", "twisted")
HTTP11 = "scrapy.core.downloader.handlers.http11"
PLAYWRIGHT = "scrapy_playwright.handler"
# Module, name in it (dotted), and what of ours needs it.
NAMES = [
    (HTTP11, "HTTP11DownloadHandler", "crawl/fetch/handlers.py: connections that are not kept long"),
    (HTTP11, "_LenientHTTP11ClientFactory.buildProtocol", "crawl/fetch/handlers.py: a protocol of our own"),
    (HTTP11, "_LenientHTTP11ClientProtocol.request", "crawl/fetch/handlers.py: a parser of our own"),
    (HTTP11, "_LenientHTTPClientParser.lineReceived", "crawl/fetch/handlers.py: heads that end"),
    (HTTP11, "_LenientHTTPClientParser.lineLengthExceeded", "crawl/fetch/handlers.py: heads that end"),
    (HTTP11, "_LenientHTTPClientParser.statusReceived", "crawl/fetch/handlers.py: what is not HTTP"),
    (HTTP11, "_LenientHTTPClientParser.allHeadersReceived", "crawl/fetch/handlers.py: lengths that are none"),
    (HTTP11, "_LenientHTTPClientParser.MAX_LENGTH", "crawl/fetch/handlers.py: heads that end"),
    (HTTP11, "_ScrapyAgent._headers_from_twisted_response", "crawl/fetch/handlers.py: headers that are made once"),
    (HTTP11, "_ScrapyAgent._cb_bodydone", "crawl/fetch/handlers.py: answers that are bytes"),
    (HTTP11, "_ScrapyAgent._get_agent", "crawl/fetch/handlers.py: an agent for all requests"),
    ("twisted.web.client", "_StandardEndpointFactory.endpointForURI", "crawl/fetch/handlers.py: endpoints made late"),
    (
        "scrapy.downloadermiddlewares.httpcompression",
        "HttpCompressionMiddleware._handle_encoding",
        "crawl/fetch/middlewares.py: bodies that stay bytes",
    ),
    ("twisted.web._newclient", "ParseError", "crawl/fetch/handlers.py: what is not HTTP"),
    ("twisted.web.http", "_MalformedChunkedDataError", "crawl/fetch/outcomes.py: chunks that are cut short"),
    ("scrapy", "Spider._set_crawler", "crawl/spiders/seeds.py: a spider that is made with its session"),
    ("scrapy.core.engine", "ExecutionEngine.close_spider_async", "crawl/session.py: a run that fails"),
    ("scrapy.core.engine", "ExecutionEngine.download_async", "crawl/render/resources.py: what scripts ask for"),
    ("scrapy.core.scraper", "Scraper.start_itemproc_async", "crawl/spiders/seeds.py: a visit that was rendered"),
    ("scrapy.commands.crawl", "Command._create_crawler", "crawl/command.py: a run that is prepared before the loop"),
    (PLAYWRIGHT, "ScrapyPlaywrightDownloadHandler._launch", "crawl/render/page.py: a browser that starts when needed"),
    (
        PLAYWRIGHT,
        "ScrapyPlaywrightDownloadHandler._browser_disconnected_callback",
        "crawl/render/page.py: one that dies",
    ),
    (
        PLAYWRIGHT,
        "ScrapyPlaywrightDownloadHandler._download_request_with_page",
        "crawl/render/page.py: what a page does",
    ),
    (PLAYWRIGHT, "BrowserContextWrapper", "crawl/render/page.py: contexts that are closed"),
    (
        "scrapy_playwright.provider",
        "PlaywrightBrowserProvider.launch_browser",
        "crawl/render/browser.py: which browser",
    ),
]
# Attributes that are set in an __init__ or on the way: module, class, and words of its source.
ATTRIBUTES = [
    (HTTP11, "HTTP11DownloadHandler", ("self._pool", "_pool._factory")),
    (HTTP11, "_LenientHTTP11ClientProtocol", ("self._parser", "__class__")),
    (HTTP11, "_LenientHTTP11ClientFactory", ("self._quiescentCallback",)),
    ("twisted.web.client", "HTTPConnectionPool", ("cachedConnectionTimeout", "_factory")),
    (
        PLAYWRIGHT,
        "ScrapyPlaywrightDownloadHandler",
        ("self.browser_provider_cls", "self.context_wrappers", "self.browser ="),
    ),
    ("scrapy_playwright.provider", "PlaywrightBrowserProvider", ("self.browser_type", "self.config")),
]


@pytest.mark.parametrize("name", PINNED)
def test_a_library_whose_private_parts_are_used_is_pinned_exactly_and_is_the_one_that_is_installed(name: str) -> None:
    required = next(each for each in map(Requirement, PROJECT["dependencies"]) if each.name == name)
    assert str(required.specifier) == f"=={metadata.version(name)}", (
        f"{name} is not the one that was tested: lift its pin in pyproject.toml and constraints.txt, and run all tests."
    )


@pytest.mark.parametrize(("module", "name", "needed"), NAMES, ids=[name for _, name, _ in NAMES])
def test_a_private_name_is_there(module: str, name: str, needed: str) -> None:
    found = import_module(module)
    for part in name.split("."):
        assert hasattr(found, part), f"{module} has no {name} any more, which is needed for {needed}."
        found = getattr(found, part)


@pytest.mark.parametrize(("module", "name", "words"), ATTRIBUTES, ids=[name for _, name, _ in ATTRIBUTES])
def test_a_private_attribute_is_there(module: str, name: str, words: tuple[str, ...]) -> None:
    source = inspect.getsource(getattr(import_module(module), name))
    for word in words:
        assert word in source, f"{module}.{name} does not use {word} any more, which crawl/ sets or reads."


def test_a_page_of_scrapy_playwright_is_still_handed_over_with_its_request_and_spider() -> None:
    handler = import_module(PLAYWRIGHT).ScrapyPlaywrightDownloadHandler
    arguments = list(inspect.signature(handler._download_request_with_page).parameters)
    assert arguments == ["self", "request", "page", "spider"], "crawl/render/page.py puts a method in its place."
