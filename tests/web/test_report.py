"""The report: one file that needs nothing else, whatever an index holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright
from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser

from backlink_crawler.errors import InvalidInput
from backlink_crawler.web import printing
from backlink_crawler.web.printing import NotPrinted
from backlink_crawler.web.report import logo_of
from tests.integration.conftest import backlinks
from tests.web.browsing import ARGUMENTS, CHROMIUM, opened, too_wide, violations
from tests.web.hostile import SAID
from tests.web.hostile import TARGET as VICTIM

if TYPE_CHECKING:
    from pathlib import Path

    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import FirstRun
    from tests.integration.test_cli import Backlinks

__all__ = ["backlinks"]
ROASTER = "bergkaffee.test"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
in_browser = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")
SECTIONS = [
    "Summary",
    "Over time",
    "What the profile says",
    "First of each list",
    "What kinds of live links there are",
    "Links found last",
    "Links lost last",
    "How these figures came about",
    "The figures over time",
]


def require_whole(text: str) -> LexborHTMLParser:
    """It loads nothing, runs nothing, and leads nowhere but to pages of the web."""
    tree = LexborHTMLParser(text)
    assert tree.css("script, link, iframe, object, embed, base, form, image, use") == []
    assert "@import" not in text
    assert "url(" not in text
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith("on")
            assert name != "style"
            if name == "href":
                assert str(value).startswith(("http://", "https://"))
            if name in {"src", "srcset"}:
                assert str(value).startswith("data:image/")
    assert not {"\u202e", "\u2066", "\x1b", "\x07"} & set(text)
    return tree


def test_a_report_is_one_file_with_everything_in_it(backlinks: Backlinks, first_run: FirstRun, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    ran = backlinks("report", ROASTER, "-o", file, "--agency", "Größe & Söhne", database=first_run.database)
    assert (ran.code, ran.out, ran.err) == (0, "", f"{file}: the links to {ROASTER}\n")
    tree = require_whole(file.read_text(encoding="utf-8"))
    assert [heading.text() for heading in tree.css("h1")] == ["Links to bergkaffee.test"]
    assert [heading.text() for heading in tree.css("h2")] == SECTIONS
    assert "Prepared by Größe & Söhne." in tree.css("header")[0].text()
    shown = {tile.css("dt")[0].text(): tile.css("dd")[0].text() for tile in tree.css(".tiles > div")}
    assert (shown["Backlinks"], shown["Referring domains"], shown["Follow"]) == ("54", "15", "77.8 %")
    assert "91 of the 91 known pages" in tree.css("main")[0].text()
    assert len(tree.css("svg.chart")) >= 10
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("http://bergkaffee.test:{}/beans/*", "all pages whose address begins with http://bergkaffee.test:{}/beans/"),
        ("http://bergkaffee.test:{}/beans/huila.html", "the page http://bergkaffee.test:{}/beans/huila.html"),
    ],
)
def test_a_report_says_which_links_it_is_about(
    backlinks: Backlinks, first_run: FirstRun, tmp_path: Path, target: str, said: str
) -> None:
    file, port = tmp_path / "report.html", first_run.web.port
    assert backlinks("report", target.format(port), "-o", file, database=first_run.database).code == 0
    text = require_whole(file.read_text(encoding="utf-8")).css("body")[0].text()
    assert f"Links to {said.format(port)}, as of" in text
    assert "Profiles are told of whole domains" in text


def test_whatever_pages_and_people_say_is_text(backlinks: Backlinks, hostile: Database, tmp_path: Path) -> None:
    for number, said in enumerate(SAID):
        file = tmp_path / f"{number}.html"
        ran = backlinks("report", VICTIM, "-o", file, "--title", said, "--agency", said, database=hostile)
        assert ran.code == 0
        require_whole(file.read_text(encoding="utf-8"))
    text = (tmp_path / "0.html").read_text(encoding="utf-8")
    assert LexborHTMLParser(text).css("h1")[0].text() == SAID[0]
    assert "{{ 7 * 7 }}" in text


def test_of_a_target_without_links_there_is_no_file(backlinks: Backlinks, first_run: FirstRun, tmp_path: Path) -> None:
    ran = backlinks("report", "bergkafee.test", "-o", tmp_path / "report.html", database=first_run.database)
    assert ran.code == 1
    assert "the nearest known targets are bergkaffee.test" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_name_says_the_format(backlinks: Backlinks, first_run: FirstRun, tmp_path: Path) -> None:
    ran = backlinks("report", ROASTER, "-o", tmp_path / "report.docx", database=first_run.database)
    assert (ran.code, ran.err) == (
        2,
        "backlinks: report.docx says no format: let the name of a report end in .html or .pdf.\n",
    )


def test_a_folder_that_is_not_there_is_a_sentence(backlinks: Backlinks, first_run: FirstRun, tmp_path: Path) -> None:
    ran = backlinks("report", ROASTER, "-o", tmp_path / "no" / "report.html", database=first_run.database)
    assert ran.code == 1
    assert "cannot write" in ran.err


def test_a_logo_is_in_the_report(backlinks: Backlinks, first_run: FirstRun, tmp_path: Path) -> None:
    file, logo = tmp_path / "report.html", tmp_path / "logo.txt"
    logo.write_bytes(PNG)
    assert backlinks("report", ROASTER, "-o", file, "--logo", logo, database=first_run.database).code == 0
    (picture,) = require_whole(file.read_text(encoding="utf-8")).css("img")
    assert str(picture.attributes["src"]).startswith("data:image/png;base64,iVBORw0KGgo")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "jpeg"),
        (b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20), "webp"),
    ],
)
def test_a_logo_is_what_its_first_bytes_say(content: bytes, kind: str) -> None:
    assert logo_of(content).startswith(f"data:image/{kind};base64,")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><image href='http://evil.test/'/></svg>", "is an SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- a --><svg/>", "is an SVG"),
        (b"\n <!DOCTYPE svg><SVG/>", "is an SVG"),
        (b"GIF89a" + bytes(20), "is no picture that a report can have"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "is no picture that a report can have"),
        (b"", "is no picture that a report can have"),
        (PNG + bytes(2 * 1024 * 1024), "more than 2 MB"),
    ],
)
def test_what_is_no_logo_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        logo_of(content)


def test_a_refused_logo_leaves_no_file(backlinks: Backlinks, first_run: FirstRun, tmp_path: Path) -> None:
    file, logo = tmp_path / "report.html", tmp_path / "logo.png"
    logo.write_bytes(b"<svg/>")
    ran = backlinks("report", ROASTER, "-o", file, "--logo", logo, database=first_run.database)
    assert (ran.code, ran.err) == (
        2,
        "backlinks: the logo is an SVG, which can load things from elsewhere: save it as PNG, JPEG or WebP.\n",
    )
    assert not file.exists()


def test_without_a_browser_there_is_html(
    backlinks: Backlinks, first_run: FirstRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = backlinks("report", ROASTER, "-o", tmp_path / "report.pdf", database=first_run.database)
    assert ran.code == 1
    assert "`apt install chromium` gets it; or name the file .html" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("sleep 60 & sleep 60", "took longer than 1 seconds"),
        ("echo it broke >&2; exit 1", r"made no PDF \(it broke\)"),
        ('for each in "$@"; do case $each in --print-to-pdf=*) echo no > "${each#*=}";; esac; done', "made no PDF"),
    ],
)
def test_a_browser_that_fails_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    browser = tmp_path / "chromium"
    browser.write_text(f"#!/bin/sh\n{script}\n")
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(NotPrinted, match=said):
        printing.printed("<p>x</p>", seconds=1)


@pytest.mark.slow
@in_browser
def test_a_report_is_silent_accessible_and_fits(backlinks: Backlinks, first_run: FirstRun, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert backlinks("report", ROASTER, "-o", file, database=first_run.database).code == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with opened(browser, "file://") as (page, seen):
            page.goto(file.as_uri())
            assert violations(page) == []
            page.set_viewport_size({"width": 390, "height": 844})
            assert too_wide(page) == 0
            assert seen.said == []
        browser.close()


@pytest.mark.slow
@in_browser
def test_a_hostile_report_runs_nothing(backlinks: Backlinks, hostile: Database, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    ran = backlinks("report", VICTIM, "-o", file, "--title", SAID[3], database=hostile)
    assert ran.code == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with opened(browser, "file://") as (page, seen):
            page.goto(file.as_uri())
            assert too_wide(page) == 0
            assert seen.said == []
        browser.close()


@pytest.mark.slow
@in_browser
def test_a_pdf_has_the_figures_and_numbered_pages(backlinks: Backlinks, first_run: FirstRun, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    ran = backlinks("report", ROASTER, "-o", file, "--title", "Coffee in autumn", database=first_run.database)
    assert ran.code == 0, ran.err
    assert list(tmp_path.iterdir()) == [file]
    read = PdfReader(file)
    pages = [" ".join(page.extract_text().split()) for page in read.pages]
    assert read.metadata is not None
    assert read.metadata.title == "Coffee in autumn"
    for said in ("Coffee in autumn", "Backlinks 54 live, on 35 pages", "Referring domains 15", "77.8 %"):
        assert said in pages[0]
    assert "horst-espresso.test" in " ".join(pages)
    for number, text in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in text
