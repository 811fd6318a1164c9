"""The neighbourhood of a target as a picture, with its table."""

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, Response

from backlink_crawler.ask import network
from backlink_crawler.ask.files import FileFormat
from backlink_crawler.ask.formats import to_json
from backlink_crawler.ask.layout import HEIGHT, WIDTH, Point, placed
from backlink_crawler.ask.network import MOST, Neighbourhood
from backlink_crawler.ask.questions import UnknownTarget
from backlink_crawler.inputs.targets import parse_domain
from backlink_crawler.model import Target
from backlink_crawler.store.column_types import Column, ColumnType
from backlink_crawler.store.neighbours import edges_around, neighbours
from backlink_crawler.web.api import PROBLEMS, tagged
from backlink_crawler.web.choices import Mode, Needed
from backlink_crawler.web.downloads import FORMATS, download_of
from backlink_crawler.web.index import Index

_COLUMNS = {
    "domain": ColumnType.TEXT,
    "authority": ColumnType.DOUBLE,
    "links": ColumnType.INTEGER,
    "links_among": ColumnType.INTEGER,
}
_DRAWN = 1_500  # edges, the largest: more are a grey disc, and make a page heavy
_LABELLED = 40  # nodes: more labels would cover each other


class NetworkChoice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    target: Needed = Field(description="A domain.")
    mode: Mode = Field(None, description="Networks are of whole domains.")


class Node(BaseModel):
    domain: str
    authority: float | None = Field(description="0 to 100; null: not ranked.")
    links: int = Field(description="To the target, live or unverified.")
    links_among: int = Field(description="To and from the other domains of the picture.")


class Edge(BaseModel):
    domain_from: str
    domain_to: str
    links: int
    dofollow_links: int


class NetworkAnswer(BaseModel):
    target: str
    refdomains: int = Field(description="Domains that link to it, in the picture or not.")
    nodes: list[Node] = Field(
        description="The target, then at most 199 referring domains, those of most authority first."
    )
    edges: list[Edge]
    nothing: str | None = Field(None, description="Why there is no picture, and what to do.")


class _Node(NamedTuple):
    name: str
    x: float
    y: float
    radius: float
    label_y: float
    has_label: bool


class _Edge(NamedTuple):
    """kind: follow or nofollow, and whether it leads to the target."""

    kind: str
    x1: float
    y1: float
    x2: float
    y2: float


class Picture(NamedTuple):
    width: int
    height: int
    nodes: list[_Node]
    edges: list[_Edge]


def router(index: Index) -> APIRouter:
    made = APIRouter()

    @made.get("/network", include_in_schema=False)
    def page(choice: Annotated[NetworkChoice, Query()]) -> HTMLResponse:
        target, found, nothing = _asked(index, choice)
        drawn = picture(found) if found else None
        rows = [node._asdict() for node in found.nodes[1:]] if found else []
        return index.page(
            "network.html",
            target=str(target),
            mode=None,
            found=found,
            picture=drawn,
            rows=rows,
            sql="\n\n".join(
                query.literal() for query in (neighbours(target, MOST - 1), edges_around(target, MOST - 1))
            ),
            nothing=nothing,
        )

    for form in FORMATS:
        made.add_api_route(f"/network{form.ending}", _download(index, form), methods=["GET"], include_in_schema=False)

    @made.get(
        "/api/v1/network",
        operation_id="network",
        summary="Network",
        tags=["questions"],
        responses={200: {"model": NetworkAnswer}, 304: {"description": "As If-None-Match has it."}, **PROBLEMS},
    )
    def answer(
        choice: Annotated[NetworkChoice, Query()], if_none_match: Annotated[str | None, Header(max_length=1_000)] = None
    ) -> Response:
        target, found, nothing = _asked(index, choice)
        nodes = [node._asdict() for node in found.nodes] if found else []
        edges = [edge._asdict() for edge in found.edges] if found else []
        refdomains = found.refdomains if found else 0
        body = {"target": str(target), "refdomains": refdomains, "nodes": nodes, "edges": edges, "nothing": nothing}
        return tagged(to_json(body), if_none_match)

    return made


def _download(index: Index, form: FileFormat) -> Callable[..., Response]:
    def download(choice: Annotated[NetworkChoice, Query()]) -> Response:
        target, found, _ = _asked(index, choice)
        columns = [Column(name, of_type) for name, of_type in _COLUMNS.items()]
        return download_of(columns, iter(found.nodes if found else ()), f"network-{target}", form)

    return download


def picture(found: Neighbourhood) -> Picture:
    """Nodes larger by authority, by links where nothing is ranked; the largest have labels."""
    places = placed(
        [node.domain for node in found.nodes], [(edge.domain_from, edge.domain_to) for edge in found.edges[:_DRAWN]]
    )
    is_ranked = any(node.authority is not None for node in found.nodes[1:])
    most = max((node.links for node in found.nodes), default=1) or 1
    nodes = []
    for number, node in enumerate(found.nodes):
        size = (node.authority or 0) / 100 if is_ranked else node.links / most
        radius = round(12 if number == 0 else 3 + 7 * sqrt(size), 1)
        x, y = (round(value, 1) for value in places[node.domain])
        nodes.append(_Node(node.domain, x, y, radius, round(y + radius + 12, 1), number <= _LABELLED))
    middle = found.nodes[0].domain
    return Picture(WIDTH, HEIGHT, nodes, [_edge(edge, places, middle) for edge in found.edges])


def _edge(edge: network.Edge, places: Mapping[str, Point], middle: str) -> _Edge:
    (x1, y1), (x2, y2) = places[edge.domain_from], places[edge.domain_to]
    kind = "follow" if edge.dofollow_links else "nofollow"
    where = " to" if middle in {edge.domain_from, edge.domain_to} else ""
    return _Edge(f"{kind}{where}", round(x1), round(y1), round(x2), round(y2))


def _asked(index: Index, choice: NetworkChoice) -> tuple[Target, Neighbourhood | None, str | None]:
    """(target, its neighbourhood, why there is none)"""
    target = parse_domain(choice.target, "networks are of whole domains", index.normalise)
    try:
        return target, network.neighbourhood(index.readers, target), None
    except UnknownTarget as nothing:
        return target, None, str(nothing)
