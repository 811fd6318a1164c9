"""Where a refresh leads. Expected values are Chromium 156's."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.links.refresh import LONGEST, parse_refresh


@pytest.mark.parametrize(
    ("content", "seconds", "href"),
    [
        ("0; URL=\nhttp://new.example/", 0, "http://new.example/"),
        ("0;URL='/q'", 0, "/q"),
        ("0;url='/q'x", 0, "/q"),
        ("0;url='/q", 0, "/q"),
        ("0;url='/q\"'", 0, '/q"'),
        ("0; '/q'", 0, "/q"),
        ("0;https://new.example/", 0, "https://new.example/"),
        ("0, url=/q", 0, "/q"),
        ("5 /q", 5, "/q"),
        (".5; url=/q", 0, "/q"),
        ("0.0.1;url=/q", 0, "/q"),
        ("1800;URL=/", 1_800, "/"),
        ("0; urlaub.html", 0, "urlaub.html"),
        ("0;uri=/q", 0, "uri=/q"),
        ("0;;url=/q", 0, ";url=/q"),
        ("0;urL \n=\t /q", 0, "/q"),
        ("300", 300, ""),
        ("0;", 0, ""),
        ("0;url=", 0, ""),
        ("0;url=''", 0, ""),
        ("9" * 5_000 + ";url=/q", LONGEST, "/q"),
    ],
)
def test_what_it_says(content, seconds, href):
    assert parse_refresh(content) == (seconds, href)


@pytest.mark.parametrize(
    "content",
    ["", "url=/q", "-1; url=/q", "+0;url=/q", "1e0;url=/q", "0url=/q", "5//q", "..;url=/q", "٠;url=/q", "\xa00;url=/q"],
)
def test_what_is_none(content):
    assert parse_refresh(content) is None


@pytest.mark.parametrize("content", ["0" + " " * 1_000_000 + "x", "." * 1_000_000, "0;url" + " " * 1_000_000])
def test_a_hostile_one_takes_no_time(content):
    start = time.process_time()
    parse_refresh(content)
    assert time.process_time() - start < 0.5


@given(st.text(st.sampled_from("0.;,url='\" \n") | st.characters()))
def test_no_text_makes_it_fail(text):
    parse_refresh(text)
