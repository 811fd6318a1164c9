"""Forms do what they say, and only when a page of the explorer sent them."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from selectolax.lexbor import LexborHTMLParser

from backlink_crawler.errors import InvalidInput
from backlink_crawler.web import changing
from backlink_crawler.web.changing import done
from backlink_crawler.web.messages import Message, Messages
from backlink_crawler.web.posted import MOST_BYTES, parsed
from tests.integration.small_index import SmallIndex
from tests.integration.worker import Worker, add_seed, link

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlink_crawler.store.database import Database
    from tests.web.conftest import Answered, Served

ROUTES = (
    *("seeds/add", "seeds/remove", "seeds/recrawl", "targets/add", "targets/remove", "targets/verify"),
    *("marks/add", "marks/remove"),
)
HOSTILE = "<script>alert(1)</script>'\" {{ 7*7 }}"


@pytest.fixture
def admin(database: Database, serve: Callable[..., Served]) -> Served:
    with SmallIndex(database) as index:
        index.read(1, "http://from.test/", link("http://to.test/", "To"), link("http://to.test/two", "Two"))
        index.read(1, "http://other.test/", link("http://to.test/", "To"))
    return serve(database, is_admin=True)


def token_of(served: Served, page: str = "seeds", **headers: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{64})"', served.get(page, headers=headers).text)
    assert found
    return found[1]


def send(served: Served, path: str, headers: dict[str, str | None] | None = None, **fields: str) -> Answered:
    """As a browser sends a form of a page of the explorer. headers: others; None: not sent."""
    fields = {"token": token_of(served)} | {name.rstrip("_"): value for name, value in fields.items()}
    usual: dict[str, str | None] = {
        "Origin": served.address,
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    sent = {name: value for name, value in (usual | (headers or {})).items() if value is not None}
    return served.send("POST", f"/{path}", headers=sent, body=urlencode(fields).encode())


def told(served: Served, path: str, **fields: str) -> str:
    """What the page says that the form leads to."""
    answered = send(served, path, **fields)
    assert answered.status == 303, answered.text
    page = served.send("GET", answered.headers["Location"]).text
    return " ".join(LexborHTMLParser(page).css("[role=status]")[0].text().split())


def rows(served: Served, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = served.get(f"api/v1/{name}").json()["rows"]
    return found


def test_a_seed_is_kept_with_its_limits_and_removed_again(admin: Served) -> None:
    said = told(
        admin, "seeds/add", url="example.com", scope="host", max_depth="3", max_pages="100", hops="1", render="never"
    )
    assert said == "1 seed kept. No crawl is under way: the next backlinks crawl visits what is due."
    seed = rows(admin, "seeds")[0]
    names = ("url", "scope", "max_depth", "max_pages", "hops", "render")
    assert [seed[name] for name in names] == ["https://example.com/", "host", 3, 100, 1, "never"]
    assert told(admin, "seeds/remove", url=seed["url"]).startswith("https://example.com/ is no seed any more")
    assert "https://example.com/" not in [each["url"] for each in rows(admin, "seeds")]
    again = send(admin, "seeds/remove", url="https://example.com/")
    assert (again.status, "is not a kept seed" in again.text) == (400, True)


def test_of_a_list_of_seeds_each_line_that_was_refused_is_told(admin: Served) -> None:
    said = told(
        admin, "seeds/add", list="# mine\r\na.test\r\nno seed\r\nhttp://b.test/x\r\nftp://c.test/\r\n", hops="1"
    )
    assert said.startswith("2 seeds kept.")
    assert "line 3: 'no seed' has a space in it" in said
    assert "line 5: 'ftp://c.test/' is not an http(s) address" in said
    assert {(each["url"], each["hops"]) for each in rows(admin, "seeds")[:2]} == {
        ("https://a.test/", 1),
        ("http://b.test/x", 1),
    }
    assert told(admin, "seeds/add", list="no seed").startswith("No seed was kept. Refused: line 1:")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "fill in url"),
        ({"url": "no seed"}, "has a space in it"),
        ({"url": "/etc/passwd"}, "is neither a domain"),
        ({"url": "a.test", "max_pages": "0"}, "max pages"),
        ({"url": "a.test", "max_pages": "9999999999"}, "max pages"),
        ({"url": "a.test", "max_depth": "-1"}, "max depth"),
        ({"url": "a.test", "hops": "99"}, "hops"),
        ({"url": "a.test", "scope": "all"}, "scope"),
        ({"url": "a.test", "render": "ALWAYS"}, "render"),
        ({"url": "a.test\x00"}, "control characters"),
        ({"url": "a.test\n"}, "control characters"),
        ({"list": "a.test\n\x1b[2J"}, "control characters"),
        ({"url": "a" * 2_200}, "longer than"),
        ({"list": "a.test\n" * 5_001}, "5,000 go at once"),
    ],
)
def test_what_is_no_seed_is_a_sentence_and_changes_nothing(admin: Served, fields: dict[str, str], said: str) -> None:
    before = rows(admin, "seeds")
    answered = send(admin, "seeds/add", **fields)
    assert (answered.status, said in answered.text) == (400, True), answered.text
    assert rows(admin, "seeds") == before


def test_a_recrawl_is_due_now_and_says_who_visits_it(admin: Served, database: Database) -> None:
    add_seed(database, "http://again.test/")
    with Worker(database) as worker:
        worker.claim()
        worker.read("http://again.test/")
        due = told(admin, "seeds/recrawl", url="http://again.test/")
        assert due.startswith("1 more page of http://again.test/ is due now. ")
        again = told(admin, "seeds/recrawl", url="http://again.test/")
        assert again.startswith("0 more pages of http://again.test/ are due now. ")
    assert send(admin, "seeds/recrawl", url="http://never.test/").status == 400


def test_a_target_is_watched_verified_and_watched_no_longer(admin: Served, database: Database) -> None:
    said = told(admin, "targets/add", target="to.test", brands="To, The To ,", keywords=HOSTILE)
    assert said == "to.test (domain) is watched; 2 pages link to it and are visited first."
    (row,) = rows(admin, "targets")
    assert (row["target"], row["links"], row["brands"], row["keywords"]) == ("to.test", 3, ["To", "The To"], [HOSTILE])
    assert "<script>alert" not in admin.get("targets").text
    assert told(admin, "targets/verify", target="to.test", mode="domain").startswith(
        "2 pages with links to to.test are due, before all others. backlinks verify --all visits them now"
    )
    with database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM pages WHERE priority = 0").fetchone() == (2,)
    assert told(admin, "targets/remove", target="to.test", mode="domain") == "to.test is no longer watched."
    assert rows(admin, "targets") == []
    assert send(admin, "targets/remove", target="to.test").status == 400
    assert send(admin, "targets/verify", target="nobody.test").status == 400


def test_links_to_a_part_of_a_domain_are_counted_too(admin: Served) -> None:
    told(admin, "targets/add", target="to.test/two")
    (row,) = rows(admin, "targets")
    assert (row["target"], row["mode"], row["links"], row["more_links"]) == ("to.test/two", "prefix", 1, False)
    assert (
        told(admin, "targets/remove", target=row["target"], mode=row["mode"])
        == "https://to.test/two is no longer watched."
    )


def test_marks_are_set_with_a_note_and_taken_back(admin: Served) -> None:
    assert told(admin, "marks/add", subject="from.test", mark="contacted", note=HOSTILE) == (
        "from.test is marked as contacted."
    )
    (row,) = rows(admin, "marks")
    assert (row["domain"], row["mark"], row["mark_note"]) == ("from.test", "contacted", HOSTILE)
    assert row["marked_by"].endswith(" (explorer)")
    assert "<script>alert" not in admin.get("marks").text
    assert rows(admin, "marks?mark=won") == []
    assert told(admin, "marks/remove", subject="from.test") == "from.test is no longer marked."
    assert rows(admin, "marks") == []
    assert send(admin, "marks/remove", subject="from.test").status == 400


def test_a_page_that_is_written_with_another_slash_is_found(admin: Served) -> None:
    said = told(admin, "marks/add", subject="https://from.test/", mark="won")
    assert said.startswith("no links on https://from.test/ are known; taken for http://from.test/.")


def test_a_list_is_marked_line_by_line(admin: Served) -> None:
    said = told(admin, "marks/add", list="domain,mark,note\nfrom.test,won,thanks\nother.test,gone,\nthird.test,,\n")
    assert said.startswith("from.test is marked as won. Refused:")
    assert "line 3: 'gone' is no mark" in said
    assert "line 4: third.test: choose a mark" in said
    assert [(row["domain"], row["mark_note"]) for row in rows(admin, "marks")] == [("from.test", "thanks")]


def test_a_link_and_a_target_have_forms_to_mark_them(admin: Served) -> None:
    page = LexborHTMLParser(admin.get("link/1").text)
    assert [each.attributes["value"] for each in page.css("input[name=subject]")] == ["from.test", "http://from.test/"]
    page = LexborHTMLParser(admin.get("overview", target="to.test").text)
    assert [each.attributes["value"] for each in page.css("input[name=subject]")] == ["to.test"]


def test_without_admin_there_is_no_form_and_no_route(database: Database, serve: Callable[..., Served]) -> None:
    served = serve(database)
    for page in ("seeds", "targets", "marks", "crawls", "hosts", "overview?target=to.test"):
        assert 'method="post"' not in served.send("GET", f"/{page}").text
    for route in ROUTES:
        headers = {"Origin": served.address, "Content-Type": "application/x-www-form-urlencoded"}
        assert served.send("POST", f"/{route}", headers=headers, body=b"url=a.test").status == 404
    assert served.send("POST", "/seeds", body=b"url=a.test").status == 405


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": None}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "http://127.0.0.1"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "http://127.0.0.1.evil.test"}, 403),
        ({"Origin": "file://"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Type": None}, 415),
        ({"Host": "evil.test"}, 421),
        ({"Host": "evil.test", "Origin": "http://evil.test"}, 421),
        ({"Host": "localhost", "Origin": "http://localhost"}, 403),  # the token is of 127.0.0.1
    ],
)
def test_what_no_page_of_the_explorer_sent_is_refused(
    admin: Served, headers: dict[str, str | None], status: int
) -> None:
    before = rows(admin, "seeds")
    assert send(admin, "seeds/add", headers, url="csrf.test").status == status
    assert rows(admin, "seeds") == before


@pytest.mark.parametrize("token", ["", "0" * 64, "é", "of another host"])
def test_a_form_needs_the_token_of_its_host_name(admin: Served, token: str) -> None:
    if token == "of another host":
        token = token_of(admin, Host="localhost")
    assert send(admin, "seeds/add", url="csrf.test", token_=token).status == 403
    assert "https://csrf.test/" not in [row["url"] for row in rows(admin, "seeds")]


def test_a_token_is_of_one_process(admin: Served, database: Database, serve: Callable[..., Served]) -> None:
    other = serve(database, is_admin=True)
    assert send(admin, "seeds/add", url="csrf.test", token_=token_of(other)).status == 403


def test_no_get_changes_anything(admin: Served) -> None:
    before = rows(admin, "seeds")
    for route in ROUTES:
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
            query = urlencode(
                {"token": token_of(admin), "url": "get.test", "target": "get.test", "subject": "get.test"}
            )
            headers = {"Origin": admin.address}
            assert admin.send(method, f"/{route}?{query}", headers=headers).status == 405
    assert rows(admin, "seeds") == before


def test_a_form_that_the_address_fills_in_is_empty(admin: Served) -> None:
    headers = {"Origin": admin.address, "Content-Type": "application/x-www-form-urlencoded"}
    query = urlencode({"token": token_of(admin), "url": "query.test"})
    assert admin.send("POST", f"/seeds/add?{query}", headers=headers, body=b"x=1").status == 403


def test_a_body_has_a_megabyte_at_most(admin: Served) -> None:
    headers = {"Origin": admin.address, "Content-Type": "application/x-www-form-urlencoded"}
    body = b"list=" + b"a" * MOST_BYTES
    with suppress(BrokenPipeError, ConnectionResetError):  # nobody has read the rest of it
        assert admin.send("POST", "/seeds/add", headers=headers, body=body).status == 413


def test_a_message_is_none_of_the_address(admin: Served) -> None:
    for said in (HOSTILE, "Your password has expired", "x" * 64):
        page = admin.get("seeds", said=said).text
        assert 'role="status"' not in page
        assert "password" not in page
    assert admin.get("seeds", said="x" * 65).status == 400


@pytest.mark.parametrize(
    "body",
    [b"a=1&a=2", b"a=%ff", b"a=%00", b"a", b"&".join(b"f%d=1" % n for n in range(21)), "a=é".encode(), b"a%0a=1"],
)
def test_what_no_form_of_ours_sends_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        parsed(body)


def test_messages_are_forgotten_in_time_and_by_number() -> None:
    now = 0.0
    messages = Messages(lambda: now)
    first = messages.keep("one", [str(number) for number in range(150)])
    message = messages.said(first)
    assert message is not None
    assert (len(message.refused), message.refused[-1]) == (101, "and 50 more")
    for _ in range(200):
        last = messages.keep("other")
    assert messages.said(first) is None
    assert messages.said(last) == Message("other")
    now = 601.0
    assert messages.said(last) is None


def test_a_change_that_takes_long_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    may_end, ended = threading.Event(), threading.Event()

    def slow() -> Message:
        may_end.wait(20)
        ended.set()
        return Message("done")

    assert done(slow, wait=0.05) is None
    may_end.set()
    assert ended.wait(20)
    assert done(lambda: Message("at once")) == Message("at once")
    assert changing.WAIT_SECONDS == 20


def test_what_goes_wrong_in_a_change_is_raised() -> None:
    def wrong() -> Message:
        raise InvalidInput("no.")

    with pytest.raises(InvalidInput):
        done(wrong)
