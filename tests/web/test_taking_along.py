"""What every page has to take along: its rows as files, its SQL, which psql runs as it stands, and its own address."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import openpyxl
import pytest
from pyarrow import parquet
from selectolax.lexbor import LexborHTMLParser

from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import TargetMode
from backlink_crawler.store import embedded
from backlink_crawler.store.targets import add_target
from tests.integration.small_index import SmallIndex
from tests.integration.worker import NORMALISE, Worker, add_seed, link
from tests.web.addresses import ADDRESSES, OF_TARGET, TARGET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.crawl.conftest import FirstRun
    from tests.web.conftest import Served

_API = {"crawls": "runs"}
_FORMS = ("csv", "json", "jsonl", "xlsx", "parquet")
_SAID = 'it\'s 100 % \\ "sure"; DROP TABLE seeds'
EVIDENCE = {
    "link/1": {},
    "host": {"name": "www.bergkaffee.test"},
    "crawls/1": {},
    "why/risk": {"target": "to.test", "domain": "from.test"},
    "why/prospect": {"target": TARGET, "domain": "cupandpeak.test"},
}
_RISK = """
INSERT INTO risk_signals (signal, judged, weight, used_weight, least, of_pair, name, policy)
VALUES (101, 9, 0.5, 0.5, 1, FALSE, 'many_targets', 'link schemes'), (102, 9, 0.2, 0.2, 1, FALSE, 'untrusted', 'none');
INSERT INTO risk_factors (domain_id, target_id, signal, value, percentile, factor)
SELECT id, 0, signal, 0.75, 98, 0.5 FROM domains, (VALUES (101), (102)) AS s (signal) WHERE name = 'from.test';
INSERT INTO domain_risks (domain_id, target_id, risk, reasons)
SELECT id, 0, 0.325, ARRAY['many_targets', 'untrusted'] FROM domains WHERE name = 'from.test';
"""


def pasted(database: Database, text: str) -> list[dict[str, str]]:
    """What psql answers."""
    asked = [embedded.psql(), database.dsn, "--no-psqlrc", "--csv", "--set=ON_ERROR_STOP=1"]
    answer = subprocess.run(asked, input=text, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    return list(csv.DictReader(io.StringIO(answer.stdout)))


def sql_of(page: str) -> str:
    (code,) = LexborHTMLParser(page).css("section.take details.sql code")
    return code.text()


def link_of(page: str) -> str:
    (found,) = [a for a in LexborHTMLParser(page).css("section.take a") if a.text() == "Link to this page"]
    return found.attributes["href"] or ""


def written(value: Any) -> str:
    """As psql writes what the API says."""
    match value:
        case None:
            return ""
        case bool():
            return "t" if value else "f"
        case float():
            return f"{value:.15g}"
        case _:
            return str(value)


def is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


@pytest.fixture(scope="module")
def filled(embedded_server: Server) -> Iterator[Database]:
    """Some of everything that lists have, and links to what is watched in each of the four ways."""
    made = embedded_server.copy()
    with SmallIndex(made) as index:
        index.read(0, "http://from.test/", link("http://www.to.test/blog/1"), link("https://www.to.test/blog/2"))
    for number in range(7):
        add_seed(made, f"http://www.{number}.test/")
        add_seed(made, f"http://{number}.test/", hops=1)
    with Worker(made) as worker, made.connect(autocommit=True) as connection:
        worker.claim()
        worker.read("http://3.test/")
        for text in ("to.test", "www.to.test", "http://www.to.test/blog/1", "www.to.test/blog/*", "https://to.test/*"):
            add_target(connection, parse_target(text, None, NORMALISE), brands=["To"], keywords=[_SAID])
        add_target(connection, parse_target("nowhere.test", TargetMode.SUBDOMAINS, NORMALISE))
        connection.execute(
            "INSERT INTO mark_events (domain, url, url_hash, mark, note, marked_by, in_force) SELECT n || '.test', "
            "CASE WHEN n > 4 THEN 'http://' || n || '.test/' END, CASE WHEN n > 4 THEN gen_random_uuid() END, "
            "1 + n %% 3, %s, 'x', n <> 2 FROM generate_series(1, 9) AS n",
            [_SAID],
        )
        connection.execute(
            "INSERT INTO sources (worker, name, stats) SELECT gen_random_uuid(), %s, '{\"recorded/pages\": 7}' "
            "FROM generate_series(1, 4)",
            [_SAID],
        )
        connection.execute(_RISK)
        yield made
    embedded_server.drop(made)


@pytest.mark.parametrize(
    ("path", "asked", "number"),
    [
        ("seeds", {}, 14),
        ("seeds", {"limit": 3}, 3),
        ("seeds", {"domain": "3.test"}, 2),
        ("targets", {}, 6),
        ("targets", {"limit": 2}, 2),
        ("marks", {}, 8),
        ("marks", {"limit": 2}, 2),
        ("marks", {"mark": "contacted"}, 3),
        ("crawls", {"limit": 2}, 2),
        ("hosts", {"limit": 4}, 4),
        ("hosts", {"domain": "3.test"}, 2),
        ("hosts", {"state": "in_work"}, 14),
        ("hosts", {"state": "resting"}, 0),
    ],
)
def test_the_sql_of_a_list_gives_its_rows_in_psql(
    filled: Database, serve: Callable[..., Served], path: str, asked: dict[str, Any], number: int
) -> None:
    """Those of the page that is shown, and of the one after it."""
    served, after = serve(filled), None
    for _ in range(2):
        given = asked | ({"after": after} if after else {})
        told = served.get(f"api/v1/{_API.get(path, path)}", **given).json()
        rows = pasted(filled, sql_of(served.get(path, **given).text))
        assert len(rows) == len(told["rows"])
        assert after or len(rows) == number
        for row, said in zip(rows, told["rows"], strict=True):
            compared = {
                name: value for name, value in said.items() if not is_time(value) and not isinstance(value, list)
            }
            assert {name: row[name] for name in compared} == {k: written(v) for k, v in compared.items()}
        after = told["next"]
        if after is None:
            break


def test_the_links_to_watched_targets_are_named_as_people_type_them(
    filled: Database, serve: Callable[..., Served]
) -> None:
    rows = serve(filled).get("api/v1/targets").json()["rows"]
    assert [(row["target"], row["mode"], row["links"]) for row in rows] == [
        ("nowhere.test", "subdomains", 0),
        ("https://to.test/*", "prefix", 0),
        ("www.to.test/blog/", "prefix", 2),
        ("http://www.to.test/blog/1", "exact", 1),
        ("www.to.test", "subdomains", 2),
        ("to.test", "domain", 2),
    ]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("seeds", {"domain": "3.test"}),
        ("targets", {"limit": 2}),
        ("marks", {"mark": "contacted"}),
        ("crawls", {"limit": 2}),
        ("hosts", {"state": "due", "limit": 7}),
    ],
)
def test_a_list_has_a_link_to_itself_that_keeps_its_filters(
    filled: Database, serve: Callable[..., Served], path: str, asked: dict[str, Any]
) -> None:
    href = link_of(serve(filled).get(path, **asked).text)
    assert href.partition("?")[0] == f"/{path}"
    assert sorted(href.partition("?")[2].split("&")) == sorted(urlencode(asked).split("&"))


class Proof(NamedTuple):
    """A page of EVIDENCE. page: as it is read; csv: its rows."""

    served: Served
    database: Database
    path: str
    given: dict[str, str]

    def page(self) -> str:
        answered = self.served.get(self.path, **self.given)
        assert answered.status == 200
        return answered.text

    def csv(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.served.get(f"{self.path}.csv", **self.given).text)))


@pytest.fixture(params=EVIDENCE)
def proof(
    request: pytest.FixtureRequest, served: Served, first_run: FirstRun, filled: Database, serve: Callable[..., Served]
) -> Proof:
    path, database = request.param, first_run.database
    if path == "why/risk":  # the demo's first run is not ranked
        served, database = serve(filled), filled
    given = dict(EVIDENCE[path])
    if path == "host":  # the demo web has another port each time
        given["name"] = next(row["host"] for row in served.get("api/v1/hosts").json()["rows"] if row["outcome"])
    return Proof(served, database, path, given)


def test_what_proves_something_is_a_file_in_each_format(proof: Proof) -> None:
    found = {form: proof.served.get(f"{proof.path}.{form}", **proof.given) for form in _FORMS}
    assert {form: each.status for form, each in found.items()} == dict.fromkeys(_FORMS, 200)
    rows = proof.csv()
    assert rows
    assert [list(row) for row in json.loads(found["json"].body)] == [list(row) for row in rows]
    assert len(found["jsonl"].text.splitlines()) == len(rows)
    book = openpyxl.load_workbook(io.BytesIO(found["xlsx"].body), read_only=True)
    assert sum(1 for _ in book.worksheets[0].iter_rows()) == 1 + len(rows)
    table = parquet.read_table(io.BytesIO(found["parquet"].body))
    assert (table.num_rows, table.column_names) == (len(rows), list(rows[0]))


def test_the_sql_of_what_proves_something_gives_its_rows_in_psql(proof: Proof) -> None:
    rows, taken = pasted(proof.database, sql_of(proof.page())), proof.csv()
    assert [list(row) for row in rows] == [[name for name in row if name != "sentence"] for row in taken]
    for name in ("event", "url", "name", "signal", "url_from"):
        assert [row.get(name) for row in rows] == [row.get(name) for row in taken]


def test_what_proves_something_has_a_link_to_itself(proof: Proof) -> None:
    page = proof.page()
    again = proof.served.send("GET", link_of(page))
    assert again.status == 200
    assert LexborHTMLParser(again.text).css("h1")[0].text() == LexborHTMLParser(page).css("h1")[0].text()


def test_reasons_are_taken_along_in_words_too(filled: Database, serve: Callable[..., Served]) -> None:
    rows = serve(filled).get("why/risk.jsonl", **EVIDENCE["why/risk"]).text.splitlines()
    assert [json.loads(row)["sentence"] for row in rows] == [
        "it links to 0.75 domains; 98 % of those that are known here have less; weight 0.5 × factor 0.5",
        "75% of its PageRank does not come from trusted domains; 98 % of those that are known here have less; weight 0.2 × factor 0.5",
    ]


@pytest.mark.parametrize("form", _FORMS)
@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("link/0", {}, 400),
        ("link/x", {}, 400),
        ("link/1.5", {}, 400),
        ("link/9223372036854775808", {}, 400),
        ("link/999999", {}, 404),
        ("crawls/0", {}, 400),
        ("crawls/x", {}, 400),
        ("crawls/9223372036854775807", {}, 400),
        ("crawls/99", {}, 404),
        ("host", {}, 400),
        ("host", {"name": ""}, 400),
        ("host", {"name": "a\x00b"}, 400),
        ("host", {"name": "a b"}, 400),
        ("host", {"name": "nobody.test"}, 404),
        ("why/risk", {}, 400),
        ("why/risk", {"target": "to.test"}, 400),
        ("why/risk", {"target": "to.test", "domain": "http://"}, 400),
        ("why/risk", {"target": "to.test", "domain": "a.test", "nonsense": "1"}, 400),
        ("why/prospect", {"target": "www.to.test", "domain": "a.test"}, 400),
        ("why/prospect", {"target": "to.test", "domain": "a.test", "competitors": "\x1b"}, 400),
    ],
)
def test_nothing_is_taken_along_of_what_there_is_not(
    served: Served, path: str, asked: dict[str, str], status: int, form: str
) -> None:
    assert served.get(f"{path}.{form}", **asked).status == status


@pytest.mark.parametrize("path", ["why/risk", "why/prospect"])
def test_of_a_pair_that_is_not_known_there_are_no_rows(served: Served, path: str) -> None:
    answered = served.get(f"{path}.jsonl", target="nobody.test", domain="stranger.test")
    assert (answered.status, answered.text) == (200, "")


@pytest.mark.parametrize(
    "name", ["BÜCHER.test", "bücher.test.", "xn--bcher-kva.test", "Bu\u0308cher.TEST", "bücher.test:443"]
)
def test_a_host_is_found_by_its_name_as_people_write_it(
    database: Database, serve: Callable[..., Served], name: str
) -> None:
    add_seed(database, "http://bücher.test/")
    served = serve(database)
    answered = served.get("host", name=name)
    assert (answered.status, LexborHTMLParser(answered.text).css("h1")[0].text()) == (200, "xn--bcher-kva.test")
    assert served.get("host.csv", name=name).headers["Content-Disposition"].endswith('"host-xn--bcher-kva.test.csv"')


def test_a_host_keeps_its_port(database: Database, serve: Callable[..., Served]) -> None:
    add_seed(database, "http://shop.test:8080/")
    assert [serve(database).get("host", name=name).status for name in ("Shop.test:8080", "shop.test")] == [200, 404]


@pytest.mark.parametrize(
    "name", [*OF_TARGET, "seeds", "targets", "marks", "crawls", "run", "hosts", "link", "why a prospect"]
)
def test_every_page_with_rows_has_files_a_link_to_itself_and_sql_that_psql_runs(
    served: Served, first_run: FirstRun, name: str
) -> None:
    answered = served.send("GET", ADDRESSES[name])
    taken = {a.text() for a in LexborHTMLParser(answered.text).css("section.take a")}
    assert {*(form.upper() for form in _FORMS), "Link to this page"} <= taken
    pasted(first_run.database, sql_of(answered.text))
