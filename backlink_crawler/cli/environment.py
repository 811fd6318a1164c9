"""What every command starts from: the configuration and the database."""

from __future__ import annotations

import shutil
import sys

from backlink_crawler.config import Config
from backlink_crawler.errors import SchemaMismatch
from backlink_crawler.store.cluster import is_made
from backlink_crawler.store.database import Database, open_database
from backlink_crawler.store.preparing import prepare
from backlink_crawler.store.versions import nothing_crawled, require_current
from backlink_crawler.urls.normalise import Normaliser


def readable_database() -> Database:
    """Raises SchemaMismatch when the schema is not this program's; a home without an index is not made one for that."""
    config = Config.from_environment()
    if config.database_url is None and not is_made(config.home):
        raise SchemaMismatch(nothing_crawled("the embedded PostgreSQL"))
    database = open_database(config)
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
