"""The explorer as an ASGI application."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from importlib import resources
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse
from starlette.staticfiles import StaticFiles

from backlink_crawler import __version__
from backlink_crawler.errors import BacklinksError, Busy, DatabaseUnavailable, InvalidInput, SchemaMismatch, TookTooLong
from backlink_crawler.web import (
    admin,
    api,
    documentation,
    evidence,
    list_pages,
    network,
    overview,
    pages,
    profile,
    reasons,
    start,
)
from backlink_crawler.web.guard import Guard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from backlink_crawler.web.index import Index

_LOG = logging.getLogger(__name__)
_TOO_LONG = (
    "This takes longer than a page may; ask for less: a part of the target, fewer filters, or no sorting. As a download it "
    "may take an hour, and on the command line as long as it likes."
)


def make_app(index: Index, *, hosts: frozenset[str], password: str | None = None) -> ASGIApp:
    """hosts: names that it answers to. password: None: whoever reaches it may read. Changes are for index.is_admin alone."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        index.close()

    app = FastAPI(
        title="backlink-crawler",
        version=__version__,
        description="Who links to X: the answers of a self-hosted backlink index. The columns are those of the SQL views.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
    )
    app.state.index = index
    for room in (start, overview, pages, profile, network, reasons, evidence, list_pages, api, documentation):
        app.include_router(room.router(index))
    if index.is_admin:
        app.include_router(admin.router(index))
    static = resources.files("backlink_crawler.web").joinpath("static")
    app.mount("/static", StaticFiles(directory=str(static)))
    app.add_exception_handler(BacklinksError, _of_ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)
    return Guard(app, hosts=hosts, password=password)  # outermost: answers to mistakes of ours have its headers too


def _of_ours(request: Request, error: Exception) -> Response:
    match error:
        case InvalidInput():
            return _said(request, 400, str(error))
        case TookTooLong():
            return _said(request, 503, _TOO_LONG)
        case Busy():
            return _said(request, 503, str(error), {"Retry-After": "5"})
        case DatabaseUnavailable() | SchemaMismatch():
            return _said(request, 503, str(error))
        case _:
            return _said(request, 404, str(error))


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _said(request, 400, " ".join(_sentences(error)))


def _sentences(error: RequestValidationError) -> list[str]:
    said = []
    for each in error.errors():
        name = ".".join(str(part) for part in each["loc"][1:]) or "the request"
        said.append(f"{name}: {each['msg'].removeprefix('Value error, ')}.")
    return list(dict.fromkeys(said))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    what = "There is no such page." if error.status_code == 404 else str(error.detail)
    return _said(request, error.status_code, what, dict(error.headers or {}))


def _unexpected(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    return _said(request, 500, "Something went wrong here, which is a mistake of this program; its log says more.")


def _said(request: Request, status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"detail": sentence}, status, headers)
    index: Index = request.app.state.index
    values: dict[str, Any] = {"code": status, "sentence": sentence, "target": None, "mode": None}
    response: HTMLResponse = index.page("error.html", **values)
    response.status_code = status
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response
