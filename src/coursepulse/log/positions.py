"""Where an event stands in the log: opaque to all but the log itself, and the one number that stores keep for it."""

from __future__ import annotations

from dataclasses import dataclass

#: Bits of a number: the place of an event in its block, then the block, then the partition. 63 in all.
_INDEX_BITS, _OFFSET_BITS, _PARTITION_BITS = 14, 43, 6

_LAST_INDEX = (1 << _INDEX_BITS) - 1
_OFFSETS = 1 << _OFFSET_BITS

#: No log has more partitions.
MOST_PARTITIONS = 1 << _PARTITION_BITS


@dataclass(frozen=True, slots=True)
class Position:
    """A place in one partition of a log. Only the log knows what ``offset`` counts.

    Positions of one partition have an order; those of two have none, and asking for it is an error.
    """

    partition: int
    offset: int

    def __lt__(self, other: Position) -> bool:
        return self.offset < _beside(self, other)

    def __le__(self, other: Position) -> bool:
        return self.offset <= _beside(self, other)


def _beside(one: Position, other: Position) -> int:
    if one.partition != other.partition:
        raise ValueError(f"{one} and {other} are in different partitions; they have no order.")
    return other.offset


def start(partition: int = 0) -> Position:
    """The position before the first block of a partition."""
    return Position(partition, 0)


def partition_of(student: bytes, partitions: int) -> int:
    """The partition of all events of a student. Pseudonyms are random, so any of their bytes spread evenly."""
    return int.from_bytes(student[-4:]) % partitions


def to_number(position: Position) -> int:
    """The position of a block as stores keep it; within a partition, numbers have the order of positions."""
    return position.partition << _OFFSET_BITS | position.offset


def from_number(number: int) -> Position:
    """The position whose number this is; 0, with which every consumer begins, is the start of the first partition."""
    return Position(number >> _OFFSET_BITS, number & _OFFSETS - 1)


def event_position(block: Position, index: int) -> int:
    """The number of one event, as stores keep it."""
    return to_number(block) << _INDEX_BITS | index


def block_position(event: int) -> Position:
    """The position of the block that carries the event with this number."""
    return from_number(event >> _INDEX_BITS)


def last_event(block: Position) -> int:
    """The highest number that an event of this block can have."""
    return event_position(block, _LAST_INDEX)
