"""The overview as the API has it."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field, create_model

from backlink_crawler.ask.findings import Finding
from backlink_crawler.ask.overviews import Overview, Told
from backlink_crawler.ask.questions import columns_of
from backlink_crawler.model import Target
from backlink_crawler.store.summing import OVERVIEW
from backlink_crawler.web.api import row_model
from backlink_crawler.web.pictures import dicts
from backlink_crawler.web.profile import Finding as FindingAnswer

_AS_OF = Field(None, description="When it was counted; null: now.")
_WHY = Field(None, description="Why nothing is known; null: something is.")


class Coverage(BaseModel):
    """How well the domains that link are crawled."""

    pages_known: int | None
    pages_visited: int | None
    visited_share: float | None = Field(description="Of 1.")
    oldest_visit: datetime | None
    newest_visit: datetime | None
    as_of: datetime | None = _AS_OF
    why: str | None = _WHY


class Changes(BaseModel):
    """What the index learnt on a day, or in the week that begins with it."""

    day: date
    new_links: int
    lost_links: int
    restored_links: int
    new_refdomains: int
    lost_refdomains: int
    restored_refdomains: int


class Stood(BaseModel):
    """What was known and not lost at its end; null: not known."""

    day: date
    links: int | None
    refdomains: int | None


class Trend(BaseModel):
    days: list[Changes]
    standing: list[Stood]
    days_each: int = Field(description="1, or 7: a point is a week.")
    why: str | None = _WHY


class Share(BaseModel):
    word: str
    links: int
    refdomains: int | None
    share: float = Field(description="Of 1.")


class Mix(BaseModel):
    """The most frequent words of a mix."""

    shares: list[Share]
    words: int = Field(description="How many there are.")
    known: int = Field(description="Live links of which the word is known.")
    as_of: datetime | None = _AS_OF
    note: str | None = Field(None, description="How it was counted, where that is not now and of all links.")
    why: str | None = _WHY


class _Rows(BaseModel):
    order: str = Field(description="What the rows are sorted by.")
    why: str | None = _WHY


def _top(name: str) -> Any:
    row = row_model(f"Top{name.capitalize()}", columns_of(name))
    return create_model(f"Top{name.capitalize()}", __base__=_Rows, rows=(list[row], ...)), ...  # type: ignore[valid-type]


Top = create_model("Top", **{name: _top(name) for name in ("anchors", "best", "refdomains", "new", "lost")})
Totals = row_model("Overview", OVERVIEW)


class Findings(BaseModel):
    """What the profile of a whole domain says."""

    findings: list[FindingAnswer]
    as_of: datetime | None = _AS_OF
    why: str | None = _WHY


class OverviewAnswer(BaseModel):
    target: str = Field(description="The target, as it is known.")
    mode: str = Field(description="Which URLs it means.")
    totals: Totals | None  # type: ignore[valid-type]
    coverage: Coverage | None
    trend: Trend | None
    mixes: dict[str, Mix] | None = Field(description="By rel, type, position, anchors, languages, tlds and origin.")
    top: Top | None = Field(description="The first rows of some questions.")  # type: ignore[valid-type]
    told: Findings | None
    nothing: str | None = Field(None, description="Why nothing is known of it, and what to do.")


def body_of(target: Target, found: Overview | None, nothing: str | None) -> dict[str, Any]:
    """As OverviewAnswer has it."""
    parts = _parts(found) if found else dict.fromkeys(("totals", "coverage", "trend", "mixes", "top", "told"))
    return {"target": str(target), "mode": target.mode.value, **parts, "nothing": nothing}


def _parts(found: Overview) -> dict[str, Any]:
    trend = found.trend
    return {
        "totals": found.totals,
        "coverage": found.coverage._asdict(),
        "trend": trend._asdict()
        | {name: [each._asdict() for each in getattr(trend, name)] for name in ("days", "standing")},
        "mixes": {
            name: {
                "shares": [each._asdict() for each in mix.shares],
                "words": mix.words,
                "known": mix.known,
                "as_of": mix.as_of,
                "note": mix.note,
                "why": mix.why,
            }
            for name, mix in found.mixes.items()
        },
        "top": {
            name: {
                "rows": dicts(top),
                "order": top.order,
                "why": top.why,
            }
            for name, top in found.top.items()
        },
        "told": _told(found.told),
    }


def _told(told: Told) -> dict[str, Any]:
    return {
        "findings": [_finding(each, told.queries[each.key]) for each in told.findings],
        "as_of": told.as_of,
        "why": told.why,
    }


def _finding(finding: Finding, query: str) -> dict[str, Any]:
    return {
        "finding": finding.key,
        "kind": finding.kind.name.lower(),
        "weight": finding.weight,
        "sentence": finding.sentence,
        "advice": finding.advice,
        "query": query,
    }
