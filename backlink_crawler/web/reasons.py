"""Why a domain has its risk, and why it is a prospect: every factor in words."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse

from backlink_crawler.ask import prospects, risks
from backlink_crawler.ask.questions import UnknownTarget
from backlink_crawler.inputs.targets import parse_domain
from backlink_crawler.web.choices import MOST_TARGETS, Needed, Some
from backlink_crawler.web.index import Index

_WHOLE = "reasons are of whole domains"


class Pair(BaseModel):
    """A target, and a domain that links to it or might."""

    model_config = ConfigDict(extra="forbid")

    target: Needed
    domain: Needed
    competitors: Some = Field([], max_length=MOST_TARGETS)


def router(index: Index) -> APIRouter:
    made = APIRouter(include_in_schema=False)

    @made.get("/why/risk")
    def risk(choice: Annotated[Pair, Query()]) -> HTMLResponse:
        target, domain = (parse_domain(text, _WHOLE, index.normalise) for text in (choice.target, choice.domain))
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
        )

    @made.get("/why/prospect")
    def prospect(choice: Annotated[Pair, Query()]) -> HTMLResponse:
        target, domain = (parse_domain(text, _WHOLE, index.normalise) for text in (choice.target, choice.domain))
        named = [parse_domain(text, _WHOLE, index.normalise) for text in dict.fromkeys(choice.competitors)]
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
        )

    return made
