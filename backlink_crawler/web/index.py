"""What every page of the explorer starts from: the index, its readers' sessions, and the templates."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from starlette.responses import HTMLResponse

from backlink_crawler.errors import BacklinksError
from backlink_crawler.store.overall import overall
from backlink_crawler.store.readers import Readers
from backlink_crawler.urls.normalise import Normaliser
from backlink_crawler.web.messages import Messages
from backlink_crawler.web.origin import Tokens, asked_host
from backlink_crawler.web.rendering import environment

if TYPE_CHECKING:
    from jinja2 import Environment

    from backlink_crawler.config import Config
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.overall import Overall

_PAGE_SECONDS = 10  # that a statement of a page may take
_DOWNLOAD_SECONDS = 3_600
_OVERALL_SECONDS = 60  # for which what is said of the whole index is kept


@dataclass
class Index:
    """database: for those who may change it. readers: for pages; downloads: which take long, and wait for no page."""

    database: Database
    config: Config
    readers: Readers
    downloads: Readers
    is_admin: bool
    templates: Environment = field(default_factory=environment)
    messages: Messages = field(default_factory=Messages)
    tokens: Tokens = field(default_factory=Tokens)
    _overall: tuple[float, Overall] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, database: Database, config: Config, *, is_admin: bool = False) -> Self:
        return cls(
            database,
            config,
            Readers.of(database, most=8, seconds=_PAGE_SECONDS),
            Readers.of(database, most=4, seconds=_DOWNLOAD_SECONDS),
            is_admin,
        )

    @property
    def normalise(self) -> Normaliser:
        return Normaliser(self.config.tracking_parameters)

    @property
    def token(self) -> str:
        """Of the forms of the page that is being answered."""
        return self.tokens.of(asked_host.get())

    @property
    def overall(self) -> Overall:
        """As of a minute ago at most: one reader waits for it, and the others get what there is."""
        kept = self._overall
        if kept is not None and time.monotonic() - kept[0] <= _OVERALL_SECONDS:
            return kept[1]
        if self._lock.acquire(blocking=kept is None):
            try:
                if self._overall is kept:  # nobody else has asked meanwhile
                    self._overall = (time.monotonic(), overall(self.readers))
            except BacklinksError:
                if kept is None:
                    raise
            finally:
                self._lock.release()
        assert self._overall is not None
        return self._overall[1]

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        text = self.templates.get_template(template).render(index=self, **values)
        return HTMLResponse(text, status)

    def close(self) -> None:
        self.readers.close()
        self.downloads.close()
