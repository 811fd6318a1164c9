"""Which pages are worth a browser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.frontier.rendering import Learnt, RenderBudget, RenderHistory, Tail, decide
from backlink_crawler.links.hints import Hints
from backlink_crawler.links.scripts import Scripts
from backlink_crawler.model import RenderMode, RenderReason

NEW = RenderHistory()
PLAIN = Hints(40, scripts=True)
SHELL = Hints(0, scripts=True, app_root=True)


@pytest.mark.parametrize(
    ("hints", "reason"),
    [
        (Hints(0, scripts=False), RenderReason.NO_SCRIPTS),
        (Hints(0, scripts=False, app_root=True), RenderReason.NO_SCRIPTS),
        (SHELL, RenderReason.EMPTY_APP_ROOT),
        (Hints(5, scripts=True, notice=True), RenderReason.NOSCRIPT_NOTICE),
        (Hints(3, scripts=True), RenderReason.FEW_LINKS),
        (Hints(4, scripts=True), RenderReason.ENOUGH_HTML),
        (Hints(1, scripts=True, refreshes=True), RenderReason.LEADS_ELSEWHERE),
        (PLAIN, RenderReason.ENOUGH_HTML),
    ],
)
def test_the_html_decides_while_nothing_is_known(hints: Hints, reason: RenderReason) -> None:
    assert decide(RenderMode.AUTO, hints, NEW, page_gained=False, draw=0.9, sampled=1 / 50) is reason


def test_the_seed_comes_first_and_then_what_the_page_gained_last_time() -> None:
    for gained in (True, False):
        assert decide(RenderMode.NEVER, SHELL, NEW, page_gained=gained, draw=0.0, sampled=1 / 50) is RenderReason.NEVER
        assert (
            decide(RenderMode.ALWAYS, PLAIN, NEW, page_gained=gained, draw=0.9, sampled=1 / 50) is RenderReason.ALWAYS
        )
    assert decide(RenderMode.AUTO, PLAIN, NEW, page_gained=True, draw=0.9, sampled=1 / 50) is RenderReason.PAGE_GAINED


def test_of_pages_that_can_teach_something_so_many_are_samples() -> None:
    assert decide(RenderMode.AUTO, PLAIN, NEW, page_gained=False, draw=0.019, sampled=1 / 50) is RenderReason.SAMPLE
    assert decide(RenderMode.AUTO, PLAIN, NEW, page_gained=False, draw=0.02, sampled=1 / 50) is RenderReason.ENOUGH_HTML


def test_a_host_that_gains_nothing_is_rendered_ever_more_rarely() -> None:
    host, chances = NEW, []
    for _ in range(200):
        chances.append(host.chance)
        host = host.after(gained=False)
    assert chances[:3] == [1.0, 0.5, pytest.approx(1 / 2.95)]
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] == pytest.approx(1 / 21, rel=0.01)  # and never not at all: sites change
    assert (
        decide(RenderMode.AUTO, SHELL, host, page_gained=False, draw=0.1, sampled=1 / 50)
        is RenderReason.HOST_GAINS_NOTHING
    )
    assert (
        decide(RenderMode.AUTO, SHELL, host, page_gained=False, draw=0.04, sampled=1 / 50)
        is RenderReason.EMPTY_APP_ROOT
    )


def test_on_a_host_that_gains_pages_with_enough_html_are_rendered_too() -> None:
    host = NEW
    for _ in range(4):
        host = host.after(gained=True)
    assert (
        decide(RenderMode.AUTO, PLAIN, host, page_gained=False, draw=0.99, sampled=1 / 50) is RenderReason.HOST_GAINED
    )
    for _ in range(20):
        host = host.after(gained=False)
    assert (
        decide(RenderMode.AUTO, PLAIN, host, page_gained=False, draw=0.99, sampled=1 / 50) is RenderReason.ENOUGH_HTML
    )


@given(st.lists(st.booleans(), max_size=100))
def test_chances_are_chances(gains: list[bool]) -> None:
    host = NEW
    for gained in gains:
        host = host.after(gained=gained)
        assert 0 < host.chance <= 1


@pytest.mark.parametrize(
    ("pages", "rendered", "seconds", "spent"),
    [(0, 4, 0, False), (0, 5, 0, True), (100, 14, 0, False), (100, 15, 0, True), (100, 0, 60, True)],
)
def test_a_run_has_a_budget(pages: int, rendered: int, seconds: float, spent: bool) -> None:
    assert RenderBudget(share=0.1, few=5, seconds=60).is_spent(pages, rendered, seconds) is spent


MENU = Scripts(links=("menu",))
FILES = Scripts(files=("/app.js",))


def test_only_scripts_that_could_write_links_are_worth_a_sample() -> None:
    assert Learnt().chance("site.test", Scripts()) == 0
    assert Learnt().chance("site.test", FILES) == 1 / 50
    assert Learnt().chance("site.test", MENU) == 1
    assert Learnt().chance("next", Scripts(files=("/_next/main.js",), maker="next")) == 1


def test_samples_end_when_it_is_known_what_a_script_does() -> None:
    learnt = Learnt()
    for _ in range(4):
        assert learnt.chance("hugo", MENU) == 1
        learnt.choose("hugo", MENU)
    assert learnt.chance("hugo", MENU) == 0
    assert learnt.chance("hugo", Scripts(links=("menu", "search"))) == 1  # the same site, another script
    assert learnt.chance("jekyll", MENU) == 1  # nobody knows what that one's does


def test_of_an_application_samples_wait_until_some_have_ended() -> None:
    learnt, scripts = Learnt(), Scripts(files=("/_next/main.js",), maker="next")
    for _ in range(10):
        assert learnt.chance("next", scripts) == 1
        learnt.choose("next", scripts)
    for _ in range(4):
        assert not learnt.is_enough("next", scripts)
        learnt.end("next", scripts)
    assert learnt.is_enough("next", scripts)
    for _ in range(4):
        learnt.rendered("next", gained=True)
    assert not learnt.is_enough("next", scripts)


def test_a_sample_that_is_given_up_makes_room_for_another() -> None:
    learnt = Learnt()
    for _ in range(4):
        learnt.choose("hugo", MENU)
    learnt.give_up("hugo", MENU)
    assert learnt.chance("hugo", MENU) == 1


def test_what_gains_on_one_site_of_a_maker_is_sampled_on_the_others() -> None:
    learnt = Learnt()
    for _ in range(4):
        learnt.choose("hugo", FILES)
        learnt.rendered("hugo", gained=True)
    assert learnt.chance("hugo", FILES) == 1
    assert learnt.chance("hugo", Scripts()) == 0
    for _ in range(20):
        learnt.rendered("hugo", gained=False)
    assert learnt.chance("hugo", FILES) == 0


def test_the_browser_works_alone_for_a_share_of_the_run() -> None:
    tail = Tail(share=0.2, run_began=100)
    assert not tail.is_over(109, is_alone=False)
    assert not tail.is_over(110, is_alone=True)
    assert not tail.is_over(111.9, is_alone=True)
    assert tail.is_over(112, is_alone=True)


def test_the_tail_goes_on_when_there_was_something_else_to_do() -> None:
    tail = Tail(share=0.2, run_began=100)
    assert not tail.is_over(110, is_alone=True)
    assert not tail.is_over(111, is_alone=False)  # a second of it is spent
    assert not tail.is_over(120, is_alone=True)
    assert not tail.is_over(122.7, is_alone=True)
    assert tail.is_over(122.9, is_alone=True)  # 3.8 s of the 19 s in which there was something else to do
