"""What changes/doubt.py asks of the index: how a page was when it was last read, and what its host's other pages do."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

from backlink_crawler.changes.doubt import Before, doubt_of, may_be_doubted
from backlink_crawler.changes.observation import as_number
from backlink_crawler.store.statements import statements
from backlink_crawler.urls.normalise import url_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg

    from backlink_crawler.changes.matching import KnownLink
    from backlink_crawler.changes.observation import Observation

_PAGES_BEFORE = statements("recording")["pages_before"]


async def doubted(
    cursor: psycopg.AsyncCursor[Any], observations: Sequence[Observation], known: Mapping[int, Sequence[KnownLink]]
) -> list[Observation]:
    """The same, with their doubts. known: stored links by page. Nothing is asked while no link would go."""
    in_question = {
        each.visit.page.page_id: each
        for each in observations
        if each.compares and may_be_doubted(each, known.get(each.visit.page.page_id, ()))
    }
    if not in_question:
        return list(observations)
    before = await _before(cursor, list(in_question.values()), observations)
    made = []
    for each in observations:
        page_id = each.visit.page.page_id
        doubt = doubt_of(each, known[page_id], before[page_id]) if page_id in in_question else None
        made.append(each.doubted(doubt) if doubt else each)
    return made


async def _before(
    cursor: psycopg.AsyncCursor[Any], in_question: Sequence[Observation], observations: Sequence[Observation]
) -> dict[int, Before]:
    """Pages that redirect alike may be of the same batch."""
    together = defaultdict(set)
    for each in observations:
        if each.redirects_to is not None:
            together[each.visit.page.host_id, each.redirects_to].add(each.visit.page.page_id)
    parameters = {
        "pages": [each.visit.page.page_id for each in in_question],
        "redirects_to": [each.redirects_to for each in in_question],
        "targets": [None if each.target is None else each.target.hash for each in in_question],
        "own": [as_number(url_hash(each.visit.page.url)) for each in in_question],
    }
    pages = {each.visit.page.page_id: each for each in in_question}
    async with cursor.connection.cursor(row_factory=dict_row) as named:
        await named.execute(_PAGES_BEFORE, parameters)
        rows = await named.fetchall()
    before = {}
    for row in rows:
        each = pages[row["page_id"]]
        alike = {*row["alike"], *together.get((each.visit.page.host_id, each.redirects_to or 0), ())} - {row["page_id"]}
        others = len(set(row["others_read"]) - alike)
        before[row["page_id"]] = Before(row["title"], row["links"], row["size"], len(alike), others, row["returns"])
    return before
