"""Every table at 80, 100 and 120 columns of a terminal, as tables.txt has it written out.

Times there are 2026-11-26 14:05, whenever they are. `backlinks` runs on a pseudo-terminal of that width.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from backlink_crawler.ask.questions import QUESTIONS
from backlink_crawler.frontier.bounds import Bound
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import Outcome
from backlink_crawler.store.optouts import add_optout
from backlink_crawler.store.targets import add_target
from tests.integration.small_index import SmallIndex
from tests.integration.test_cli_status import run_was
from tests.integration.worker import NORMALISE, Worker, add_seed, link, page_found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server

WIDTHS = (80, 100, 120)
COMMANDS = (
    *("refdomains shop.test", "links shop.test", "anchors shop.test", "best shop.test", "broken shop.test"),
    *("linked magazine.test", "new shop.test", "lost shop.test", "history shop.test", "daily shop.test"),
    *("intersect shop.test facebook.com", "compare shop.test facebook.com"),
    *("overview shop.test", "seeds list", "skip list", "optout list", "targets list", "status"),
)
OF_RANKED = (
    *("risk shop.test", "risk shop.test --explain magazine.test", "networks shop.test", "mirrors shop.test"),
    *("network shop.test", "network shop.test --edges"),
)
MAGAZINE = "http://www.magazine.test/2026/reviews/the-long-way-to-a-cup-of-coffee.html"
OTHER = "http://the-house-of-a-rather-long-domain-name.test/"
KYOTO = "http://kyoto.test/"
SHOP, GONE = "http://shop.test/", "http://shop.test/beans/a-coffee-that-is-sold-out.html"
BEANS = "http://shop.test/beans/huila-natural-from-colombia.html"
# What the ranking of a larger index would have found.
RANKED = """
INSERT INTO risk_signals (signal, judged, weight, used_weight, least, low, high, of_pair, name, policy) VALUES
    (0, 900, 0.6, 0.6, 0.15, 0.2, 0.5, FALSE, 'reciprocity', 'excessive_exchanges'),
    (12, 900, 0.6, 0.6, 0.5, 0.5, 0.9, TRUE, 'sitewide_keywords', 'template_links');
INSERT INTO risk_factors (domain_id, target_id, signal, value, percentile, factor)
SELECT f.id, v.pair * t.id, v.signal, v.value, v.percentile, v.factor
FROM domains AS f, domains AS t,
    (VALUES (0, 0, 0.31, 94.5, 0.367), (1, 12, 0.8, 97.2, 0.75)) AS v (pair, signal, value, percentile, factor)
WHERE f.name = 'magazine.test' AND t.name = 'shop.test';
INSERT INTO domain_risks (domain_id, target_id, risk, reasons)
SELECT f.id, v.pair * t.id, v.risk, v.reasons::text []
FROM domains AS f, domains AS t,
    (VALUES (0, 0.22, '{reciprocity}'), (1, 0.571, '{sitewide_keywords,reciprocity}')) AS v (pair, risk, reasons)
WHERE f.name = 'magazine.test' AND t.name = 'shop.test';
INSERT INTO domain_networks (domain_id, network) SELECT id, '192.0.2.0/24' FROM domains WHERE name <> 'kyoto.test';
INSERT INTO networks (network, domains) SELECT network, count(*) FROM domain_networks GROUP BY network;
INSERT INTO page_mirrors (page_id, first_page_id, domains, bits)
SELECT page_id, min(page_id) OVER (), 2, row_number() OVER (ORDER BY page_id) - 1
FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id WHERE u.url !~ 'kyoto|shop';
INSERT INTO edge_mirrors (domain_to_id, domain_from_id, mirror_of_id)
SELECT t.id, f.id, m.id FROM domains AS t, domains AS f, domains AS m
WHERE t.name = 'shop.test' AND f.name LIKE 'the-house%' AND m.name = 'magazine.test';
INSERT INTO domain_ranks (domain_id, follow_refdomains, follow_domains_to, authority, percentile, pagerank_ratio)
SELECT id, 0, 1, 12.5 + length(name), 0, 1 FROM domains
"""
IN_TURN = """
import json, sys
from backlink_crawler.cli import main
for command in json.load(open("commands.json")):
    print("$ backlinks", command, flush=True)
    sys.argv = ["backlinks", *command.split()]
    try:
        main()
    except SystemExit:
        pass
"""


@pytest.fixture(scope="module")
def index(embedded_server: Server) -> Iterator[Database]:
    """Links of every kind and fate, a worker at work, and what else there is to list."""
    made = embedded_server.copy()
    for address in (MAGAZINE, OTHER, KYOTO, SHOP, "http://rests.test/", "http://waits.test/", "http://1.many.test/"):
        add_seed(made, address)
    add_seed(made, "http://2.many.test/some/path/", max_depth=3, max_pages=12_000, hops=1)
    with made.connect(autocommit=True) as connection:
        connection.execute("DELETE FROM skipped_domains WHERE domain NOT LIKE 'face%'")
        add_optout(connection, "private.test", "asked by mail in May")
        run_was(connection, "finished", finished="1 hour")
        run_was(connection, seen="5 hours")
        connection.execute(
            "UPDATE skipped_domains SET note = 'a hub that links to everything, and so says nothing of it'"
        )
    with Worker(made, bounds={"domain": Bound(1, 60.0)}) as worker:
        hosts = worker.claim()
        worker.run(
            worker.frontier.tell_progress(worker.crawl_id, {"recorded/pages": "9", "delays": {"kyoto.test": 12.5}})
        )
        _read(worker)
        worker.release(hosts["rests.test"], pause=600.0)
        worker.release(hosts["waits.test"])
        with made.connect(autocommit=True) as connection:
            add_target(connection, parse_target("shop.test", None, NORMALISE))
        yield made
    embedded_server.drop(made)


@pytest.fixture(scope="module")
def ranked(embedded_server: Server) -> Iterator[Database]:
    """Three sites that link to the shop, two of them from one network, with pages that say the same."""
    made = embedded_server.copy()
    with SmallIndex(made) as recording:
        recording.read(0, MAGAZINE, link(SHOP, "Bergkaffee"), link(BEANS), link(KYOTO))
        recording.read(0, OTHER, link(SHOP), link(MAGAZINE, rel="nofollow"))
        recording.read(0, KYOTO, link(SHOP), link(OTHER), link(MAGAZINE))
    with made.connect(autocommit=True) as connection:
        for statement in RANKED.split(";\n"):
            connection.execute(statement.encode())
    yield made
    embedded_server.drop(made)


def _read(worker: Worker) -> None:
    huila = link(BEANS, "Huila natural, washed and dried on raised beds by a family of five")
    kept = [link(SHOP, "Bergkaffee"), huila, link("http://www.facebook.com/shop", "Facebook", "nofollow")]
    worker.read(MAGAZINE, *kept, link(GONE, "sold out"), title="Coffee")
    worker.read(OTHER, link(SHOP, "コーヒーの店", "sponsored"), link(SHOP, "gone tomorrow"), title="House")
    worker.read(KYOTO, link(SHOP, "", "ugc nofollow"), link(BEANS, "豆"))
    worker.read(SHOP, found=[page_found(GONE)])
    for _ in range(2):
        worker.read(GONE, outcome=Outcome.GONE, http_code=404)
        worker.read(OTHER, link(SHOP, "コーヒーの店", "nofollow"), title="House")
    worker.read(KYOTO, outcome=Outcome.TIMEOUT, http_code=None)


def shown(database: Database, commands: tuple[str, ...], width: int, folder: Path) -> dict[str, list[str]]:
    """What each command prints on a terminal so wide."""
    (folder / "commands.json").write_text(json.dumps(commands))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    environment |= {"BACKLINKS_DATABASE_URL": database.dsn, "TZ": "Asia/Tokyo"}
    said = b""
    command = [sys.executable, "-c", IN_TURN]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=environment):
        os.close(theirs)
        try:
            while piece := os.read(ours, 65536):
                said += piece
        except OSError:  # the other end is closed
            pass
    os.close(ours)
    text = re.sub(r"\d{4}-\d\d-\d\d", "2026-11-26", said.decode().replace("\r\n", "\n"))
    text = re.sub(r"(2026-11-26) \d\d:\d\d", r"\1 14:05", text)
    parts = text.split("$ backlinks ")[1:]
    return {part.split("\n")[0]: part.rstrip("\n").split("\n")[1:] for part in parts}


def expected(width: int) -> dict[str, list[str]]:
    text = Path(__file__).with_name("tables.txt").read_text("utf-8")
    (chapter,) = re.findall(rf"^# {width} columns\n(.*?)(?=^# |\Z)", text, re.MULTILINE | re.DOTALL)
    parts = chapter.split("$ backlinks ")[1:]
    return {part.split("\n")[0]: part.rstrip("\n").split("\n")[1:] for part in parts}


@pytest.mark.parametrize("width", WIDTHS)
def test_every_table_is_as_it_was_written_out_and_fits(
    index: Database, ranked: Database, width: int, tmp_path: Path
) -> None:
    said = shown(index, COMMANDS, width, tmp_path) | shown(ranked, OF_RANKED, width, tmp_path)
    for command, lines in expected(width).items():
        assert said[command] == lines, command
    assert list(said) == [*COMMANDS, *OF_RANKED]
    assert max(cell_len(line) for lines in said.values() for line in lines) <= width


def test_every_question_is_among_them() -> None:
    assert {command.split()[0] for command in COMMANDS} >= set(QUESTIONS)
