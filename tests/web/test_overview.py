"""The overview of a target: its page, its download, and its place in the API."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from selectolax.lexbor import LexborHTMLParser

from backlink_crawler.web.overview import OF_FINDINGS
from backlink_crawler.web.overview_answer import OverviewAnswer

if TYPE_CHECKING:
    from tests.crawl.conftest import FirstRun
    from tests.web.conftest import Served

ROASTER = "bergkaffee.test"
CHARTS = [
    "Referring domains over time",
    "New and lost referring domains",
    "Links over time",
    "New and lost links",
    "Top anchors",
    "Top pages",
    "Top referring domains",
    "Rel of links",
    "Types of links",
    "Where links stand",
    "Classes of anchors",
    "Languages of linking pages",
    "TLDs of referring domains",
    "In the HTML, or rendered",
]


def page(served: Served, target: str = ROASTER, **asked: str) -> LexborHTMLParser:
    answered = served.get("overview", target=target, **asked)
    assert answered.status == 200, answered.text
    assert len(answered.body) <= 150_000
    return LexborHTMLParser(answered.text)


def tiles(read: LexborHTMLParser) -> dict[str, str]:
    return {tile.css("dt")[0].text(): tile.css("dd")[0].text() for tile in read.css("main .tiles > div")}


def test_tiles_have_the_figures_of_the_command_line(served: Served) -> None:
    shown = tiles(page(served))
    assert {name: shown[name] for name in ("Backlinks", "Referring domains", "Follow", "Lost", "Unverified")} == {
        "Backlinks": "54",
        "Referring domains": "15",
        "Follow": "77.8 %",
        "Lost": "0",
        "Unverified": "0",
    }


def test_every_count_says_how_much_was_read_and_when(served: Served) -> None:
    read = page(served)
    assert "91 of the 91 known pages of the domains that link were read (100 %)" in read.css(".says")[0].text()
    counts = [tile for tile in read.css(".tiles > div") if tile.css("dt")[0].text() not in {"Authority", "Trust"}]
    assert len(counts) == 6
    for tile in counts:
        assert "100 % read, until 20" in tile.css(".note")[0].text()


def test_charts_say_in_words_what_they_show(served: Served) -> None:
    read = page(served)
    said = {chart.css("title")[0].text(): chart.css("desc")[0].text() for chart in read.css("svg.chart")}
    assert list(said) == [title for title in CHARTS if title in said]
    assert "New or restored: 54, most on 20" in said["New and lost links"]
    assert said["Types of links"] == "text 87 %, image 7.4 %, redirect 3.7 %, frame 1.9 %."
    assert said["Top pages"].startswith("bergkaffee.test:")
    assert all(chart.attributes["role"] == "img" for chart in read.css("svg.chart"))


def test_every_picture_has_its_figures_or_says_why_there_are_none(served: Served) -> None:
    read = page(served)
    assert [of.css("h3")[0].text() for of in read.css(".picture")] == CHARTS
    for of in read.css(".picture"):
        assert of.css("details.figures table") or of.css(".note")


def test_every_way_on_leads_to_a_page(served: Served) -> None:
    """Of each question once: figures lead to the rows that they count."""
    ways = [str(link.attributes["href"]) for link in page(served).css("main .picture a, main .finding a")]
    asked = {way.partition("=")[0] + way.rpartition("&")[2].partition("=")[0]: way for way in ways}
    assert len(asked) >= 8
    for way in asked.values():
        answered = served.get(way)
        assert answered.status == 200, way
        assert LexborHTMLParser(answered.text).css("main table tbody tr"), way


def test_every_finding_with_a_page_has_one_that_can_be_asked(served: Served) -> None:
    for question, asked in OF_FINDINGS.values():
        assert (
            served.get(question, target=ROASTER, **{f"{name}_": value for name, value in asked.items()}).status == 200
        )


def test_nothing_is_styled_or_scripted_in_place(served: Served) -> None:
    text = served.get("overview", target=ROASTER).text
    assert " style=" not in text
    assert "<style" not in text
    assert text.count("<script") == 1


@pytest.mark.parametrize(
    ("target", "mode", "links"),
    [
        (ROASTER, "domain", 54),
        ("www.bergkaffee.test", "subdomains", 1),
        ("bergkaffee.test/beans/*", "prefix", 21),
        ("bergkaffee.test/beans/huila.html", "exact", 6),
    ],
)
def test_every_mode_of_a_target_has_an_overview(
    served: Served, first_run: FirstRun, target: str, mode: str, links: int
) -> None:
    port = first_run.web.port
    host, _, rest = target.partition("/")
    asked = target if mode == "domain" else f"http://{host}:{port}/{rest}" if rest else f"{host}:{port}"
    answer = served.get("api/v1/overview", target=asked).json()
    assert (answer["mode"], answer["nothing"]) == (mode, None)
    assert answer["totals"]["backlinks"] == links
    shown = page(served, asked)
    assert tiles(shown)["Backlinks"] == str(links)
    if mode != "domain":
        assert "profiles are told of whole domains" in shown.css("main")[0].text().lower()


def test_the_api_answers_as_its_model_says(served: Served) -> None:
    answer = served.get("api/v1/overview", target=ROASTER).json()
    assert OverviewAnswer.model_validate(answer)
    assert answer["totals"]["refdomains"] == 15
    assert answer["coverage"]["visited_share"] == 1
    assert answer["trend"]["days"][-1]["new_links"] == 54
    assert answer["mixes"]["type"]["shares"][0] == {
        "word": "text",
        "links": 47,
        "refdomains": 13,
        "share": pytest.approx(47 / 54),
    }
    assert answer["top"]["best"]["rows"][0]["refdomains"] == 12
    assert [each["finding"] for each in answer["told"]["findings"]] == ["few_targets"]


def test_a_later_answer_is_not_sent_twice(served: Served) -> None:
    first = served.get("api/v1/overview", target=ROASTER)
    again = served.get("api/v1/overview", target=ROASTER, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_the_download_is_what_the_command_line_has(served: Served) -> None:
    answered = served.get("overview.csv", target=ROASTER)
    (row,) = csv.DictReader(answered.text.splitlines())
    assert list(row)[:4] == ["target", "backlinks", "dofollow_links", "nofollow_links"]
    assert (row["target"], row["backlinks"], row["refdomains"]) == (ROASTER, "54", "15")
    assert answered.headers["Content-Disposition"] == 'attachment; filename="overview-bergkaffee.test.csv"'
    assert served.get("overview.json", target=ROASTER).json()[0]["backlinks"] == 54


def test_of_what_is_not_known_it_says_what_is_nearest(served: Served) -> None:
    assert "the nearest known targets are bergkaffee.test" in page(served, "bergkafee.test").css("main")[0].text()
    answer = served.get("api/v1/overview", target="bergkafee.test").json()
    assert OverviewAnswer.model_validate(answer).nothing
    assert answer["totals"] is None
    assert served.get("overview.csv", target="bergkafee.test").text.startswith("target,backlinks,")
    assert served.get("overview.json", target="bergkafee.test").json() == []


@pytest.mark.parametrize("path", ["overview", "api/v1/overview", "overview.csv"])
def test_what_cannot_be_asked_is_a_sentence(served: Served, path: str) -> None:
    for asked in ({}, {"target": "a\x00b"}, {"target": ROASTER, "limit": "3"}):
        assert served.get(path, **asked).status == 400
