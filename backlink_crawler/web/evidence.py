"""The page of a link: what proves it."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from backlink_crawler.store.evidence import evidence
from backlink_crawler.web.index import Index


def router(index: Index) -> APIRouter:
    made = APIRouter(include_in_schema=False)

    @made.get("/link/{link}")
    def page(link: Annotated[int, Path(ge=1, le=2**63 - 1)]) -> HTMLResponse:
        found = evidence(index.readers, link)
        if found is None:
            raise HTTPException(404)
        return index.page("link.html", found=found, link=found.link, target=found.link["domain_to"], mode=None)

    return made
