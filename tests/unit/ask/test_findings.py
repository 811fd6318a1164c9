"""Findings: never without their numbers, never of what is not known."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.ask.finding_rules import GOOD, LACKING, NO_PERCENTILES, UNUSUAL, Age, Side
from backlink_crawler.ask.findings import Kind, findings, percent, wilson
from backlink_crawler.store.profiles import FIGURES, Usual, rows_query
from backlink_crawler.store.statements import statements

NOW = datetime(2026, 11, 26, tzinfo=UTC)
RULES = (*LACKING, NO_PERCENTILES, *UNUSUAL, *GOOD)
TEXTS = {
    "domain_to": "shop.test",
    "top_keyword": "buy cheap beans",
    "top_domain": "large.test",
    "top_tld": "cheap",
    "top_network": "192.0.2.0/24",
    "target_language": "en",
    "busiest_week": date(2026, 11, 23),
}
NAMES = re.compile(r"{(\w+)}")


def figures_of(**given_figures: Any) -> dict[str, Any]:
    """A profile in which nothing is remarkable, but for what is given."""
    counts = {name: 0 for rule in UNUSUAL for name in (rule.hits, rule.trials)}
    trials = dict.fromkeys((rule.trials for rule in UNUSUAL), 40)
    shares = {figure: 0.0 for figures in FIGURES.values() for figure in figures} | {"broken_share": 0.0}
    plain = {"dofollow_refdomains": 32, "dofollow_share": 0.8, "refdomains": 40, "domains_per_link": 1.0}
    seen = {"first_seen": NOW - timedelta(days=200), "visited_share": 1.0, "pages_visited": 40, "pages_known": 40}
    sizes = {"branded_refdomains": 14, "naked_refdomains": 6, "exact_refdomains": 1, "top_domain_links": 1}
    return {**TEXTS, **counts, **trials, **shares, **plain, **seen, **sizes, **given_figures}


def spread(p5: float, p25: float, p50: float, p75: float, p95: float) -> Usual:
    return Usual(30, p5, p25, p50, p75, p95)


USUAL = {figure: spread(0.0, 0.0, 0.05, 0.1, 0.12) for figures in FIGURES.values() for figure in figures} | {
    "dofollow_share": spread(0.5, 0.6, 0.7, 0.9, 0.95),
    "domains_per_link": spread(0.4, 0.7, 0.9, 0.95, 1.0),
}
UNKNOWN = {"exact_share": Usual(7, None, None, None, None, None)}


def keys(figures: dict[str, Any], usual: dict[str, Usual]) -> list[str]:
    return [found.key for found in findings(figures, usual, NOW)]


def test_a_sentence_says_how_many_of_how_many_and_what_is_usual():
    figures = figures_of(top_keyword_refdomains=18, top_keyword_share=0.45)
    found = findings(figures, USUAL, NOW)[0]
    assert (found.key, found.kind) == ("one_anchor", Kind.LOOK)
    assert found.sentence == (
        "18 of 40 referring domains use the anchor “buy cheap beans”; in this index 95 % of targets stay at or under 12 %."
    )
    # Wilson's interval of 18 of 40 begins at .307; the way from .12 to 1 is .88
    assert found.weight == 0.213


def test_few_domains_prove_little():
    """5 of 40 are 12.5 %, and may be chance; 18 of 40 are not."""
    assert "one_anchor" not in keys(figures_of(top_keyword_refdomains=5, top_keyword_share=0.125), USUAL)


def test_two_domains_are_no_pattern():
    few = {name: spread(0, 0, 0, 0, 0) for name in USUAL}
    assert "one_anchor" not in keys(figures_of(top_keyword_refdomains=2, top_keyword_share=0.05), few)
    assert "one_anchor" in keys(figures_of(top_keyword_refdomains=3, top_keyword_share=0.075), few)


def test_where_all_are_at_the_end_nothing_is_beyond_it():
    full = USUAL | {"top_tld_share": spread(0.2, 1, 1, 1, 1)}
    assert "one_tld" not in keys(figures_of(top_tld_refdomains=36, top_tld_share=0.9), full)
    none = USUAL | {"dofollow_share": spread(0, 0, 0, 0.5, 1)}
    assert "few_dofollow" not in keys(figures_of(dofollow_refdomains=0, dofollow_share=0.0), none)


def test_the_most_unusual_comes_first_and_what_is_good_last():
    figures = figures_of(
        top_keyword_refdomains=12,
        top_keyword_share=0.3,
        unverified_links=18,
        unverified_share=0.45,
        links=40,
        broken_links=2,
    )
    assert keys(figures | {"broken_share": 0.05}, USUAL)[:3] == ["unverified", "one_anchor", "broken"]
    kinds = [found.kind for found in findings(figures, USUAL, NOW)]
    assert kinds == sorted(kinds)


def test_a_small_index_has_rules_of_thumb_and_says_that_they_are():
    first, second = findings(figures_of(top_keyword_refdomains=18, top_keyword_share=0.45), UNKNOWN, NOW)
    assert first.key == "few_targets"
    assert first.sentence.startswith("7 targets of this index were measured")
    assert second.sentence.endswith(
        "; a rule of thumb, which nobody has shown to hold for your field, is at most 10 %."
    )


@pytest.mark.parametrize(
    ("figures", "only"),
    [
        ({"refdomains": 9}, "few_domains"),
        ({"visited_share": 0.19}, "few_pages_read"),
        ({"unverified_share": 0.51}, "mostly_unverified"),
    ],
)
def test_of_what_is_hardly_known_only_that_is_said(figures: dict[str, Any], only: str):
    bought = figures_of(top_keyword_refdomains=18, top_keyword_share=0.45)
    assert keys(bought | figures, USUAL) == keys(bought | figures, {}) == [only]


def test_the_first_weeks_of_a_profile_are_no_burst():
    found = {"busiest_new_refdomains": 30, "busiest_share": 0.75, "fresh_refdomains": 30, "fresh_share": 0.75}
    old, young = (NOW - timedelta(days=days) for days in (92, 90))
    assert {"burst", "young"} & {*keys(figures_of(**found, first_seen=old), USUAL)} == {"burst"}
    assert {"burst", "young"} & {*keys(figures_of(**found, first_seen=young), USUAL)} == {"young"}


def test_an_interval_of_wilsons():
    """Wilson 1927 by the formula's usual worked example: 18 of 40."""
    low, high = wilson(18, 40)
    assert (round(low, 4), round(high, 4)) == (0.3071, 0.6017)
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == pytest.approx(1.0)


def test_percents():
    assert [percent(share) for share in (0, 0.12, 0.125, 1)] == ["0 %", "12 %", "12.5 %", "100 %"]


def test_each_finding_has_a_query_whose_figures_are_known():
    assert {rule.key for rule in RULES} == statements("findings").keys()
    for rule in RULES:
        assert "%(" not in rows_query(rule.key, figures_of()).literal()


def test_each_rule_is_of_figures_that_are_compared():
    compared = {figure for figures in FIGURES.values() for figure in figures}
    assert {rule.figure for rule in UNUSUAL if rule.side is not Side.ANY} <= compared
    assert {each.figure for good in GOOD for each in good.conditions} <= compared


def test_nothing_is_called_toxic():
    said = " ".join(f"{rule.sentence} {rule.advice}" for rule in RULES).lower()
    assert not re.search(r"toxic|spam|penalt|harmful", said)


shares = st.floats(0, 1)
counts = st.integers(0, 10_000)


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Any]:
    """Of any figures, some of them unknown. Shares are those of their counts."""
    made: dict[str, Any] = dict(TEXTS)
    for rule in UNUSUAL:
        trials = made[rule.trials] if rule.trials in made else draw(counts)
        hits = draw(st.integers(0, trials))
        made |= {rule.trials: trials, rule.hits: hits, rule.figure: hits / trials if trials else None}
    for figure in (figure for figures in FIGURES.values() for figure in figures):
        made.setdefault(figure, draw(shares))
    made |= {"pages_known": draw(counts), "pages_visited": draw(counts), "branded_refdomains": 1, "naked_refdomains": 2}
    made["first_seen"] = NOW - timedelta(days=draw(st.integers(0, 400)))
    for name in draw(st.sets(st.sampled_from(sorted(made)), max_size=3)) - TEXTS.keys():
        made[name] = None
    return made


@st.composite
def spreads(draw: st.DrawFn) -> dict[str, Usual]:
    names = draw(st.sets(st.sampled_from(sorted(USUAL))))
    return {name: spread(*sorted(draw(st.tuples(*[shares] * 5)))) for name in names}


@given(profiles(), spreads())
def test_no_finding_without_its_numbers(figures: dict[str, Any], usual: dict[str, Usual]):
    for found in findings(figures, usual, NOW):
        rule = next(each for each in RULES if each.key == found.key)
        for name in NAMES.findall(rule.sentence):
            assert figures.get(name, found) is not None, f"{found.key}: {name} is not known, and yet said"
        assert re.search(r"\d", found.sentence)
        assert "None" not in found.sentence + found.advice
        assert 0 <= found.weight <= 1
        assert found.advice


@given(profiles(), spreads())
def test_what_is_unusual_is_beyond_the_percentile(figures: dict[str, Any], usual: dict[str, Usual]):
    """The share itself too, not only the end of its interval."""
    if not usual:
        return
    for found in findings(figures, usual, NOW):
        rule = next((each for each in UNUSUAL if each.key == found.key), None)
        if rule and rule.side is not Side.ANY:
            value, limits = figures[rule.figure], usual[rule.figure]
            assert value > (limits.p95 or 0) if rule.side is Side.ABOVE else value < (limits.p5 or 0)


@given(profiles(), spreads(), st.sampled_from(UNUSUAL))
def test_what_is_not_known_is_not_said(figures: dict[str, Any], usual: dict[str, Usual], rule: Any):
    for name in (rule.hits, rule.trials, rule.figure):
        assert rule.key not in keys(figures | {name: None}, usual)


@given(profiles(), spreads())
def test_old_and_young_profiles_are_told_apart(figures: dict[str, Any], usual: dict[str, Usual]):
    told = keys(figures | {"first_seen": None}, usual)
    assert not {rule.key for rule in (*UNUSUAL, *GOOD) if rule.age is not Age.ANY} & {*told}


def test_more_than_all_is_all():
    """Where what is counted has changed since the other figure was."""
    full = USUAL | {"busiest_share": spread(1, 1, 1, 1, 1)}
    figures = figures_of(busiest_new_refdomains=50, busiest_share=1.0, refdomains=40)
    assert "burst" not in keys(figures, full)
