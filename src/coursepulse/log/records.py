"""A record: what a partitioned log keeps of one append, for one student. Pure: whatever reads the log can use it.

The key of a record is the student's pseudonym, 16 bytes. Its value is a MessagePack array of events, each of them an
array of fields to which later releases only append, so an older reader passes over what it does not know. That is
format 1. A later one begins with :data:`MARK` and its number, so that those who cannot read it leave it where it is.
The log compresses many records together, so none is compressed by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import msgspec

from coursepulse.events.event import Event, pack, unpack, unpack_each
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.log.port import BLOCK_EVENTS, NO_EVENT, Block, Change
from coursepulse.log.positions import Position

#: Bytes of a key that names a student.
KEY_BYTES = 16

#: The format that is written, and the newest that is read.
FORMAT = 1

#: What a record of a later format begins with, before one byte with the number. No array begins so: MessagePack never
#: uses the first of these bytes.
MARK = b"\xc1cpulse"

#: What reading foreign bytes can raise.
NO_RECORD = (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError)

#: MessagePack arrays of up to 15 elements have their length in the first byte; for others it says how long that is.
_SHORT_ARRAYS, _LENGTHS = range(0x90, 0xA0), {0xDC: 2, 0xDD: 4}


def check_format(record: bytes) -> None:
    """Nothing, unless a newer version has written it.

    :raises StoreUnavailable: until a newer version reads it: it is neither lost nor damaged
    """
    if record.startswith(MARK):
        found = int.from_bytes(record[len(MARK) : len(MARK) + 1])
        raise StoreUnavailable(
            f"The log holds events in format {found}, and this version reads format {FORMAT}: a newer one must go on."
        )


def pack_record(events: list[Event]) -> bytes:
    """The value that :func:`open_record` reads."""
    return pack(events)


def open_record(position: Position, record: bytes, whole: bytes | None = None) -> Block:
    """The block that these bytes hold, whatever they are. What cannot be read is set apart.

    :param whole: what is set apart when nothing can be read; the record itself unless it is given
    :raises StoreUnavailable: see :func:`check_format`
    """
    check_format(record)
    try:
        events = unpack(record)
    except NO_RECORD:
        return _open_broken(position, record, record if whole is None else whole)
    if len(events) > BLOCK_EVENTS:
        return broken_block(position, record if whole is None else whole)
    return Block(position, events)


def broken_block(position: Position, body: bytes) -> Block:
    """A block of which nothing can be read."""
    return Block(position, [NO_EVENT], {0: body})


def count_events(record: bytes) -> int:
    """How many events a record holds, read from its first bytes; 1 for what is no record."""
    first = record[0] if record else 0
    if first in _SHORT_ARRAYS:
        return first - _SHORT_ARRAYS.start
    length = _LENGTHS.get(first, 0)
    return int.from_bytes(record[1 : 1 + length]) if 0 < length < len(record) else 1


def by_student(events: list[Event]) -> dict[bytes, list[int]]:
    """The places of each student's events among others, in order."""
    found: dict[bytes, list[int]] = defaultdict(list)
    for place, event in enumerate(events):
        found[event.student_id].append(place)
    return found


def without(student: bytes, record: bytes, change: Change) -> tuple[list[Event], int]:
    """What stays of a record that names a student, and how many of its events were the student's.

    Unreadable parts go: they stand beside the student's id, and may be about the student.
    """
    events = _read_what_is_readable(record)
    changed = (change(event) if event.student_id == student else event for event in events)
    kept = [event for event in changed if event is not None]
    return kept, sum(event.student_id == student for event in events)


def without_all(students: Collection[bytes], position: Position, record: bytes) -> Block:
    """The block of a record that names students who are erased, without their events."""
    events = [event for event in _read_what_is_readable(record) if event.student_id not in students]
    return Block(position, events)


def _open_broken(position: Position, record: bytes, whole: bytes) -> Block:
    try:
        found = unpack_each(record)
    except NO_RECORD:
        return broken_block(position, whole)
    if len(found) > BLOCK_EVENTS:
        return broken_block(position, whole)
    events = [one if isinstance(one, Event) else NO_EVENT for one in found]
    return Block(position, events, {place: one for place, one in enumerate(found) if isinstance(one, bytes)})


def _read_what_is_readable(record: bytes) -> list[Event]:
    check_format(record)
    try:
        return [one for one in unpack_each(record) if isinstance(one, Event)]
    except NO_RECORD:
        return []
