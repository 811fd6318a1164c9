"""`python -m scrapy …` and `backlinks …` as processes that need not import what they run: forks of a warm Python (warm.py).

To whoever starts one it is what `subprocess.Popen` gives, and to itself it is what a new Python would be.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_PROGRAM = Path(__file__).with_name("warm.py")
_OF_PYTHON = ("PYTHON", "LC_", "LANG")  # read once, when a Python starts


def start_python(*arguments: str, cwd: Path, env: dict[str, str], **streams: Any) -> subprocess.Popen[str]:
    """With these arguments. A new one where the environment says how a Python starts, else a fork."""
    names = {name for name in env.keys() | os.environ.keys() if name.startswith(_OF_PYTHON)}
    if sys.platform != "linux" or any(env.get(name) != os.environ.get(name) for name in names):
        return new_python(*arguments, cwd=cwd, env=env, **streams)
    return Forked([sys.executable, *arguments], cwd=cwd, env=env, text=True, **streams)


def new_python(*arguments: str, cwd: Path, env: dict[str, str], **streams: Any) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, *arguments], cwd=cwd, env=env, text=True, **streams)


class Forked(subprocess.Popen[str]):
    """Its parent is the warm Python, which says how it ends."""

    def _execute_child(self, args: list[str], *others: Any) -> None:
        # In the order of subprocess.py: executable, preexec_fn, close_fds, pass_fds, cwd, env, startupinfo, creationflags,
        # shell, and both ends of each stream's pipe; -1: the stream is ours.
        cwd, env, pipes = others[4], others[5], others[9:15]
        streams = [number if pipe == -1 else pipe for number, pipe in enumerate((pipes[0], pipes[3], pipes[5]))]
        self._said, saying = _socket_pair()
        asked = {"command": args[1:], "folder": str(cwd), "environment": env}
        try:
            with saying:
                socket.send_fds(_warm().commands, [json.dumps(asked).encode()], [*streams, saying.fileno()])
        finally:
            self._close_pipe_fds(*pipes)
        self.pid = self._number()
        self._child_created = True

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        try:
            return self._wait(0)
        except subprocess.TimeoutExpired:
            return None

    def _wait(self, timeout: float | None) -> int:
        if self.returncode is None:
            self._said.settimeout(None if timeout is None else max(timeout, 0))
            try:
                self.returncode = self._number()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout) from None
            self._said.close()
        return self.returncode

    def _number(self) -> int:
        said = self._said.recv(32)
        assert said, f"{_PROGRAM.name} has died"
        return int(said)


class _Warm(NamedTuple):
    process: subprocess.Popen[bytes]
    commands: socket.socket


@cache
def _warm() -> _Warm:
    """It ends with us."""
    commands, theirs = _socket_pair()
    with theirs:
        command = [sys.executable, str(_PROGRAM), str(theirs.fileno())]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
        )
    return _Warm(process, commands)


def _socket_pair() -> tuple[socket.socket, socket.socket]:
    """What is sent at once is received at once."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
