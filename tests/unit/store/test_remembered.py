"""What a worker remembers of the pages that it has had admitted."""

from __future__ import annotations

from backlink_crawler.model import Cover, PageKind
from backlink_crawler.store.admission import Admitted, LedTo, PageRow, Remembered
from tests.integration.worker import url

PAGE = url("http://from.test/a")
SEED = 7


def led_to(*, depth: int) -> LedTo:
    made = LedTo(Remembered())
    made.dated.append(PageRow(PAGE.hash, SEED, None, None, depth, int(PageKind.PAGE), doubtful=False))
    return made


def test_a_page_is_included_at_its_depth_and_below_for_its_seed_and_as_what_it_was() -> None:
    remembered = Remembered()
    for depth in (3, 5):
        remembered.remember(led_to(depth=depth), Admitted(pages=1))
    asked = [
        (Cover(SEED, 3), PageKind.PAGE),
        (Cover(SEED, 4), PageKind.PAGE),
        (Cover(SEED, 2), PageKind.PAGE),
        (Cover(SEED + 1, 3), PageKind.PAGE),
        (Cover(SEED, 3), PageKind.SITEMAP),
    ]
    assert [remembered.includes(PAGE, *each) for each in asked] == [True, True, False, False, False]


def test_of_a_batch_of_which_something_was_refused_nothing_is_remembered() -> None:
    remembered = Remembered()
    remembered.remember(led_to(depth=1), Admitted(refused=1))
    remembered.remember(led_to(depth=1), Admitted(hosts_refused=1))
    assert not remembered.includes(PAGE, Cover(SEED, 1), PageKind.PAGE)
