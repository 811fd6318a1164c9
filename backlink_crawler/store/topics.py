"""Topics: the domains that stand for each, as the user names them, and what ranking makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

_SQL = statements("topics")


def topic_seeds(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Topic → domains."""
    found: dict[str, list[str]] = {}
    for topic, domain in connection.execute(_SQL["list_seeds"]):
        found.setdefault(topic, []).append(domain)
    return found


def add_topic_seeds(connection: psycopg.Connection[Any], seeds: Iterable[tuple[str, str]]) -> int:
    """seeds: (topic, domain). Returns how many were not known."""
    topics, domains = zip(*dict.fromkeys(seeds), strict=True)
    added = connection.execute(_SQL["add_seeds"], {"topics": list(topics), "domains": list(domains)}).rowcount
    connection.commit()
    return added


def remove_topic_seeds(connection: psycopg.Connection[Any], topic: str, domains: list[str]) -> int:
    """No domains: all of the topic. Returns how many there were."""
    removed = connection.execute(_SQL["remove_seeds"], {"topic": topic, "domains": domains}).rowcount
    connection.commit()
    return removed


def swap_topics(connection: psycopg.Connection[Any], scores: Iterable[tuple[int, str, float]], most: int) -> int:
    """Into the connection's transaction. scores: (domain, topic, score). most: topics of a domain. Returns their number."""
    connection.execute(_SQL["create_new"])
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_new"]) as copy:
        for score in scores:
            copy.write_row(score)
    connection.execute(_SQL["choose_new"], {"most": most})
    for name in ("delete_gone", "update_changed", "insert_new"):
        connection.execute(_SQL[name])
    row = connection.execute(_SQL["count"]).fetchone()
    return row[0] if row else 0
