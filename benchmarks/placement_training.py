"""Make backlink_crawler/links/placement.json: small trees that tell editorial links from others.

    python -m benchmarks.placement_training placement.tar.xz          # train on all pages, write the file
    python -m benchmarks.quality placement                            # folds: what to expect of pages that it has not seen

Gradient boosting for the logistic loss with trees of few leaves (Friedman 2001, "Greedy function approximation"), in
plain Python. A page's links weigh together n^.3 of one link, so that a page with hundreds of links does not speak for all.
What is fixed here was fixed before any fold was asked for its figures: see docs/methods.md.
"""

from __future__ import annotations

import json
import lzma
import math
import sys
import tarfile
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import backlink_crawler.links
from backlink_crawler.links.anchors import snippets_of
from backlink_crawler.links.encoding import decode
from backlink_crawler.links.html import _parsed
from backlink_crawler.links.placement import FEATURES, Model, Placements, model_of
from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SHIPPED = Path(backlink_crawler.links.__file__).with_name("placement.json")
ROUNDS, LEAVES, RATE = 12, 4, 0.3  # trees, leaves of each, and how much of what a tree says is taken
MIN_PAGES = 20  # on either side of a split
BINS = 24  # of a feature's values
RIDGE = 1.0  # added to the weight of a leaf
PAGE_POWER = 0.7
_TRIED = 40  # splits, best first, of which one may have enough pages


class LabelledLink(NamedTuple):
    """features: None: it is no candidate. by_landmarks, by_two_rules: what these would say of it."""

    page: int
    is_editorial: bool
    features: tuple[float, ...] | None
    by_landmarks: bool
    by_two_rules: bool


@dataclass(slots=True)
class Labelled:
    """domains, types: of pages, by number."""

    links: list[LabelledLink]
    domains: list[str]
    types: list[str]


def read(archive: Path) -> Labelled:
    """Label by label; a link's number is among the `a` with an address that are not in a noscript."""
    found = Labelled([], [], [])
    with lzma.open(archive) as plain, tarfile.open(fileobj=plain) as files:
        held = {member.name.split("/", 1)[-1]: files.extractfile(member) for member in files if member.isfile()}
        bytes_of = {name: file.read() for name, file in held.items() if file}
    for page, line in enumerate(bytes_of["labels.jsonl"].decode().splitlines()):
        said = json.loads(line)
        found.types.append(said["type"])
        found.domains.append(domain_of(host_of(said["url"])) if said["url"] else f"unknown {page}")
        found.links += _read_page(page, bytes_of[said["file"]], said["links"])
    return found


def _read_page(page: int, body: bytes, labels: Iterable[tuple[int, str, str, int]]) -> list[LabelledLink]:
    text, _ = decode(body, None, is_xml=False)
    tree, _ = _parsed(text)
    nodes = tree.css("a[href], area[href]")
    placements = Placements(tree, len(nodes), len(text))
    hidden = {node.mem_id for node in tree.css("noscript a[href]")}
    numbered = [(n, node) for n, node in enumerate(nodes) if node.tag == "a" and node.mem_id not in hidden]
    links = []
    for place, _, _, is_editorial in labels:
        if place >= len(numbered):  # the labeller's parser saw others
            links.append(LabelledLink(page, bool(is_editorial), None, by_landmarks=False, by_two_rules=False))
            continue
        number, node = numbered[place]
        left, right = snippets_of(node)
        features, block, in_main = placements.seen(node, number, len(left), len(right))
        links.append(
            LabelledLink(
                page,
                bool(is_editorial),
                None if features is None else tuple(map(float, features)),
                by_landmarks=in_main,
                by_two_rules=block.words >= 10 and block.density <= 0.5,
            )
        )
    return links


def train(links: Sequence[LabelledLink]) -> dict[str, Any]:
    """What placement.json holds, of these links."""
    links = [link for link in links if link.features is not None]
    learner = _Learner(links)
    trees = [learner.grow() for _ in range(ROUNDS)]
    data = {"trees": trees, "threshold": 0.0}
    score = model_of(data).score
    scored = [(score(link.features or ()), link.is_editorial) for link in links]
    data["threshold"] = round(_best_threshold(scored), 6)
    return data


def _best_threshold(scored: list[tuple[float, bool]]) -> float:
    """From which score on links are called editorial for the highest F1; halfway to the next lower score."""
    positives = sum(is_editorial for _, is_editorial in scored)
    scored = sorted(scored, reverse=True)
    best, threshold, true = -1.0, 0.0, 0
    for number, (score, is_editorial) in enumerate(scored, 1):
        true += is_editorial
        below = scored[number][0] if number < len(scored) else score - 1
        f1 = 2 * true / (number + positives)
        if below < score and f1 > best:
            best, threshold = f1, (score + below) / 2
    return threshold


class _Node:
    __slots__ = ("below", "feature", "limit", "rows", "split", "value")

    def __init__(self, rows: list[int]) -> None:
        self.rows, self.feature, self.limit, self.value, self.below = rows, "", 0.0, 0.0, (0, 0)
        self.split: tuple[float, int, int] | None = None


class _Learner:
    def __init__(self, links: Sequence[LabelledLink]) -> None:
        columns = list(zip(*(link.features or () for link in links), strict=True))
        self._pages = [link.page for link in links]
        self._labels = [float(link.is_editorial) for link in links]
        self._cuts = [_cuts(column) for column in columns]
        self._bins = [
            [bisect_left(cuts, value) for value in column] for cuts, column in zip(self._cuts, columns, strict=True)
        ]
        on_page = Counter(self._pages)
        weights = [on_page[page] ** -PAGE_POWER for page in self._pages]
        mean = sum(weights) / len(weights)
        self._weights = [weight / mean for weight in weights]
        share = sum(w * y for w, y in zip(self._weights, self._labels, strict=True)) / len(links)
        self._scores = [math.log(share / (1 - share))] * len(links)

    def grow(self) -> list[tuple[str, float, int, int]]:
        """One tree more."""
        chances = [1 / (1 + math.exp(-score)) for score in self._scores]
        self._slopes = [w * (y - p) for w, y, p in zip(self._weights, self._labels, chances, strict=True)]
        self._bends = [max(w * p * (1 - p), 1e-6) for w, p in zip(self._weights, chances, strict=True)]
        nodes = [_Node(list(range(len(self._scores))))]
        nodes[0].split = self._best_split(nodes[0].rows)
        leaves = [nodes[0]]
        while len(leaves) < LEAVES and (able := [leaf for leaf in leaves if leaf.split]):
            leaf = max(able, key=lambda each: each.split or (0,))
            leaves.remove(leaf)
            children = self._divide(leaf)
            leaf.below = len(nodes), len(nodes) + 1
            nodes += children
            leaves += children
        for leaf in leaves:
            slope = math.fsum(self._slopes[row] for row in leaf.rows)
            leaf.value = round(RATE * slope / (math.fsum(self._bends[row] for row in leaf.rows) + RIDGE), 4)
            for row in leaf.rows:
                self._scores[row] += leaf.value
        return [(node.feature, node.limit if node.feature else node.value, *node.below) for node in nodes]

    def _divide(self, node: _Node) -> list[_Node]:
        assert node.split
        _, feature, last = node.split
        bins = self._bins[feature]
        node.feature, node.limit = FEATURES[feature], self._cuts[feature][last]
        children = [
            _Node([row for row in node.rows if bins[row] <= last]),
            _Node([row for row in node.rows if bins[row] > last]),
        ]
        for child in children:
            child.split = self._best_split(child.rows)
        return children

    def _best_split(self, rows: list[int]) -> tuple[float, int, int] | None:
        """(gain, feature, last bin of the lower side)."""
        slopes, bends = [self._slopes[row] for row in rows], [self._bends[row] for row in rows]
        found: list[tuple[float, int, int]] = []
        for feature, column in enumerate(self._bins):
            found += self._splits(feature, [column[row] for row in rows], slopes, bends)
        for gain, feature, last in sorted(found, reverse=True)[:_TRIED]:
            column = self._bins[feature]
            low = {self._pages[row] for row in rows if column[row] <= last}
            high = {self._pages[row] for row in rows if column[row] > last}
            if gain > 1e-9 and min(len(low), len(high)) >= MIN_PAGES:
                return gain, feature, last
        return None

    def _splits(
        self, feature: int, bins: list[int], slopes: list[float], bends: list[float]
    ) -> Iterable[tuple[float, int, int]]:
        """The three best of a feature."""
        number = len(self._cuts[feature]) + 1
        slope_of, bend_of = [0.0] * number, [0.0] * number
        for place, slope, bend in zip(bins, slopes, bends, strict=True):
            slope_of[place] += slope
            bend_of[place] += bend
        all_slope, all_bend = sum(slope_of), sum(bend_of)
        whole = all_slope**2 / (all_bend + RIDGE)
        splits, slope, bend = [], 0.0, 0.0
        for last in range(number - 1):
            slope, bend = slope + slope_of[last], bend + bend_of[last]
            if bend > 0 and all_bend - bend > 1e-9:
                gain = slope**2 / (bend + RIDGE) + (all_slope - slope) ** 2 / (all_bend - bend + RIDGE) - whole
                splits.append((round(gain, 9), feature, last))
        return sorted(splits, reverse=True)[:3]


def _cuts(column: Iterable[float]) -> list[float]:
    ordered = sorted(column)
    cuts = {ordered[(len(ordered) - 1) * number // BINS] for number in range(1, BINS)}
    return [round(cut, 6) for cut in sorted(cuts) if cut < ordered[-1]]


def f1(links: Iterable[LabelledLink], says: Callable[[LabelledLink], bool]) -> float:
    pairs = [(link.is_editorial, says(link)) for link in links]
    true = sum(is_editorial and said for is_editorial, said in pairs)
    return 2 * true / max(1, sum(is_editorial + said for is_editorial, said in pairs))


def says(model: Model) -> Callable[[LabelledLink], bool]:
    return lambda link: link.features is not None and model.score(link.features) >= model.threshold


def as_text(data: dict[str, Any]) -> str:
    trees = ",\n".join("  " + json.dumps(tree) for tree in data["trees"])
    return f'{{\n"threshold": {data["threshold"]},\n"trees": [\n{trees}\n]\n}}\n'


if __name__ == "__main__":
    SHIPPED.write_text(as_text(train(read(Path(sys.argv[1])).links)))
    print(f"wrote {SHIPPED}")
