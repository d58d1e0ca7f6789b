"""What a pipeline and an engine of stream processors say to each other. Pure bytes: any engine can carry them.

A fed record is about one student and begins with the student's pseudonym, so that an engine finds the key without
reading further. A said record is the answer: what has changed among the outputs of that student.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NamedTuple

import msgspec

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.stream.processor import STUDENT_BYTES, Output

#: Whom a record is about that is about nobody.
NOBODY = bytes(STUDENT_BYTES)


class FedKind(IntEnum):
    """What an engine is to do."""

    EVENTS = 0
    #: Nothing more is waiting: time goes on.
    TIME = 1
    #: Drop everything about the student.
    FORGET = 2
    #: Make the states of the student anew, of these events alone.
    RENEW = 3
    #: Only the facts have changed.
    FACTS = 4
    #: Answer this: whatever came before it has been answered then.
    MARK = 5


class FedRecord(msgspec.Struct, array_like=True, omit_defaults=True):
    """One thing to do for one student.

    :param partition: whose pipeline asks; it is in the answer
    :param before: the time up to these events, by what had arrived
    :param now: the time with them
    :param facts: what processors look up besides the events, by a name under which it is kept
    :param passing: the same, for this record alone
    """

    kind: FedKind
    partition: int
    before: Micros
    now: Micros
    events: tuple[Event, ...] = ()
    facts: dict[str, bytes] = {}
    passing: bytes = b""


class SaidOutput(msgspec.Struct, array_like=True):
    """An output, its value still encoded."""

    output_id: bytes
    kind: str
    until: Micros
    value: msgspec.Raw


class SaidRecord(msgspec.Struct, array_like=True, omit_defaults=True):
    """What has changed among the outputs of one student.

    :param partition: whose pipeline asked
    :param withdrawn: ids, each with its kind
    :param told_by: what it is an answer to
    """

    student: bytes
    partition: int
    now: Micros
    put: list[SaidOutput] = []
    withdrawn: list[tuple[bytes, str]] = []
    told_by: FedKind = FedKind.EVENTS


class Fed(NamedTuple):
    """A fed record, and whom it is about."""

    student: bytes
    record: FedRecord


_encode = msgspec.msgpack.Encoder().encode
_decode_fed = msgspec.msgpack.Decoder(FedRecord).decode
_decode_said = msgspec.msgpack.Decoder(SaidRecord).decode
_decode_output = msgspec.msgpack.Decoder(SaidOutput).decode


def student_of(body: bytes) -> bytes:
    """The key of a fed record."""
    return body[:STUDENT_BYTES]


def pack_fed(student: bytes, record: FedRecord) -> bytes:
    """The bytes that :func:`open_fed` reads."""
    return student + _encode(record)


def open_fed(body: bytes) -> Fed:
    """What is to be done.

    :raises msgspec.MsgspecError: when it is no such record
    """
    return Fed(body[:STUDENT_BYTES], _decode_fed(memoryview(body)[STUDENT_BYTES:]))


def pack_said(record: SaidRecord) -> bytes:
    """The bytes that :func:`open_said` reads."""
    return _encode(record)


def open_said(body: bytes) -> SaidRecord:
    """What has changed.

    :raises msgspec.MsgspecError: when it is no such record
    """
    return _decode_said(body)


def seal(output: Output) -> SaidOutput:
    """An output on its way."""
    return SaidOutput(output.output_id, output.kind, output.until, msgspec.Raw(_encode(output.value)))


class OutputReader:
    """Reads outputs that were on their way.

    :param values: the type of the value, by the kind of output
    """

    def __init__(self, values: Mapping[str, type[Any]]) -> None:
        self._decode = {kind: msgspec.msgpack.Decoder(value).decode for kind, value in values.items()}

    def open(self, said: SaidOutput) -> Output:
        """The output as its processor made it."""
        return Output(said.output_id, said.kind, said.until, self._decode[said.kind](said.value))

    def keep(self, said: SaidOutput) -> bytes:
        """The bytes that :meth:`find` reads."""
        return _encode(said)

    def find(self, kept: bytes) -> Output:
        """An output that was kept."""
        return self.open(_decode_output(kept))
