"""Which characters reach no terminal, and in what form they are shown instead."""

from __future__ import annotations

import io
import logging
import unicodedata

import pytest

from backlink_crawler.errors import InvalidInput
from backlink_crawler.terminal import COMMANDS, EscapedRecord, blanked, escaped

# Signs that are seen, and stand before digits or letters.
SEEN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}


def test_every_character_that_commands_is_one_and_no_other():
    expected = {
        code
        for code in range(0x110000)
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and code not in SEEN
    }
    found = {code for code in range(0x110000) if COMMANDS.match(chr(code))}
    assert expected <= found
    unassigned = {code for code in found - expected if unicodedata.category(chr(code)) != "Cn"}
    assert unassigned == set()


@pytest.mark.parametrize(
    ("text", "as_sentence", "as_cell"),
    [
        ("plain, Käse 京都 😀", "plain, Käse 京都 😀", "plain, Käse 京都 😀"),
        ("a\x1b]0;owned\x07b", "a\\x1b]0;owned\\x07b", "a ]0;owned b"),
        ("\x9b2J\x7f", "\\x9b2J\\x7f", " 2J "),
        ("a\u202etxt.exe\u2066", "a\\u202etxt.exe\\u2066", "a txt.exe "),
        ("pay\u200bpal\ufeff", "pay\\u200bpal\\ufeff", "pay pal "),
        ("one\ntwo\u2028three", "one\\ntwo\\u2028three", "one two three"),
        ("tag\U000e0041", "tag\\U000e0041", "tag "),
    ],
)
def test_what_is_shown_instead(text, as_sentence, as_cell):
    assert (escaped(text), blanked(text)) == (as_sentence, as_cell)


def test_an_error_s_sentence_commands_nothing():
    assert str(InvalidInput("it redirects to \x1b[2J\u202e.")) == "it redirects to \\x1b[2J\\u202e."


def fail(text: str) -> None:
    raise ValueError(text)


def test_a_log_s_line_commands_nothing_and_a_traceback_keeps_its_lines():
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    try:
        fail("odd \x1b[31m")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    handler.emit(EscapedRecord("x", logging.ERROR, "f", 1, "cannot read %s\nnor this", ("\x1b]0;x\x07",), info))
    lines = out.getvalue().splitlines()
    assert lines[:3] == ["ERROR cannot read \\x1b]0;x\\x07", "nor this", "Traceback (most recent call last):"]
    assert lines[-1] == "ValueError: odd \\x1b[31m"
