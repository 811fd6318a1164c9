"""Each question of a large target reads the rows that it shows, whichever page of them, and no others."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.ask import paging
from backlink_crawler.ask.overviews import overview
from backlink_crawler.ask.questions import QUESTIONS
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.store import groups, neighbours, profiles, queries, schemes, several, similar
from backlink_crawler.store.asking import Filters, answer, run_on
from backlink_crawler.store.cursors import cursor
from tests.integration.worker import NORMALISE

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.conftest import Server

# 100 rows, and the rest of the batch in which they end: 50 links to the target, and of another table as many.
SHOWN = 200
DEEP = 240  # rows that stand before the later page
LONG = [question for question in QUESTIONS if question not in {"overview", "linked", "broken"}]


@pytest.fixture(scope="module")
def large(embedded_server: Server) -> Iterator[psycopg.Connection]:
    """t1.test has 19,000 live links, the others 380 each."""
    made = embedded_server.copy()
    with made.connect(autocommit=True) as connection:
        for statement in Path(__file__).with_name("large_target.sql").read_text(encoding="utf-8").split(";\n"):
            connection.execute(statement.encode())
        connection.execute(
            groups._FILL,
            {"domains": [row[0] for row in connection.execute("SELECT domain_id FROM domain_totals WHERE has_groups")]},
        )
        connection.execute("VACUUM (ANALYZE)")
        yield connection
    embedded_server.drop(made)


def asked(question: str, target: str, **filters: Any) -> Any:
    return QUESTIONS[question](parse_target(target, None, NORMALISE), Filters(**filters))


def after(connection: psycopg.Connection, question: str, target: str, **filters: Any) -> str:
    """The cursor of a page that is deep in the list."""
    query = asked(question, target, limit=DEEP, **filters)
    answer = run_on(connection, query)
    rows = answer.fetchall()
    assert len(rows) == DEEP
    return cursor(query, [column.name for column in answer.description or ()], rows[-1])


def read(connection: psycopg.Connection, query: Any, *, by_place: bool = False) -> Counter[str]:
    """Rows that were read of each table, where it stands in the query, those included that a filter dropped."""
    row = run_on(connection, query, "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ").fetchone()
    assert row is not None
    counts: Counter[str] = Counter()
    nodes = [row[0][0]["Plan"]]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", ())
        if table := node.get("Relation Name"):
            dropped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            place = f"{table} {node['Alias']}" if by_place else table
            counts[place] += round((node["Actual Rows"] + dropped) * node["Actual Loops"])
    return counts


def assert_reads_what_it_shows(connection: psycopg.Connection, query: Any) -> None:
    counts = read(connection, query, by_place=True)
    assert counts.total() > 0
    assert {place: rows for place, rows in counts.items() if rows > SHOWN} == {}


def test_the_target_is_as_large_as_the_other_tests_suppose(large: psycopg.Connection) -> None:
    counted = "SELECT count(*), count(*) FILTER (WHERE status_id = 0) FROM backlinks WHERE domain_to = 't1.test'"
    assert large.execute(counted).fetchone() == (20000, 19000)
    assert large.execute("SELECT kind, count(*) FROM link_groups GROUP BY kind ORDER BY kind").fetchall() == [
        (0, 380),
        (1, 1425),
    ]


@pytest.mark.parametrize("question", [question for question in QUESTIONS if question not in {"overview", "broken"}])
def test_the_first_page_reads_what_it_shows(large: psycopg.Connection, question: str) -> None:
    target = "f7.test" if question == "linked" else "t1.test"
    assert_reads_what_it_shows(large, asked(question, target))


@pytest.mark.parametrize("question", ["new", "lost", "history"])
def test_a_time_since_when_is_a_range_of_an_index(large: psycopg.Connection, question: str) -> None:
    since = "now() - interval '3 hours'" if question != "new" else "now() - interval '17 days'"
    counts = read(large, asked(question, "t1.test", since=since))
    assert 0 < counts["links"] <= SHOWN


@pytest.mark.parametrize("question", LONG)
def test_a_later_page_reads_what_it_shows(large: psycopg.Connection, question: str) -> None:
    assert_reads_what_it_shows(large, asked(question, "t1.test", after=after(large, question, "t1.test")))


def test_new_and_lost_domains_are_read_in_the_order_of_an_index(large: psycopg.Connection) -> None:
    assert_reads_what_it_shows(large, asked("refdomains", "t1.test", since="now() - interval '90 days'"))
    assert_reads_what_it_shows(large, asked("refdomains", "gone.test", is_lost=True))
    counts = read(large, asked("refdomains", "t1.test", since="now() - interval '700 hours'"))
    assert counts["domain_edges"] == 0  # the index knows that there is none


def test_links_from_a_domain_or_a_page_are_read_alone(large: psycopg.Connection) -> None:
    for source, most in (("f8.test", 20), ("http://f8.test/3", 2), ("f8.test/1*", 22)):
        counts = read(large, asked("links", "t1.test", source=parse_target(source, None, NORMALISE)))
        assert 0 < counts["links"] <= most, source


def test_one_link_of_each_domain_reads_the_links_of_those_that_it_shows(large: psycopg.Connection) -> None:
    counts = read(large, asked("links", "t1.test", one_per_domain=True))
    assert counts["domain_edges"] <= SHOWN
    assert counts["links"] <= 100 * 20 + 100


def test_an_event_is_read_from_the_events(large: psycopg.Connection) -> None:
    """Half of them are of the kind; a link that was found is none of them."""
    counts = read(large, asked("history", "t1.test", event="lost"), by_place=True)
    assert counts["link_events e"] <= 2 * SHOWN
    assert {place: rows for place, rows in counts.items() if rows > SHOWN and place != "link_events e"} == {}


def test_domains_that_link_to_several_are_compared_by_their_edges(large: psycopg.Connection) -> None:
    targets = [parse_target(name, None, NORMALISE) for name in ("t1.test", "t7.test")]
    counts = read(large, several.intersect(targets, [parse_target("t9.test", None, NORMALISE)], Filters()))
    assert counts["links"] == counts["urls"] == counts["pages"] == 0
    assert counts["domain_edges"] <= 1000 + 400 + 400


def test_an_overview_reads_sums(large: psycopg.Connection) -> None:
    counts = read(large, asked("overview", "t1.test"))
    assert counts["links"] == counts["urls"] == 0
    # its largest hundred for last_seen, then each domain that links, and its coverage, once
    assert counts["domain_edges"] == 1050
    assert counts["domain_coverage"] <= 1000
    assert counts["pages"] == 100


@pytest.mark.parametrize("question", ["anchors", "best"])
def test_links_to_a_small_domain_are_counted_and_no_others(large: psycopg.Connection, question: str) -> None:
    counts = read(large, asked(question, "t7.test"))
    assert counts["links"] == 400
    assert counts["link_groups"] == 0
    counts = read(large, asked(question, "t1.test"))
    assert counts["links"] == 0


@pytest.mark.parametrize("question", ["links", "new", "lost", "history", "broken"])
@pytest.mark.parametrize(
    "target", ["http://t1.test/7", "http://t1.test/33*", "http://t1.test/*", "blog.t1.test", "http://blog.t1.test/9*"]
)
def test_a_part_of_a_large_target_reads_its_own_links_or_those_that_it_shows(
    large: psycopg.Connection, question: str, target: str
) -> None:
    """Few links are sorted; many are found among all of the domain in their order: here at least every fourth is one."""
    counts = read(large, asked(question, target))
    assert max(counts["links"], counts["link_events"]) <= 1200


def test_broken_links_are_sorted_when_they_are_few_and_else_found_in_their_order(
    large: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One link in 20 is broken."""
    assert read(large, asked("broken", "t1.test"))["links"] == 950
    monkeypatch.setattr(queries, "FEW", 900)
    counts = read(large, asked("broken", "t1.test"))
    assert 1900 < counts["links"] < 3200


def test_the_status_lost_is_read_from_the_lost(large: psycopg.Connection) -> None:
    assert read(large, asked("links", "t1.test", status="lost"))["links"] <= 2100
    assert read(large, asked("links", "t1.test", status="missing"))["links"] == 0
    assert read(large, asked("refdomains", "t1.test", status="lost"))["domain_edges"] == 0


def test_risks_are_read_of_the_domains_that_have_one(large: psycopg.Connection) -> None:
    """Every twentieth of a thousand."""
    with large.transaction(force_rollback=True):
        large.execute(
            "INSERT INTO domain_risks (domain_id, target_id, risk, reasons) "
            "SELECT id, 0, 0.5, '{reciprocity}' FROM domains WHERE name LIKE 'f%' AND id % 20 = 0"
        )
        counts = read(large, schemes.risks(parse_target("t1.test", None, NORMALISE), Filters()))
    assert counts["domain_risks"] > 0
    assert counts["domain_edges"] <= SHOWN
    assert counts["links"] == counts["pages"] == 0


def test_networks_are_told_without_the_links(large: psycopg.Connection) -> None:
    counts = read(large, schemes.networks(parse_target("t1.test", None, NORMALISE), Filters()))
    assert counts["domain_edges"] <= 1000
    assert counts["links"] == 0


def test_mirrors_are_looked_for_among_mirrored_pages(large: psycopg.Connection) -> None:
    """Of 20,000 pages forty are, in twenty groups."""
    with large.transaction(force_rollback=True):
        large.execute(
            "INSERT INTO page_mirrors (page_id, first_page_id, domains, bits) "
            "SELECT page_id, min(page_id) OVER (PARTITION BY n / 2), 2, 0 FROM numbered WHERE n BETWEEN 1000 AND 1039"
        )
        large.execute("ANALYZE page_mirrors")
        counts = read(large, schemes.mirrors(parse_target("t1.test", None, NORMALISE), Filters()))
    assert counts["links"] <= SHOWN
    assert counts["domain_edges"] <= SHOWN


def test_neighbours_are_found_by_an_index(large: psycopg.Connection) -> None:
    """Of 21,950 edges the thousand of the target are read; rows that functions read are not in plans."""
    scanned = "SELECT coalesce(seq_tup_read, 0), coalesce(idx_scan, 0) FROM pg_stat_xact_user_tables WHERE relname = 'domain_edges'"
    with large.transaction():
        before = large.execute(scanned).fetchone()
        found = large.execute("SELECT cardinality(neighbours(domain_id('t1.test'), 199))").fetchone()
        after = large.execute(scanned).fetchone()
    assert found == (199,)
    assert before is not None
    assert after is not None
    assert (after[0] - before[0], after[1] - before[1]) == (0, 1)


def test_links_among_neighbours_are_found_by_both_ends(large: psycopg.Connection) -> None:
    """Each of these domains links to twenty others, and 1,000 link to the target."""
    target = parse_target("t1.test", None, NORMALISE)
    assert read(large, neighbours.neighbours(target, 199))["domain_edges"] == 199
    keys = [row[3] for row in run_on(large, neighbours.neighbours(target, 199))]
    (key,) = large.execute("SELECT domain_id('t1.test')").fetchone() or (0,)
    query = neighbours.edges_among([key, *keys])
    assert read(large, query)["domain_edges"] == 199
    plan = "\n".join(row[0] for row in run_on(large, query, "EXPLAIN "))
    assert "((domain_to_id = ANY (" in plan
    assert "AND (domain_from_id = ANY (" in plan
    assert "Seq Scan on domain_edges" not in plan


LOOKED_AT = 2_000
NARROW: dict[str, Any] = {
    "rel": "me",
    "language": "it",
    "max_authority": 0.5,
    "first_until": date(2020, 1, 1),
    "first_from": date(2100, 1, 1),
    "anchor": "no such words",
    "origin": "both",
    "position": "nav",
    "lost_reason": "page_gone",
    "status": "unverified",
}


@pytest.mark.parametrize("name", NARROW)
def test_a_part_of_an_answer_reads_the_links_that_it_is_about(
    large: psycopg.Connection, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says so: no link passes the filter. A part ends with a batch, of which 50 links are to the target."""
    monkeypatch.setattr(paging, "LOOKED_AT", LOOKED_AT)
    target, after = parse_target("t1.test", None, NORMALISE), None
    for _ in range(2):
        filters = Filters(after=after, **{name: NARROW[name]})
        page = paging.page(large, partial(queries.links, target), filters)
        assert (page.rows, page.looked_at) == ([], LOOKED_AT)
        counts = read(large, queries.links(target, replace(filters, until=page.next)), by_place=True)
        assert counts.total() > 0
        assert {place: rows for place, rows in counts.items() if rows > LOOKED_AT + 2 * 50} == {}
        after = page.next


def test_so_many_links_further_on_is_known_to_an_index(large: psycopg.Connection) -> None:
    """The target has 50 links of each of 400 batches, and one of another; of every 50, two or three were lost later."""
    t1 = parse_target("t1.test", None, NORMALISE)
    fetched = "SELECT pg_stat_get_xact_tuples_fetched('links'::regclass)"
    with large.transaction():  # in which the server takes no numbers in: those of earlier ones may stand there
        before = large.execute(fetched.encode()).fetchone()
        for question, after, number, batch in (
            ("links", None, 0, 401),
            ("links", None, 2_000, 361),
            ("links", "361,7", 100, 359),
            ("links", "361,0", 100, 358),
            ("links", None, 20_000, None),
            ("lost", None, 999, 401),
            ("lost", None, 1_000, None),
        ):
            assert answer(large, queries.beyond(QUESTIONS[question](t1, Filters()), after, number))[1] == [(batch,)]
        large.execute("SELECT batch_beyond(domain_id('t1.test'), 1000, 5000, FALSE)")
        assert large.execute(fetched.encode()).fetchone() == before


def test_links_that_are_alike_are_looked_for_among_the_first(
    large: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every 20th is lost. Then each domain's are counted whose link is shown: it has 20 to the target."""
    monkeypatch.setattr(similar, "_NEAR", similar._NEAR.replace("20000", str(LOOKED_AT)))
    counts = read(large, asked("links", "t1.test", group_similar=True))
    assert counts["links"] <= LOOKED_AT * 1.06 + 50 + 100 * 20 + 100


def test_a_later_page_of_links_that_are_alike_reads_its_part_and_what_its_domains_had_before(
    large: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "LOOKED_AT", LOOKED_AT)
    target = parse_target("t1.test", None, NORMALISE)
    first = paging.page(large, partial(queries.links, target), Filters(group_similar=True))
    assert (len(first.rows), first.looked_at) == (100, None)
    filters = Filters(group_similar=True, after=first.next)
    bound = f"{answer(large, queries.beyond(queries.links(target, Filters()), first.next, LOOKED_AT))[1][0][0]},0"
    counts = read(large, queries.links(target, replace(filters, until=bound)))
    assert counts["links"] <= LOOKED_AT * 1.06 + 50 + 150 + 100 * 20 + 100


def test_an_overview_of_a_target_whose_profile_is_kept_reads_what_it_shows(large: psycopg.Connection) -> None:
    """Beside lists of ten rows with what stands beside them, a row for each day that it shows."""
    with large.transaction(force_rollback=True):
        large.execute(
            "INSERT INTO domain_ranks (domain_id, follow_refdomains, follow_domains_to, authority, percentile, pagerank_ratio) "
            "SELECT id, 1, 1, id % 100, 50, 1 FROM domains"
        )
        profiles.measure(large)
        assert large.execute("SELECT domain_to FROM kept_profiles").fetchall() == [("t1.test",)]
        for plan in ("seqscan", "bitmapscan", "hashjoin"):  # good for what is as small as it is here
            large.execute(f"SET LOCAL enable_{plan} = off".encode())
        before = rows_read(large)
        found = overview(large, parse_target("t1.test", None, NORMALISE))
        read_since = {table: rows - before[table] for table, rows in rows_read(large).items()}
    top = found.top["refdomains"]
    assert [row[top.columns.index("authority")] for row in top.rows] == [99] * 10
    assert (found.totals["backlinks"], len(found.top["new"].rows), found.mixes["type"].known) == (19000, 10, 19000)
    # its 1,000 edges are counted, not joined: of an index alone where there are more
    assert read_since.pop("domain_edges") <= 1000 + SHOWN
    # 50 links to the target are of one batch, of which the last ten are shown
    assert 10 <= read_since["links"] <= 2 * SHOWN
    assert {table: rows for table, rows in read_since.items() if rows > 2 * SHOWN} == {}


def rows_read(connection: psycopg.Connection) -> Counter[str]:
    """Of each table, by the transaction that is open; what is read of an index alone is not among them."""
    rows = connection.execute(
        "SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
    ).fetchall()
    return Counter(dict(rows))
