"""Files of ours in BACKLINKS_HOME: a lock, and files that are whole or not there, whoever is killed meanwhile.

What root makes in the home of somebody else belongs to its owner, so that the owner can go on without root.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def locked(folder: Path, name: str = "lock") -> Iterator[int]:
    """One process at a time. Gives the lock's file descriptor: who inherits it holds the lock to its own end."""
    lock = _opened(folder / name, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def open_log(file: Path) -> IO[str]:
    return os.fdopen(_opened(file, os.O_RDWR | os.O_APPEND), "a+", encoding="utf-8", errors="replace")


def write_whole(file: Path, text: str) -> None:
    """Readers see the old text or the new one, and only their owner does."""
    descriptor, aside = tempfile.mkstemp(prefix=f"{file.name}-", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            _give_to_owner(descriptor, file.parent)
            written.write(text)
        Path(aside).replace(file)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def new_folder(parent: Path, prefix: str, owner: tuple[int, int] | None) -> Path:
    """A folder that only its owner can enter. owner: user and group; None: whoever we are."""
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    if owner:
        descriptor = os.open(made, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            os.fchown(descriptor, *owner)
        finally:
            os.close(descriptor)
    return made


def sync(folder: Path) -> None:
    """What was renamed in it stays so, even if the machine loses its power now."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _opened(file: Path, flags: int) -> int:
    try:
        descriptor = os.open(file, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(file, flags | os.O_NOFOLLOW)  # in a folder of somebody else, root follows no link
    _give_to_owner(descriptor, file.parent)
    return descriptor


def _give_to_owner(descriptor: int, folder: Path) -> None:
    if os.geteuid() == 0:
        found = folder.stat()
        os.fchown(descriptor, found.st_uid, found.st_gid)
