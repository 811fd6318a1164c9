"""Marks are set and taken back: in whose name, of which known spelling, and what is told of it."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.marks import parse_person, twin_pages
from backlink_crawler.store import marks as store
from backlink_crawler.store.database import database_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from backlink_crawler.inputs.marks import Mark, MarkLine, Subject
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.marks import NewMark


class Marked(NamedTuple):
    """notices: pages that were taken for others. said: what was done."""

    notices: list[str]
    said: str


class TakenBack(NamedTuple):
    """unmarked: what was asked for and is not marked."""

    notices: list[str]
    taken: list[str]
    unmarked: list[str]


def login_name() -> str:
    """Of the user who runs this. Raises InvalidInput."""
    try:
        return parse_person(getpass.getuser())
    except (KeyError, OSError, ImportError):  # a user without a name, as in a container
        raise InvalidInput("your login name is not known; say who marks with --by WHO.") from None


def marked_as(line: MarkLine, mark: Mark | None) -> Mark:
    """mark: what all lines are; None: each says. Raises InvalidInput."""
    if (chosen := mark or line.mark) is None:
        raise InvalidInput(f"{line.subject}: no mark is said; say --as MARK, or in a column named mark.")
    return chosen


def mark_all(database: Database, new: Sequence[NewMark]) -> Marked:
    """A page of which no links are known is taken for the one that differs from it by its scheme or last slash only."""
    with database.connect() as connection, database_errors(database):
        pages = store.pages_with_links(connection, _hashes(new))
        notices, meant = _known_spellings(new, pages)
        written = store.add_marks(connection, meant)
        domains = store.domains_with_links(connection, {each.subject.domain for each in meant if not each.subject.url})
    return Marked(notices, _said(meant, written, pages | domains))


def take_all_back(database: Database, subjects: Iterable[Subject], note: str | None, who: str) -> TakenBack:
    """A page that is not marked is taken for its twins, as by `mark_all`."""
    named = {str(subject): subject for subject in subjects}
    with database.connect() as connection, database_errors(database):
        taken = store.take_back(connection, named, note, who)
        notices, unmarked = [], []
        for name in [each for each in named if each not in set(taken)]:
            twin = store.take_back(connection, [str(each) for each in twin_pages(named[name])], note, who)
            if twin:
                notices.append(f"{name} is not marked; taken for {', '.join(twin)}")
                taken += twin
            else:
                unmarked.append(name)
    return TakenBack(notices, taken, unmarked)


def spellings(subject: Subject) -> list[Subject]:
    return [subject, *twin_pages(subject)]


def _hashes(new: Sequence[NewMark]) -> set[str]:
    """Of the pages that may be meant."""
    return {each.url.hash for mark in new for each in spellings(mark.subject) if each.url}


def _known_spellings(new: Sequence[NewMark], pages: set[str]) -> tuple[list[str], list[NewMark]]:
    notices, found = [], []
    for each in new:
        known = (other for other in spellings(each.subject) if other.url and other.url.hash in pages)
        meant = next(known, each.subject)
        if meant != each.subject:
            notices.append(f"no links on {each.subject} are known; taken for {meant}")
        found.append(each._replace(subject=meant))
    return notices, found


def _said(new: Sequence[NewMark], written: Sequence[str], known: set[str]) -> str:
    """known: the hashes of pages, and the domains, with links."""
    marks = {each.mark for each in new}
    subjects = {str(each.subject): each.subject for each in new}
    unlinked = [each for each in subjects.values() if (each.url.hash if each.url else each.domain) not in known]
    as_what = f" as {next(iter(marks)).word}" if len(marks) == 1 else ""
    if len(subjects) == 1:
        said = f"{next(iter(subjects))} {'is marked' if written else 'was marked already'}{as_what}"
        return f"{said}; no links from it are known" if unlinked else said
    said = f"{len(written):,} marked{as_what}"
    if already := len(subjects) - len(written):
        said += f", {already:,} {'was' if already == 1 else 'were'} already"
    return f"{said}; no links from {len(unlinked):,} of them are known" if unlinked else said
