"""The environment, read once."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import platformdirs
import pytest

from backlink_crawler.config import TRACKING_PARAMETERS, Config, default_home
from backlink_crawler.errors import InvalidInput


def config(**environment: str) -> Config:
    return Config.from_environment({f"BACKLINKS_{name}": value for name, value in environment.items()})


def test_without_any_variable_the_database_is_the_embedded_one_and_nothing_is_open():
    assert config() == Config(
        database_url=None,
        home=default_home(),
        contact=None,
        resolve=(),
        allow_networks=(),
        tracking_parameters=TRACKING_PARAMETERS,
    )


def test_root_has_a_home_of_its_own(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert default_home() == Path("/var/lib/backlinks")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert default_home() == platformdirs.user_data_path("backlinks")


def test_variables_of_other_programs_do_not_count():
    assert Config.from_environment({"DATABASE_URL": "postgresql:///x", "HOME": "/nowhere"}) == config()


def test_an_empty_variable_is_as_good_as_none():
    assert config(DATABASE_URL="", HOME="", CONTACT="", RESOLVE="", ALLOW_NETWORKS="") == config()


def test_a_database_is_named_by_its_url():
    assert config(DATABASE_URL="postgresql://user@host/db").database_url == "postgresql://user@host/db"


def test_home_may_begin_with_a_tilde():
    assert config(HOME="/srv/backlinks").home == Path("/srv/backlinks")
    assert config(HOME="~/backlinks").home == Path.home() / "backlinks"
    assert config(HOME="index").home == Path.cwd() / "index"


@pytest.mark.parametrize("contact", ["https://example.com/bot", "bot@example.com", "  bot@example.com "])
def test_a_contact_is_a_url_or_a_mail_address(contact):
    assert config(CONTACT=contact).contact == contact.strip()


@pytest.mark.parametrize("contact", ["bot@example.com\r\nX-Evil: 1", "böt@example.com", "a\x00b", "a\x7fb"])
def test_a_contact_that_would_break_a_header_is_refused(contact):
    with pytest.raises(InvalidInput) as error:
        config(CONTACT=contact)
    assert str(error.value) == "BACKLINKS_CONTACT must be a URL or a mail address in plain ASCII."


def test_hosts_are_given_addresses_and_the_first_match_wins():
    found = config(RESOLVE=" a.test=127.0.0.2 , *.TEST = 127.0.0.1,,*.example=::1")
    assert found.resolve == (("a.test", "127.0.0.2"), ("*.test", "127.0.0.1"), ("*.example", "::1"))
    assert found.address_of("a.test") == "127.0.0.2"
    assert found.address_of("b.test") == "127.0.0.1"
    assert found.address_of("x.y.example") == "::1"
    assert found.address_of("test") is None
    assert found.address_of("a.test.com") is None


@pytest.mark.parametrize(
    "entry", ["a.test", "a.test=", "=127.0.0.1", "a.test=localhost", "a.test=127.0.0.1=2", "a.test:1"]
)
def test_an_address_that_is_none_is_refused(entry):
    with pytest.raises(InvalidInput) as error:
        config(RESOLVE=f"b.test=127.0.0.1,{entry}")
    assert (
        str(error.value) == f"BACKLINKS_RESOLVE: {entry!r} is not HOST=ADDRESS; write, for example, *.test=127.0.0.1."
    )


def test_networks_are_opened_by_name():
    found = config(ALLOW_NETWORKS="10.0.0.0/8, fd00::/8,127.0.0.1")
    assert found.allow_networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("127.0.0.1/32"))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("10.0.0.1/8", "BACKLINKS_ALLOW_NETWORKS: 10.0.0.1/8 has host bits set; write, for example, 10.0.0.0/8."),
        (
            "intranet",
            "BACKLINKS_ALLOW_NETWORKS: 'intranet' does not appear to be an IPv4 or IPv6 network; write, for example, 10.0.0.0/8.",
        ),
    ],
)
def test_a_network_that_is_none_is_refused(entry, message):
    with pytest.raises(InvalidInput) as error:
        config(ALLOW_NETWORKS=entry)
    assert str(error.value) == message


def test_tracking_parameters_replace_the_default_ones():
    assert config(TRACKING_PARAMETERS="ref, src_*").tracking_parameters == ("ref", "src_*")
    assert config(TRACKING_PARAMETERS="").tracking_parameters == ()


def test_what_a_user_can_mend_ends_with_code_2():
    assert InvalidInput.exit_code == 2
