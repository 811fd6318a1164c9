"""Seeds as a user names them: a file, or a comma-separated list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.seed_files import lines_of
from backlink_crawler.inputs.seeds import Seeds, parse_seeds

if TYPE_CHECKING:
    from backlink_crawler.urls.normalise import Normaliser

MAX_BYTES = 64 * 1024 * 1024
_FILE_ENDINGS = (".txt", ".csv", ".tsv")


def read_seeds(text: str, normalise: Normaliser) -> Seeds:
    """`text` names a file, or is a list. Raises InvalidInput when nothing in it is valid."""
    file = Path(text).expanduser()
    if _exists(file):
        lines, source = _lines(file), f"the file {text}"
    elif text.lower().endswith(_FILE_ENDINGS) and "," not in text:
        raise InvalidInput(f"seeds: there is no file {text!r}.")
    else:
        lines, source = [part for part in text.split(",") if part.strip()], "the list"
    parsed = parse_seeds(lines, normalise)
    if not parsed.seeds:
        detail = "; ".join(parsed.problems[:3]) or "it is empty"
        raise InvalidInput(f"seeds: no valid seed in {source}: {detail}.")
    return parsed


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except (OSError, ValueError):  # a list so long, or so strange, that it cannot be a file's name
        return False


def _lines(file: Path) -> list[str]:
    try:
        if file.is_dir():
            raise InvalidInput(f"seeds: {file} is a folder; name a file.")
        if (size := file.stat().st_size) > MAX_BYTES:
            raise InvalidInput(
                f"seeds: {file} has {size // 2**20} MiB; the limit is {MAX_BYTES // 2**20}. Split it if it is a list of sites.",
            )
        body = file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"seeds: cannot read {file}: {error.strerror}.") from None
    return lines_of(body, str(file))
