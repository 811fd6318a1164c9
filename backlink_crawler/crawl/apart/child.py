"""A child process that does one piece of work after another: `python -m backlink_crawler.crawl.apart PARENT NICENESS MEMORY`.

Work comes on standard input, what came of it goes to standard output, both pickled and with their length before them. It
ends with its parent. Nothing of Scrapy is imported here. To start still takes half a second, so the work is done by a fork
of it, and when that is ended in the midst of work, another fork goes on.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import resource
import signal
import struct
import sys
from itertools import count
from typing import IO, TYPE_CHECKING, NamedTuple

# Imported before any work comes, so that their time is not its own.
from backlink_crawler.links import html, sitemaps  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Callable

LENGTH = struct.Struct("!Q")
MAX_ANSWER = 32 * 1024 * 1024  # bytes: 10,000 links with long words have less, and the parent holds all of it
MANY_BYTES, SOME = 1_000_000, 16  # work after which it is looked whether it is worn: large, or so many pieces
WORN = 0.5  # of the memory that it may take: having taken so much once, it is worn
_PR_SET_PDEATHSIG = 1  # prctl(2)
_WORN = 75  # exit code of a fork that another one replaces


class Work(NamedTuple):
    """seconds: of processor time that it may take; then the kernel ends the process."""

    seconds: float
    call: Callable[[], object]


class Answer(NamedTuple):
    """result: what the work returned. has_room, has_time: False when it took too much. error: what else it raised, a bug."""

    result: object = None
    has_room: bool = True
    has_time: bool = True
    error: str = ""


_NO_ROOM = pickle.dumps(Answer(has_room=False))


def main(parent: int, niceness: int, memory: int) -> None:
    """parent: its process id. memory: bytes of address space."""
    _end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks the crawl for an end does not mean its pages
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere it is not kept, or cannot be set
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed by mistake is no answer
    me, requests = os.getpid(), os.fdopen(sys.stdin.fileno(), "rb", buffering=0)
    while True:
        if not (fork := os.fork()):
            _end_with(me)
            os._exit(_work(requests, answers, memory))
        ended = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
        if ended == -signal.SIGPROF:
            _say(answers, pickle.dumps(Answer(has_time=False)))
        elif ended != _WORN:
            sys.exit(ended if ended >= 0 else 128 - ended)


def _work(requests: IO[bytes], answers: IO[bytes], memory: int) -> int:
    """Until none comes: 0; or until so much memory was taken that it is not to be the next one's fault: _WORN."""
    for number in count(1):
        if not (work := _next(requests)):
            break
        _say(answers, answer := done(work))
        # To ask for the peak takes half a millisecond, as much as many a page.
        if (len(work) >= MANY_BYTES or number % SOME == 0 or answer == _NO_ROOM) and _peak() > WORN * memory:
            return _WORN
    return 0


def _say(answers: IO[bytes], answer: bytes) -> None:
    answers.write(LENGTH.pack(len(answer)))
    answers.write(answer)
    answers.flush()


def done(work: bytes) -> bytes:
    """Do what `work` says. Returns a pickled Answer."""
    try:
        seconds, call = pickle.loads(work)  # noqa: S301  from our parent
        signal.setitimer(signal.ITIMER_PROF, seconds)
        result = call()
        answer = pickle.dumps(Answer(result), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        answer = b""
    except Exception as error:  # noqa: BLE001  a bug of ours, which the parent logs
        return pickle.dumps(Answer(error=f"{type(error).__name__}: {error}"[:1000]))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return answer if 0 < len(answer) <= MAX_ANSWER else _NO_ROOM


def _next(requests: IO[bytes]) -> bytes:
    """Unbuffered: what another fork is to read stays in the pipe."""
    head = _exactly(requests, LENGTH.size)
    return _exactly(requests, LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""


def _exactly(requests: IO[bytes], size: int) -> bytes:
    """Less at its end."""
    parts = []
    while size and (part := requests.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _end_with(parent: int) -> None:
    """Even in the midst of work. Elsewhere than on Linux it ends after it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it has died already
            sys.exit()


def _peak() -> int:
    """Bytes in memory, at most, so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
