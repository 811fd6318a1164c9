"""The pages of questions: rows with their filters, their later pages, their SQL, and ways to take them along."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from backlink_crawler.ask.files import FileFormat
from backlink_crawler.store.asking import TEXTS
from backlink_crawler.web.asked import ASKED
from backlink_crawler.web.choices import Rows, taking
from backlink_crawler.web.downloads import FORMATS, downloaded
from backlink_crawler.web.forms import form_of
from backlink_crawler.web.index import Index
from backlink_crawler.web.questions import Asked, Question, answered, literal, understood


class Sortable:
    """Titles of columns that sort by them: a second time, the other way round."""

    def __init__(self, question: Question, asked: Asked) -> None:
        self.path, self.sorts, self.given = question.name, question.sorts, asked.given
        self._column, _, self._direction = (asked.filters.sort or "").partition(":")

    def next(self, column: str) -> str:
        return f"{column}:{'desc' if self.of(column) == 'asc' else 'asc'}" if column == self._column else column

    def of(self, column: str) -> str:
        """asc, desc, or nothing: rows are not in its order."""
        if column != self._column:
            return ""
        return self._direction or ("asc" if column in TEXTS else "desc")


def router(index: Index) -> APIRouter:
    made = APIRouter(include_in_schema=False)
    for question in ASKED.values():
        made.add_api_route(f"/{question.name}", _page(index, question), methods=["GET"])
        for form in FORMATS:
            made.add_api_route(f"/{question.name}{form.ending}", _download(index, question, form), methods=["GET"])
    return made


def _page(index: Index, question: Question) -> Callable[..., Response]:
    def page(choice: Rows) -> Response:
        values: dict[str, Any] = {
            "question": question,
            "given": choice.chosen(),
            "form": form_of(choice),
        }
        if missing := question.needs(choice):
            return index.page("question.html", **values, **_shared(choice), answer=None, missing=missing)
        asked = understood(index.readers, question, choice, index.normalise)
        answer = answered(index.readers, question, asked)
        return index.page(
            "question.html",
            **values,
            **_shared(choice),
            answer=answer,
            sql=literal(asked),
            sortable=Sortable(question, asked),
        )

    return taking(page, question.choice)


def _shared(choice: Any) -> dict[str, Any]:
    """What every page about a target has: the first of them, and which URLs it means."""
    target = choice.target[0] if isinstance(choice.target, list) else choice.target
    return {"target": target, "mode": choice.mode.value if choice.mode else None}


def _download(index: Index, question: Question, form: FileFormat) -> Callable[..., Response]:
    def download(choice: Rows) -> Response:
        return downloaded(index, question, understood(index.readers, question, choice, index.normalise), form)

    return taking(download, question.choice)
