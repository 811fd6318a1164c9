"""Changes that a reader orders: done while the reader waits, and beyond that in the background."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from backlink_crawler.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlink_crawler.web.messages import Message

_LOG = logging.getLogger(__name__)
_AT_ONCE = threading.BoundedSemaphore(4)
WAIT_SECONDS = 20


def done(change: Callable[[], Message], wait: float = WAIT_SECONDS) -> Message | None:
    """What is to be told of a change; None: it takes longer, and goes on. Raises what the change raises meanwhile.

    A change is made of transactions, each whole: who ends the explorer leaves some of them undone, and none half done.
    """
    if not _AT_ONCE.acquire(timeout=wait):
        raise Busy("other changes are under way; try again when they are done.")
    ends: Future[Message] = Future()
    threading.Thread(target=_make, args=(change, ends), daemon=True).start()
    try:
        return ends.result(timeout=wait)
    except TimeoutError:
        if ends.done():  # the change's own
            raise
        ends.add_done_callback(_tell)
        return None


def _make(change: Callable[[], Message], ends: Future[Message]) -> None:
    try:
        ends.set_result(change())
    except BaseException as error:  # noqa: BLE001  whoever waits for it raises it
        ends.set_exception(error)
    finally:
        _AT_ONCE.release()


def _tell(ends: Future[Message]) -> None:
    if error := ends.exception():
        _LOG.error("a change that went on in the background failed", exc_info=error)
