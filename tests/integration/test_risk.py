"""Link-scheme risk, from stored links to views and commands: planted schemes among ordinary sites, and an honest one."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.ask.risks import WORDINGS, risks, sentence
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import Placement, Position
from backlink_crawler.rank import risk as rules
from backlink_crawler.rank.job import rank
from backlink_crawler.rank.steps import risk as steps
from backlink_crawler.store import risk as store
from backlink_crawler.store import schemes
from backlink_crawler.store.asking import Filters
from backlink_crawler.store.cursors import cursor
from tests.integration.small_index import SmallIndex, day
from tests.integration.worker import NORMALISE, link, visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import psycopg

    from backlink_crawler.model import Link
    from backlink_crawler.store.database import Database
    from tests.integration.conftest import Ran

ORDINARY = [f"o{number:03}.test" for number in range(220)]
MEMBERS = [f"x{number:02}.test" for number in range(14)]  # of an exchange
NETWORK = [f"p{number}.test" for number in range(8)]
CLIENTS = {  # of the network, and what they pay for
    "c0.test": "cheap red shoes",
    "c1.test": "best hiking boots",
    "c2.test": "garden chairs sale",
    "c3.test": "discount wall paint",
    "c4.test": "buy kitchen knives",
}
REASONS = (
    "SELECT domain, target, signal, value, weight, factor, policy FROM risk_reasons ORDER BY domain, target, signal"
)


def placed(domain: str, anchor: str, position: Position = Position.CONTENT, path: int | None = None) -> Link:
    made = link(f"http://{domain}/", anchor)
    made.placement = Placement(position, 40, 10, 100, path)
    return made


def web() -> dict[str, list[Link]]:
    """What each domain's page links to."""
    chance = random.Random(7)
    pages: dict[str, list[Link]] = {}

    def own_words(source: str, targets: Iterable[str]) -> list[Link]:
        return [placed(target, f"what {target[:4]} says of {source[:4]}") for target in targets]

    for source in ORDINARY:
        pages[source] = own_words(source, (to for to in chance.sample(ORDINARY, 12) if to != source))
    for source in ORDINARY[:15]:
        pages[source] += own_words(source, ["honest.test"])
    pages["honest.test"] = own_words("honest.test", [*ORDINARY[12:18], *ORDINARY[100:110]])
    for member in MEMBERS:
        others = [other for other in MEMBERS if other != member]
        pages[member] = own_words(member, [*others, *chance.sample(ORDINARY, 3)])
    for member in NETWORK:
        paid = [placed(client, keyword) for client, keyword in CLIENTS.items()]
        pages[member] = [*paid, *own_words(member, chance.sample(ORDINARY, 2))]
    pages["same.test"] = [placed(to, "best offer of all") for to in chance.sample(ORDINARY, 12)]
    pages["dots.test"] = [placed(to, ".\u200b") for to in chance.sample(ORDINARY, 8)]
    pages["forum.test"] = [placed(to, f"see {to}", Position.COMMENTS) for to in chance.sample(ORDINARY, 12)]
    return pages


@pytest.fixture
def index(database: Database) -> Database:
    with SmallIndex(database) as made:
        visits = []
        for source, links in web().items():
            observed = visit(made.page(f"http://{source}/"), *links)
            observed.observed_at = day(0)
            visits.append(observed)
        made.record(*visits)
    return database


def ranked(database: Database) -> dict[str, Any]:
    return dict(rank(database, lambda _doing: None).figures["risk"])


def test_schemes_have_reasons_and_an_honest_site_has_none(index: Database, connection: psycopg.Connection) -> None:
    ranked(index)
    signals: dict[str, set[str]] = {}
    for domain, _, signal, *_ in connection.execute(REASONS):
        signals.setdefault(domain, set()).add(signal)
    for member in MEMBERS:
        assert {"reciprocity", "closed_farm", "exchange_page"} <= signals[member]
    for member in NETWORK:
        assert {"same_links", "same_pairs", "money_anchors"} <= signals[member]
    assert signals["same.test"] == {"same_anchors"}
    assert signals["dots.test"] == {"wordless_links"}
    assert signals["forum.test"] == {"comment_links"}
    assert "honest.test" not in signals
    assert signals.keys().isdisjoint(ORDINARY)


def test_risk_is_what_its_reasons_come_to(index: Database, connection: psycopg.Connection) -> None:
    ranked(index)
    shown = connection.execute(
        "SELECT DISTINCT domain_from, risk, reasons FROM referring_domains WHERE domain_from = ANY(%s) ORDER BY 1",
        [["dots.test", "honest.test", "p0.test"]],
    ).fetchall()
    reasons = [
        row
        for row in connection.execute(
            "SELECT domain, signal, weight, factor, policy, target FROM risk_reasons ORDER BY 1, 2"
        )
        if row[0] in {"dots.test", "p0.test"}
    ]
    # one of 240 domains has such links, all of its own: the 99th percentile is 0, as the 90th
    assert reasons[0] == ("dots.test", "wordless_links", pytest.approx(0.4), 1, "hidden_links", None)
    left = 1.0
    for _, _, weight, factor, *_ in reasons[1:]:
        left *= 1 - weight * factor
    assert shown == [
        ("dots.test", pytest.approx(0.4), ["wordless_links"]),
        ("honest.test", 0, []),
        ("p0.test", pytest.approx(1 - left, abs=1e-3), shown[2][2]),
    ]
    assert set(shown[2][2]) <= {signal for _, signal, *_ in reasons[1:]}
    assert len(shown[2][2]) == 3
    assert connection.execute("SELECT risk FROM backlinks WHERE domain_from = 'dots.test' LIMIT 1").fetchone() == (
        pytest.approx(0.4),
    )


def test_a_weight_is_the_users(index: Database, connection: psycopg.Connection) -> None:
    risk = "SELECT DISTINCT risk FROM referring_domains WHERE domain_from = 'dots.test'"
    weight = "SELECT DISTINCT weight FROM risk_reasons WHERE domain = 'dots.test'"
    ranked(index)
    connection.execute("UPDATE risk_signals SET weight = 0.9 WHERE name = 'wordless_links'")
    connection.commit()
    assert connection.execute(risk).fetchall() == connection.execute(weight).fetchall() == [(pytest.approx(0.4),)]
    connection.commit()
    ranked(index)
    assert connection.execute(risk).fetchall() == connection.execute(weight).fetchall() == [(pytest.approx(0.9),)]
    connection.execute("UPDATE risk_signals SET weight = 0 WHERE name = 'wordless_links'")
    connection.commit()
    ranked(index)
    assert connection.execute(risk).fetchall() == [(0,)]


def test_an_unchanged_index_is_not_written_anew(index: Database, connection: psycopg.Connection) -> None:
    def stored() -> list[tuple[Any, ...]]:
        found = connection.execute(
            "SELECT xmin::text, domain_id, signal FROM risk_factors UNION ALL SELECT xmin::text, domain_id, target_id "
            "FROM domain_risks ORDER BY 1, 2, 3"
        ).fetchall()
        connection.commit()
        return found

    ranked(index)
    before = stored()
    ranked(index)
    assert stored() == before
    assert len(before) > len(MEMBERS) * 4


def test_a_scheme_that_has_gone_is_forgotten(index: Database, connection: psycopg.Connection) -> None:
    ranked(index)
    with SmallIndex(index) as made:
        for at in (1, 2):
            made.read(at, "http://dots.test/")
    ranked(index)
    assert connection.execute("SELECT count(*) FROM risk_reasons WHERE domain = 'dots.test'").fetchone() == (0,)


def test_a_small_index_judges_nobody(
    database: Database, connection: psycopg.Connection, backlinks: Callable[..., Ran]
) -> None:
    with SmallIndex(database) as made:
        made.read(0, "http://a.test/", link("http://t.test/", "cheap beans"), link("http://b.test/", "cheap beans"))
        made.read(0, "http://b.test/", link("http://t.test/", "cheap beans"), link("http://a.test/", "cheap beans"))
    said = backlinks("rank", database=database)
    assert "link-scheme risk is not known: this index has too few domains" in said.out
    assert connection.execute("SELECT risk, reasons FROM referring_domains").fetchall() == [(None, None)] * 4
    signals = connection.execute("SELECT count(*), count(low), count(used_weight) FROM risk_signals").fetchone()
    assert signals == (len(rules.SIGNALS), 0, 0)
    none = backlinks("refdomains", "t.test", "--max-risk", 0.5, database=database)
    assert none.code == 1
    assert "no link-scheme risk is known" in none.err


def test_questions_choose_and_sort_by_risk(index: Database, backlinks: Callable[..., Ran]) -> None:
    target = web()["dots.test"][0].href.removeprefix("http://").strip("/")
    ranked(index)

    def asked(*words: Any) -> list[dict[str, Any]]:
        ran = backlinks(*words, "--format", "json", database=index)
        assert ran.code == 0, ran.err
        return list(json.loads(ran.out))

    everybody = asked("refdomains", target)
    low = asked("refdomains", target, "--max-risk", 0.2)
    assert {row["domain_from"] for row in everybody} - {row["domain_from"] for row in low} >= {"dots.test"}
    assert all(row["risk"] <= 0.2 for row in low)
    by_risk = asked("refdomains", target, "--sort", "risk")
    assert by_risk[0]["risk"] == max(row["risk"] for row in everybody)
    links = asked("links", f"http://{target}/", "--max-risk", 0.2)
    assert len(links) == len(low)
    part = asked("refdomains", f"http://{target}/", "--sort", "risk")
    assert (part[0]["risk"], part[0]["reasons"]) == (by_risk[0]["risk"], by_risk[0]["reasons"])
    shown = backlinks("refdomains", target, database=index)
    assert " risk" in shown.out
    wrong = backlinks("links", target, "--max-risk", 2, database=index)
    assert wrong.code == 2
    wrong = backlinks("refdomains", target, "--lost", "--max-risk", 0.5, database=index)
    assert "--lost and --max-risk exclude each other" in wrong.err


def test_footers_with_keywords_are_a_pairs(
    database: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three sites have shop.test in their footers, by a keyword, and one by its name; and each a link of its own elsewhere."""
    monkeypatch.setattr(rules, "LEAST_JUDGED", 1)
    with SmallIndex(database) as made:
        for number, words in enumerate(("cheap red shoes", "cheap red shoes", "cheap red shoes", "shop.test", "shop")):
            for page in range(6):
                footer = placed("shop.test", words, Position.FOOTER, path=3)
                own = placed(f"own{number}.test", f"own words {number}", path=10 + page)
                made.read(0, f"http://s{number}.test/{page}", footer, own)
        for number in range(50):
            for page in range(5):
                made.read(0, f"http://n{number}.test/{page}", placed("maker.test", "maker", Position.FOOTER, path=3))
    ranked(database)
    found = [row for row in connection.execute(REASONS) if row[2] == "sitewide_keywords"]
    assert found == [
        (f"s{number}.test", "shop.test", "sitewide_keywords", 1, pytest.approx(0.6), 1, "template_links")
        for number in range(3)
    ]
    risks = connection.execute(
        "SELECT domain_from, domain_to, reasons @> '{sitewide_keywords}' FROM referring_domains WHERE domain_from = 's0.test' "
        "ORDER BY domain_to"
    ).fetchall()
    assert risks == [("s0.test", "own0.test", False), ("s0.test", "shop.test", True)]


def test_a_burst_with_one_anchor_is_a_pairs(
    database: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten weeks, in each of which the index learns of as much; in the ninth, nine of ten domains that are new to shop.test
    have one anchor.
    """
    monkeypatch.setattr(rules, "LEAST_JUDGED", 1)
    bought = [f"b{number}.test" for number in range(9)]
    with SmallIndex(database) as made:
        for week in range(10):
            visits = []
            for number in range(30):
                name = f"w{week}n{number}.test"
                words = link(f"http://t{number % 5}.test/", f"what {name} says")
                visits.append(visit(made.page(f"http://{name}/"), words))
            if week == 8:
                visits += [
                    visit(made.page(f"http://{name}/"), link("http://shop.test/", "cheap red shoes")) for name in bought
                ]
                visits.append(visit(made.page("http://fan.test/"), link("http://shop.test/", "where I got my boots")))
            made.record(*visits)
            connection.execute("UPDATE batches SET recorded_at = recorded_at - interval '1 week'")
            connection.commit()
    ranked(database)
    found = [row for row in connection.execute(REASONS) if row[2] == "burst"]
    assert [row[:2] for row in found] == [(name, "shop.test") for name in bought]
    # nothing is usual: .6745 × 10 domains
    assert [row[3] for row in found] == [pytest.approx(6.745, abs=0.01)] * 9


def test_without_numpy_nobody_is_judged(index: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "np", None)
    assert ranked(index)["judged_by"] == []
    assert not store.has_risks(index)


def test_the_domains_that_link_with_a_risk_are_listed_that_of_the_highest_first(
    index: Database, connection: psycopg.Connection, backlinks: Callable[..., Ran]
) -> None:
    """c0.test is a client of the network: its eight members are all that link there."""
    ranked(index)
    backlinks("mark", "p3.test", "--as", "disavow", "--note", "bought", database=index)
    ran = backlinks("risk", "c0.test", "--format", "json", database=index)
    rows = json.loads(ran.out)
    assert {row["domain_from"] for row in rows} == set(NETWORK)
    assert [row["risk"] for row in rows] == sorted((row["risk"] for row in rows), reverse=True)
    assert set(rows[0]) == {
        *("domain_from", "risk", "reasons", "authority", "links", "first_seen", "mark", "mark_note"),
        *("risk_key", "domain_from_id"),
    }
    assert [(row["mark"], row["mark_note"]) for row in rows if row["mark"]] == [("disavow", "bought")]
    shown = connection.execute(
        "SELECT domain_from, risk, reasons, authority, links FROM referring_domains WHERE domain_to = 'c0.test' AND risk > 0"
    ).fetchall()
    of_views = {name: (pytest.approx(risk), *others) for name, risk, *others in shown}
    listed = {
        row["domain_from"]: tuple(row[name] for name in ("risk", "reasons", "authority", "links")) for row in rows
    }
    assert listed == of_views
    printed = backlinks("risk", "c0.test", "--sql", database=index)
    connection.commit()
    assert len(connection.execute(printed.out.encode()).fetchall()) == len(NETWORK)
    by_name = backlinks("risk", "c0.test", "--sort", "domain_from", "--limit", 2, "--format", "csv", database=index)
    assert [line.split(",")[0] for line in by_name.out.splitlines()] == ["domain_from", "p0.test", "p1.test"]


def test_pages_of_risks_follow_each_other(index: Database) -> None:
    ranked(index)
    target = parse_target("c0.test", None, NORMALISE)
    columns, rows = risks(index, target, Filters(limit=None))
    everybody = [row[0] for row in rows]
    paged: list[str] = []
    after = None
    while True:
        filters = Filters(limit=3, after=after)
        columns, some = risks(index, target, filters)
        found = list(some)
        if not found:
            break
        paged += [row[0] for row in found]
        after = cursor(schemes.risks(target, filters), columns, found[-1])
    assert paged == everybody
    assert len(paged) == 8


def test_a_risk_is_explained_signal_by_signal(index: Database, backlinks: Callable[..., Ran]) -> None:
    """One of 242 domains that link has such anchors, and has no others."""
    target = web()["dots.test"][0].href.removeprefix("http://").strip("/")
    ranked(index)
    ran = backlinks("risk", target, "--explain", "dots.test", database=index)
    assert ran.out.splitlines()[:3] == [
        (
            f"risk: 0.4 of dots.test for {target}; 1 − the product of (1 − weight × factor) of its signals; docs/methods.md has "
            "the policies"
        ),
        (
            " wordless_links: 100% of its anchors are signs and spaces without a word; 99.5 % of those that are known here have "
            "less; weight 0.4 × factor 1"
        ),
        " signal          value  percentile  weight  factor  policy",
    ]
    ran = backlinks("risk", "c0.test", "--explain", "p0.test", "--format", "json", database=index)
    rows = json.loads(ran.out)
    assert {"same_links", "same_pairs", "money_anchors"} <= {row["signal"] for row in rows}
    parts = [row["weight"] * row["factor"] for row in rows]
    assert parts == sorted(parts, reverse=True)
    left = 1.0
    for part in parts:
        left *= 1 - part
    (listed,) = [
        row["risk"]
        for row in json.loads(backlinks("risk", "c0.test", "--format", "json", database=index).out)
        if row["domain_from"] == "p0.test"
    ]
    assert listed == pytest.approx(1 - left, abs=1e-3)


def test_every_signal_has_a_sentence() -> None:
    assert list(WORDINGS) == [signal.name for signal in rules.SIGNALS]
    target = parse_target("shop.test", None, NORMALISE)
    said = [
        sentence({"signal": name, "value": 0.5, "percentile": 99.5, "weight": 0.6, "factor": 0.25}, target)
        for name in WORDINGS
    ]
    assert len(set(said)) == len(said)
    assert all("50%" in each or "0.5" in each for each in said)
    assert said[-2] == (
        "50% of its pages link to shop.test from one place, with a keyword; 99.5 % of those that are known here have less; "
        "weight 0.6 × factor 0.25"
    )


def test_why_there_is_no_risk_is_said(index: Database, backlinks: Callable[..., Ran]) -> None:
    def said(*words: str) -> str:
        ran = backlinks("risk", *words, database=index)
        assert (ran.code, ran.out) == (1, "")
        return ran.err

    assert "`backlinks rank` computes it from what is usual in an index, which takes at least 100 domains" in said(
        "c0.test"
    )
    assert "`backlinks rank` computes it" in said("c0.test", "--explain", "p0.test")
    ranked(index)
    assert "no links to nobody.test are known" in said("nobody.test")
    assert "no link from forum.test to c0.test is known" in said("c0.test", "--explain", "forum.test")
    assert "no domain that links to honest.test stands out in this index" in said("honest.test")
    assert "nothing of o003.test stands out in this index as link schemes do: its risk is 0." in said(
        "honest.test", "--explain", "o003.test"
    )
    with SmallIndex(index) as made:
        made.read(1, "http://new.test/", link("http://honest.test/"))
    assert "no ranking has seen it yet; run `backlinks rank`." in said("honest.test", "--explain", "new.test")
    part = backlinks("risk", "www.c0.test", database=index)
    assert "are told of whole domains: write c0.test instead of www.c0.test." in part.err
    nothing = backlinks("risk", "honest.test", "--format", "csv", database=index)
    assert nothing.out == (
        "domain_from,risk,reasons,authority,links,first_seen,mark,mark_note,risk_key,domain_from_id\n"
    )
