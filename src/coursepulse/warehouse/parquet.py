"""Rows as Parquet files. The same rows make the same file, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import file_digest
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from coursepulse.warehouse.keys import WarehouseKeys
from coursepulse.warehouse.tables import HIDDEN, Kind, WarehouseTable

#: Rows of one row group: enough for a column to be read in one go, and what a writer keeps in memory.
_GROUP = 250_000

_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.DAY: pa.date32(),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
    Kind.COUNT: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.MONEY: pa.decimal128(19, 4),
    **dict.fromkeys(HIDDEN, pa.string()),
}


def schema_of(table: WarehouseTable) -> pa.Schema:
    """The columns as Parquet has them; each says what it means."""
    return pa.schema(
        [
            pa.field(
                each.name, _TYPES[each.kind], nullable=not each.needed, metadata={"description": each.what}
            )
            for each in table.columns
        ]
    )


def write_file(table: WarehouseTable, frames: Iterable[pl.DataFrame], keys: WarehouseKeys, path: Path) -> int:
    """Write rows as the columns of a table; returns how many there were.

    :param frames: in the order of the table; within each the rows are sorted here
    """
    schema, rows = schema_of(table), 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for frame in _grouped(_shape(table, each, keys) for each in frames):
            writer.write_table(frame.to_arrow().cast(schema), row_group_size=_GROUP)
            rows += frame.height
    return rows


def digest_of(path: Path) -> str:
    """What tells a file from every other one."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _shape(table: WarehouseTable, frame: pl.DataFrame, keys: WarehouseKeys) -> pl.DataFrame:
    hidden = [
        keys.hide(frame[each.name], each.kind).alias(each.name)
        for each in table.columns
        if each.kind in HIDDEN
    ]
    # Sorted by what is written: by the product's ids the order of rows would give them away.
    return frame.with_columns(hidden).select(table.names).sort(table.order)


def _grouped(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Small frames together, so that no row group is small."""
    held: list[pl.DataFrame] = []
    for frame in frames:
        held.append(frame)
        if sum(each.height for each in held) >= _GROUP:
            yield pl.concat(held)
            held = []
    if held:
        yield pl.concat(held)
