"""`make nights`: seven nights over 20 real sites. Nothing lost by mistake, nothing missed, and no cost for what is the same.

The first night finds everything, the second finds nothing changed. Before the third, 200 pages change in ways that
`SCENARIOS` names; five nights later each of their links must be in the state that stands there, and every other link of
the index must be live. Each night is a `scrapy crawl seeds` of its own over the same index, with all pages due.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backlink_crawler.model import LinkType
from backlink_crawler.store import embedded
from backlink_crawler.store.database import Database
from benchmarks.claims import Claim, at_least, show, show_claims
from benchmarks.environment import Skipped, crawl_command, fresh_index, little_web, run
from benchmarks.nights_web import Change, ChangedWeb, changeable

if TYPE_CHECKING:
    import psycopg

NIGHTS = 7
FIRST_CHANGE = 3
QUIET_NIGHT_TARGET = 1.5
OPTIONS = ("CONCURRENT_REQUESTS_PER_DOMAIN=8", "DOWNLOAD_DELAY=0", "DOWNLOAD_TIMEOUT=3", "BACKLINKS_BACK_OFF_FIRST=1")
DUE = """
UPDATE pages SET next_visit = now() WHERE next_visit IS NOT NULL;
UPDATE crawled_hosts SET rests_until = NULL;
UPDATE queue_hosts SET claimable_at = now();
UPDATE robots SET fetched_at = fetched_at - interval '2 days';"""


@dataclass(frozen=True, slots=True)
class Scenario:
    """change: what the page does from the third night on, for so many nights (None: for good).

    status, reason: how its links end. events: of the link that was chosen on it, after `found`.
    whole_page: the change is of all links of the page, not of one.
    """

    name: str
    change: Change
    pages: int
    status: str
    reason: str | None = None
    events: tuple[str, ...] = ()
    nights: int | None = None
    whole_page: bool = True
    own_host: bool = False


ONE, BACK = {"whole_page": False}, ("missing", "restored")
LOST = ("missing", "lost")
SCENARIOS = (
    Scenario("link removed", Change.REMOVED, 20, "lost", "link_removed", LOST, **ONE),
    Scenario("rel changed", Change.REL, 20, "live", None, ("rel_changed",), **ONE),
    Scenario("anchor changed", Change.ANCHOR, 20, "live", None, ("anchor_changed",), **ONE),
    Scenario("link moved on the page", Change.PLACE, 15, "live", **ONE),
    Scenario("link removed, back next night", Change.REMOVED, 15, "live", None, BACK, 1, **ONE),
    Scenario("link removed, back after three", Change.REMOVED, 10, "live", None, (*LOST, "restored"), 3, **ONE),
    Scenario("404", Change.NOT_FOUND, 15, "lost", "page_gone", LOST),
    Scenario("410", Change.GONE, 15, "lost", "page_gone", LOST),
    Scenario("404, back next night", Change.NOT_FOUND, 10, "live", None, BACK, 1),
    Scenario("301", Change.MOVED, 15, "lost", "page_redirected", LOST),
    Scenario("302", Change.AWAY, 10, "unverified"),
    Scenario("403", Change.FORBIDDEN, 15, "unverified"),
    Scenario("403, back after two nights", Change.FORBIDDEN, 5, "live", None, (), 2),
    Scenario("timeout", Change.SILENT, 10, "unverified"),
    Scenario("503", Change.UNAVAILABLE, 3, "unverified", own_host=True),
    Scenario("503, back after two nights", Change.UNAVAILABLE, 2, "live", None, (), 2, own_host=True),
)
CLOSED = "robots.txt closed"


@dataclass(slots=True)
class Chosen:
    scenario: Scenario
    url: str
    link: str
    links: int = 0
    found: Counter[str] = field(default_factory=Counter)


def main() -> int:
    if sys.argv[1:2] == ["--inside"]:
        inside(Path(sys.argv[2]), sys.argv[3])
        return 0
    try:
        claims = measure()
    except Skipped as reason:
        claims = [Claim("nights", "", f"{reason}", None)]
    show_claims(claims)
    return any(claim.holds is False for claim in claims)


def measure() -> list[Claim]:
    with little_web() as web, fresh_index() as index, tempfile.TemporaryDirectory(prefix="backlinks-nights-") as name:
        seeds = Path(name, "seeds.txt")
        seeds.write_text("".join(f"https://{host}/\n" for host in web.hosts), encoding="utf-8")
        command = (sys.executable, "-m", "benchmarks.nights", "--inside", str(web.root), str(seeds))
        environment = {"BACKLINKS_HOME": str(index.home), "BACKLINKS_ALLOW_NETWORKS": "127.0.0.0/8"}
        ended = run(web.command(*command), environment)
        print(ended.errors, file=sys.stderr)
        return conclude(json.loads(ended.output.splitlines()[-1]))


def inside(root: Path, seeds: str) -> None:
    """All nights, where nothing but the sites can be reached. Prints what came of them as JSON."""
    database = Database(embedded.start(Path(os.environ["BACKLINKS_HOME"])), is_embedded=True)
    web = ChangedWeb(root)
    nights: list[dict[str, Any]] = []
    chosen: list[Chosen] = []
    closed = ""
    with database.connect(autocommit=True) as connection:
        for night in range(1, NIGHTS + 1):
            if night == FIRST_CHANGE:
                chosen, closed = choose(connection, web)
            if night >= FIRST_CHANGE:
                for each in chosen:
                    lasts = each.scenario.nights is None or night < FIRST_CHANGE + each.scenario.nights
                    web.show(each.url, each.scenario.change if lasts else None, each.link)
                web.close(closed)
                web.reload()
            connection.execute(DUE)
            nights.append(one_night(connection, seeds))
        print(json.dumps({"nights": nights, "rows": judge(connection, chosen, closed)}))


def one_night(connection: psycopg.Connection[Any], seeds: str) -> dict[str, Any]:
    before = written(connection)
    run(crawl_command("-a", f"seeds={seeds}", *(part for option in OPTIONS for part in ("-s", option))), os.environ)
    row = connection.execute(
        """
        SELECT count(*), extract(EPOCH FROM max(c.finished_at - c.started_at))::float8
        FROM sources AS c
        INNER JOIN batches AS b ON c.id = b.source_id
        INNER JOIN visits AS v ON b.id = v.batch_id
        WHERE c.id = (SELECT max(id) FROM sources) AND v.outcome <> 14
        """
    ).fetchone()
    assert row
    after = written(connection)
    return {"pages": row[0], "seconds": row[1], "written": {key: after[key] - before[key] for key in after}}


def written(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows written so far to links and events, from the server's own counters."""
    connection.execute("SELECT pg_stat_force_next_flush()")
    connection.execute("SELECT pg_stat_clear_snapshot()")
    rows = connection.execute(
        "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables "
        "WHERE relname IN ('links', 'link_events', 'domain_edges')"
    )
    return dict(rows.fetchall())


def choose(connection: psycopg.Connection[Any], web: ChangedWeb) -> tuple[list[Chosen], str]:
    """Pages with a link that can be edited in their file, spread over the sites; and a site whose robots.txt closes."""
    rows = connection.execute(
        "SELECT host_from, url_from, url_to FROM backlinks WHERE link_type = 'text' AND status = 'live' "
        "ORDER BY md5(url_from), position"
    ).fetchall()
    known = [
        url for (url,) in connection.execute("SELECT url FROM crawled_pages WHERE outcome IN ('ok', 'not_modified')")
    ]
    names = Counter(web.file(url) for url in known)  # a file may have two: /a/ and /a/index.html
    pages: dict[str, dict[str, str]] = {}
    for host, url, to in rows:
        if url not in pages.get(host, {}) and names[web.file(url)] == 1 and changeable(web.file(url), to):
            pages.setdefault(host, {})[url] = to
    hosts = sorted(pages, key=lambda host: len(pages[host]))
    own = [scenario for scenario in SCENARIOS if scenario.own_host for _ in range(scenario.pages)]
    closed, *alone = hosts[: len(own) + 1]
    chosen = [Chosen(scenario, *next(iter(pages[host].items()))) for scenario, host in zip(own, alone, strict=True)]
    rest = [iter(pages[host].items()) for host in hosts[len(own) + 1 :]]
    for scenario in SCENARIOS:
        if not scenario.own_host:
            chosen.extend(Chosen(scenario, *_next(rest)) for _ in range(scenario.pages))
    return chosen, closed


def _next(sources: list[Any]) -> tuple[str, str]:
    """In turns."""
    while True:
        source = sources.pop(0)
        if (page := next(source, None)) is not None:
            sources.append(source)
            return page


def judge(connection: psycopg.Connection[Any], chosen: list[Chosen], closed: str) -> list[dict[str, Any]]:
    """A row a scenario: pages, links, those that are as expected, lost by mistake, and not lost though they went."""
    expected = {each.url: each for each in chosen}
    rows: dict[str, Counter[str]] = {each.scenario.name: Counter(pages=0) for each in chosen}
    for each in chosen:
        rows[each.scenario.name]["pages"] += 1
    events: dict[int, list[str]] = {}
    for link_id, event in connection.execute("SELECT link_id, event FROM link_history ORDER BY happened_at, event"):
        events.setdefault(link_id, []).append(event)
    query = """
        SELECT
            l.id, f.url, split_part(f.url, '/', 3), t.url, l.link_type,
            CASE
                WHEN l.status = 0 AND p.unverified_since IS NOT NULL AND NOT (l.link_type = 2 AND p.outcome = 1)
                    THEN 'unverified'
                ELSE (ARRAY['live', 'missing', 'lost'])[l.status + 1]
            END,
            (ARRAY['link_removed', 'page_gone', 'page_redirected'])[l.lost_reason + 1]
        FROM links AS l
        INNER JOIN pages AS p ON l.page_id = p.page_id
        INNER JOIN urls AS f ON l.page_id = f.id
        INNER JOIN urls AS t ON l.url_to_id = t.id"""
    for link_id, url, host, to, link_type, *state in connection.execute(query):
        each = expected.get(url)
        is_subject = each and link_type != LinkType.REDIRECT and (each.scenario.whole_page or to == each.link)
        if each and is_subject:
            name, wanted = each.scenario.name, [each.scenario.status, each.scenario.reason]
            wanted_events = ["found", *each.scenario.events]
        elif host == closed:
            name, wanted, wanted_events = CLOSED, ["unverified", None], ["found"]
        else:
            name, wanted, wanted_events = "everything else", ["live", None], ["found"]
        count = rows.setdefault(name, Counter())
        count["links"] += 1
        as_expected = state == wanted and events[link_id] == wanted_events
        count["as expected"] += as_expected
        if not as_expected:
            print(f"{name}: {url} → {to}: {state}, {events[link_id]}", file=sys.stderr)
        count["false lost"] += state[0] == "lost" and wanted[0] != "lost"
        count["missed lost"] += state[0] != "lost" and wanted[0] == "lost"
    return [{"what": name, **count} for name, count in rows.items()]


def conclude(told: dict[str, Any]) -> list[Claim]:
    nights = told["nights"]
    rates = [night["pages"] / night["seconds"] for night in nights]
    show(
        "Nights",
        ("night", "pages", "pages/s", "link rows", "events", "edges"),
        [
            (number, night["pages"], f"{rate:.1f}", *(night["written"][key] for key in _TABLES))
            for number, (night, rate) in enumerate(zip(nights, rates, strict=True), 1)
        ],
    )
    columns = ("what", "pages", "links", "as expected", "false lost", "missed lost")
    show("After seven nights", columns, [[row.get(column, 0) for column in columns] for row in told["rows"]])
    total = Counter[str]()
    for row in told["rows"]:
        total.update({key: row.get(key, 0) for key in columns[1:]})
    quiet = sum(nights[1]["written"].values())
    return [
        _exactly("link, event and edge rows that a night without changes writes", quiet, 0),
        at_least("pages/s of a night without changes ÷ the first night's", QUIET_NIGHT_TARGET, [rates[1] / rates[0]]),
        _exactly("links lost by mistake", total["false lost"], 0),
        _exactly("lost links that were missed", total["missed lost"], 0),
        _exactly("links in an unexpected state, or with other events", total["links"] - total["as expected"], 0),
    ]


_TABLES = ("links", "link_events", "domain_edges")


def _exactly(what: str, measured: int, wanted: int) -> Claim:
    return Claim(what, f"{wanted}", f"{measured:,}", measured == wanted)


if __name__ == "__main__":
    sys.exit(main())
