"""What a target's page shows beyond its totals: written out for small indexes, and the same whether kept or counted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.ask.findings import Kind
from backlink_crawler.ask.overviews import Overview, overview
from backlink_crawler.ask.profiles import profile
from backlink_crawler.ask.questions import UnknownTarget
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import LinkType, Outcome
from backlink_crawler.rank.job import rank
from backlink_crawler.store import groups, profiles
from backlink_crawler.store.readers import Readers
from backlink_crawler.store.removing import remove
from backlink_crawler.store.views import VIEW_COMMENTS
from tests.integration.planting import placed, plant, planted
from tests.integration.small_index import SmallIndex
from tests.integration.worker import NORMALISE, link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server

TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def losing(embedded_server: Server) -> Iterator[Database]:
    """41 domains that have linked for 200 days, and 16 of them have ceased to: last seen ten days ago, lost for nine."""
    made = embedded_server.copy()
    plant(made, planted("losing"), "losing.test")
    yield made
    embedded_server.drop(made)


@pytest.fixture
def index(losing: Database, embedded_server: Server) -> Iterator[Database]:
    made = embedded_server.copy(losing)
    yield made
    embedded_server.drop(made)


def seen(database: Database, target: str, days: int = 90) -> Overview:
    with database.connect(autocommit=True) as connection:
        return overview(connection, parse_target(target, None, NORMALISE), days)


def shares(found: Overview, mix: str) -> list[tuple[str, int, int | None, float]]:
    return [(each.word, each.links, each.refdomains, round(each.share, 3)) for each in found.mixes[mix].shares]


def not_ranked(_doing: str) -> None: ...


def fill(database: Database) -> None:
    """Six live links to x.test from four domains, and one from a page that cannot be read any more."""
    with SmallIndex(database) as made:
        logo = link("http://x.test/", "Logo", "nofollow", LinkType.IMAGE)
        made.read(
            1,
            "http://a.one/",
            placed(link("http://x.test/", "X"), "content"),
            placed(logo, "footer"),
            placed(link("http://x.test/b", "words"), "content"),
        )
        made.read(1, "http://b.one/", placed(link("http://x.test/", "X", "ugc nofollow"), "comments"))
        made.read(1, "http://c.two/", link("http://x.test/", "", "", LinkType.CANONICAL))
        made.render(1, "http://192.0.2.7/", shows=[link("http://x.test/b", "by scripts")])
        made.read(1, "http://d.two/", placed(link("http://x.test/b", "X", "sponsored"), "content"))
        made.read(2, "http://d.two/", outcome=Outcome.SERVER_ERROR, http_code=503)
    with database.connect() as connection:
        for host, language in (("a.one", "de-at"), ("b.one", "de"), ("c.two", "en"), ("192.0.2.7", None)):
            connection.execute(
                "UPDATE page_facts SET language = %s FROM urls AS u WHERE u.id = page_id AND u.url = %s",
                [language, f"http://{host}/"],
            )


def test_mixes_of_live_links_are_those_that_were_made(database: Database) -> None:
    fill(database)
    found = seen(database, "x.test")
    assert shares(found, "rel") == [
        ("dofollow", 4, 3, 0.667),
        ("nofollow", 2, None, 0.333),
        ("ugc", 1, None, 0.167),
    ]
    assert shares(found, "type") == [("text", 4, 3, 0.667), ("canonical", 1, 1, 0.167), ("image", 1, 1, 0.167)]
    assert shares(found, "position") == [
        ("content", 2, 1, 0.5),
        ("comments", 1, 1, 0.25),
        ("footer", 1, 1, 0.25),
    ]
    assert shares(found, "languages") == [("de", 4, 2, 0.8), ("en", 1, 1, 0.2)]
    assert shares(found, "tlds") == [("one", 4, 2, 0.5), ("address", 1, 1, 0.25), ("two", 1, 1, 0.25)]
    assert shares(found, "origin") == [("html", 5, 3, 0.833), ("rendered", 1, 1, 0.167)]
    assert [found.mixes[name].known for name in ("type", "position", "languages", "tlds")] == [6, 4, 5, 6]
    assert {mix.note for mix in found.mixes.values()} == {None}


def test_what_is_not_known_says_so_and_what_to_do(database: Database) -> None:
    fill(database)
    found = seen(database, "x.test")
    assert found.mixes["anchors"] == (
        *((), 0, 0, None, None, None),
        "the classes of anchors are not known yet: `backlinks rank` tells them of text and image links.",
    )
    assert (found.top["lost"].rows, found.top["lost"].why) == ([], "no link is known to be lost.")
    assert found.top["refdomains"].order == "links"
    assert [finding.kind for finding in found.told.findings] == [Kind.COVERAGE]
    rank(database, not_ranked)
    ranked = seen(database, "x.test")
    assert ranked.top["refdomains"].order == "authority"
    assert shares(ranked, "anchors") != []
    assert ranked.mixes["anchors"].why is None


def test_where_no_link_is_live_nothing_is_a_zero(database: Database) -> None:
    with SmallIndex(database) as made:
        made.read(1, "http://a.one/", link("http://x.test/"))
        made.read(2, "http://a.one/")
        made.read(3, "http://a.one/")
    found = seen(database, "x.test")
    assert {mix.why for mix in found.mixes.values()} == {"no link is live."}
    empty = {name: top.why for name, top in found.top.items() if top.why}
    assert empty == dict.fromkeys(("anchors", "best", "new", "refdomains"), "no link is live.")
    assert (len(found.top["lost"].rows), found.told.why) == (1, "no link is live.")
    assert found.trend.standing == [(TODAY, 0, 0)]


def test_to_whom_nobody_links_there_is_no_overview(database: Database) -> None:
    fill(database)
    for target in ("y.test", "http://x.test/nothing", "a.one"):
        with pytest.raises(UnknownTarget, match=r"no links to .* are known"):
            seen(database, target)


def test_part_of_a_domain_has_its_own_mixes_and_no_profile(database: Database) -> None:
    fill(database)
    found = seen(database, "http://x.test/b")
    assert (found.totals["backlinks"], found.totals["unverified_links"]) == (2, 1)
    assert shares(found, "rel") == [("dofollow", 2, 2, 1.0)]
    assert shares(found, "tlds") == [("address", 1, 1, 0.5), ("one", 1, 1, 0.5)]
    assert found.trend.standing == [(TODAY, 3, 3)]
    assert found.told.why == "profiles are told of whole domains: ask for that of x.test."
    whole, parts = seen(database, "x.test"), seen(database, "x.test/*")
    assert parts.mixes == {**whole.mixes, "rel": parts.mixes["rel"]}
    assert parts.trend == whole.trend


def test_a_trend_has_a_point_for_each_day_and_how_many_stood_when_it_ended(index: Database) -> None:
    found = seen(index, "losing.test").trend
    assert (len(found.days), found.days_each) == (90, 1)
    assert (found.days[0].day, found.days[-1].day) == (TODAY - timedelta(days=89), TODAY)
    assert [each for each in found.days if any(each[1:])] == [(TODAY - timedelta(days=9), 0, 16, 0, 0, 16, 0)]
    assert [each[1:] for each in found.standing] == [(41, 41)] * 80 + [(25, 25)] * 10


def test_a_long_trend_goes_by_weeks_from_the_first_day_of_the_index_on(index: Database) -> None:
    found = seen(index, "losing.test", days=1000).trend
    first = TODAY - timedelta(days=200)
    monday = first - timedelta(days=first.weekday())
    assert found.days_each == 7
    assert found.days[0] == (monday, 41, 0, 0, 41, 0, 0)
    assert found.standing[0] == (monday, 41, 41)
    assert found.standing[-1][1:] == (25, 25)
    assert {(later.day - day.day).days for day, later in zip(found.days, found.days[1:], strict=False)} == {7}
    assert sum(each.lost_refdomains for each in found.days) == 16


def test_what_was_removed_since_leaves_earlier_days_unknown(index: Database) -> None:
    with index.connect() as connection:
        connection.execute("UPDATE daily_changes SET new_links = 50 WHERE day = %s", [TODAY - timedelta(days=9)])
    stood = seen(index, "losing.test").trend.standing
    assert [each.links for each in stood[-12:]] == [None, None, *[25] * 10]
    assert [each.refdomains for each in stood[-12:]] == [41, 41, *[25] * 10]


def comparable(found: Overview) -> dict[str, Any]:
    """Without when it was counted, and of days those that were counted at another moment."""
    return {
        "totals": found.totals,
        "trend": found.trend,
        "mixes": {name: mix._replace(as_of=None) for name, mix in found.mixes.items()},
        "top": {name: top._replace(order=top.order.partition(",")[0]) for name, top in found.top.items()},
        "told": found.told._replace(as_of=None),
    }


def test_a_kept_profile_says_what_a_counted_one_does(
    index: Database, backlinks: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rank(index, not_ranked)
    counted, figures = seen(index, "losing.test"), backlinks("profile", "losing.test", database=index).out
    assert (counted.told.as_of, counted.coverage.as_of) == (None, None)
    monkeypatch.setattr(profiles, "MOST_COUNTED", 24)
    rank(index, not_ranked)
    kept = seen(index, "losing.test")
    assert comparable(kept) == comparable(counted)
    assert kept.told.as_of is not None
    assert kept.mixes["type"].note == f"as of {kept.told.as_of:%Y-%m-%d %H:%M} UTC"
    assert kept.top["best"].order == f"referring domains, {kept.mixes['type'].note}"
    assert kept.told.findings[0].key == "few_targets"
    heading, *rest = backlinks("profile", "losing.test", database=index).out.splitlines()
    assert heading.endswith(f"all its hosts, as of the ranking of {kept.told.as_of:%Y-%m-%d %H:%M} UTC")
    assert rest == figures.splitlines()[1:]


def test_words_of_a_removed_domain_are_not_kept(index: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "MOST_COUNTED", 10)
    rank(index, not_ranked)
    kept = seen(index, "losing.test")
    assert ", as of" in kept.top["anchors"].order
    (gone, *_), *_ = kept.top["refdomains"].rows
    remove(index, gone, lambda *_: None)
    found = seen(index, "losing.test")
    assert (found.top["anchors"].order, found.top["best"].order) == ("links", "referring domains")
    with index.connect() as connection:
        assert connection.execute("SELECT count(*) FROM kept_profiles WHERE top_anchors <> '[]'").fetchone() == (0,)


def test_a_large_domain_s_coverage_is_that_of_the_last_ranking(
    index: Database, backlinks: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "MOST_COUNTED", 24)
    monkeypatch.setattr(groups, "MOST_COUNTED", 24)
    with index.connect(autocommit=True) as connection:
        groups.group_anew(connection)
    counted = seen(index, "losing.test").coverage
    rank(index, not_ranked)
    kept = seen(index, "losing.test").coverage
    assert kept.as_of is not None
    assert kept._replace(as_of=None) == counted
    with index.connect(autocommit=True) as connection:
        connection.execute("UPDATE domain_coverage SET pages_known = pages_known + 1")
    assert seen(index, "losing.test").coverage == kept
    (row,) = json.loads(backlinks("overview", "losing.test", "--format", "json", database=index).out)
    assert (row["pages_known"], row["coverage_as_of"] is None) == (kept.pages_known, False)


def test_what_is_too_much_to_count_is_a_sample_that_says_so(index: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "MOST_COUNTED", 10)
    found = seen(index, "losing.test")
    assert found.mixes["type"].note == "of 25 links the 10 that were found last"
    assert (found.mixes["type"].looked_at, found.mixes["type"].of, found.mixes["type"].known) == (10, 25, 10)
    assert found.mixes["rel"].note is None
    assert found.told.why == "it has 25 links, of which `backlinks rank` finds out what they say."
    assert (found.top["refdomains"].order, len(found.top["refdomains"].rows)) == ("links", 10)


def test_a_kept_profile_goes_when_its_target_is_small_again(index: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = "SELECT count(*) FROM kept_profiles"
    with index.connect(autocommit=True) as connection:
        with monkeypatch.context() as patch:
            patch.setattr(profiles, "MOST_COUNTED", 24)
            rank(index, not_ranked)
            assert connection.execute(kept).fetchone() == (1,)
        rank(index, not_ranked)
        assert connection.execute(kept).fetchone() == (0,)


@pytest.mark.parametrize("most_counted", [0, 1000])
def test_mixes_agree_with_the_views(database: Database, monkeypatch: pytest.MonkeyPatch, most_counted: int) -> None:
    monkeypatch.setattr(profiles, "MOST_COUNTED", most_counted)
    fill(database)
    rank(database, not_ranked)
    found = seen(database, "x.test")
    columns = {"type": "link_type", "origin": "link_origin", "anchors": "anchor_class", "position": "link_position"}
    with database.connect() as connection:
        for mix, column in columns.items():
            counted = connection.execute(
                f"SELECT {column}, count(*), count(DISTINCT domain_from) FROM backlinks WHERE domain_to = 'x.test' "
                f"AND status = 'live' AND {column} <> 'unknown' GROUP BY 1".encode()
            ).fetchall()
            assert {share[:3] for share in found.mixes[mix].shares} == set(counted), mix


def test_an_overview_takes_no_right_but_to_read_the_views(database: Database) -> None:
    fill(database)
    rank(database, not_ranked)
    with database.connect(autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS reader_of_overviews")
        connection.execute("CREATE ROLE reader_of_overviews")
        connection.execute(f"GRANT SELECT ON {', '.join(VIEW_COMMENTS)} TO reader_of_overviews".encode())
        connection.execute("SET ROLE reader_of_overviews")
        assert overview(connection, parse_target("x.test", None, NORMALISE)).totals["backlinks"] == 6
        connection.execute("RESET ROLE")
        connection.execute("DROP OWNED BY reader_of_overviews")
        connection.execute("DROP ROLE reader_of_overviews")


def test_readers_of_the_explorer_are_told_the_same(database: Database) -> None:
    """Their sessions are shared and read only."""
    fill(database)
    rank(database, not_ranked)
    readers = Readers.of(database, most=1, seconds=10)
    target = parse_target("x.test", None, NORMALISE)
    try:
        with readers.connect(autocommit=True) as connection:
            found = overview(connection, target)
        assert found == seen(database, "x.test")
        assert profile(readers, target, ()).figures["refdomains"] == 5
    finally:
        readers.close()
