"""Mirrors and networks, from what is recorded to views and commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.ask import voices
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.rank.job import rank
from backlink_crawler.store import schemes
from backlink_crawler.store.asking import Filters
from backlink_crawler.store.cursors import cursor
from tests.integration.small_index import SmallIndex, day
from tests.integration.worker import NORMALISE, link, visit

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from backlink_crawler.model import Link, Target
    from backlink_crawler.store.database import Database
    from tests.integration.conftest import Ran

OTHER = link("http://other.test/")
TEXT = 0x0123_4567_89AB_CDEF
PAGES = "SELECT url, domain, first_url, bits, group_domains FROM mirrored_pages ORDER BY url"
EDGES = "SELECT domain_from, mirror_of FROM referring_domains WHERE domain_to = 'to.test' ORDER BY domain_from"
NETWORKS = "SELECT network::text, refdomains, refdomains_share, network_domains, index_share FROM referring_networks "


class Index(SmallIndex):
    def say(self, at: float, address: str, simhash: int | None, *links: Link) -> None:
        made = visit(self.page(address), *links)
        assert made.facts
        made.facts.text_simhash, made.facts.links_internal, made.observed_at = simhash, 100, day(at)
        self.record(made)


@pytest.fixture
def index(database: Database) -> Index:
    return Index(database)


def ranked(database: Database) -> dict[str, object]:
    return dict(rank(database, lambda _: None).figures["mirrors"])


def test_a_domain_whose_pages_are_copies_is_a_mirror_of_the_one_that_was_first(
    index: Index, database: Database, connection: psycopg.Connection
) -> None:
    """copy.test has two pages, both of them copies; half.test one copy and one page of its own; far.test is 4 bits away."""
    to = "http://to.test/"
    index.say(0, "http://first.test/a", TEXT, link(to))
    index.say(0, "http://first.test/b", ~TEXT, link(to))
    index.say(1, "http://copy.test/a", TEXT ^ 0b111, link(to))
    index.say(1, "http://copy.test/b", ~TEXT, link(to))
    index.say(1, "http://half.test/a", TEXT, link(to))
    index.say(1, "http://half.test/own", 77, link(to))
    index.say(1, "http://far.test/", TEXT ^ 0b1111, link(to))
    index.say(1, "http://none.test/", None, link(to))
    figures = ranked(database)
    assert connection.execute(PAGES).fetchall() == [
        ("http://copy.test/a", "copy.test", "http://first.test/a", 3, 3),
        ("http://copy.test/b", "copy.test", "http://first.test/b", 0, 2),
        ("http://first.test/a", "first.test", "http://first.test/a", 0, 3),
        ("http://first.test/b", "first.test", "http://first.test/b", 0, 2),
        ("http://half.test/a", "half.test", "http://first.test/a", 0, 3),
    ]
    assert connection.execute(EDGES).fetchall() == [
        ("copy.test", "first.test"),
        ("far.test", None),
        ("first.test", None),
        ("half.test", None),
        ("none.test", None),
    ]
    found = {name: figures[name] for name in ("pages_read", "pages", "groups", "edges", "changed")}
    assert found == {"pages_read": 7, "pages": 5, "groups": 2, "edges": 1, "changed": 6}
    connection.commit()
    assert ranked(database)["changed"] == 0
    index.say(2, "http://copy.test/b", 5, link(to))
    ranked(database)
    assert ("copy.test", None) in connection.execute(EDGES).fetchall()


def test_a_domain_with_more_authority_is_the_voice(
    index: Index, database: Database, connection: psycopg.Connection
) -> None:
    index.say(0, "http://small.test/", TEXT, link("http://to.test/"))
    index.say(1, "http://large.test/", TEXT, link("http://to.test/"))
    index.say(1, "http://friend.test/", None, link("http://large.test/"))
    ranked(database)
    assert connection.execute(EDGES).fetchall() == [("large.test", None), ("small.test", "large.test")]


def test_what_a_mirror_says_changes_no_count(index: Index, database: Database, connection: psycopg.Connection) -> None:
    index.say(0, "http://first.test/", TEXT, link("http://to.test/"))
    index.say(0, "http://copy.test/", TEXT, link("http://to.test/"))
    ranked(database)
    count = "SELECT refdomains, backlinks FROM target_overview WHERE domain_to = 'to.test'"
    assert connection.execute(count).fetchall() == [(2, 2)]


def test_more_bits_are_enough_where_the_links_are_the_same(
    index: Index, database: Database, connection: psycopg.Connection
) -> None:
    links = ("http://to.test/", "http://other.test/")
    index.say(0, "http://first.test/", TEXT, *map(link, links))
    index.say(0, "http://copy.test/", TEXT ^ 0b11_1111_1111, *map(link, reversed(links)))
    index.say(0, "http://near.test/", TEXT ^ (0b11_1111_1111 << 20), link("http://to.test/"), link("http://else.test/"))
    ranked(database)
    assert connection.execute(PAGES).fetchall() == [
        ("http://copy.test/", "copy.test", "http://first.test/", 10, 2),
        ("http://first.test/", "first.test", "http://first.test/", 0, 2),
    ]


def test_a_page_that_is_the_same_but_for_a_bit_is_not_written(index: Index, connection: psycopg.Connection) -> None:
    written = "SELECT text_simhash, xmin::text FROM page_facts"
    index.say(0, "http://a.test/", TEXT, link("http://to.test/"))
    first = connection.execute(written).fetchall()
    connection.commit()
    index.say(1, "http://a.test/", TEXT, link("http://to.test/"))
    index.say(2, "http://a.test/", TEXT ^ 1, link("http://to.test/"))
    assert connection.execute(written).fetchall() == first
    connection.commit()
    index.say(3, "http://a.test/", TEXT ^ 0b11, link("http://to.test/"))
    assert [row[0] for row in connection.execute(written)] == [TEXT ^ 0b11]
    connection.commit()
    index.say(4, "http://a.test/", None, link("http://to.test/"))
    assert [row[0] for row in connection.execute(written)] == [None]


def test_in_which_networks_the_domains_that_link_are(
    index: Index, database: Database, connection: psycopg.Connection
) -> None:
    """Three of four are in one /24, as is one that links elsewhere; of the fifth nothing is known."""
    addresses = {
        "a.test": "192.0.2.1",
        "b.test": "192.0.2.2",
        "c.test": "192.0.2.250",
        "d.test": "2001:db8:1:2::/64",
        "e.test": None,
        "elsewhere.test": "192.0.2.9",
    }
    for host, address in addresses.items():
        index.read(0, f"http://{host}/", link("http://away.test/" if host == "elsewhere.test" else "http://to.test/"))
        connection.execute(
            "INSERT INTO crawled_hosts (host_id, address) SELECT id, %s FROM hosts WHERE name = %s "
            "ON CONFLICT (host_id) DO UPDATE SET address = excluded.address",
            (address, host),
        )
    connection.commit()
    rank(database, lambda _: None)
    assert connection.execute(f"{NETWORKS} WHERE domain_to = 'to.test' ORDER BY refdomains DESC").fetchall() == [
        ("192.0.2.0/24", 3, 0.75, 4, 0.8),
        ("2001:db8:1::/48", 1, 0.25, 1, 0.2),
    ]
    of_edges = "SELECT network::text FROM referring_domains WHERE domain_to = 'to.test' ORDER BY domain_from"
    assert [row[0] for row in connection.execute(of_edges)] == [*["192.0.2.0/24"] * 3, "2001:db8:1::/48", None]
    connection.commit()
    assert rank(database, lambda _: None).figures["networks"]["changed"] == 0


SHARED = {  # each domain's address; of e.test none is known
    "a.test": "192.0.2.1",
    "b.test": "192.0.2.2",
    "c.test": "192.0.2.250",
    "d.test": "2001:db8:1:2::/64",
    "e.test": None,
    "f.test": "198.51.100.7",
    "g.test": "198.51.100.8",
}


def test_networks_that_several_domains_share_are_listed_beside_their_share_of_the_index(
    index: Index, database: Database, connection: psycopg.Connection, backlinks: Callable[..., Ran]
) -> None:
    """Of six whose network is known three link from one, two from another, and one alone."""
    for host, address in SHARED.items():
        index.read(
            0, f"http://{host}/", link("http://to.test/"), link("http://alone.test/") if host == "a.test" else OTHER
        )
        connection.execute(
            "UPDATE crawled_hosts SET address = %s WHERE host_id = (SELECT id FROM hosts WHERE name = %s)",
            (address, host),
        )
    connection.commit()
    none = backlinks("networks", "to.test", database=database)
    assert (none.code, none.out) == (1, "")
    assert "no two domains that link to to.test are known to be in one network; `backlinks rank` tells" in none.err
    rank(database, lambda _: None)
    ran = backlinks("networks", "to.test", "--format", "json", database=database)
    shown = [{name: value for name, value in row.items() if name != "network_key"} for row in json.loads(ran.out)]
    assert shown == [
        {
            "network": "192.0.2.0/24",
            "refdomains": 3,
            "refdomains_share": 0.5,
            "network_domains": 3,
            "index_share": 0.5,
        },
        {
            "network": "198.51.100.0/24",
            "refdomains": 2,
            "refdomains_share": pytest.approx(1 / 3),
            "network_domains": 2,
            "index_share": pytest.approx(1 / 3),
        },
    ]
    printed = backlinks("networks", "to.test", "--sql", database=database)
    assert [str(row[0]) for row in connection.execute(printed.out.encode())] == ["192.0.2.0/24", "198.51.100.0/24"]
    table = backlinks("networks", "to.test", database=database)
    assert table.out.splitlines()[3].split() == ["192.0.2.0/24", "3", "0.500", "3", "0.500"]
    by_name = backlinks(
        "networks", "to.test", "--sort", "network:desc", "--limit", 1, "--format", "csv", database=database
    )
    assert by_name.out.splitlines()[1].startswith("198.51.100.0/24,2,")
    alone = backlinks("networks", "alone.test", database=database)
    assert "no two domains that link to alone.test are known" in alone.err
    target = parse_target("to.test", None, NORMALISE)
    assert paged(database, target, schemes.networks, voices.networks) == ["192.0.2.0/24", "198.51.100.0/24"]


def test_pages_that_say_the_same_are_listed_in_groups(
    index: Index, database: Database, connection: psycopg.Connection, backlinks: Callable[..., Ran]
) -> None:
    """Of the first group a page does not link there, and another one does not any more; of the third only one domain does."""
    to = link("http://to.test/")
    for domain in ("first", "second", "third", "gone"):
        index.say(0, f"http://{domain}.test/a", TEXT, to)
    index.say(0, "http://silent.test/a", TEXT, OTHER)
    for at in (1, 2):
        index.say(at, "http://gone.test/a", TEXT, OTHER)
    index.say(0, "http://first.test/b", ~TEXT, to)
    index.say(0, "http://second.test/b", ~TEXT ^ 0b11, to)
    index.say(0, "http://first.test/c", 77, to)
    index.say(0, "http://silent.test/c", 77, OTHER)
    none = backlinks("mirrors", "to.test", database=database)
    assert (none.code, none.out) == (1, "")
    assert "no two domains are known to link to to.test from pages that say the same; `backlinks rank`" in none.err
    ranked(database)
    ran = backlinks("mirrors", "to.test", "--format", "json", database=database)
    columns = ("first_url", "refdomains", "refpages", "url_from", "domain_from", "bits", "mirror_of")
    found = [tuple(row[name] for name in columns) for row in json.loads(ran.out)]
    assert sorted(found[:3]) == [
        ("http://first.test/a", 3, 3, "http://first.test/a", "first.test", 0, None),
        ("http://first.test/a", 3, 3, "http://second.test/a", "second.test", 0, "first.test"),
        ("http://first.test/a", 3, 3, "http://third.test/a", "third.test", 0, "first.test"),
    ]
    assert sorted(found[3:]) == [
        ("http://first.test/b", 2, 2, "http://first.test/b", "first.test", 0, None),
        ("http://first.test/b", 2, 2, "http://second.test/b", "second.test", 2, "first.test"),
    ]
    printed = backlinks("mirrors", "to.test", "--sql", database=database)
    assert [row[3] for row in connection.execute(printed.out.encode())] == [row[3] for row in found]
    target = parse_target("to.test", None, NORMALISE)
    assert paged(database, target, schemes.mirrors, voices.mirrors, place=3) == [row[3] for row in found]
    table = backlinks("mirrors", "to.test", database=database)
    assert table.out.startswith("mirrors: pages on two domains and more that link to to.test and say almost the same\n")
    unknown = backlinks("mirrors", "nobody.test", "--format", "csv", database=database)
    assert unknown.out == ("first_url,refdomains,refpages,url_from,domain_from,bits,mirror_of,group_id,url_from_id\n")
    assert "no links to nobody.test are known" in unknown.err


def paged(database: Database, target: Target, query: Any, ask: Any, place: int = 0) -> list[str]:
    """A column of all rows, asked for one by one."""
    found: list[str] = []
    after = None
    while True:
        filters = Filters(limit=1, after=after)
        columns, rows = ask(database, target, filters)
        for row in (some := list(rows)):
            found.append(str(row[place]))
            after = cursor(query(target, filters), columns, row)
        if not some:
            return found
