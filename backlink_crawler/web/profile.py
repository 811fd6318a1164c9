"""The profile of a target: its figures beside what is usual in this index, and what follows from them."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, Response

from backlink_crawler.ask import profiles
from backlink_crawler.ask.files import FileFormat
from backlink_crawler.ask.findings import Kind
from backlink_crawler.ask.formats import to_json
from backlink_crawler.ask.profiles import Profile
from backlink_crawler.ask.questions import UnknownTarget
from backlink_crawler.inputs.targets import parse_domain
from backlink_crawler.model import Target
from backlink_crawler.store.column_types import Column, ColumnType
from backlink_crawler.store.profiles import FIGURES, profile_query
from backlink_crawler.web.api import PROBLEMS, tagged
from backlink_crawler.web.choices import MOST_TARGETS, Mode, Needed, Some
from backlink_crawler.web.downloads import FORMATS, download_of
from backlink_crawler.web.forms import form_of
from backlink_crawler.web.index import Index

_WHOLE = "profiles are kept of whole domains"
HEADINGS = {
    Kind.COVERAGE: "What is not known",
    Kind.LOOK: "Worth a look: unusual in this index, which is no verdict",
    Kind.CHANCE: "To be had",
    Kind.GOOD: "As it should be",
}


class ProfileChoice(BaseModel):
    """What is asked of a whole domain."""

    model_config = ConfigDict(extra="forbid")

    target: Needed = Field(description="A domain.")
    mode: Mode = Field(None, description="Profiles are of whole domains.")
    competitors: Some = Field([], description="Domains whose figures stand beside.", max_length=MOST_TARGETS)

    def chosen(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True, exclude_none=True)


class Finding(BaseModel):
    finding: str
    kind: str
    weight: float = Field(description="0 to 1: how far beyond what is usual.")
    sentence: str
    advice: str
    query: str = Field(description="SQL that shows its rows.")


class Figure(BaseModel):
    """A figure; beside it, as of the last ranking, percentiles of the targets of this index."""

    part: str
    figure: str
    value: float | None
    count: float | None = Field(description="Of a share: of how many …")
    of: float | None = Field(description="… among how many.")
    p5: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p95: float | None
    others: dict[str, float | None] = Field(description="The figure of each competitor.")


class ProfileAnswer(BaseModel):
    target: str
    figures: list[Figure]
    findings: list[Finding]
    nothing: str | None = Field(None, description="Why there is no profile, and what to do.")


def router(index: Index) -> APIRouter:
    made = APIRouter()

    @made.get("/profile", include_in_schema=False)
    def page(choice: Annotated[ProfileChoice, Query()]) -> HTMLResponse:
        target, found, nothing = _asked(index, choice)
        return index.page(
            "profile.html",
            target=str(target),
            mode=None,
            given=choice.chosen(),
            form=form_of(choice),
            found=found,
            answer=found,
            question={"name": "profile"},
            figures=list(figures_of(found)) if found else [],
            headings=HEADINGS,
            nothing=nothing,
            sql="\n\n".join(profile_query(view, target).literal() for view in FIGURES),
        )

    @made.get(
        "/api/v1/profile",
        operation_id="profile",
        summary="Profile",
        tags=["questions"],
        responses={200: {"model": ProfileAnswer}, 304: {"description": "As If-None-Match has it."}, **PROBLEMS},
    )
    def answer(
        choice: Annotated[ProfileChoice, Query()], if_none_match: Annotated[str | None, Header(max_length=1_000)] = None
    ) -> Response:
        target, found, nothing = _asked(index, choice)
        body = {
            "target": str(target),
            "figures": list(figures_of(found)) if found else [],
            "findings": [
                dict(zip(profiles.FINDINGS, row, strict=True))
                for row in (profiles.finding_rows(found) if found else ())
            ],
            "nothing": nothing,
        }
        return tagged(to_json(body), if_none_match)

    for form in FORMATS:
        made.add_api_route(f"/profile{form.ending}", _download(index, form), methods=["GET"], include_in_schema=False)
    return made


def _download(index: Index, form: FileFormat) -> Callable[..., Response]:
    def download(choice: Annotated[ProfileChoice, Query()]) -> Response:
        target, found, _ = _asked(index, choice)
        names = [*profiles.COLUMNS, *(map(str, found.others) if found else ())]
        columns = [
            Column(name, ColumnType.DOUBLE if place > 1 else ColumnType.TEXT) for place, name in enumerate(names)
        ]
        return download_of(columns, iter(profiles.rows(found)) if found else iter(()), f"profile-{target}", form)

    return download


def figures_of(found: Profile) -> Any:
    """A dict a figure."""
    for row in profiles.rows(found):
        others = dict(zip(map(str, found.others), row[len(profiles.COLUMNS) :], strict=True))
        yield dict(zip(profiles.COLUMNS, row, strict=False)) | {"others": others}


def _asked(index: Index, choice: ProfileChoice) -> tuple[Target, Profile | None, str | None]:
    """(target, its profile, why there is none)"""
    target = parse_domain(choice.target, _WHOLE, index.normalise)
    competitors = [parse_domain(name, _WHOLE, index.normalise) for name in dict.fromkeys(choice.competitors)]
    try:
        return target, profiles.profile(index.readers, target, competitors), None
    except UnknownTarget as nothing:
        return target, None, str(nothing)
