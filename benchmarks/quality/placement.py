"""Placement: F1 of the editorial decision on pages kept aside, and what it costs a page."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backlink_crawler.links.placement import model_of
from benchmarks.placement_training import f1, read, says, train

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.placement_training import LabelledLink

    Decision = Callable[[LabelledLink], bool]
SEEDS = (31, 32, 33)  # of ways to deal pages into folds; none was used to choose features or the number of trees
FOLDS = 5


def report() -> Iterator[str]:
    folder = os.environ.get("CONFORMANCE_DATA")
    if not folder:
        yield "skipped: CONFORMANCE_DATA names no folder with placement.tar.xz"
        return
    labelled = read(Path(folder) / "placement.tar.xz")
    links, types = labelled.links, labelled.types
    candidates = [link for link in links if link.features is not None]
    yield (
        f"{len(types)} pages, {len(links):,} links, {sum(link.is_editorial for link in links):,} editorial; "
        f"{len(candidates):,} candidates with {sum(link.is_editorial for link in candidates):,} of them"
    )
    yield _row("F1", ["together", *sorted(set(types))])
    yield _row("landmarks alone", _by_type(links, types, lambda link: link.by_landmarks))
    yield _row("two rules", _by_type(links, types, lambda link: link.by_two_rules))
    for seed in SEEDS:
        decision = _kept_aside(links, _dealt(len(types), seed))
        yield _row(f"trees, 5 folds by page, deal {seed}", _by_type(links, types, decision))
    domains = sorted(set(labelled.domains))
    of_domain = dict(zip(domains, _dealt(len(domains), SEEDS[0]), strict=True))
    decision = _kept_aside(links, [of_domain[domain] for domain in labelled.domains])
    yield _row(f"trees, 5 folds by domain ({len(domains)})", _by_type(links, types, decision))
    yield _row("trees, a type of page left out", _by_type(links, types, _kept_aside(links, types)))
    yield _row("trees as shipped, on what they learnt", _by_type(links, types, says(model_of(train(links)))))


def _dealt(number: int, seed: int) -> list[int]:
    """Fold by page."""
    order = random.Random(seed).sample(range(number), number)
    folds = [0] * number
    for place, page in enumerate(order):
        folds[page] = place % FOLDS
    return folds


def _kept_aside(links: Sequence[LabelledLink], folds: Sequence[Any]) -> Decision:
    """Each page is judged by what was trained on the other folds, threshold included."""
    of_fold: dict[Any, Decision] = {}
    for fold in sorted(set(folds)):
        of_fold[fold] = says(model_of(train([link for link in links if folds[link.page] != fold])))
    return lambda link: of_fold[folds[link.page]](link)


def _by_type(links: Sequence[LabelledLink], types: Sequence[str], decision: Decision) -> list[str]:
    figures = [f1(links, decision)]
    figures += [f1([link for link in links if types[link.page] == each], decision) for each in sorted(set(types))]
    return [f"{figure:.3f}" for figure in figures]


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:40}" + "".join(f"{cell:>15}" for cell in cells)
