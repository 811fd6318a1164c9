"""The page of a link: what proves it."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from backlink_crawler.ask.files import FileFormat
from backlink_crawler.store.evidence import events_of, evidence, is_link
from backlink_crawler.web.downloads import FORMATS, answer_of
from backlink_crawler.web.index import Index

_Key = Annotated[int, Path(ge=1, le=2**63 - 1)]


def router(index: Index) -> APIRouter:
    made = APIRouter(include_in_schema=False)
    for form in FORMATS:  # first: to the page, 5.csv is a key that is none
        made.add_api_route(f"/link/{{link}}{form.ending}", _download(index, form), methods=["GET"])

    @made.get("/link/{link}")
    def page(link: _Key) -> HTMLResponse:
        found = evidence(index.readers, link)
        if found is None:
            raise HTTPException(404)
        return index.page(
            "link.html",
            found=found,
            link=found.link,
            target=found.link["domain_to"],
            mode=None,
            sql=events_of(link).literal(),
        )

    return made


def _download(index: Index, form: FileFormat) -> Callable[..., Response]:
    def download(link: _Key) -> Response:
        if not is_link(index.readers, link):
            raise HTTPException(404)
        return answer_of(index, events_of(link), f"link-{link}", form)

    return download
