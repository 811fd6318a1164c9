"""`backlinks extract`: why was a link counted, or not? Needs no database and no network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.test_cli import sentence

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.test_cli import Backlinks

PAGE = """<!doctype html><html lang="de-AT"><title>Kaffee</title><meta name="robots" content="noindex">
<link rel="canonical" href="https://original.test/">
<p>Before <a href="https://to.test/a?utm_source=x" rel="nofollow noopener">two <b>words</b></a> after.
<a href="/inside">inside</a> <a href="mailto:me@from.test">mail</a> <a href="javascript:void(0)">click</a>
<a href="//www.from.test/sub">sub</a> <a href="http://to.test:99999/">bad port</a>"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.html"
    file.write_text(PAGE)
    return file


def reports(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_page_is_one_json_object(backlinks: Backlinks, page: Path) -> None:
    ran = backlinks("extract", page, "--url", "https://www.from.test/page")
    assert (ran.code, ran.err) == (0, "")
    (report,) = reports(ran.out)
    assert {
        name: report[name] for name in ("url", "title", "language", "encoding", "page_nofollow", "page_noindex")
    } == {
        "url": "https://www.from.test/page",
        "title": "Kaffee",
        "language": "de-at",
        "encoding": "cp1252",
        "page_nofollow": False,
        "page_noindex": True,
    }
    assert (report["links_external"], report["links_internal"]) == (1, 2)
    (link,) = report["links"]
    expected = {
        "url_to": "https://to.test/a",
        "domain_to": "to.test",
        "rel": ["nofollow", "noopener"],
        "anchor": "two words",
        "anchor_source": "text",
        "link_type": "text",
        "snippet_left": "Before",
        "is_nofollow": True,
        "is_ugc": False,
        "refused": None,
    }
    assert {name: link[name] for name in expected} == expected
    assert [(each["tag"], each["url_to"]) for each in report["page_links"]] == [("link", "https://original.test/")]
    assert report["refused"] == {"refused_mailto": 1, "refused_javascript": 1, "refused_invalid_url": 1}


def test_all_shows_the_links_inside_too(backlinks: Backlinks, page: Path) -> None:
    (report,) = reports(backlinks("extract", "--all", page, "--url", "https://www.from.test/page").out)
    assert [(link["href"], link["external"]) for link in report["links"]] == [
        ("https://to.test/a?utm_source=x", True),
        ("https://www.from.test/inside", False),
        ("https://www.from.test/sub", False),
    ]


def test_a_list_names_pages_with_their_addresses(backlinks: Backlinks, page: Path, tmp_path: Path) -> None:
    latin = tmp_path / "latin.html"
    latin.write_bytes("<a href='http://to.test/'>Röst</a>".encode("latin-1"))
    listing = tmp_path / "pages.tsv"
    listing.write_text(
        f"https://a.test/\t{page}\nhttps://to.test/\t{page}\nhttp://b.test/\t{latin}\ttext/html; charset=iso-8859-1\n"
    )
    ran = backlinks("extract", "--list", listing)
    assert ran.code == 0
    first, second, third = reports(ran.out)
    assert (first["url"], first["links_external"]) == ("https://a.test/", 2)
    assert [link["href"] for link in second["links"]] == ["https://www.from.test/sub"]
    assert third["links"][0]["anchor"] == "Röst"


def test_a_missing_file_is_named_and_the_others_are_read(backlinks: Backlinks, page: Path, tmp_path: Path) -> None:
    ran = backlinks("extract", tmp_path / "missing.html", page)
    assert ran.code == 2
    assert ran.err == f"backlinks: page 1: cannot read {tmp_path / 'missing.html'}: No such file or directory.\n"
    assert [report["url"] for report in reports(ran.out)] == ["http://example.invalid/page.html"]


def test_what_cannot_be_meant_is_exit_code_2(backlinks: Backlinks, page: Path, tmp_path: Path) -> None:
    assert sentence(backlinks("extract"), 2) == "name at least one FILE, or --list PAGES.tsv."
    said = sentence(backlinks("extract", page, page, "--url", "https://a.test/"), 2)
    assert said.startswith("--url is the URL of one FILE")
    assert "is not an http(s) URL" in sentence(backlinks("extract", page, "--url", "a.test"), 2)
    listing = tmp_path / "pages.tsv"
    listing.write_text("only one field\n")
    assert "line 1: expected url, file and an optional content type" in sentence(
        backlinks("extract", "--list", listing), 2
    )
    said = sentence(backlinks("extract", "--list", tmp_path / "none.tsv"), 2)
    assert said == f"cannot read {tmp_path / 'none.tsv'}: No such file or directory."
    assert "Is a directory" in sentence(backlinks("extract", tmp_path), 2)


@pytest.mark.parametrize(
    "body", [b"", b"\0" * 1000, bytes(range(256)) * 40, b"<a href='http://to.test/'>" + b"<b>" * 50_000]
)
def test_any_bytes_are_a_page(backlinks: Backlinks, tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(body)
    ran = backlinks("extract", file)
    assert (ran.code, ran.err) == (0, "")
    assert len(reports(ran.out)) == 1


SCRIPTED = """<p><a href=https://a.test/ rel=nofollow>a</a> <a href=https://gone.test/ id=gone>gone</a><script>
gone.remove(); document.querySelector('a').rel = '';
setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<a href=https://late.test/>late</a>'), 3000);
fetch('http://127.0.0.1:1/').catch(() => 0);
</script>"""


def rendered(*arguments: object) -> subprocess.CompletedProcess[str]:
    """In a process of its own, as Scrapy runs once in a process."""
    command = [sys.executable, "-c", "from backlink_crawler.cli import main; main()", "extract", "--render", *arguments]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=90, check=False)


@pytest.mark.skipif(not any(map(shutil.which, ("chromium", "google-chrome"))), reason="there is no browser")
def test_a_page_that_is_rendered_says_of_each_link_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(SCRIPTED)
    ran = rendered(file)
    assert ran.returncode == 0, ran.stderr
    (report,) = reports(ran.stdout)
    columns = ("domain_to", "link_origin", "is_removed_by_scripts", "rel", "rendered_rel", "is_nofollow")
    assert [tuple(each[column] for column in columns) for each in report["links"]] == [
        ("a.test", "both", False, ["nofollow"], [], True),
        ("gone.test", "html", True, [], None, False),
        ("late.test", "rendered", False, [], None, False),
    ]
    assert report["rendering"]["refused"] == {"refused_port": 1}


def test_without_a_browser_nothing_is_rendered(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(SCRIPTED)
    ran = rendered(file, "--browser", "/nonexistent")
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == (
        "backlinks: BACKLINKS_BROWSER=/nonexistent is no program; pages are read as they come."
    )


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("https://example.com/", 2, "example.com is on the public web, and site owners must be able to reach you: "),
        (
            "http://127.0.0.1/",
            1,
            "http://127.0.0.1/robots.txt cannot be fetched: address_refused, refused_private_address.",
        ),
    ],
)
def test_a_page_of_the_web_is_asked_for_as_a_crawl_would(url: str, code: int, said: str) -> None:
    ran = rendered(url)
    assert ran.returncode == code
    assert ran.stderr.splitlines()[-1].startswith(f"backlinks: {said}")
