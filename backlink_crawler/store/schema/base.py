"""What the tables have in common."""

from __future__ import annotations

from sqlalchemy import TIMESTAMP, BigInteger, Column, Identity, Integer, MetaData, Text, text

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ix": "%(table_name)s_%(column_0_name)s_idx",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ck": "%(constraint_name)s",
    },
)

time = TIMESTAMP(timezone=True)
bytewise = Text(collation="C")
now = text("now()")


def key() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True, comment="key")


def narrow_key() -> Column[int]:
    """Of what there are fewer than two billion, and which is referred to from every link."""
    return Column("id", Integer, Identity(always=True), primary_key=True, comment="key")
