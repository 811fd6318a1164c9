"""A name may answer differently each time it is asked: what is connected to is what was vetted, in the same look-up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from backlink_crawler.config import Config
from backlink_crawler.crawl.fetch import resolver
from backlink_crawler.crawl.fetch.resolver import GuardedResolver

PUBLIC, PRIVATE = "93.184.215.14", "127.0.0.1"


class Names:
    """The system's resolver: one answer after another, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    def resolveHostName(self, receiver: Any, *_: Any) -> None:  # noqa: N802  Twisted's interface
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        receiver.resolutionBegan(None)
        for address in answer:
            receiver.addressResolved(SimpleNamespace(host=address))
        receiver.resolutionComplete()


class Connector:
    """What would be connected to."""

    def __init__(self) -> None:
        self.addresses: list[tuple[str, int]] = []

    def resolutionBegan(self, _: Any) -> None:  # noqa: N802
        pass

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self.addresses.append((address.host, address.port))

    def resolutionComplete(self) -> None:  # noqa: N802
        pass


def guard(names: Names, **environment: str) -> GuardedResolver:
    config = Config.from_environment({"BACKLINKS_CONTACT": "bot@example.com"} | environment)
    return GuardedResolver(SimpleNamespace(nameResolver=names), config)


def connects(guarded: GuardedResolver, name: str = "a.example", port: int = 443) -> list[tuple[str, int]]:
    connector = Connector()
    guarded.resolveHostName(connector, name, port)
    return connector.addresses


def test_a_name_that_is_rebound_is_refused_as_soon_as_it_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(resolver.time, "monotonic", lambda: now)
    names = Names([PUBLIC], [PRIVATE])
    guarded = guard(names)
    assert connects(guarded) == [(PUBLIC, 443)]
    now += resolver.CACHE_SECONDS - 1
    assert (connects(guarded), names.asked) == ([(PUBLIC, 443)], 1)  # the answer that was vetted
    now += 2
    assert (connects(guarded), names.asked) == ([], 2)
    assert guarded.refusals == {"a.example": "refused_private_address"}


def test_a_name_that_turns_public_again_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(resolver.time, "monotonic", lambda: now)
    guarded = guard(Names([PRIVATE], [PUBLIC]))
    assert connects(guarded) == []
    now += resolver.CACHE_SECONDS + 1
    assert connects(guarded) == [(PUBLIC, 443)]
    assert guarded.refusals == {}


@pytest.mark.parametrize("answers", [[PUBLIC, PRIVATE], [PRIVATE, PUBLIC], ["2606:4700::1111", "::1"]])
def test_one_private_answer_closes_all(answers: list[str]) -> None:
    assert connects(guard(Names(answers))) == []


def test_what_is_remembered_is_vetted_for_each_port() -> None:
    guarded = guard(Names([PUBLIC]))
    assert connects(guarded, port=80) == [(PUBLIC, 80)]
    assert connects(guarded, port=25) == []
    assert guarded.refusals == {"a.example": "refused_port"}


@pytest.mark.parametrize("name", ["a.example", "A.EXAMPLE", "a.example.", "A.example.."])
def test_a_name_is_the_same_however_it_is_written(name: str) -> None:
    assert connects(guard(Names([PUBLIC]), BACKLINKS_RESOLVE="a.example=127.0.0.9"), name) == [("127.0.0.9", 443)]


def test_an_opened_network_is_open_and_no_other() -> None:
    opened = {"BACKLINKS_ALLOW_NETWORKS": "10.0.0.0/8"}
    assert connects(guard(Names(["10.1.2.3"]), **opened)) == [("10.1.2.3", 443)]
    assert connects(guard(Names(["192.168.0.1"]), **opened)) == []


@pytest.mark.parametrize("special", ["192.0.0.9", "192.88.99.1", "168.63.129.16", "3fff::1", "2620:4f:8000::1"])
def test_a_name_with_a_special_address_is_connected_to_nowhere(special: str) -> None:
    guarded = guard(Names([PUBLIC, special]))
    assert connects(guarded) == []
    assert guarded.refusals == {"a.example": "refused_private_address"}


def test_a_special_address_can_be_opened() -> None:
    guarded = guard(Names(["192.88.99.1"]), BACKLINKS_ALLOW_NETWORKS="192.88.99.0/24")
    assert connects(guarded) == [("192.88.99.1", 443)]
