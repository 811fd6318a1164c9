"""What every command starts from: the configuration and the database."""

from __future__ import annotations

import shutil
import sys

from backlink_crawler.config import Config
from backlink_crawler.store.database import Database, open_database
from backlink_crawler.store.preparing import prepare
from backlink_crawler.store.versions import require_current
from backlink_crawler.urls.normalise import Normaliser


def readable_database() -> Database:
    """Raises SchemaMismatch when the schema is not this program's."""
    database = open_database(Config.from_environment())
    require_current(database)
    return database


def writable_database() -> Database:
    """As for crawls: an empty or an embedded database is upgraded."""
    database = open_database(Config.from_environment())
    prepare(database)
    return database


def normaliser() -> Normaliser:
    return Normaliser(Config.from_environment().tracking_parameters)


def terminal_width() -> int | None:
    """Columns of the terminal; None when output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
