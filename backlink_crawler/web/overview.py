"""The overview of a target."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, Response

from backlink_crawler.ask.files import FileFormat
from backlink_crawler.ask.formats import to_json
from backlink_crawler.ask.overviews import Overview, overview
from backlink_crawler.ask.questions import QUESTIONS, UnknownTarget, known_spelling, why_nothing
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import Target
from backlink_crawler.store.asking import Filters
from backlink_crawler.store.database import Database, database_errors
from backlink_crawler.web import pictures
from backlink_crawler.web.api import PROBLEMS, tagged
from backlink_crawler.web.choices import Mode, Needed
from backlink_crawler.web.downloads import FORMATS, answer_of
from backlink_crawler.web.index import Index
from backlink_crawler.web.overview_answer import OverviewAnswer, body_of
from backlink_crawler.web.profile import HEADINGS
from backlink_crawler.web.rendering import url

# The page that shows the rows of a finding; of the others its query does.
OF_FINDINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "broken": ("broken", {}),
    "comments": ("links", {"position": "comments"}),
    "few_content": ("links", {"position": "content"}),
    "few_dofollow": ("refdomains", {"dofollow": "true"}),
    "few_domains": ("refdomains", {}),
    "keyword_anchors": ("links", {"class": "exact"}),
    "losing": ("refdomains", {"lost": "true", "since": "28d"}),
    "mostly_unverified": ("links", {"status": "unverified"}),
    "one_anchor": ("anchors", {}),
    "one_network": ("networks", {}),
    "sponsored": ("links", {"rel": "sponsored"}),
    "ugc": ("links", {"rel": "ugc"}),
    "unverified": ("links", {"status": "unverified"}),
    "young": ("refdomains", {"since": "28d"}),
}
RECENT = ("url_from", "anchor", "is_dofollow", "url_to")


class OverviewChoice(BaseModel):
    """Of which target."""

    model_config = ConfigDict(extra="forbid")

    target: Needed = Field(description="A domain, host, URL, or URL prefix (https://example.com/blog/*).")
    mode: Mode = Field(None, description="Which URLs target means; guessed from its form without it.")

    def chosen(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True, exclude_none=True)


def router(index: Index) -> APIRouter:
    made = APIRouter()
    made.add_api_route("/overview", _page(index), methods=["GET"], include_in_schema=False)
    made.add_api_route(
        "/api/v1/overview",
        _answer(index),
        methods=["GET"],
        operation_id="overview",
        summary="Overview",
        description="Totals of a target, the coverage behind them, how its links came about, and what kinds there are.",
        tags=["questions"],
        responses={200: {"model": OverviewAnswer}, 304: {"description": "As If-None-Match has it."}, **PROBLEMS},
    )
    for form in FORMATS:
        made.add_api_route(f"/overview{form.ending}", _download(index, form), methods=["GET"], include_in_schema=False)
    return made


def read(database: Database, target: Target) -> Overview:
    """Raises UnknownTarget, which says what is nearest, when nothing links there."""
    try:
        with database.connect(autocommit=True) as connection, database_errors(database):
            return overview(connection, target)
    except UnknownTarget:
        raise why_nothing(database, "overview", target, Filters()) from None


def _page(index: Index) -> Callable[..., Response]:
    def page(choice: Annotated[OverviewChoice, Query()]) -> HTMLResponse:
        typed, target = _target(index, choice)
        given = choice.chosen()

        def to(question: str, /, **chosen: Any) -> str:
            return url(question, target=str(target), mode=target.mode.value, **chosen)

        found, nothing = _found(index, target)
        return index.page(
            "overview.html",
            target=str(target),
            mode=target.mode.value,  # as it is known, which its text alone does not say
            asked=target,
            taken_for=str(typed) if typed != target else None,
            given=given,
            found=found,
            nothing=nothing,
            pictures=pictures,
            to=to,
            recent=RECENT,
            headings=HEADINGS,
            of_findings=OF_FINDINGS,
            sql=QUESTIONS["overview"](target, Filters()).literal(),
        )

    return page


def _answer(index: Index) -> Callable[..., Response]:
    def answer(
        choice: Annotated[OverviewChoice, Query()],
        if_none_match: Annotated[str | None, Header(max_length=1_000)] = None,
    ) -> Response:
        _, target = _target(index, choice)
        return tagged(to_json(body_of(target, *_found(index, target))), if_none_match)

    return answer


def _download(index: Index, form: FileFormat) -> Callable[..., Response]:
    def download(choice: Annotated[OverviewChoice, Query()]) -> Response:
        _, target = _target(index, choice)
        return answer_of(index, QUESTIONS["overview"](target, Filters()), f"overview-{target}", form)

    return download


def _target(index: Index, choice: OverviewChoice) -> tuple[Target, Target]:
    """As it was typed, and as it is known."""
    typed = parse_target(choice.target, choice.mode, index.normalise)
    return typed, known_spelling(index.readers, typed)


def _found(index: Index, target: Target) -> tuple[Overview | None, str | None]:
    """The overview, or why there is none."""
    try:
        return read(index.readers, target), None
    except UnknownTarget as unknown:
        return None, str(unknown)
