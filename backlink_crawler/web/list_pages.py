"""Routes of the pages about the index itself, of their downloads, and of their places in the API."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from backlink_crawler.ask.files import FileFormat
from backlink_crawler.ask.formats import to_json
from backlink_crawler.inputs.marks import MARKS
from backlink_crawler.inputs.seeds import MAX_HOPS
from backlink_crawler.manners.robots import RobotsAnswer, policy_of
from backlink_crawler.store import lists
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.lists import STATES
from backlink_crawler.store.status import status_at_a_glance
from backlink_crawler.web.api import PROBLEMS, tagged
from backlink_crawler.web.choices import Needed
from backlink_crawler.web.downloads import FORMATS, download_of
from backlink_crawler.web.index import Index
from backlink_crawler.web.listings import LISTINGS, ListChoice, Listing, at_least, everything, wanted
from backlink_crawler.web.messages import SAID

_WORDS = {"mark": tuple(MARKS), "state": STATES}  # of filters
_OLDEST_RUN = "36 hours"  # as `backlinks status` has it


def router(index: Index) -> APIRouter:
    made = APIRouter()
    for listing in LISTINGS.values():
        made.add_api_route(f"/{listing.path}", _page(index, listing), methods=["GET"], include_in_schema=False)
        for form in FORMATS:
            download = _download(index, listing, form)
            made.add_api_route(f"/{listing.path}{form.ending}", download, methods=["GET"], include_in_schema=False)
        made.add_api_route(
            f"/api/v1/{listing.name}",
            _endpoint(index, listing),
            methods=["GET"],
            tags=["index"],
            summary=listing.title,
            description=listing.says,
            operation_id=listing.name,
            responses={
                200: {"model": listing.answer()},
                304: {"description": "As If-None-Match has it."},
                **PROBLEMS,
            },
        )
    made.add_api_route("/crawls/{crawl}", _run(index), methods=["GET"], include_in_schema=False)
    made.add_api_route("/host", _host(index), methods=["GET"], include_in_schema=False)
    return made


def _page(index: Index, listing: Listing) -> Callable[..., Response]:
    def page(choice: ListChoice) -> Response:
        part = lists.part_of(index.readers, listing.read, wanted(choice, index.normalise))
        given = choice.chosen()
        said = given.pop("said", None)
        others: dict[str, Any] = {}
        if listing.path == "crawls":
            with index.readers.connect() as connection, database_errors(index.readers):
                others = dict(zip(("doing", "since"), status_at_a_glance(connection, _OLDEST_RUN), strict=True))
        return index.page(
            f"{listing.path}.html",
            target=None,
            mode=None,
            listing=listing,
            part=part,
            rows=at_least(part.rows),
            given=given,
            limit=choice.limit,
            formats=FORMATS,
            words=_WORDS,
            max_hops=MAX_HOPS,
            said=index.messages.said(said),
            **others,
        )

    return _taking(page, listing.choice(said=(SAID, None)))


def _endpoint(index: Index, listing: Listing) -> Callable[..., Response]:
    def endpoint(choice: ListChoice, if_none_match: Annotated[str | None, Header(max_length=1_000)] = None) -> Response:
        part = lists.part_of(index.readers, listing.read, wanted(choice, index.normalise))
        return tagged(to_json(part._asdict()), if_none_match)

    return _taking(endpoint, listing.choice())


def _download(index: Index, listing: Listing, form: FileFormat) -> Callable[..., Response]:
    def download(choice: ListChoice) -> Response:
        asked = everything(wanted(choice, index.normalise))
        found = lists.rows_of(index.downloads, listing.read, asked)
        rows = ([row[name] for name in listing.columns] for row in found)
        return download_of(listing.columns, rows, listing.path, form)

    return _taking(download, listing.choice())


def _taking(endpoint: Callable[..., Response], choice: type[ListChoice]) -> Callable[..., Response]:
    endpoint.__annotations__["choice"] = Annotated[choice, Query()]
    return endpoint


def _run(index: Index) -> Callable[..., Response]:
    def run(crawl: Annotated[int, Path(ge=1, le=2**63 - 2)]) -> HTMLResponse:
        with index.readers.connect() as connection, database_errors(index.readers):
            found = lists.run(connection, crawl)
        if found is None:
            raise HTTPException(404)
        row, statistics = found
        return index.page("run.html", target=None, mode=None, run=row, statistics=sorted(statistics.items()))

    return run


def _host(index: Index) -> Callable[..., Response]:
    def host(name: Annotated[Needed, Query()]) -> HTMLResponse:
        with index.readers.connect() as connection, database_errors(index.readers):
            found = lists.host(connection, name.lower())
        if found is None:
            raise HTTPException(404)
        robots = found.robots
        policy = policy_of(RobotsAnswer(robots["http_code"], robots["body"])) if robots else None
        return index.page("host.html", target=None, mode=None, host=found.row, found=found, policy=policy)

    return host
