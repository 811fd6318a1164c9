"""From the texts of an index to the relevance of its links, in bounded memory."""

from __future__ import annotations

from math import log

import pytest

from backlink_crawler.rank.relevance import idf
from backlink_crawler.rank.steps import relevance as step
from backlink_crawler.rank.steps.relevance import count_words, scored, weights
from backlink_crawler.store.relevance import LinkText, PageText


def link(
    number: int, *, to: int = 1, domain: int = 1, anchor: str = "", title: str | None = None, **of: object
) -> LinkText:
    known = {"is_live": True, "headings": None, "language": None, "title_to": None, "headings_to": None} | of
    made = {"url_to_id": to, "link_id": number, "page_id": number, "domain_from_id": domain, "anchor": anchor}
    sides = {"snippet_left": None, "snippet_right": None, "title": title, "language_to": None}
    return LinkText(**(made | sides | known))


def relevance(*links: LinkText) -> dict[int, int]:
    return {each.link_id: each.relevance for each in scored(links, lambda _: 1.0)}


def test_a_word_counts_once_a_page_wherever_it_is() -> None:
    pages = [
        PageText("Coffee", "Coffee\nBeans", "de", "coffee beans tea"),
        PageText("Tea", None, "de", None),
        PageText(None, None, "de", None),
    ]
    assert count_words(iter(pages)) == ({"tea": 2, "de:": 2}, 3)


def test_what_is_on_one_page_is_forgotten_when_there_are_too_many_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "MOST_WORDS", 3)
    pages = [PageText("a b", None, None, None), PageText("a c", None, None, None), PageText("d e", None, None, None)]
    assert count_words(iter(pages)) == ({"a": 2}, 3)


def test_a_word_that_is_not_kept_is_on_one_page() -> None:
    weight = weights({"a": 4}, pages=9)
    assert weight("a") == pytest.approx(log(2))
    assert weight("b") == pytest.approx(log(5)) == idf(9, 1)


def test_each_link_is_near_to_what_other_domains_say_of_its_target() -> None:
    found = relevance(
        link(1, domain=1, anchor="coffee"), link(2, domain=2, anchor="coffee"), link(3, domain=3, anchor="tea")
    )
    assert found == {1: 71, 2: 71, 3: 0}


def test_what_nobody_else_links_to_and_nobody_has_read_has_no_relevance() -> None:
    assert (
        relevance(link(1, anchor="coffee"), link(2, anchor="coffee", to=2), link(3, domain=2, anchor="tea", to=3)) == {}
    )


def test_lost_links_have_a_relevance_and_say_nothing_of_their_target() -> None:
    lost, live = link(1, domain=1, anchor="coffee", is_live=False), link(2, domain=2, anchor="coffee")
    assert relevance(lost, live) == {1: 100}


def test_the_anchors_of_the_first_domains_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "MOST_DOMAINS", 2)
    monkeypatch.setattr(step, "MOST_LOOKED_AT", 3)
    links = [link(number, domain=number, anchor="coffee" if number < 3 else "tea") for number in range(1, 6)]
    assert relevance(*links) == {1: 100, 2: 100, 3: 0, 4: 0, 5: 0}


def test_a_link_without_words_on_a_page_without_a_title_has_no_relevance() -> None:
    assert relevance(link(1, title_to="Coffee"), link(2, title_to="Coffee", title="Coffee")) == {2: 100}
