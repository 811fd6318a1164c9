"""The first page, and what the search box suggests."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, JSONResponse

from backlink_crawler.store.overall import suggested
from backlink_crawler.web.choices import Text
from backlink_crawler.web.index import Index


def router(index: Index) -> APIRouter:
    made = APIRouter(include_in_schema=False)

    @made.get("/")
    def start() -> HTMLResponse:
        return index.page("start.html", overall=index.overall, target=None, mode=None)

    @made.get("/suggest")
    def suggest(q: Annotated[Text, Query()] = "") -> JSONResponse:
        found = suggested(index.readers, q.lower()) if q and q.isascii() else []
        return JSONResponse([{"domain": domain, "refdomains": refdomains} for domain, refdomains in found])

    return made
