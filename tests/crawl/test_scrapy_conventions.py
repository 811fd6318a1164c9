"""What people who know Scrapy expect of `scrapy crawl seeds`: feeds, their own stages, extensions and spiders, settings."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.crawl.conftest import SECONDS, Crawler
from tests.crawl.small_web import Answer, SmallWeb

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from backlink_crawler.store.database import Database
    from tests.conftest import Server

PAGE = (
    "<html lang=de><title>=1+1</title>"
    "<p>Try <a href='http://to.test/beans' rel='nofollow ugc'>the beans</a> today.</p><a href=/two>two</a></body></html>"
)
SECOND = "<title>Zwei</title><a href='http://to.test/'><img alt=logo src=x.png></a></body></html>"


@pytest.fixture
def web() -> Iterator[SmallWeb]:
    """Three pages: one with a link, one with another, one that is gone."""
    pages = {"from.test/": PAGE, "from.test/two": SECOND + "<a href=/three>3</a>", "from.test/three": Answer("", 404)}
    with SmallWeb(pages) as made:
        yield made


@pytest.fixture
def project(crawler: Crawler) -> Crawler:
    """A project of the user's in that folder, on top of our settings."""
    (crawler.folder / "scrapy.cfg").write_text("[settings]\ndefault = mine.settings\n")
    (crawler.folder / "mine").mkdir()
    (crawler.folder / "mine" / "__init__.py").write_text("")
    (crawler.folder / "mine" / "settings.py").write_text(
        "from backlink_crawler.settings import *\n"
        "BOT_NAME = 'mine'\n"
        "SPIDER_MODULES = [*SPIDER_MODULES, 'mine.spiders']\n"
        "ITEM_PIPELINES = {'mine.stages.Told': 400}\n"
        "EXTENSIONS = {'mine.stages.Listener': 500}\n"
    )
    (crawler.folder / "mine" / "spiders.py").write_text(
        "from backlink_crawler.crawl.spiders.seeds import SeedsSpider\n"
        "class Mine(SeedsSpider):\n"
        "    name = 'mine'\n"
        "    custom_settings = {'USER_AGENT': 'Foobot/2.0', 'BACKLINKS_BATCH_PAGES': 'many'}\n"
        "class Other(SeedsSpider):\n"
        "    name = 'other'\n"
        "    custom_settings = {'USER_AGENT': 'Foobot/2.0'}\n"
    )
    (crawler.folder / "mine" / "stages.py").write_text(
        "from itemadapter import ItemAdapter\n"
        "from scrapy import signals\n"
        "from scrapy.exceptions import DropItem\n"
        "class Told:\n"
        "    def process_item(self, item):\n"
        "        if item['url'].endswith('/two'):\n"
        "            raise DropItem('enough')\n"
        "        if item['url'].endswith('/three'):\n"
        "            raise RuntimeError('a bug of mine')\n"
        "        ItemAdapter(item)['words'] = [link['anchor'] for link in item['links']]\n"
        "        return item\n"
        "class Listener:\n"
        "    @classmethod\n"
        "    def from_crawler(cls, crawler):\n"
        "        made = cls()\n"
        "        crawler.signals.connect(made.scraped, signals.item_scraped)\n"
        "        return made\n"
        "    def scraped(self, item):\n"
        "        print('SCRAPED', item['url'], item['words'])\n"
    )
    return crawler


def rows(connection: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode()).fetchall()


def seed(web: SmallWeb) -> str:
    return f"seeds={web.url('from.test/')}"


def by_path(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {"/" + item["url"].split("/", 3)[3]: item for item in items}


def scrapy(crawler: Crawler, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=crawler.folder,
        env=os.environ | crawler.environment | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def test_a_feed_of_json_lines_has_one_item_a_page_with_its_links(
    crawler: Crawler, web: SmallWeb, connection: psycopg.Connection
) -> None:
    code, output = crawler.run("-a", seed(web), "-O", "links.jsonl")

    assert code == 0, output
    items = [json.loads(line) for line in (crawler.folder / "links.jsonl").read_text(encoding="utf-8").splitlines()]
    found = by_path(items)
    assert set(found) == {"/", "/two", "/three"}
    first = found["/"]
    visited_at = first.pop("visited_at")
    assert first == {
        "url": web.url("from.test/"),
        "host": f"from.test:{web.port}",
        "domain": "from.test",
        "kind": "page",
        "outcome": "ok",
        "reason": None,
        "http_code": 200,
        "depth": 0,
        "title": "=1+1",
        "language": "de",
        "canonical": None,
        "page_nofollow": False,
        "page_noindex": False,
        "links_external": 1,
        "links_internal": 1,
        "rendering": first["rendering"],
        "links": [
            {
                "url_to": "http://to.test/beans",
                "host_to": "to.test",
                "domain_to": "to.test",
                "anchor": "the beans",
                "anchor_source": "text",
                "rel": ["nofollow", "ugc"],
                "is_dofollow": False,
                "is_nofollow": True,
                "is_sponsored": False,
                "is_ugc": True,
                "link_type": "text",
                "link_origin": "html",
                "is_removed_by_scripts": False,
                "snippet_left": "Try",
                "snippet_right": "today.",
                "position": 0,
                "link_position": "unknown",
                "block_words": 4,
                "link_density": 0.5,
                "order_on_page": 0.0,
            }
        ],
    }
    assert (found["/three"]["outcome"], found["/three"]["http_code"], found["/three"]["links"]) == ("gone", 404, [])
    stored = rows(connection, "SELECT last_visited::text FROM crawled_pages WHERE http_code = 200 AND depth = 0")
    assert visited_at[:19].replace("T", " ") == stored[0][0][:19]


def test_what_an_item_says_of_a_link_is_what_the_views_say(
    crawler: Crawler, web: SmallWeb, connection: psycopg.Connection
) -> None:
    assert crawler.run("-a", seed(web), "-O", "links.json")[0] == 0

    items = json.loads((crawler.folder / "links.json").read_text(encoding="utf-8"))
    links = [(item["url"], link) for item in items for link in item["links"]]
    names = [name for name in links[0][1] if name not in {"snippet_left", "snippet_right"}]
    told = sorted((url, *(link[name] for name in names)) for url, link in links)
    assert told == sorted(rows(connection, f"SELECT url_from, {', '.join(names)} FROM backlinks"))
    assert len(told) == 2


def test_a_feed_of_csv_has_a_line_a_page_and_no_formula(crawler: Crawler, web: SmallWeb) -> None:
    code, output = crawler.run("-a", seed(web), "-O", "pages.csv")

    assert code == 0, output
    with (crawler.folder / "pages.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    found = by_path(lines)
    assert set(found) == {"/", "/two", "/three"}
    assert "links" not in found["/"]
    assert found["/"]["title"] == "'=1+1"
    assert (found["/two"]["title"], found["/two"]["links_external"]) == ("Zwei", "1")
    assert (found["/three"]["title"], found["/three"]["http_code"]) == ("", "404")


def test_feeds_of_the_settings_may_be_several_and_choose_their_fields(crawler: Crawler, web: SmallWeb) -> None:
    feeds = {
        "a.csv": {"format": "csv", "fields": ["url", "links"]},
        "b.xml": {"format": "xml"},
        "c-%(batch_id)d.jsonl": {"format": "jsonlines", "batch_item_count": 2},
    }

    code, output = crawler.run("-a", seed(web), "-s", f"FEEDS={json.dumps(feeds)}")

    assert code == 0, output
    with (crawler.folder / "a.csv").open(encoding="utf-8", newline="") as file:
        anchors = [[link["anchor"] for link in json.loads(line["links"] or "[]")] for line in csv.DictReader(file)]
    assert sorted(anchors) == [[], ["logo"], ["the beans"]]
    assert (crawler.folder / "b.xml").read_text(encoding="utf-8").count("<url_to>") == 2
    sizes = [len((crawler.folder / f"c-{number}.jsonl").read_text().splitlines()) for number in (1, 2)]
    assert sizes == [2, 1]


def test_a_feed_that_cannot_be_written_is_a_sentence_before_anything_is_asked(crawler: Crawler, web: SmallWeb) -> None:
    (crawler.folder / "taken").write_text("a file, no folder")

    code, output = crawler.run("-a", seed(web), "-O", "taken/links.jsonl")

    assert (code, output) == (2, "backlinks: taken/links.jsonl cannot be written; name another file.\n")
    assert web.asked == []


def test_stages_and_extensions_of_a_project_get_items_after_they_are_recorded(
    project: Crawler, web: SmallWeb, connection: psycopg.Connection
) -> None:
    process = project.start("-a", seed(web), "-O", "links.jsonl", "--nolog")
    output, _ = process.communicate(timeout=SECONDS)

    assert process.returncode == 0, output
    assert f"SCRAPED {web.url('from.test/')} ['the beans']" in output
    items = [json.loads(line) for line in (project.folder / "links.jsonl").read_text().splitlines()]
    assert [item["words"] for item in items] == [["the beans"]]
    # One of the others was dropped by a stage of the project's, at the last one it failed: all are recorded as they were.
    assert sorted(rows(connection, "SELECT http_code, outcome FROM crawled_pages")) == [
        (200, "ok"),
        (200, "ok"),
        (404, "gone"),
    ]
    assert rows(connection, "SELECT count(*) FROM visits") == [(3,)]


def test_a_stage_before_ours_is_a_sentence(project: Crawler, web: SmallWeb) -> None:
    code, output = project.run("-a", seed(web), "-s", 'ITEM_PIPELINES={"mine.stages.Told": 250}')

    assert code == 2
    assert output == (
        "backlinks: ITEM_PIPELINES has mine.stages.Told at 250, before RecordLinks at 300: a stage of yours gets what "
        "is recorded, so give it a higher number.\n"
    )


def test_spiders_of_a_project_have_settings_of_their_own(project: Crawler, web: SmallWeb) -> None:
    refused = scrapy(project, "crawl", "mine", "-a", seed(web))
    assert (refused.returncode, refused.stderr) == (2, "backlinks: BACKLINKS_BATCH_PAGES=many is not a whole number.\n")

    done = scrapy(project, "crawl", "other", "-a", seed(web), "-s", "DOWNLOAD_DELAY=0")
    assert done.returncode == 0, done.stderr
    assert {asked.headers["user-agent"] for asked in web.asked} == {"Foobot/2.0"}

    unknown = scrapy(project, "crawl", "other", "-a", "seed=one.test")
    assert unknown.returncode == 2
    assert unknown.stderr.startswith("backlinks: -a seed: there is no such argument; these exist: ")


def test_robots_txt_is_matched_for_the_name_that_is_sent(crawler: Crawler) -> None:
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: foobot\nDisallow: /two\n"
    pages: dict[str, Any] = {"from.test/robots.txt": Answer(rules, 200, {"Content-Type": "text/plain"})}
    pages |= {"from.test/": PAGE, "from.test/two": SECOND}
    with SmallWeb(pages) as web:
        assert crawler.run("-a", seed(web), "-s", "USER_AGENT=Foobot/2.0 (+https://foo.test/bot)")[0] == 0
        assert web.paths("from.test") == ["/"]

        assert crawler.run("-a", f"seeds={web.url('from.test/two')}")[0] == 0
        assert web.paths("from.test") == ["/"]


def test_what_a_page_says_to_robots_counts_for_the_name_that_is_sent(crawler: Crawler, database: Database) -> None:
    pages = {
        "from.test/": Answer(PAGE, headers={"X-Robots-Tag": "otherbot: none, foobot: noindex"}),
        "from.test/two": f"<meta name=foobot content=nofollow>{SECOND}",
        "from.test/three": f"<meta name=backlink-crawler content=none>{SECOND}",
    }
    with SmallWeb(pages) as web:
        seeds = ",".join(web.url(page) for page in pages)
        assert crawler.run("-a", f"seeds={seeds}", "-s", "USER_AGENT=Foobot/2.0 (+https://foo.test/bot)")[0] == 0
    asked = "SELECT regexp_replace(url, '.*/', ''), page_nofollow, page_noindex FROM crawled_pages LEFT JOIN backlinks ON url = url_from GROUP BY 1, 2, 3"
    with database.connect() as connection:
        said = {path: (nofollow, noindex) for path, nofollow, noindex in connection.execute(asked)}
    assert said == {"": (False, True), "two": (True, False), "three": (False, False)}


def test_scrapy_s_other_commands_work(crawler: Crawler, web: SmallWeb) -> None:
    ours = {"SCRAPY_SETTINGS_MODULE": "backlink_crawler.settings"}

    assert scrapy(crawler, "list", **ours).stdout.split() == ["seeds", "verify"]
    assert scrapy(crawler, "settings", "--get", "DOWNLOAD_DELAY", **ours).stdout == "1\n"
    shell = scrapy(crawler, "shell", web.url("from.test/"), "-c", "(response.status, len(response.body) > 99)", **ours)
    assert shell.returncode == 0, shell.stderr
    assert "(200, True)" in shell.stdout, shell.stderr
    assert "Traceback" not in shell.stderr


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("DOWNLOAD_DELAY=fast", "DOWNLOAD_DELAY=fast is not a number."),
        ("DOWNLOAD_DELAY=-1", "DOWNLOAD_DELAY=-1 is not a number from 0 on."),
        ("DOWNLOAD_TIMEOUT=nan", "DOWNLOAD_TIMEOUT=nan is not a number from 0 on."),
        ("CONCURRENT_REQUESTS=2.5", "CONCURRENT_REQUESTS=2.5 is not a whole number."),
        ("LOG_LEVEL=loud", "LOG_LEVEL=loud is not DEBUG, INFO, WARNING, ERROR or CRITICAL."),
        ("STATS_DUMP=perhaps", "STATS_DUMP=perhaps is not True or False."),
        ('EXTENSIONS={"mine.Class": "late"}', "EXTENSIONS gives mine.Class the order 'late', which is not a number."),
        ('EXTENSIONS={"mine.Class": 400}', "EXTENSIONS names mine.Class, but there is no module mine."),
    ],
)
def test_wrong_settings_are_a_sentence(crawler: Crawler, setting: str, sentence: str) -> None:
    code, output = crawler.run("-a", "seeds=one.test", "-s", setting)

    assert (code, output) == (2, f"backlinks: {sentence}\n")


def test_a_role_that_lacks_rights_is_a_sentence(
    crawler: Crawler, server: Server, database: Database, connection: psycopg.Connection, web: SmallWeb
) -> None:
    name = str(conninfo_to_dict(database.dsn)["dbname"])
    server.execute(f"CREATE ROLE weak_{name} LOGIN")
    url = {"BACKLINKS_DATABASE_URL": server.database(name, user=f"weak_{name}").dsn}
    refused = f"backlinks: {database.name} refuses this user (permission denied for {{}}); grant it the rights to the database."
    rights = "GRANT ALL ON ALL TABLES IN SCHEMA public TO {0}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {0}"
    try:
        code, output = crawler.run("-a", seed(web), **url)
        assert (code, output.splitlines()) == (3, [refused.format("table alembic_version")])

        connection.execute(rights.format(f"weak_{name}").encode())
        connection.execute(f"REVOKE INSERT ON links FROM weak_{name}".encode())
        code, output = crawler.run("-a", seed(web), **url)
        assert (code, output.splitlines()[-1]) == (3, refused.format("table links"))
        assert rows(connection, "SELECT count(*) FROM visits") == [(0,)]

        server.execute(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
        code, output = crawler.run("-a", seed(web), **url)
        assert code == 3
        assert "refuses this user" in output
    finally:
        connection.execute(f"DROP OWNED BY weak_{name}".encode())
        server.execute(f"DROP ROLE weak_{name}")
