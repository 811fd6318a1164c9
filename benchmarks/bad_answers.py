"""`make bad-answers`: answers that are no reading of their page, over four nights. Nothing that is there may be lost.

Each kind of bad answer is a site of its own, whose pages are read well in the first night, answer badly in the four
nights after it, and well again in the sixth. Beside them, sites change for good: what has gone there must be found lost,
in the night that docs/reliability.md says. A night is a `scrapy crawl seeds` of its own with all pages due; between two,
what the index knows of pages and links becomes a day older.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.bad_answers_web import BAD, LINKS, PATHS, REAL, BadWeb
from benchmarks.claims import Claim, show, show_claims
from benchmarks.environment import crawl_command, fresh_index, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg

NIGHTS = 11
OPTIONS = ("DOWNLOAD_DELAY=0", "DOWNLOAD_TIMEOUT=5", "BACKLINKS_BACK_OFF_FIRST=1")
_A_DAY = "- interval '1 day'"
A_DAY_LATER = "".join(
    f"UPDATE {table} SET {', '.join(f'{column} = {column} {_A_DAY}' for column in columns)};"
    for table, columns in {
        "pages": (
            *("last_visited", "confirmed_at", "settled_at", "unverified_since"),
            *("rendered_at", "unrendered_since", "doubted_since"),
        ),
        "links": ("first_seen", "last_seen", "absent_since"),
        "robots": ("fetched_at",),
    }.items()
)
DUE = """
UPDATE pages SET next_visit = now() WHERE next_visit IS NOT NULL;
UPDATE crawled_hosts SET rests_until = NULL;
UPDATE queue_hosts SET claimable_at = now();"""
STATES = """
SELECT
    split_part(u.url, '/', 3),
    CASE
        WHEN l.status = 0 AND p.unverified_since IS NOT NULL THEN 'unverified'
        ELSE (ARRAY['live', 'missing', 'lost'])[l.status + 1]
    END,
    count(*)
FROM links AS l
INNER JOIN pages AS p ON l.page_id = p.page_id
INNER JOIN urls AS u ON l.page_id = u.id
WHERE l.link_type = 0
GROUP BY 1, 2"""
ANSWERS = """
SELECT DISTINCT host, outcome || coalesce('/' || reason, '') FROM crawled_pages
WHERE right(url, length(%s)) = %s"""


@dataclass(slots=True)
class Site:
    """nights: its links by their state, after each night. taken_for: what its pages were taken for in the second."""

    kind: str
    host: str
    nights: list[Counter[str]] = field(default_factory=list)
    taken_for: str = ""

    def first_lost(self, links: int) -> int | None:
        """The night after which so many are lost."""
        return next((night for night, states in enumerate(self.nights, 1) if states["lost"] >= links), None)


def main() -> int:
    claims = measure(sorted(BAD), sorted(REAL))
    show_claims(claims)
    return any(claim.holds is False for claim in claims)


def measure(bad: Sequence[str], real: Sequence[str], nights: int = NIGHTS) -> list[Claim]:
    with fresh_index() as index, tempfile.TemporaryDirectory(prefix="backlinks-bad-answers-") as folder:
        environment = {"BACKLINKS_HOME": str(index.home)}
        with index.database.connect(autocommit=True) as connection:
            sites = crawl_nights(connection, environment, Path(folder), bad, real, nights)
    return conclude(sites)


def crawl_nights(
    connection: psycopg.Connection[Any],
    environment: Mapping[str, str],
    folder: Path,
    bad: Sequence[str],
    real: Sequence[str],
    nights: int,
) -> list[Site]:
    """environment: that leads to the index of the connection."""
    asked = dict(environment) | {"BACKLINKS_RESOLVE": "*.test=127.0.0.1", "BACKLINKS_ALLOW_NETWORKS": "127.0.0.0/8"}
    with BadWeb() as web:
        sites = [Site(kind, f"bad{number}.test:{web.port}") for number, kind in enumerate(bad)]
        sites += [Site(kind, f"real{number}.test:{web.port}") for number, kind in enumerate(real)]
        answers = {**BAD, **{kind: change.answer for kind, change in REAL.items()}}
        web.hosts = {site.host.partition(".")[0]: answers[site.kind] for site in sites}
        seeds = folder / "seeds.txt"
        seeds.write_text("".join(f"http://{site.host}/\n" for site in sites), encoding="utf-8")
        options = (part for option in OPTIONS for part in ("-s", option))
        command = crawl_command("-a", f"seeds={seeds}", "-a", "render=never", *options)
        for web.night in range(1, nights + 1):
            run(command, asked)
            _look(connection, sites, web.night)
            connection.execute(A_DAY_LATER)
            connection.execute(DUE)
    return sites


def _look(connection: psycopg.Connection[Any], sites: Sequence[Site], night: int) -> None:
    by_host: dict[str, Counter[str]] = {}
    for host, state, links in connection.execute(STATES):
        by_host.setdefault(host, Counter())[state] += links
    answers = dict(connection.execute(ANSWERS, [PATHS[1], PATHS[1]]).fetchall())
    for site in sites:
        site.nights.append(by_host.get(site.host, Counter()))
        if night == 2:
            site.taken_for = answers.get(site.host, "")


def conclude(sites: Sequence[Site]) -> list[Claim]:
    bad = [site for site in sites if site.host.startswith("bad")]
    real = [site for site in sites if site.host.startswith("real")]
    show(
        "Bad answers in nights 2 to 5",
        ("answer", "taken for", *(f"night {night}" for night in range(2, 7))),
        [(site.kind, site.taken_for, *map(_told, site.nights[1:6])) for site in bad],
    )
    rows = []
    late = 0
    for site in real:
        change = REAL[site.kind]
        links = change.links * (len(PATHS) - (site.kind == "all its pages lead to the start page"))
        lost = site.first_lost(links)
        late += lost != change.lost
        rows.append((site.kind, site.taken_for, *(_told(each) for each in site.nights[1:3]), lost, change.lost))
    show("Changes for good, from night 2 on", ("change", "taken for", "night 2", "night 3", "lost", "expected"), rows)
    false = sum(max(states["lost"] for states in site.nights) for site in bad)
    back = sum(_not_back(site.nights[5]) for site in bad if len(site.nights) > 5)
    return [
        Claim("kinds of bad answers", "70", f"{len(bad)}", len(bad) >= 70),
        Claim("links lost that are there", "0", f"{false}", false == 0),
        Claim("sites whose links are not all live after the first good night", "0", f"{back}", back == 0),
        Claim("changes for good found in another night than expected", "0", f"{late}", late == 0),
    ]


def _not_back(states: Counter[str]) -> bool:
    """An address that only a bad answer led to may be a page like the others in a good night."""
    return set(states) != {"live"} or states["live"] < LINKS * len(PATHS)


def _told(states: Counter[str]) -> str:
    return ", ".join(f"{number} {state}" for state, number in sorted(states.items()))


if __name__ == "__main__":
    sys.exit(main())
