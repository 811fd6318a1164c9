"""Disavow files: the one that is made of what people have marked, and what another one would do."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.errors import BacklinksError
from backlink_crawler.inputs.disavow import DOMAIN, MAX_BYTES, MAX_LINES, overlaps
from backlink_crawler.store.disavow import HIGH_PERCENTILE, marked_as_disavow, matches
from backlink_crawler.terminal import COMMANDS, counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from backlink_crawler.inputs.disavow import DisavowFile, DisavowLine, Overlap
    from backlink_crawler.model import Target
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.disavow import MarkedAsDisavow, Match

COLUMNS = (
    *("line", "entry", "state", "links", "dofollow_links", "lost_links", "good_links", "authority", "why"),
    "authority_percentile",
)
SHOWN = ("line", "entry", "state", "links", "lost_links", "good_links", "why")
# What is to be looked at comes first.
_ORDER = ("wrong", "harms", "duplicate", "covered", "live", "lost", "unknown")


class MadeFile(NamedTuple):
    """text: of the file. covered: marked pages that a marked domain covers. elsewhere: marked, and no link from them to the
    target is known: they are in it only if that was asked for.
    """

    text: str
    domains: int
    pages: int
    covered: int
    elsewhere: int


def disavow_file(database: Database, target: Target, today: date, *, everything: bool) -> MadeFile:
    """Of what is marked as disavow and links to the target, or has linked to it; everything: of all that is marked so.

    Raises BacklinksError when that is nothing, or more than is taken.
    """
    marks = [mark for mark in marked_as_disavow(database, target) if mark.domain != target.domain]
    elsewhere = sum(not mark.links for mark in marks)
    chosen = [mark for mark in marks if mark.links or everything]
    if not chosen:
        raise BacklinksError(_nothing(target, elsewhere))
    domains = {mark.domain for mark in chosen if mark.url is None}
    said = [mark for mark in chosen if mark.url is None or mark.domain not in domains]
    pages = len(said) - len(domains)
    head = f"# {target}: {_listed(len(domains), pages)}, as people have marked them; {today.isoformat()}"
    text = "\n".join([head, *_entries(said)]) + "\n"
    lines, size = text.count("\n"), len(text.encode())
    if lines > MAX_LINES or size > MAX_BYTES:
        raise BacklinksError(
            f"the file would have {lines:,} lines and {size:,} bytes, and {MAX_LINES:,} lines and 2 MB ({MAX_BYTES:,} bytes) "
            "are taken at most: mark domains in the place of their pages, with fewer and shorter notes."
        )
    return MadeFile(text, len(domains), pages, len(chosen) - len(said), elsewhere)


def _nothing(target: Target, elsewhere: int) -> str:
    if elsewhere:
        are = "domain or page is" if elsewhere == 1 else "domains and pages are"
        return (
            f"{elsewhere:,} {are} marked as disavow, and no link from there to {target} is known; --all takes in what "
            "is known to link to others only, or not at all."
        )
    return "nothing is marked as disavow; `backlinks mark DOMAIN --as disavow` marks a domain."


def _listed(domains: int, pages: int) -> str:
    return " and ".join(
        counted(number, what) for number, what in ((domains, "domain"), (pages, "URL")) if number or what == "domain"
    )


def _occasion(mark: MarkedAsDisavow) -> tuple[date, str, str]:
    return mark.marked_at.date(), mark.marked_by, mark.mark_note or ""


def _entries(marks: Sequence[MarkedAsDisavow]) -> list[str]:
    """Those that were marked on one day, by one person and for one reason, below one comment."""
    lines = []
    for (day, person, note), some in groupby(sorted(marks, key=_occasion), _occasion):
        lines.append(COMMANDS.sub(" ", f"# {note or 'no reason given'} ({person}, {day.isoformat()})"))
        lines += sorted(
            (mark.url or f"{DOMAIN}{mark.domain}" for mark in some),
            key=lambda line: (not line.startswith(DOMAIN), line),
        )
    return lines


class Checked(NamedTuple):
    """rows: of COLUMNS, what is to be looked at first. states: how many lines are in each; good_links: that are harmed."""

    rows: list[tuple[Any, ...]]
    states: dict[str, int]
    good_links: int


def check(database: Database, target: Target, file: DisavowFile) -> Checked:
    """What each line means for links to the target, or what is wrong with it."""
    found = matches(database, target, [line for line in file.lines if not line.problem])
    known = overlaps(file.lines)
    rows = [_row(line, target, known.get(line.number), found.get(line.number)) for line in file.lines]
    rows.sort(key=lambda row: (_ORDER.index(row[2]), row[0]))
    states = {state: sum(row[2] == state for row in rows) for state in _ORDER}
    return Checked(rows, states, sum(row[6] for row in rows if row[2] == "harms"))


def _row(line: DisavowLine, target: Target, overlap: Overlap | None, match: Match | None) -> tuple[Any, ...]:
    state, why = _judged(line, target, overlap, match)
    if match is None:
        none = None if line.problem else 0
        return line.number, line.text, state, none, none, none, none, None, why, None
    return (
        *(line.number, line.text, state, match.links, match.dofollow_links, match.absent_links, match.good_links),
        *(match.authority, why, match.authority_percentile),
    )


def _judged(line: DisavowLine, target: Target, overlap: Overlap | None, match: Match | None) -> tuple[str, str]:
    """(state, why)"""
    if line.problem:
        return "wrong", line.problem
    if line.domain == target.domain:
        return "wrong", f"it is {target.domain} itself: links inside a site are not disavowed."
    if overlap:
        same = f"line {overlap.by} is the same" if overlap.is_same else f"line {overlap.by} covers it"
        return "duplicate" if overlap.is_same else "covered", same
    suffix = f"{line.host} is a public suffix: it covers every domain below it" if line.is_suffix else ""
    if match is None:
        return "unknown", suffix or "no link from it is known"
    if match.good_links:
        return "harms", "; ".join(filter(None, [suffix, *_rules(match)]))
    return ("live" if match.links else "lost"), suffix


def _rules(match: Match) -> list[str]:
    """By which rules links of it are good."""
    rules = []
    if match.by_mark:
        rules.append("it is marked as won")
    if match.by_authority:
        assert match.authority_percentile is not None
        rules.append(
            f"its authority ({match.authority:g}) is above that of {match.authority_percentile:g} % of this index"
            f" ({HIGH_PERCENTILE} % is high)"
        )
    if match.by_content:
        are = "dofollow link stands" if match.by_content == 1 else "dofollow links stand"
        rules.append(f"{match.by_content:,} {are} in the text of a page")
    return rules
