"""Every page in a real browser: silent, from one origin, for everybody, at every width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from tests.web.addresses import ADDRESSES, TARGET
from tests.web.browsing import ARGUMENTS, CHROMIUM, opened, too_wide, violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.web.conftest import Served

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_is_silent_accessible_and_fits(served: Served, browser: Browser, name: str) -> None:
    """In light and dark, on a desk and on a phone."""
    with opened(browser, served.address) as (page, seen):
        page.goto(served.address + ADDRESSES[name])
        assert violations(page) == []
        page.emulate_media(color_scheme="dark")
        assert violations(page, "color-contrast") == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert too_wide(page) == 0
        failed = "Failed to load resource"  # the page itself, which is a 404 or a 400
        assert [said for said in seen.said if not (name.startswith("no such") and failed in said)] == []


def test_the_search_box_suggests_and_leads_to_an_overview(served: Served, browser: Browser) -> None:
    with opened(browser, served.address) as (page, seen):
        page.goto(served.address)
        page.get_by_role("combobox", name="Target").press_sequentially("bergk", delay=5)
        page.wait_for_selector("#suggested option[value='bergkaffee.test']", state="attached")
        page.get_by_role("combobox", name="Target").fill(TARGET)
        page.keyboard.press("Enter")
        page.wait_for_url("**/overview?target=bergkaffee.test")
        assert seen.said == []


def test_filters_sorting_and_later_pages_work_without_scripts(served: Served, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.address}/links?target={TARGET}")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Type").select_option("image")
    page.get_by_role("button", name="Show").click()
    assert page.locator("main table tbody tr").count() == 4
    page.get_by_role("link", name="Anchor", exact=True).click()
    anchors = page.locator("main table tbody tr td:nth-child(2)").all_inner_texts()
    assert anchors == sorted(anchors)
    page.goto(f"{served.address}/refdomains?target={TARGET}&limit=10")
    page.get_by_role("link", name="Next 10 rows").click()
    assert page.locator("main table tbody tr").count() == 5
    assert page.get_by_role("link", name="Next 10 rows").count() == 0
    page.get_by_role("link", name="First rows").click()
    assert page.locator("main table tbody tr").count() == 10
    context.close()


def test_a_download_is_a_file(served: Served, browser: Browser) -> None:
    with opened(browser, served.address) as (page, seen):
        page.goto(f"{served.address}/refdomains?target={TARGET}")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        assert download.value.suggested_filename == "refdomains-bergkaffee.test.csv"
        assert len(download.value.path().read_text().splitlines()) == 16
        assert seen.said == []


def test_the_keyboard_reaches_the_content_first(served: Served, browser: Browser) -> None:
    with opened(browser, served.address) as (page, _):
        page.goto(f"{served.address}/links?target={TARGET}")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_times_are_shown_in_the_readers_zone_with_utc_on_hover(served: Served, browser: Browser) -> None:
    context = browser.new_context(timezone_id="Asia/Kolkata")
    page = context.new_page()
    page.goto(f"{served.address}/refdomains?target={TARGET}")
    time = page.locator("main td time").first
    shown, utc = time.inner_text(), time.get_attribute("datetime")
    assert (
        page.evaluate("([shown, utc]) => new Date(shown + '+05:30') - new Date(utc.slice(0, 16) + 'Z')", [shown, utc])
        == 0
    )
    assert "UTC" in (time.get_attribute("title") or "")
    assert "Asia/" in page.locator("#zone").inner_text()
    context.close()
