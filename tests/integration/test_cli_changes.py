"""`backlinks new | lost | history`, and what the others count while a page cannot be read."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.model import Outcome
from tests.integration.archive import Archive, day
from tests.integration.test_cli import sentence
from tests.integration.worker import Worker, add_seed, link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.integration.test_cli import Backlinks

FROM, OTHER = "http://from.test/", "http://other.test/"
KEPT, EDITED, GONE, OLD = (
    "http://shop.test/kept",
    "http://blog.shop.test/x",
    "http://shop.test/gone",
    "http://shop.test/old",
)


@pytest.fixture(scope="module")
def changed(embedded_server: Server) -> Iterator[Database]:
    """Read-only for all tests of this file. from.test has lost a link, other.test does not answer any more."""
    made = embedded_server.copy()
    for address in (FROM, OTHER):
        add_seed(made, address)
    with Worker(made) as worker:
        worker.claim()
        worker.read(FROM, link(KEPT, "Kept"), link(EDITED, "Before"), link(GONE, "Gone"), link(OLD, "Old"))
        worker.read(OTHER, link(KEPT, "Shop", "nofollow"))
        for _ in range(2):
            worker.read(FROM, link(KEPT, "Kept"), link(EDITED, "After"), link(OLD, "Old"))
        worker.read(OTHER, outcome=Outcome.TIMEOUT, http_code=None)
    with made.connect() as connection:
        connection.execute(
            "INSERT INTO batches (id, source_id, recorded_at, number) OVERRIDING SYSTEM VALUE "
            "SELECT 0, source_id, recorded_at - interval '20 days', 0 FROM batches WHERE id = 1"
        )
        connection.execute(
            "UPDATE links SET first_seen = first_seen - interval '20 days', batch_id = 0 WHERE anchor = 'Old'"
        )
    yield made
    embedded_server.drop(made)


def rows(backlinks: Backlinks, database: Database, *arguments: str) -> list[dict[str, Any]]:
    ran = backlinks(*arguments, "--format", "jsonl", database=database)
    assert (ran.code, ran.err) == (0, "")
    return [json.loads(line) for line in ran.out.splitlines()]


def test_new_links_are_those_found_lately_that_still_stand(backlinks: Backlinks, changed: Database) -> None:
    found = rows(backlinks, changed, "new", "shop.test", "--sort", "url_to")
    assert sorted((row["url_to"], row["anchor"], row["status"]) for row in found) == [
        (EDITED, "After", "live"),
        (KEPT, "Kept", "live"),
        (KEPT, "Shop", "unverified"),
    ]
    assert OLD in {row["url_to"] for row in rows(backlinks, changed, "new", "shop.test", "--since", "4w")}
    assert len(rows(backlinks, changed, "new", "shop.test", "--dofollow")) == 2


def test_lost_links_come_with_their_reason_and_an_unverified_one_is_not_among_them(
    backlinks: Backlinks, changed: Database
) -> None:
    (row,) = rows(backlinks, changed, "lost", "shop.test", "--since", "24h")
    assert (row["url_from"], row["url_to"], row["lost_reason"]) == (FROM, GONE, "link_removed")
    assert row["lost_at"] > row["first_seen"]


def test_the_history_is_told_from_its_end(backlinks: Backlinks, changed: Database) -> None:
    told = rows(backlinks, changed, "history", "shop.test")
    assert [row["event"] for row in told if row["url_to"] == GONE] == ["lost", "missing", "found"]
    assert [(row["event"], row["before"], row["after"]) for row in told if row["url_to"] == EDITED] == [
        ("anchor_changed", "Before", "After"),
        ("found", None, None),
    ]
    assert told == sorted(told, key=lambda row: row["learnt_at"], reverse=True)
    assert {row["outcome"] for row in told if row["url_to"] == GONE} == {"ok"}
    assert OLD not in {row["url_to"] for row in rows(backlinks, changed, "history", "shop.test", "--since", "7d")}


@pytest.mark.parametrize(
    ("target", "expected"),
    [(KEPT, {KEPT}), ("blog.shop.test", {EDITED}), ("shop.test/k", {KEPT}), ("http://shop.test/g*", {GONE})],
)
def test_the_history_of_a_part_of_a_domain(
    backlinks: Backlinks, changed: Database, target: str, expected: set[str]
) -> None:
    assert {row["url_to"] for row in rows(backlinks, changed, "history", target)} == expected


def test_a_table_and_csv(backlinks: Backlinks, changed: Database) -> None:
    ran = backlinks("lost", "shop.test", database=changed)
    head, titles, *_ = (line for line in ran.out.splitlines() if line)
    assert head == "lost: links to shop.test and all its hosts (--mode domain, guessed)"
    assert titles.replace(" (UTC)", "").split() == (
        "lost_learnt_at lost_at lost_reason url_from anchor is_dofollow rel url_to last_seen".split()
    )
    read = list(csv.DictReader(io.StringIO(backlinks("history", GONE, "--format", "csv", database=changed).out)))
    assert [row["after"] for row in read] == ["link_removed", "", ""]


def test_what_was_learnt_today_is_told_today_however_long_ago_it_happened(
    backlinks: Backlinks, database: Database
) -> None:
    """A run proves tonight that a link went in March: `--since 24h` has it, with both times."""
    with Archive(database) as archive:
        archive.capture(day(1), FROM, link(GONE, "Gone"))
        archive.capture(day(2), FROM)
        archive.capture(day(3), FROM)
    (row,) = rows(backlinks, database, "lost", "shop.test", "--since", "24h")
    assert row["lost_at"] == "2026-03-03T00:00:00+00:00"
    assert datetime.fromisoformat(row["lost_learnt_at"]) > datetime.now(UTC) - timedelta(hours=1)
    told = rows(backlinks, database, "history", "shop.test", "--since", "24h")
    assert [(row["event"], row["happened_at"][:10]) for row in told] == [
        ("lost", "2026-03-04"),
        ("missing", "2026-03-03"),
        ("found", "2026-03-02"),
    ]
    with Archive(database) as archive:
        archive.capture(day(4), FROM, link(GONE, "Gone"))
    (today,) = rows(backlinks, database, "daily", "shop.test", "--since", "24h")
    columns = ("new_links", "lost_links", "restored_links", "new_refdomains", "lost_refdomains", "restored_refdomains")
    assert [today[column] for column in columns] == [1, 1, 1, 1, 1, 1]
    (row,) = rows(backlinks, database, "links", "shop.test", "--status", "all")
    assert (row["status"], row["lost_at"]) == ("unverified", None)


def test_nothing_in_that_time_says_so(backlinks: Backlinks, changed: Database) -> None:
    said = sentence(backlinks("new", OLD, database=changed), 1)
    assert said == f"of the links to {OLD}, none is new in that time; name a longer one with --since."
    said = sentence(backlinks("lost", KEPT, "--since", "2020-01-31", database=changed), 1)
    assert said == f"of the links to {KEPT}, none was lost in that time; name a longer one with --since."
    said = sentence(backlinks("new", "nowhere.example", database=changed), 1)
    assert said == "no links to nowhere.example are known."


@pytest.mark.parametrize("since", ["", "7", "d7", "0d", "7 days", "2026-02-30", "-7d", "99999d", "tomorrow"])
def test_a_since_that_is_none_is_exit_code_2(backlinks: Backlinks, since: str) -> None:
    said = sentence(backlinks("new", "shop.test", f"--since={since}"), 2)
    assert said == f"--since {since}: write 24h, 7d, 2w, 6mo or a date, 2026-01-31."


def test_the_printed_sql_says_since_when(backlinks: Backlinks) -> None:
    ran = backlinks("new", "shop.test", "--sql", "--limit", 0)
    assert ran.out.endswith(
        "FROM backlinks\nWHERE domain_to_id = domain_id('shop.test')\n    AND status_id = 0\n"
        "    AND batch_id >= first_batch(now() - interval '7 days')\nORDER BY batch_id DESC, link_id DESC;\n"
    )
    ran = backlinks("lost", "shop.test", "--sql", "--since", "2026-01-31")
    assert "    AND lost_batch_id >= first_batch(timestamptz '2026-01-31 00:00+00')\n" in ran.out
    assert "batch_id >=" not in backlinks("history", "shop.test", "--sql").out


def test_a_link_whose_page_could_not_be_read_is_still_shown_and_says_so(
    backlinks: Backlinks, changed: Database
) -> None:
    found = rows(backlinks, changed, "links", "shop.test", "--sort", "url_to")
    assert sorted((row["url_to"], row["domain_from"], row["status"]) for row in found) == [
        (EDITED, "from.test", "live"),
        (KEPT, "from.test", "live"),
        (KEPT, "other.test", "unverified"),
        (OLD, "from.test", "live"),
    ]
    assert {row["domain_from"] for row in rows(backlinks, changed, "links", "shop.test", "--status", "live")} == {
        "from.test"
    }
    domains = rows(backlinks, changed, "refdomains", "shop.test")
    assert [(row["domain_from"], row["status"]) for row in domains] == [
        ("from.test", "live"),
        ("other.test", "unverified"),
    ]
    assert len(rows(backlinks, changed, "refdomains", "shop.test", "--status", "live")) == 1
    assert {row["anchor"] for row in rows(backlinks, changed, "anchors", "shop.test")} == {
        "Kept",
        "After",
        "Old",
        "Shop",
    }
    assert "Shop" not in {row["anchor"] for row in rows(backlinks, changed, "anchors", "shop.test", "--status", "live")}


def test_an_overview_counts_what_is_live_and_names_the_rest_beside_it(backlinks: Backlinks, changed: Database) -> None:
    (whole,) = rows(backlinks, changed, "overview", "shop.test")
    assert (whole["backlinks"], whole["lost_links"], whole["unverified_links"]) == (3, 1, 1)
    (page,) = rows(backlinks, changed, "overview", KEPT)
    assert (page["backlinks"], page["refdomains"], page["lost_links"], page["unverified_links"]) == (1, 1, 0, 1)
    (page,) = rows(backlinks, changed, "overview", GONE)
    assert (page["backlinks"], page["lost_links"]) == (0, 1)
    assert "no links to http://shop.test/nothing are known" in sentence(
        backlinks("overview", "http://shop.test/nothing", database=changed), 1
    )
