"""Alembic's environment: one advisory lock, lock and statement timeouts, a transaction a migration."""

from __future__ import annotations

import sqlalchemy
from alembic import context

from backlink_crawler.config import Config
from backlink_crawler.store.database import open_database
from backlink_crawler.store.running import let_crawls_run, wait_for_crawls
from backlink_crawler.store.schema import metadata


def include(_object: object, name: str | None, type_: str, _reflected: bool, _compare_to: object) -> bool:
    return not (type_ == "table" and name is not None and name.startswith("visits_"))  # partitions


def run(connection: sqlalchemy.Connection) -> None:
    driver = connection.connection.driver_connection
    wait_for_crawls(driver)  # before the timeouts are set: crawls take hours
    connection.exec_driver_sql("SET lock_timeout = '10s'")
    connection.exec_driver_sql("SET statement_timeout = '1h'")
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=include,
        transaction_per_migration=True,
        compare_server_default=False,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        let_crawls_run(driver)


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = open_database(Config.from_environment())
    with sqlalchemy.create_engine("postgresql+psycopg://", creator=database.connect).connect() as made:
        run(made)
