"""Who may ask the explorer, and what browsers may do with its answers."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.errors import InvalidInput
from backlink_crawler.web import start
from backlink_crawler.web.guard import Attempts, host_name_of, network_of
from backlink_crawler.web.server import require_password

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlink_crawler.store.database import Database
    from tests.web.conftest import Served

PASSWORD = "correct horse ä"


def basic(password: str, user: str = "anyone") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    "path",
    [
        *("", "static/explorer.css", "api/v1/links", "seeds.csv", "nothing", "suggest", "link/1.csv", "crawls/1.csv"),
        *("host.csv?name=a.test", "why/risk.csv?target=a.test&domain=b.test"),
    ],
)
def test_nothing_is_had_without_the_password(database: Database, serve: Callable[..., Served], path: str) -> None:
    served = serve(database, password=PASSWORD)
    refused = served.get(path)
    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"] == 'Basic realm="backlinks", charset="UTF-8"'
    assert "backlinks" not in refused.text.replace("explorer", "")
    assert served.get(path, headers=basic(PASSWORD)).status != 401
    assert served.get(path, headers={"Authorization": f"Bearer {PASSWORD}".encode().decode("latin-1")}).status in {
        200,
        400,
        401,
        404,
    }


@pytest.mark.parametrize(
    "authorization", ["Basic", "Basic %%%", "Basic //79", "Digest x", "Bearer", "basic " + "A" * 5_000, ""]
)
def test_what_is_no_password_is_refused(database: Database, serve: Callable[..., Served], authorization: str) -> None:
    assert serve(database, password=PASSWORD).get("", headers={"Authorization": authorization}).status == 401


def test_whoever_guesses_has_ten_tries_a_minute(database: Database, serve: Callable[..., Served]) -> None:
    served = serve(database, password=PASSWORD)
    tries = [served.get("", headers=basic(f"guess {number}")).status for number in range(12)]
    assert tries == [401] * 10 + [429] * 2
    locked = served.get("", headers=basic(PASSWORD))
    assert (locked.status, locked.headers["Retry-After"]) == (429, "60")


def test_wrong_passwords_are_forgotten_after_a_minute() -> None:
    now = 0.0
    attempts = Attempts(lambda: now)
    for _ in range(10):
        attempts.was_wrong("192.0.2.1")
    assert attempts.are_too_many("192.0.2.1")
    assert not attempts.are_too_many("192.0.2.2")
    now = 61.0
    assert not attempts.are_too_many("192.0.2.1")


def test_many_networks_that_guess_lock_out_strangers_and_nobody_who_knows_the_password() -> None:
    attempts = Attempts(lambda: 0.0)
    attempts.was_right("198.51.100.1")
    for number in range(200):
        attempts.was_wrong(f"192.0.2.{number}")
    assert attempts.are_too_many("203.0.113.1")
    assert not attempts.are_too_many("198.51.100.1")


def test_a_person_has_one_ipv6_network() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::2") == "2001:db8:1:2::/64"
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("") == ""


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("Example.com:8300", "example.com"),
        ("[::1]:8300", "::1"),
        ("[::1].evil.test", "[::1].evil.test"),
        ("::1", "::1"),
        ("localhost", "localhost"),
        ("", ""),
        ("localhost@evil.test", "localhost@evil.test"),
    ],
)
def test_a_host_header_has_a_name(host: str, name: str) -> None:
    assert host_name_of(host) == name


@pytest.mark.parametrize(
    "host", ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test", "localhost@evil.test", "0", "[::]"]
)
def test_a_name_that_points_here_from_elsewhere_is_not_answered(served: Served, host: str) -> None:
    for path in ("/", "/api/v1/seeds", "/static/explorer.css"):
        assert served.send("GET", path, headers={"Host": host}).status == 421


@pytest.mark.parametrize(
    "path",
    [
        *("", "seeds", "links?target=bergkaffee.test", "api/v1/seeds", "nothing", "static/icon.svg", "seeds.csv"),
        *("link/1.csv", "link/1.xlsx", "link/x.csv"),
    ],
)
def test_no_page_goes_into_a_frame_and_none_runs_scripts_of_others(served: Served, path: str) -> None:
    headers = served.send("GET", f"/{path}").headers
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e%2f%2e%2e%2fconfig.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/..\\app.py",
        "/static/explorer.css%00",
        "/static/",
        "/static",
        "/static/../templates/base.html",
    ],
)
def test_static_files_are_those_of_their_folder(served: Served, path: str) -> None:
    answered = served.send("GET", path)
    assert answered.status in {404, 405, 307}
    assert "import" not in answered.text
    assert "root:" not in answered.text


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_on_this_machine_no_password_is_needed(address: str) -> None:
    require_password(address, None)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
def test_beyond_this_machine_a_password_is_needed(address: str) -> None:
    with pytest.raises(InvalidInput, match="BACKLINKS_WEB_PASSWORD"):
        require_password(address, None)
    with pytest.raises(InvalidInput, match="at least 8 characters"):
        require_password(address, "1234567")
    require_password(address, "12345678")


@pytest.mark.parametrize(
    ("site", "mode", "destination", "status"),
    [
        ("none", "navigate", "document", 200),
        ("same-origin", "cors", "empty", 200),
        ("cross-site", "navigate", "document", 200),
        ("cross-site", "navigate", "iframe", 403),
        ("cross-site", "no-cors", "image", 403),
        ("same-site", "cors", "empty", 403),
    ],
)
def test_other_sites_may_link_here_and_load_nothing(
    served: Served, site: str, mode: str, destination: str, status: int
) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": destination}
    for path in ("links", "links.csv", "api/v1/links"):
        assert served.get(path, target="bergkaffee.test", headers=headers).status == status


def test_a_password_may_have_any_letters(database: Database, serve: Callable[..., Served]) -> None:
    password = "Kaffee für alle – ☕"
    served = serve(database, password=password)
    basic = base64.b64encode(f"x:{password}".encode()).decode()
    for said in (f"Basic {basic}", f"Bearer {password}".encode()):
        assert served.get("", headers={"Authorization": said}).status == 200  # type: ignore[dict-item]


def test_mistakes_of_ours_have_the_headers_too(
    database: Database, serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(start, "suggested", broken)
    answered = serve(database).get("suggest", q="a")
    assert (answered.status, "default-src 'none'" in answered.headers["Content-Security-Policy"]) == (500, True)
    assert "ZeroDivisionError" not in answered.text
