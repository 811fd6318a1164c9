"""The page of the API: made of its OpenAPI here, since pages that others make of one load from elsewhere."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from backlink_crawler.web.index import Index


def router(index: Index) -> APIRouter:
    made = APIRouter(include_in_schema=False)

    @made.get("/api")
    def page(request: Request) -> HTMLResponse:
        schema = request.app.openapi()
        base = str(request.base_url).rstrip("/")
        return index.page("api.html", schema=schema, base=base, target=None, mode=None)

    return made
