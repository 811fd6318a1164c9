"""Settings as people give them, in a project, a spider or on the command line: what is wrong with them is a sentence."""

from __future__ import annotations

import logging
import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.settings import default_settings

from backlink_crawler import settings as ours
from backlink_crawler.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from scrapy.settings import BaseSettings

_COMPONENTS = ("ITEM_PIPELINES", "EXTENSIONS", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES")
_RECORDED_AT = max(ours.ITEM_PIPELINES_BASE.values())
# Settings that are read as whole numbers; all others that are numbers may be fractions.
_WHOLE = re.compile(
    r"CONCURRENT_.*|BACKLINKS_\w+_(PAGES|HOSTS)|BACKLINKS_WORKERS|BACKLINKS_PROGRESS_PIPE|.*(MAXSIZE|WARNSIZE|_ACTIVE_SIZE|COUNT)"
)
_BOOLEANS = {"true", "false", "1", "0"}


def require_valid(settings: BaseSettings) -> None:
    """Raises InvalidInput."""
    for name, default in _defaults():
        _require_like(name, settings.get(name), default, is_ours=hasattr(ours, name))
    level = settings["LOG_LEVEL"]
    if not isinstance(logging.getLevelName(level), int) and not str(level).isdecimal():
        raise InvalidInput(f"LOG_LEVEL={level} is not DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    for setting in _COMPONENTS:
        _require_components(setting, settings)
    for uri in settings.getdict("FEEDS"):
        _require_writable(str(uri))


def has_stages(settings: BaseSettings) -> bool:
    """Of the user's."""
    return any(order is not None for order in settings.getdict("ITEM_PIPELINES").values())


def _defaults() -> Iterator[tuple[str, Any]]:
    """Of Scrapy and ours, those that are numbers, or true or false."""
    modules: Iterable[ModuleType] = (default_settings, ours)
    known = {name: value for module in modules for name, value in vars(module).items() if name.isupper()}
    return ((name, value) for name, value in known.items() if isinstance(value, (bool, int, float)))


def _require_like(name: str, value: Any, default: object, *, is_ours: bool) -> None:
    if value is default or value is None:
        return
    if isinstance(default, bool):
        if str(value).lower() not in _BOOLEANS:
            raise InvalidInput(f"{name}={value} is not True or False.")
        return
    kind = int if _WHOLE.fullmatch(name) else float
    try:
        number = kind(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"{name}={value} is not a {'whole ' if kind is int else ''}number.") from None
    if is_ours and not 0 <= number < 1e15:
        raise InvalidInput(f"{name}={value} is not a number from 0 on.")


def _named(components: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Some are named by a text, some are there as a class."""
    for component, order in components.items():
        yield component if isinstance(component, str) else f"{component.__module__}.{component.__qualname__}", order


def _require_components(setting: str, settings: BaseSettings) -> None:
    try:
        components = dict(_named(settings.getdict(setting)))
    except (ValueError, TypeError, AttributeError):
        raise InvalidInput(f'{setting} is not a dictionary; write, for example, {{"mine.Class": 400}}.') from None
    for name, order in components.items():
        if order is None:
            continue
        if not isinstance(order, (int, float)):
            raise InvalidInput(f"{setting} gives {name} the order {order!r}, which is not a number.")
        module = name.rpartition(".")[0] or name
        if not _is_there(module):
            raise InvalidInput(f"{setting} names {name}, but there is no module {module}.")
        if setting == "ITEM_PIPELINES" and order <= _RECORDED_AT and name not in ours.ITEM_PIPELINES_BASE:
            raise InvalidInput(
                f"ITEM_PIPELINES has {name} at {order}, before RecordLinks at {_RECORDED_AT}: a stage of yours gets "
                "what is recorded, so give it a higher number."
            )


def _is_there(module: str) -> bool:
    """Without importing it: it may need the event loop, which is not there yet."""
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _require_writable(uri: str) -> None:
    """A feed in a file. Scrapy would begin the crawl, and fail on each page."""
    parts = urlsplit(uri)
    if parts.scheme not in {"", "file"} or "%(" in uri:
        return
    file = Path(parts.path if parts.scheme else uri)
    folder = next(folder for folder in (file.parent.absolute(), *file.parent.absolute().parents) if folder.exists())
    if file.is_dir() or not folder.is_dir() or not os.access(file if file.exists() else folder, os.W_OK):
        raise InvalidInput(f"{file} cannot be written; name another file.")
