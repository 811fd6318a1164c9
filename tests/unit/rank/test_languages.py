"""The language of words."""

from __future__ import annotations

import sys

import pytest

from backlink_crawler.rank.languages import UNDETERMINED, detector


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die schönsten Wanderungen zu den Berghütten, und was man dabei über den Kaffee lernt", "de"),
        ("The most beautiful walks to mountain huts, and what they teach you about coffee", "en"),
        ("Les plus belles randonnées vers les refuges, et ce que l’on y apprend du café", "fr"),
        ("山小屋への最も美しい散歩道と、コーヒーについて学べること", "ja"),
        ("ok", UNDETERMINED),
        ("", UNDETERMINED),
        ("404", UNDETERMINED),
    ],
)
def test_a_sentence_tells_its_language_and_a_word_does_not(text: str, language: str) -> None:
    pytest.importorskip("py3langid")
    detect = detector()
    assert detect
    assert detect(text) == language


def test_without_the_extra_nothing_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)
    assert detector() is None
