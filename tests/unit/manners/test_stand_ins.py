"""What an answer looks like that may stand in for a page."""

from __future__ import annotations

import pytest

from backlink_crawler.manners.stand_ins import gate, kind_of_page, kind_of_title, redirects_to

PAGE = "https://www.example.com/posts/one?x=1"


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Log in – Example", "login"),
        ("Anmelden | Beispiel", "login"),
        ("Войти", "login"),
        ("Before you continue to Example", "consent"),
        ("Just a moment...", "challenge"),
        ("403 Forbidden", "refusal"),
        ("Site maintenance", "maintenance"),
        ("Wartungsarbeiten", "maintenance"),
        ("Page not found – Example", "soft_404"),
        ("Seite nicht gefunden", "soft_404"),
        ("ページが見つかりません", "soft_404"),
        ("Welcome to nginx!", "placeholder"),
        ("Catalogue of logins", ""),
        ("The best coffee in Innsbruck", ""),
        ("", ""),
    ],
)
def test_a_title_says_what_a_page_is(title: str, kind: str) -> None:
    assert kind_of_title(title) == kind


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ('<form><input type="password"></form>', "login"),
        ("<script>window.location.href = '/login'</script>", "leads_to_login"),
        ("<script>location.replace('/account/signin?x=1')</script>", "leads_to_login"),
        ("<script src=https://cdn.cookielaw.org/x.js></script>", "consent"),
        ('<div class="h-captcha"></div>', "challenge"),
        ("<p>We are down for maintenance.", "maintenance"),
        ("<p>The page you requested is not here.", "soft_404"),
        ("<p>A few words about coffee.", ""),
    ],
)
def test_html_with_few_links_says_what_it_is(html: str, kind: str) -> None:
    assert kind_of_page(html, PAGE, leads_to=(), is_application=False) == kind


def test_where_refreshes_and_frames_lead_comes_first() -> None:
    leads_to = ["https://www.example.com/login?next=/posts/one"]
    assert kind_of_page("<p>maintenance", PAGE, leads_to=leads_to, is_application=True) == "leads_to_login"
    assert kind_of_page("<div id=root></div>", PAGE, leads_to=(), is_application=True) == "application"


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("https://www.example.com/login", "login"),
        ("https://www.example.com/users/sign_in", "login"),
        ("https://login.example.com/", "login"),
        ("https://elsewhere.example/x?service=https%3A%2F%2Fwww.example.com%2Fposts%2Fone%3Fx%3D1", "login"),
        ("https://www.example.com/members?return=/posts/one", "login"),
        ("https://consent.example.com/?continue=x", "consent"),
        ("https://www.example.com/posts/two", ""),
        ("https://www.example.com/search?url=https://other.example/", ""),
        ("https://www.example.com/blogging-in", ""),
        ("http://[", ""),
    ],
)
def test_a_gate_is_known_by_its_path_its_host_or_where_it_goes_on_to(target: str, kind: str) -> None:
    assert gate(target, PAGE) == kind


def test_a_start_page_is_gone_back_to_as_any_other() -> None:
    assert gate("https://example.com/members?return=/&lang=en", "https://example.com/") == "login"
    assert gate("https://example.com/welcome?from=", "https://example.com/") == ""


def test_a_page_that_is_below_such_a_path_itself_leads_to_no_gate() -> None:
    assert gate("https://example.com/login/two", "https://example.com/login/one") == ""


@pytest.mark.parametrize(
    ("target", "looks"),
    [
        (PAGE, "itself"),
        ("https://www.example.com/login", "login"),
        ("https://www.example.com/", ""),
        ("https://successor.example/", ""),
        ("https://www.example.com/de/posts/one?x=1", "country"),
        ("https://www.example.com/en-us/posts/one?x=1", "country"),
        ("https://de.example.com/posts/one?x=1", "country"),
        ("https://www.example.de/posts/one?x=1", "country"),
        ("http://www.example.com/posts/one?x=1", ""),
        ("https://example.com/posts/one?x=1", ""),
        ("https://m.example.com/posts/one?x=1", ""),
        ("https://www.example.com/archive/one", ""),
    ],
)
def test_a_permanent_redirect_is_a_move_or_looks_like_something_else(target: str, looks: str) -> None:
    assert redirects_to(target, PAGE) == looks
