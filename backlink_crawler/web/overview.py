"""The overview of a target."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from backlink_crawler.ask.questions import UnknownTarget, ask, known_spelling
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.store.asking import Filters
from backlink_crawler.web.choices import Choice
from backlink_crawler.web.index import Index


def router(index: Index) -> APIRouter:
    made = APIRouter(include_in_schema=False)

    @made.get("/overview")
    def overview(choice: Annotated[Choice, Query()]) -> HTMLResponse:
        typed = parse_target(choice.target, choice.mode, index.normalise)
        target = known_spelling(index.readers, typed)
        totals, nothing = {}, None
        try:
            columns, rows = ask(index.readers, "overview", target, Filters())
            totals = dict(zip(columns, next(rows), strict=True))
        except UnknownTarget as unknown:
            nothing = str(unknown)
        return index.page(
            "overview.html", target=str(target), mode=choice.chosen().get("mode"), totals=totals, nothing=nothing
        )

    return made
