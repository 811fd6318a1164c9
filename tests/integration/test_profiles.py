"""Profiles that were planted say what they were meant to say, and nothing else."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.rank.job import rank
from tests.integration.planting import ORDINARY, PROFILES, ordinary, plant, planted, unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server

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
    with index.connect() as connection:
        for key, found in told.items():
            rows = connection.execute(found["query"].encode()).fetchall()
            assert rows, key
            number = re.match(r"\d+", found["sentence"])
            if key in ROW_BY_ROW and number:
                assert len(rows) == int(number[0]), key


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
    assert usual["unverified_share"][0] == ORDINARY


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
