"""Rows as Parquet, for pandas, DuckDB, Spark and others. Texts are as the index has them, NULL stays NULL."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from backlink_crawler.store.column_types import ColumnType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from backlink_crawler.store.column_types import Column

_ROWS_OF_A_GROUP = 10_000  # as Python has them, those of all links' columns take 30 MB
_TYPES = {
    ColumnType.TEXT: pa.string(),
    ColumnType.TEXTS: pa.list_(pa.string()),
    ColumnType.SHORT: pa.int16(),
    ColumnType.INTEGER: pa.int32(),
    ColumnType.BIG: pa.int64(),
    ColumnType.REAL: pa.float32(),
    ColumnType.DOUBLE: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.DATE: pa.date32(),
    ColumnType.TIME: pa.timestamp("us", tz="UTC"),
    ColumnType.OTHER: pa.string(),
}


def write(file: Path, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
    schema = pa.schema([(str(column), _TYPES[column.type]) for column in columns])
    left = iter(rows)
    with file.open("wb") as out, parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        while group := list(islice(left, _ROWS_OF_A_GROUP)):
            arrays = [
                _array(column.type, values) for column, values in zip(columns, zip(*group, strict=True), strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _array(of_type: ColumnType, values: Sequence[Any]) -> Any:
    if of_type is ColumnType.OTHER:
        values = [None if value is None else str(value) for value in values]
    return pa.array(values, _TYPES[of_type])
