"""Rows as Parquet, for pandas, DuckDB, Spark and others. Texts are as the index has them, NULL stays NULL."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from backlink_crawler.store.column_types import ColumnType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from backlink_crawler.store.column_types import Column

_ROWS_AT_ONCE = 1_000  # as Python has them
_BATCHES_OF_A_GROUP = 10  # as Arrow has them, in a third of that memory
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
    batches = _batches(schema, columns, iter(rows))
    with file.open("wb") as out, parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        while group := list(islice(batches, _BATCHES_OF_A_GROUP)):
            writer.write_table(pa.Table.from_batches(group))


def _batches(schema: pa.Schema, columns: Sequence[Column], rows: Iterator[Sequence[Any]]) -> Iterator[pa.RecordBatch]:
    while chunk := list(islice(rows, _ROWS_AT_ONCE)):
        values = zip(*chunk, strict=True)
        arrays = [_array(column.type, each) for column, each in zip(columns, values, strict=True)]
        yield pa.record_batch(arrays, schema=schema)


def _array(of_type: ColumnType, values: Sequence[Any]) -> Any:
    if of_type is ColumnType.OTHER:
        values = [None if value is None else str(value) for value in values]
    return pa.array(values, _TYPES[of_type])
