"""Cached results as bytes, for stores outside of this process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
from msgspec.msgpack import Ext

from coursepulse.metrics.cache.port import CachedResult

_Rows: TypeAlias = tuple[tuple[Any, ...], ...]

#: Values that msgpack knows, and gives back as they were.
_PLAIN = frozenset({str, int, float, bool, type(None), bytes})


def pack(result: CachedResult) -> bytes:
    """The bytes of a result.

    :raises TypeError: when it holds a value of a kind that is not known here
    :raises OverflowError: when it holds a number of more than 64 bits
    """
    table = result.table
    rows = [each and [_wrap_row(row) for row in each] for each in (table.rows, table.previous, table.whole)]
    return _encode((result._replace(table=table._replace(rows=(), previous=None, whole=None)), rows))


def unpack(packed: bytes) -> CachedResult | None:
    """The result of some bytes; None for bytes that are none, such as those of another version."""
    try:
        result, (rows, previous, whole) = _decode(packed)
    except (msgspec.MsgspecError, ValueError, TypeError, KeyError):
        return None
    return result._replace(table=result.table._replace(rows=rows or (), previous=previous, whole=whole))


def _wrap_row(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row if _PLAIN.issuperset(map(type, row)) else tuple(map(_wrap, row))


def _wrap(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is list:
        return list(map(_wrap, value))
    if kind is dict:
        return {name: _wrap(each) for name, each in value.items()}
    if kind not in _KINDS:
        raise TypeError(f"A cached result cannot hold a value of the type {kind.__name__}.")
    code, write = _KINDS[kind]
    return Ext(code, write(value))


def _read(code: int, data: memoryview) -> Any:
    return _READERS[code](bytes(data))


_encode = msgspec.msgpack.Encoder().encode
_read_any = msgspec.msgpack.Decoder(ext_hook=_read).decode
_decode = msgspec.msgpack.Decoder(
    tuple[CachedResult, tuple[_Rows | None, _Rows | None, _Rows | None]], ext_hook=_read
).decode

#: What msgpack would give back as something else, by type: its code, and how it is written.
_KINDS: dict[type, tuple[int, Callable[[Any], bytes]]] = {
    UUID: (1, lambda value: bytes(value.bytes)),
    date: (2, lambda value: value.isoformat().encode()),
    datetime: (3, lambda value: value.isoformat().encode()),
    Decimal: (4, lambda value: str(value).encode()),
    tuple: (5, lambda value: _encode(list(map(_wrap, value)))),
    timedelta: (6, lambda value: _encode([value.days, value.seconds, value.microseconds])),
}

#: By code: how it is read.
_READERS: dict[int, Callable[[bytes], Any]] = {
    1: lambda data: UUID(bytes=data),
    2: lambda data: date.fromisoformat(data.decode()),
    3: lambda data: datetime.fromisoformat(data.decode()),
    4: lambda data: Decimal(data.decode()),
    5: lambda data: tuple(_read_any(data)),
    6: lambda data: timedelta(*_read_any(data)),
}
