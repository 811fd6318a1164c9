"""The forms of the explorer: what `backlinks seeds`, `targets`, `mark` and `verify` do, by the same functions.

There are no such routes unless `backlinks serve --admin` was said.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from backlink_crawler.ask.marking import login_name, mark_all, marked_as, take_all_back
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.marks import MARKS, MarkLine, parse_marks, parse_note, parse_person, parse_subject
from backlink_crawler.inputs.seeds import MAX_HOPS, parse_seed, parse_seeds
from backlink_crawler.inputs.targets import parse_target, parse_words, start_of
from backlink_crawler.model import RenderMode, Scope, Seed, Target, TargetMode
from backlink_crawler.store import lists
from backlink_crawler.store.again import make_seed_due
from backlink_crawler.store.checks import PAGES_CHECKED, unwatch, watch
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.marks import NewMark
from backlink_crawler.store.seeds import add_seeds, remove_seed
from backlink_crawler.store.verification import mark_for_verification
from backlink_crawler.terminal import counted
from backlink_crawler.web.changing import done
from backlink_crawler.web.index import Index
from backlink_crawler.web.messages import Message
from backlink_crawler.web.posted import LIST, Posted, posted
from backlink_crawler.web.rendering import url

_Change = Callable[[Index, Posted], Message]
_STILL = "This takes longer, and goes on in the background; the list shows when it is done."
_NAMED_NO_SEEDS = "kept seeds"  # as runs call themselves
_LOOKED_AT = 50  # runs, for one that is under way


def router(index: Index) -> APIRouter:
    made = APIRouter(include_in_schema=False)
    for path, change in _CHANGES.items():
        made.add_api_route(f"/{path}", _route(index, path, change), methods=["POST"])
    return made


def _route(index: Index, path: str, change: _Change) -> Callable[..., Response]:
    page = path.partition("/")[0]

    def route(form: Any) -> Response:
        message = done(partial(change, index, form)) or Message(_STILL)
        return RedirectResponse(url(page, said=index.messages.keep(*message)), 303)

    route.__annotations__["form"] = Annotated[Posted, Depends(posted(index))]
    return route


def _add_seeds(index: Index, form: Posted) -> Message:
    limits = _limits(form)
    refused: list[str] = []
    if form.text(LIST):
        parsed = parse_seeds(form.lines(), index.normalise)
        seeds, refused = parsed.seeds, parsed.problems
    else:
        seeds = [_seed(index, form)]
    if not seeds:
        return Message(
            "No seed was kept. Refused:" if refused else "No seed was kept: the list is empty.", tuple(refused)
        )
    with index.database.connect() as connection, database_errors(index.database):
        added = add_seeds(connection, [replace(seed, **limits) for seed in seeds], kept=True)
    said = f"{counted(added.seeds, 'seed')} kept"
    if added.pages:
        said += f" with {counted(added.pages, 'other page')} to start from"
    return Message(f"{said}. {_when(index)}{' Refused:' if refused else ''}", tuple(refused))


def _limits(form: Posted) -> dict[str, Any]:
    scope = form.one_of("scope", [scope.value for scope in Scope])
    render = form.one_of("render", [mode.value for mode in RenderMode])
    given = {
        "scope": Scope(scope) if scope else None,
        "max_depth": form.number("max_depth", 0),
        "max_pages": form.number("max_pages", 1),
        "hops": form.number("hops", 0, MAX_HOPS),
        "render": RenderMode(render) if render else None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _seed(index: Index, form: Posted) -> Seed:
    try:
        return parse_seed(form.needed("url"), index.normalise)
    except ValueError as error:
        raise InvalidInput(f"{error}.") from None


def _remove_seed(index: Index, form: Posted) -> Message:
    seed = _seed(index, form)
    with index.database.connect() as connection, database_errors(index.database):
        if not remove_seed(connection, seed.url.hash):
            raise InvalidInput(f"{seed.url.text} is not a kept seed.")
    return Message(f"{seed.url.text} is no seed any more; the links that were found on it stay in the index.")


def _recrawl_seed(index: Index, form: Posted) -> Message:
    seed = _seed(index, form)
    with index.database.connect() as connection, database_errors(index.database):
        pages = make_seed_due(connection, seed.url.hash)
    if pages is None:
        raise InvalidInput(f"{seed.url.text} is not a kept seed.")
    due = f"{counted(pages, 'more page')} of {seed.url.text} {'is' if pages == 1 else 'are'} due now."
    return Message(f"{due} {_when(index)}")


def _when(index: Index) -> str:
    """What is due is visited by whom?"""
    with index.database.connect() as connection, database_errors(index.database):
        runs = lists.runs(connection, lists.Wanted(_LOOKED_AT)).rows
    running = [run["crawl_id"] for run in runs if run["state"] == "running" and run["seeds"] == _NAMED_NO_SEEDS]
    if running:
        return f"Run {running[0]}, which is under way, visits what is due as each host's turn comes."
    return "No crawl is under way: the next `backlinks crawl` visits what is due."


def _watch(index: Index, form: Posted) -> Message:
    target = _target(index, form)
    brands, keywords = (
        parse_words(name, [each for each in (form.text(name) or "").split(",") if each.strip()])
        for name in ("brands", "keywords")
    )
    start = start_of(target, index.normalise)
    with index.database.connect() as connection, database_errors(index.database):
        pages = watch(connection, target, start, PAGES_CHECKED, brands=brands, keywords=keywords)
    linking = "1 page links to it and is" if pages == 1 else f"{pages:,} pages link to it and are"
    return Message(f"{target} ({target.mode}) is watched; {linking} visited first.")


def _unwatch(index: Index, form: Posted) -> Message:
    target = _target(index, form)
    with index.database.connect() as connection, database_errors(index.database):
        if not unwatch(connection, target):
            raise InvalidInput(f"{target} is not watched.")
    return Message(f"{target} is no longer watched.")


def _verify(index: Index, form: Posted) -> Message:
    target = _target(index, form)
    with index.database.connect() as connection, database_errors(index.database):
        pages = mark_for_verification(connection, target)
    if not pages:
        raise InvalidInput(f"no page with a link to {target} is known, or none of them may be visited.")
    due = f"{counted(pages, 'page')} with links to {target} {'is' if pages == 1 else 'are'} due, before all others."
    return Message(f"{due} `backlinks verify --all` visits them now; of those that seeds cover: {_when(index)}")


def _target(index: Index, form: Posted) -> Target:
    mode = form.one_of("mode", [mode.value for mode in TargetMode])
    return parse_target(form.needed("target"), TargetMode(mode) if mode else None, index.normalise)


def _mark(index: Index, form: Posted) -> Message:
    word = form.one_of("mark", list(MARKS))
    note = parse_note(form.text("note") or "") or None
    refused: list[str] = []
    if form.text(LIST):
        parsed = parse_marks(form.lines(), index.normalise)
        lines, refused = parsed.lines, parsed.problems
    else:
        lines = [MarkLine(0, parse_subject(form.needed("subject"), index.normalise))]
    who, new = _who(), []
    for line in lines:
        if (mark := MARKS[word] if word else line.mark) is None:
            refused.append(f"line {line.line}: {line.subject}: choose a mark, or say it in a column named mark.")
        else:
            new.append(NewMark(line.subject, marked_as(line, mark), line.note or note, who))
    if not new:
        return Message("Nothing was marked. Refused:" if refused else "Nothing was marked.", tuple(refused))
    marked = mark_all(index.database, new)
    said = ". ".join([*marked.notices, marked.said])
    return Message(f"{said}.{' Refused:' if refused else ''}", tuple(refused))


def _take_back(index: Index, form: Posted) -> Message:
    subject = parse_subject(form.needed("subject"), index.normalise)
    note = parse_note(form.text("note") or "") or None
    found = take_all_back(index.database, [subject], note, _who())
    if found.unmarked:
        raise InvalidInput(f"{subject} is not marked.")
    return Message(". ".join([*found.notices, f"{found.taken[0]} is no longer marked"]) + ".")


def _who() -> str:
    return parse_person(f"{login_name()[:80]} (explorer)")


_CHANGES: dict[str, _Change] = {
    "seeds/add": _add_seeds,
    "seeds/remove": _remove_seed,
    "seeds/recrawl": _recrawl_seed,
    "targets/add": _watch,
    "targets/remove": _unwatch,
    "targets/verify": _verify,
    "marks/add": _mark,
    "marks/remove": _take_back,
}
