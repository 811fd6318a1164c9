"""Marks: what people have decided of domains and pages. The last one of each is in force, the others are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.store.database import database_errors, retried
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    import psycopg

    from backlink_crawler.inputs.marks import Mark, Subject
    from backlink_crawler.store.database import Database

_SQL = statements("marks")
ANY = "any"
NONE = "none"
_ANALYZED = 1_000  # marks at once, from which on the planner is told that there are more


class NewMark(NamedTuple):
    """note: None: nothing is said, and that of the same mark stays; empty: there is none any more."""

    subject: Subject
    mark: Mark
    note: str | None
    marked_by: str


class StoredMark(NamedTuple):
    """url: None: the whole domain."""

    domain: str
    url: str | None
    mark: str
    mark_note: str | None
    marked_by: str
    marked_at: datetime


class MarkEvent(NamedTuple):
    """mark: none: it was taken back. in_force: it is the last one of its domain or page."""

    domain: str
    url: str | None
    mark: str
    mark_note: str | None
    marked_by: str
    marked_at: datetime
    in_force: bool


def add_marks(connection: psycopg.Connection[Any], marks: Sequence[NewMark]) -> list[str]:
    """Returns the subjects for which that is new. Of several marks of one subject the last counts."""
    last = {str(each.subject): each for each in marks}.values()
    given = {
        "domains": [each.subject.domain for each in last],
        "urls": [each.subject.url and each.subject.url.text for each in last],
        "url_hashes": [each.subject.url and each.subject.url.hash for each in last],
        "marks": [int(each.mark) for each in last],
        "notes": [each.note for each in last],
        "people": [each.marked_by for each in last],
    }
    return _write(connection, "stage", given)


def take_back(
    connection: psycopg.Connection[Any], subjects: Collection[str], note: str | None, marked_by: str
) -> list[str]:
    """Returns those that were marked."""
    return _write(
        connection, "stage_taken_back", {"subjects": list(subjects), "note": note or None, "marked_by": marked_by}
    )


def list_marks(
    connection: psycopg.Connection[Any], subjects: Collection[str], mark: str | None, marked_by: str | None
) -> list[StoredMark]:
    """In force. subjects: domains, with all marks of their pages, or URLs; none: all."""
    asked = {"subjects": list(subjects), "mark": mark, "marked_by": marked_by}
    return [StoredMark(*row) for row in connection.execute(_SQL["list_marks"], asked)]


def list_history(
    connection: psycopg.Connection[Any], subjects: Collection[str], mark: str | None, marked_by: str | None
) -> list[MarkEvent]:
    """As `list_marks`, with those that are no longer in force."""
    asked = {"subjects": list(subjects), "mark": mark, "marked_by": marked_by}
    return [MarkEvent(*row) for row in connection.execute(_SQL["list_history"], asked)]


def pages_with_links(connection: psycopg.Connection[Any], hashes: Collection[str]) -> set[str]:
    """Those of these hashes of URLs that are of pages with links."""
    rows = connection.execute(_SQL["pages_with_links"], {"url_hashes": list(hashes)})
    return {found.hex for (found,) in rows}


def domains_with_links(connection: psycopg.Connection[Any], domains: Collection[str]) -> set[str]:
    """Those from which the index knows links."""
    return {name for (name,) in connection.execute(_SQL["domains_with_links"], {"domains": list(domains)})}


def has_marks(database: Database) -> bool:
    """Anything is marked."""
    with database.connect() as connection, database_errors(database):
        return connection.execute("SELECT EXISTS (SELECT FROM mark_events WHERE in_force)").fetchone() == (True,)


def _write(connection: psycopg.Connection[Any], stage: str, given: dict[str, Any]) -> list[str]:
    def step() -> list[str]:
        connection.execute(_SQL["lock"])
        connection.execute(_SQL[stage], given)
        connection.execute(_SQL["end_old"])
        written = [subject for (subject,) in connection.execute(_SQL["insert_new"])]
        if len(written) >= _ANALYZED:
            connection.execute("ANALYZE mark_events")
        return written

    return retried(connection, step)
