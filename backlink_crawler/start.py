"""`backlinks`: Ctrl-C while it still imports what it needs ends it at once, without a word."""

from __future__ import annotations

import os
import signal


def main() -> None:
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda number, _: os._exit(128 + number))  # until a command runs
    from backlink_crawler.cli import main as run  # noqa: PLC0415  this is what takes its time

    run()
