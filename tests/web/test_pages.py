"""Pages of questions: what they show, and what they say of what cannot be asked."""

from __future__ import annotations

import csv
import io
import json
import re
import socket
import tempfile
import time
from typing import TYPE_CHECKING

import openpyxl
import pytest
from pyarrow import parquet
from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crawl.conftest import FirstRun
    from tests.web.conftest import Served

ROASTER = "bergkaffee.test"
QUESTIONS = ("links", "refdomains", "anchors", "best", "new", "history", "daily", "linked", "competitors")


def cells(text: str, column: int = 0) -> list[str]:
    """The texts of a column of a page's first table."""
    rows = LexborHTMLParser(text).css("main table tbody")[0].css("tr")
    return [re.sub(r":\d+", "", row.css("td")[column].text(strip=True)) for row in rows]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_has_a_page_with_rows(served: Served, question: str) -> None:
    answered = served.get(question, target=ROASTER)
    assert answered.status == 200
    assert cells(answered.text)


def test_referring_domains_stand_in_the_order_of_their_links(served: Served) -> None:
    answered = served.get("refdomains", target=ROASTER)
    assert cells(answered.text)[:3] == ["horst-espresso.test", "alpineplate.test", "seilbahncafe.test"]
    assert len(cells(answered.text)) == 15


def test_a_filter_leaves_what_it_names(served: Served) -> None:
    answered = served.get("links", target=ROASTER, type="redirect")
    assert sorted(cells(answered.text)) == ["grindermarkt.test/go/bergkaffee", "grindermarkt.test/go/bergkaffee-beans"]


def test_a_form_that_nobody_filled_in_asks_for_everything(served: Served) -> None:
    plain = served.get("links", target=ROASTER)
    empty = served.get("links", target=ROASTER, status="", type="", anchor="", from_="", min_authority="")
    assert cells(empty.text) == cells(plain.text)


def test_the_pages_of_an_answer_have_each_row_once(served: Served) -> None:
    seen: list[int] = []
    after: str | None = None
    for _ in range(20):
        asked = {"after": after} if after else {}
        answer = served.get("api/v1/links", target=ROASTER, limit=7, **asked).json()
        seen += [row["link_id"] for row in answer["rows"]]
        after = answer["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 54


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("links", {"sort": "anchor"}),
        ("links", {"sort": "authority:asc"}),
        ("links", {"one_per_domain": "true"}),
        ("refdomains", {"sort": "domain_from:desc"}),
        ("competitors", {}),
        ("prospects", {}),
    ],
)
def test_the_next_rows_follow_in_whatever_order(served: Served, question: str, asked: dict[str, str]) -> None:
    whole = cells(served.get(question, target=ROASTER, **asked).text)
    pages = [served.get(question, target=ROASTER, limit=3, **asked)]
    while link := LexborHTMLParser(pages[-1].text).css_first("nav.paging a[rel=next]"):
        pages.append(served.send("GET", link.attributes["href"] or ""))
    assert len(pages) == -(-len(whole) // 3) > 1
    assert [cell for page in pages for cell in cells(page.text)] == whole


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "target"),
        ({"target": ""}, "target"),
        ({"target": "a\x00b"}, "control characters"),
        ({"target": "http://"}, "is not a domain, host or URL"),
        ({"target": "a" * 3_000 + ".test"}, "target"),
        ({"target": ROASTER, "limit": "0"}, "limit"),
        ({"target": ROASTER, "limit": "99999999999999999999"}, "limit"),
        ({"target": ROASTER, "status": "gone"}, "status"),
        ({"target": ROASTER, "mode": "all"}, "mode"),
        ({"target": ROASTER, "min_authority": "nan"}, "min_authority"),
        ({"target": ROASTER, "min_authority": "1e999"}, "min_authority"),
        ({"target": ROASTER, "min_authority": "101"}, "min_authority"),
        ({"target": ROASTER, "sort": "url_hash"}, "nothing to sort by"),
        ({"target": ROASTER, "sort": "anchor; DROP TABLE links"}, "nothing to sort by"),
        ({"target": ROASTER, "after": "1"}, "is not a cursor"),
        ({"target": ROASTER, "after": "99999999999999999999,1"}, "is not a cursor"),
        ({"target": ROASTER, "after": "1,1", "sort": "anchor"}, "is not a cursor"),
        ({"target": ROASTER, "from": "no such thing"}, "is not a domain, host or URL"),
        ({"target": ROASTER, "page": "https://elsewhere.test/"}, "is not a page of"),
        ({"target": ROASTER, "nonsense": "1"}, "nonsense"),
    ],
)
@pytest.mark.parametrize("path", ["links", "api/v1/links", "links.csv"])
def test_what_cannot_be_asked_is_a_sentence(served: Served, path: str, asked: dict[str, str], said: str) -> None:
    answered = served.get(path, **{f"{name}_": value for name, value in asked.items()})
    assert (answered.status, said in answered.text) == (400, True), answered.text


def test_what_is_not_known_comes_with_what_is_nearest(served: Served) -> None:
    answered = served.get("links", target="bergkafee.test")
    assert answered.status == 200
    assert "the nearest known targets are bergkaffee.test" in answered.text


def test_a_link_has_a_page_with_what_proves_it(served: Served) -> None:
    (row,) = served.get("api/v1/links", target=ROASTER, from_="gletscherbrot.test").json()["rows"]
    text = LexborHTMLParser(served.get(f"link/{row['link_id']}").text).css("main")[0].text(strip=False)
    for said in (
        "Pedal Huts carry our loaves uphill.",
        "roast behind our flour store",
        "It is followed",
        "found",
        "ok",
    ):
        assert said in text


@pytest.mark.parametrize(("link", "status"), [("0", 400), ("x", 400), ("9223372036854775808", 400), ("999999", 404)])
def test_a_link_that_there_is_not(served: Served, link: str, status: int) -> None:
    assert served.get(f"link/{link}").status == status


def test_downloads_have_all_rows_with_the_columns_of_the_command_line(served: Served) -> None:
    lines = served.get("links.csv", target=ROASTER).text.splitlines()
    rows = list(csv.DictReader(lines))
    assert len(rows) == 54
    assert list(rows[0])[:3] == ["url_from", "url_to", "anchor"]
    assert len(json.loads(served.get("links.json", target=ROASTER).body)) == 54
    assert len(served.get("links.jsonl", target=ROASTER).text.splitlines()) == 54


def test_downloads_are_workbooks_and_parquet_too(served: Served) -> None:
    book = openpyxl.load_workbook(io.BytesIO(served.get("links.xlsx", target=ROASTER).body), read_only=True)
    assert sum(1 for _ in book.worksheets[0].iter_rows()) == 1 + 54
    table = parquet.read_table(io.BytesIO(served.get("links.parquet", target=ROASTER).body))
    assert table.num_rows == 54
    assert str(table.schema.field("first_seen").type) == "timestamp[us, tz=UTC]"
    profile = parquet.read_table(io.BytesIO(served.get("profile.parquet", target=ROASTER).body))
    assert profile.column_names[:3] == ["part", "figure", "value"]


def test_downloads_keep_filters_and_say_what_they_are(served: Served) -> None:
    answered = served.get("refdomains.csv", target=ROASTER, dofollow="true")
    assert answered.headers["Content-Disposition"] == 'attachment; filename="refdomains-bergkaffee.test.csv"'
    assert answered.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert len(answered.text.splitlines()) == 1 + 13


def test_a_later_answer_of_the_api_is_not_sent_twice(served: Served) -> None:
    first = served.get("api/v1/refdomains", target=ROASTER)
    again = served.get("api/v1/refdomains", target=ROASTER, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_what_an_overview_leads_to_is_about_the_same_links(served: Served, first_run: FirstRun) -> None:
    """Of a prefix, whose text alone would mean one page."""
    address = first_run.web.localise("http://bergkaffee.test:8000/beans/*")
    overview = LexborHTMLParser(served.get("overview", target=address).text)
    (link,) = overview.css('nav.questions a[href^="/links?"]')
    answered = served.get((link.attributes["href"] or "").lstrip("/"))
    api = served.get("api/v1/overview", target=address).json()["totals"]
    assert len(cells(answered.text)) == api["backlinks"] == 21


def test_all_time_is_a_word_and_kept_in_every_link(served: Served) -> None:
    page = served.get("new", target=ROASTER, since="ever").text
    assert "since=ever" in page
    assert "learnt since" not in page
    assert "learnt since 7d" in served.get("new", target=ROASTER, since="").text


def test_a_page_that_is_no_page_of_the_target_is_refused(served: Served, first_run: FirstRun) -> None:
    page = first_run.web.localise("http://bergkaffee.test:8000/beans/")
    target = first_run.web.localise("http://bergkaffee.test:8000/about.html")
    assert served.get("links", target=ROASTER, page=page).status == 200
    assert "is not a page of" in served.get("links", target=target, page=page).text


def test_one_target_spelt_in_two_ways_is_one(served: Served) -> None:
    answered = served.send("GET", "/intersect?target=bergkaffee.test&target=BERGKAFFEE.test")
    assert (answered.status, "Name at least two targets." in answered.text) == (400, True)


def test_head_is_answered_as_get_without_content(served: Served) -> None:
    for path in (f"/links?target={ROASTER}", f"/api/v1/links?target={ROASTER}", "/"):
        answered = served.send("HEAD", path)
        assert (answered.status, answered.body) == (200, b"")
    assert served.send("HEAD", f"/links.csv?target={ROASTER}").status == 405


def test_no_file_is_left_behind_by_a_download(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for asked in ("bytes=x-", "bytes=99999999-", "bytes=0-10"):
        served.get("links.xlsx", target=ROASTER, headers={"Range": asked})
    deadline = time.monotonic() + 5  # the last of them may have been sent and not yet been cleared
    while list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(tmp_path.iterdir()) == []


def test_whoever_leaves_a_download_leaves_its_session_to_others(served: Served) -> None:
    """There are four."""
    for _ in range(12):
        with socket.create_connection(("127.0.0.1", served.port)) as left:
            left.sendall(f"GET /links.csv?target={ROASTER} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            left.recv(1)
    assert len(served.get("links.csv", target=ROASTER).text.splitlines()) == 55


def test_suggestions_are_domains_that_begin_so(served: Served) -> None:
    assert served.get("suggest", q="berg").json() == [{"domain": ROASTER, "refdomains": 15}]
    assert served.get("suggest", q="%").json() == []
    for nothing in ("ä", ".", "a..b", "x" * 70):
        assert served.get("suggest", q=nothing).json() == []
