"""Profiles that were planted say what they were meant to say, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.rank.job import rank
from backlink_crawler.rank.steps import profiles
from backlink_crawler.store import groups
from backlink_crawler.store.ranking import ranking_run
from tests.integration.planting import ORDINARY, PROFILES, ordinary, plant, planted, unseen
from tests.integration.small_index import SmallIndex
from tests.integration.worker import link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server

PAGE = Path(__file__).parents[2] / "docs" / "reading-a-profile.md"
# Whose queries have a row for each that the sentence counts first.
ROW_BY_ROW = frozenset(
    "one_anchor keyword_anchors one_domain one_tld reciprocal few_dofollow ugc sponsored unknown_linkers other_language losing "
    "sitewide comments few_content unverified young burst broken few_domains many_links_a_domain".split()
)


@pytest.fixture(scope="module")
def usual(embedded_server: Server) -> Iterator[Database]:
    """An index of ordinary targets."""
    made = embedded_server.copy()
    plant(made, ordinary())
    yield made
    embedded_server.drop(made)


@pytest.fixture
def index(usual: Database, embedded_server: Server) -> Iterator[Database]:
    made = embedded_server.copy(usual)
    yield made
    embedded_server.drop(made)


def findings_of(backlinks: Callable[..., Any], database: Database, target: str) -> dict[str, dict[str, Any]]:
    ran = backlinks("profile", target, "--findings", "--format", "json", database=database)
    assert ran.code == 0, ran.err
    return {found["finding"]: found for found in json.loads(ran.out)}


@pytest.mark.parametrize("name", PROFILES)
def test_a_planted_profile_says_what_it_was_meant_to(index: Database, backlinks: Callable[..., Any], name: str):
    plant(index, planted(name), f"{name}.test", unseen(name))
    rank(index, lambda _doing: None)
    told = findings_of(backlinks, index, f"{name}.test")
    meant, sentences = PROFILES[name], {key: found["sentence"] for key, found in told.items()}
    assert sentences.keys() - set(meant.get("may", ())) == meant["says"].keys(), sentences
    assert not sentences.keys() & set(meant["silent"])
    for key, beginning in meant["says"].items():
        assert sentences[key].startswith(beginning)
    if name == "bought":
        said = backlinks("profile", "bought.test", "--findings", database=index).out.strip()
        assert f"```text\n{said}\n```" in PAGE.read_text(encoding="utf-8")
    with index.connect() as connection:
        for key, found in told.items():
            rows = connection.execute(found["query"].encode()).fetchall()
            assert rows, key
            number = re.match(r"\d+", found["sentence"])
            if key in ROW_BY_ROW and number:
                assert len(rows) == int(number[0]), key


def test_a_network_that_most_domains_are_in_is_said(index: Database, backlinks: Callable[..., Any]):
    """Of ordinary targets each domain is in a network of its own."""
    plant(index, planted("bought"), "bought.test", unseen("bought"))
    rank(index, lambda _doing: None)
    with index.connect(autocommit=True) as connection:
        connection.execute(
            "INSERT INTO domain_networks SELECT id, CASE WHEN name LIKE '%.cheap' THEN '192.0.2.0/24'::cidr "
            "ELSE set_masklen('10.0.0.0'::cidr + 256::bigint * id, 24)::cidr END FROM domains"
        )
        connection.execute("INSERT INTO networks SELECT network, count(*) FROM domain_networks GROUP BY network")
    with ranking_run(index) as run:
        profiles.step(index, run, lambda _doing: None)
    found = findings_of(backlinks, index, "bought.test")["one_network"]
    assert found["sentence"].startswith(
        "34 of 40 referring domains whose address is known are in the network 192.0.2.0/24; in this index 95 % of targets"
    )
    with index.connect() as connection:
        assert len(connection.execute(found["query"].encode()).fetchall()) == 34


def test_what_is_usual_is_as_the_ordinary_targets_were_made(index: Database):
    """By hand: of 60 targets of 25 domains each fifth uses no keyword, one, two, two or three."""
    rank(index, lambda _doing: None)
    with index.connect() as connection:
        usual = {
            figure: percentiles
            for figure, *percentiles in connection.execute(
                "SELECT figure, targets, p5, p25, p50, p75, p95 FROM index_percentiles"
            ).fetchall()
        }
    assert usual["exact_share"] == [ORDINARY, 0, 0.04, 0.08, 0.08, 0.12]
    # and two to eight of 25 are nofollow, each number as often
    assert usual["dofollow_share"] == [ORDINARY, 0.68, 0.72, 0.8, 0.88, 0.92]


def test_ordinary_targets_say_nothing_unusual_more_often_than_percentiles_do(
    index: Database, backlinks: Callable[..., Any]
):
    """Of sixty ordinary targets, beyond the 95th percentile are three a figure; beyond it by more than chance is none."""
    rank(index, lambda _doing: None)
    looked_at = [
        (place, found["sentence"])
        for place in range(0, ORDINARY, 6)
        for found in findings_of(backlinks, index, f"ordinary{place}.test").values()
        if found["kind"] == "look"
    ]
    assert looked_at == []


def test_figures_stand_beside_what_is_usual_and_beside_competitors(index: Database, backlinks: Callable[..., Any]):
    rank(index, lambda _doing: None)
    asked = ("profile", "ordinary4.test", "--competitors", "ordinary5.test", "ordinary6.test")
    rows = {row["figure"]: row for row in json.loads(backlinks(*asked, "--format", "json", database=index).out)}
    # of 25 domains three use the keyword; of the others none and one
    assert list(rows["exact_share"].values()) == [
        *("anchor_mix", "exact_share", 0.12, 3, 25),
        *(0.0, 0.04, 0.08, 0.08, 0.12),
        *(0.0, 0.04),
    ]
    assert list(rows["exact_share"])[-2:] == ["ordinary5.test", "ordinary6.test"]
    assert rows["links"]["value"] == 38  # the first domain has fourteen pages
    table = backlinks(*asked, database=index).out
    assert " ordinary5.test  ordinary6.test\n" in table
    assert "no verdict" not in table


def test_sums_of_large_targets_are_those_that_are_counted(
    index: Database, backlinks: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
):
    """Where their links stand and their anchors are kept for targets of so many links."""
    asked = ("profile", "ordinary9.test", "--format", "json")
    rank(index, lambda _doing: None)
    counted = backlinks(*asked, database=index).out
    monkeypatch.setattr(groups, "MOST_COUNTED", 30)
    with index.connect(autocommit=True) as connection:
        groups.group_anew(connection)
        assert connection.execute("SELECT count(*) FROM domain_totals WHERE has_groups").fetchone() == (
            12,
        )  # a fifth has 38
    rank(index, lambda _doing: None)
    assert backlinks(*asked, database=index).out == counted


def test_a_second_ranking_writes_nothing_that_has_not_changed(index: Database):
    written = "SELECT xmin, figure FROM profile_percentiles ORDER BY figure"
    with index.connect(autocommit=True) as connection:
        rank(index, lambda _doing: None)
        first = connection.execute(written).fetchall()
        rank(index, lambda _doing: None)
        assert connection.execute(written).fetchall() == first != []


def test_what_has_no_profile_is_said_in_a_sentence(index: Database, backlinks: Callable[..., Any]):
    unknown = backlinks("profile", "ordinary61.test", "--format", "json", database=index)
    assert (unknown.code, unknown.out) == (1, "[]\n")
    assert "no links to ordinary61.test are known; the nearest known targets are" in unknown.err
    part = backlinks("profile", "https://ordinary1.test/about", database=index)
    assert (part.code, "ask for that of ordinary1.test." in part.err) == (2, True)
    several = backlinks("profile", "ordinary1.test", "ordinary2.test", database=index)
    assert (several.code, "write --competitors ordinary2.test." in several.err) == (2, True)


def test_before_a_ranking_that_is_said(index: Database, backlinks: Callable[..., Any]):
    assert findings_of(backlinks, index, "ordinary1.test")["few_targets"]["sentence"].startswith(
        "0 targets of this index"
    )


def test_the_figures_can_be_asked_for_in_sql(index: Database, backlinks: Callable[..., Any]):
    queries = backlinks("profile", "ordinary1.test", "--sql").out.split(";\n")[:-1]
    assert len(queries) == 10
    with index.connect() as connection:
        for query in queries:
            rows = connection.execute(query.encode()).fetchall()
            takes_a_ranking = any(part in query for part in ("anchor_mix", "position_mix", "authority", "networks"))
            assert len(rows) == (0 if takes_a_ranking else 1), query


def test_links_that_are_gone_since_the_last_ranking_say_nothing(database: Database, backlinks: Callable[..., Any]):
    made = SmallIndex(database)
    made.read(0, "http://x.test/", title="cheap beans")
    for number in range(24):
        made.read(0, f"http://from{number}.test/", link("http://x.test/", "cheap beans"))
    rank(database, lambda _doing: None)
    for at in (5, 6):
        for number in range(24):
            made.read(at, f"http://from{number}.test/")
    assert backlinks("profile", "x.test", "--findings", database=database).code == 1


def test_no_more_domains_use_an_anchor_than_there_are(database: Database, backlinks: Callable[..., Any]):
    made = SmallIndex(database)
    made.read(0, "http://x.test/", title="cheap beans")
    for number in range(12):
        made.read(0, f"http://from{number}.test/", link("http://x.test/", "cheap beans"))
    rank(database, lambda _doing: None)
    for number in range(24):
        made.read(1, f"http://new{number}.test/", link("http://x.test/", "cheap beans"))
    assert "one_anchor" not in findings_of(backlinks, database, "x.test")
