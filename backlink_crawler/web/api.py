"""The API: the same answers as the pages, with the views' names."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field, create_model
from starlette.responses import Response

from backlink_crawler.ask.columns import Kind, kind_of, meaning_of
from backlink_crawler.ask.formats import to_json
from backlink_crawler.web.asked import ASKED
from backlink_crawler.web.choices import Rows, taking
from backlink_crawler.web.index import Index
from backlink_crawler.web.questions import Answer, Question, answered, understood

_TYPES: dict[Kind, Any] = {
    Kind.COUNT: int,
    Kind.SCORE: float,
    Kind.SHARE: float,
    Kind.FACTOR: float,
    Kind.TIME: datetime,
    Kind.DAY: date,
    Kind.FLAG: bool,
    Kind.WORDS: list[str],
}


class Problem(BaseModel):
    """What is wrong, in a sentence."""

    detail: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "A parameter is not what it must be."},
    503: {"model": Problem, "description": "The database is away, busy, or takes too long."},
}


def router(index: Index) -> APIRouter:
    made = APIRouter(prefix="/api/v1", tags=["questions"])
    for question in ASKED.values():
        made.add_api_route(
            f"/{question.name}",
            _endpoint(index, question),
            methods=["GET"],
            summary=question.title,
            description=question.says,
            operation_id=question.name,
            responses={200: {"model": _model(question)}, 304: {"description": "As If-None-Match has it."}, **PROBLEMS},
        )
    return made


def _endpoint(index: Index, question: Question) -> Callable[..., Response]:
    def endpoint(choice: Rows, if_none_match: Annotated[str | None, Header(max_length=1_000)] = None) -> Response:
        answer = answered(index.readers, question, understood(index.readers, question, choice, index.normalise))
        return tagged(to_json(_body(answer)), if_none_match)

    return taking(endpoint, question.choice)


def _body(answer: Answer) -> dict[str, Any]:
    target = answer.asked.target
    return {
        "target": str(target),
        "mode": target.mode.value,
        "rows": list(answer.dicts()),
        "next": answer.page.next,
        "looked_at": answer.page.looked_at,
        "nothing": answer.nothing,
    }


def tagged(text: str, if_none_match: str | None) -> Response:
    """JSON with an ETag; 304 when the client has it."""
    body = text.encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    known = {tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")}
    if known & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def row_model(title: str, columns: Iterable[str]) -> type[BaseModel]:
    """A row of a view, whose columns it has."""
    fields: dict[str, Any] = {
        f"{name}_": (
            _TYPES.get(kind_of(name), str) | None,
            Field(None, alias=name, description=meaning_of(name) or None),
        )
        for name in columns
    }
    made: type[BaseModel] = create_model(f"{title}Row", **fields)
    return made


def _model(question: Question) -> type[BaseModel]:
    title = question.name.capitalize()
    row = row_model(title, question.columns)
    answer: type[BaseModel] = create_model(
        f"{title}Answer",
        target=(str, Field(description="The target, as it is known.")),
        mode=(str, Field(description="Which URLs it means.")),
        rows=(list[row], Field(description="At most `limit` rows.")),  # type: ignore[valid-type]
        next=(
            str | None,
            Field(
                None,
                description="`after` of the next page; null: there is none, or the rows are sorted: of those a download has all.",
            ),
        ),
        looked_at=(
            int | None,
            Field(None, description="Of so many links these are the rows; null: of all. `next` looks at more."),
        ),
        nothing=(str | None, Field(None, description="Why there are no rows, and what to do.")),
    )
    return answer
