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
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.manners.robots import RobotsAnswer, policy_of
from backlink_crawler.model import TargetMode
from backlink_crawler.store import asking, lists
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.lists import STATES
from backlink_crawler.store.status import status_at_a_glance
from backlink_crawler.web.api import PROBLEMS, tagged
from backlink_crawler.web.choices import Needed
from backlink_crawler.web.downloads import FORMATS, answer_of, download_of
from backlink_crawler.web.index import Index
from backlink_crawler.web.listings import LISTINGS, ListChoice, Listing, at_least, everything, wanted
from backlink_crawler.web.messages import SAID

_WORDS = {"mark": tuple(MARKS), "state": STATES}  # of filters
_Run = Annotated[int, Path(ge=1, le=2**63 - 2)]
_HostName = Annotated[Needed, Query()]
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
    for form in FORMATS:  # first: to the page of a run, 3.csv is a key that is none
        statistics, visits = _statistics(index, form), _visits(index, form)
        made.add_api_route(f"/crawls/{{crawl}}{form.ending}", statistics, methods=["GET"], include_in_schema=False)
        made.add_api_route(f"/host{form.ending}", visits, methods=["GET"], include_in_schema=False)
    made.add_api_route("/crawls/{crawl}", _run(index), methods=["GET"], include_in_schema=False)
    made.add_api_route("/host", _host(index), methods=["GET"], include_in_schema=False)
    return made


def _page(index: Index, listing: Listing) -> Callable[..., Response]:
    def page(choice: ListChoice) -> Response:
        asked = wanted(choice, index.normalise)
        part = lists.part_of(index.readers, listing.read, asked)
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
            sql=lists.literal(listing.read, asked),
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
    def run(crawl: _Run) -> HTMLResponse:
        row, query = _found_run(index, crawl), lists.statistics_of(crawl)
        with index.readers.connect() as connection, database_errors(index.readers):
            _, statistics = asking.answer(connection, query)
        return index.page("run.html", target=None, mode=None, run=row, statistics=statistics, sql=query.literal())

    return run


def _statistics(index: Index, form: FileFormat) -> Callable[..., Response]:
    def statistics(crawl: _Run) -> Response:
        _found_run(index, crawl)
        return answer_of(index, lists.statistics_of(crawl), f"crawl-{crawl}", form)

    return statistics


def _found_run(index: Index, crawl: int) -> lists.Row:
    """Raises HTTPException."""
    with index.readers.connect() as connection, database_errors(index.readers):
        found = lists.run(connection, crawl)
    if found is None:
        raise HTTPException(404)
    return found


def _host(index: Index) -> Callable[..., Response]:
    def host(name: _HostName) -> HTMLResponse:
        found = _found_host(index, name)
        robots = found.robots
        policy = policy_of(RobotsAnswer(robots["http_code"], robots["body"])) if robots else None
        return index.page(
            "host.html",
            target=None,
            mode=None,
            host=found.row,
            found=found,
            policy=policy,
            sql=lists.visits_to(found.row["host_id"]).literal(),
        )

    return host


def _visits(index: Index, form: FileFormat) -> Callable[..., Response]:
    def visits(name: _HostName) -> Response:
        row = _found_host(index, name).row
        return answer_of(index, lists.visits_to(row["host_id"]), f"host-{row['host']}", form)

    return visits


def _found_host(index: Index, name: str) -> lists.Host:
    """name: as people write it. Raises InvalidInput or HTTPException."""
    (known,) = parse_target(name, TargetMode.SUBDOMAINS, index.normalise).values
    with index.readers.connect() as connection, database_errors(index.readers):
        found = lists.host(connection, known)
    if found is None:
        raise HTTPException(404)
    return found
