"""Why a domain has its risk, and why it is a prospect: every factor in words."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, Response

from backlink_crawler.ask import prospects, risks
from backlink_crawler.ask.files import FileFormat
from backlink_crawler.ask.questions import UnknownTarget
from backlink_crawler.inputs.targets import parse_domain
from backlink_crawler.model import Target
from backlink_crawler.store import schemes
from backlink_crawler.store.prospects import prospect_pages
from backlink_crawler.web.choices import MOST_TARGETS, Needed, Some
from backlink_crawler.web.downloads import FORMATS, answer_of, download_of
from backlink_crawler.web.index import Index

_WHOLE = "reasons are of whole domains"


class Pair(BaseModel):
    """A target, and a domain that links to it or might."""

    model_config = ConfigDict(extra="forbid")

    target: Needed
    domain: Needed
    competitors: Some = Field([], max_length=MOST_TARGETS)

    def chosen(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)


def router(index: Index) -> APIRouter:
    made = APIRouter(include_in_schema=False)

    @made.get("/why/risk")
    def risk(choice: Annotated[Pair, Query()]) -> HTMLResponse:
        target, domain = _pair(index, choice)
        found, nothing = None, None
        try:
            found = risks.explained(index.readers, target, domain)
        except UnknownTarget as unknown:
            nothing = str(unknown)
        return index.page(
            "risk.html",
            target=str(target),
            mode=None,
            domain=str(domain),
            found=found,
            columns=risks.COLUMNS,
            nothing=nothing,
            given=choice.chosen(),
            sql=schemes.reasons(target, domain).literal(),
        )

    @made.get("/why/prospect")
    def prospect(choice: Annotated[Pair, Query()]) -> HTMLResponse:
        target, domain = _pair(index, choice)
        named = _named(index, choice)
        sentences: list[str] = []
        pages: list[dict[str, Any]] = []
        nothing = None
        try:
            sentences, (columns, rows) = prospects.explained(index.readers, target, named, domain)
            pages = [dict(zip(columns, row, strict=True)) for row in rows]
        except UnknownTarget as unknown:
            nothing = str(unknown)
        return index.page(
            "prospect.html",
            target=str(target),
            mode=None,
            domain=str(domain),
            sentences=sentences,
            pages=pages,
            nothing=nothing,
            given=choice.chosen(),
            sql=prospect_pages(target, named, domain).literal(),
        )

    for form in FORMATS:
        made.add_api_route(f"/why/risk{form.ending}", _risk_download(index, form), methods=["GET"])
        made.add_api_route(f"/why/prospect{form.ending}", _prospect_download(index, form), methods=["GET"])
    return made


def _risk_download(index: Index, form: FileFormat) -> Callable[..., Response]:
    def download(choice: Annotated[Pair, Query()]) -> Response:
        target, domain = _pair(index, choice)
        columns, rows = risks.reasons(index.downloads, target, domain)
        return download_of(columns, rows, f"risk-{target}-{domain}", form)

    return download


def _prospect_download(index: Index, form: FileFormat) -> Callable[..., Response]:
    def download(choice: Annotated[Pair, Query()]) -> Response:
        target, domain = _pair(index, choice)
        query = prospect_pages(target, _named(index, choice), domain)
        return answer_of(index, query, f"prospect-{target}-{domain}", form)

    return download


def _pair(index: Index, choice: Pair) -> tuple[Target, Target]:
    """(target, domain). Raises InvalidInput."""
    return (
        parse_domain(choice.target, _WHOLE, index.normalise),
        parse_domain(choice.domain, _WHOLE, index.normalise),
    )


def _named(index: Index, choice: Pair) -> list[Target]:
    """Competitors. Raises InvalidInput."""
    return [parse_domain(text, _WHOLE, index.normalise) for text in dict.fromkeys(choice.competitors)]
