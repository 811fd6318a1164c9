"""Files of sites as spreadsheets, editors and crawlers' exports write them: read, or refused with line and reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backlink_crawler.crawl.seed_input import read_seeds
from backlink_crawler.errors import InvalidInput
from backlink_crawler.urls.normalise import Normaliser

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# What each holds, and the lines that are refused.
READ: dict[str, tuple[list[str], list[int]]] = {
    "blank-lines.txt": (["http://web1.test/", "https://web2.test/", "https://web3.test/"], []),
    "duplicates.txt": (["http://alpha.test/", "https://alpha.test/", "https://www.alpha.test/"], []),
    "export-extra-columns.csv": (["https://alpha.test/"], []),
    "frog-address.csv": (["https://alpha.test/", "https://beta.test/"], []),
    "odd.txt": (
        ["https://1.2.3.4/", "https://example.test:8080/", "https://theta.test/", "https://xn--bcher-kva.test/"],
        [1, 2, 3, 4, 5, 6, 7, 12, 14, 15, 16, 17, 18],
    ),
    "semicolons.csv": (["https://alpha.test/", "https://beta.test/"], []),
    "tabs.tsv": (["https://alpha.test/"], []),
    "trailing-commas.txt": (
        ["https://alpha.test/", "https://beta.test/", "https://delta.test/", "https://gamma.test/"],
        [],
    ),
    "trailing-semicolon.txt": (["https://alpha.test/", "https://beta.test/shop", "https://gamma.test/a,b?c=1,2"], []),
    "utf16.txt": (["http://web1.test/", "https://web2.test/", "https://web3.test/"], []),
}
NORMALISE = Normaliser([])


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_and_what_is_no_site_is_refused_with_its_line(
    name: str, data_file: Callable[[str], Path]
) -> None:
    parsed = read_seeds(str(data_file(f"cases/12-seeds-files/{name}")), NORMALISE)
    found = sorted({seed.url.text for seed in parsed.seeds})
    lines = [int(problem.split(":")[0].removeprefix("line ")) for problem in parsed.problems]
    assert (found, lines) == READ[name]


def test_a_file_in_no_known_encoding_is_refused_with_the_line_that_shows_it(data_file: Callable[[str], Path]) -> None:
    file = data_file("cases/12-seeds-files/copied.txt")
    with pytest.raises(InvalidInput, match=r"copied\.txt is not a text file in UTF-8 \(see line 1, byte 19\)\.$"):
        read_seeds(str(file), NORMALISE)


def test_what_is_copied_from_texts_loses_what_it_was_wrapped_in(
    data_file: Callable[[str], Path], tmp_path: Path
) -> None:
    file = tmp_path / "copied.txt"
    file.write_text(data_file("cases/12-seeds-files/copied.txt").read_bytes().decode("utf-8", "ignore"), "utf-8")
    parsed = read_seeds(str(file), NORMALISE)
    assert [seed.url.host for seed in parsed.seeds] == ["alpha.test", "beta.test", "gamma.test", "delta.test"]
    assert [problem.split(":")[0] for problem in parsed.problems] == ["line 5"]  # `- epsilon.test`
