"""What follows a run: `backlinks rank`, in a process of its own, so that the crawl's memory stays as it was."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from backlink_crawler.store.ranking import is_quiet

if TYPE_CHECKING:
    from types import FrameType

    from backlink_crawler.crawl.session import CrawlSession

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_COMMAND = [sys.executable, "-m", "backlink_crawler.cli", "rank"]


def rank_after(session: CrawlSession) -> None:
    """Unless the run was ended early, or another worker still crawls: the last one ranks. What is wrong with it, it says
    itself: the run has ended well all the same.
    """
    if session.error or session.ended is None or session.ended.reason == "shutdown" or not is_quiet(session.database):
        return
    process: subprocess.Popen[bytes] | None = None
    is_ended = False

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal is_ended
        is_ended = True
        if process:
            process.terminate()

    before = {number: signal.signal(number, end) for number in _SIGNALS}
    try:
        # In a group of its own: a terminal's Ctrl-C reaches it through us, once.
        process = subprocess.Popen(_COMMAND, process_group=0)  # noqa: S603
        if is_ended:
            process.terminate()
        process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
