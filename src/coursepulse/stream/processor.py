"""What a stream processor is: pure functions from the events of one key to outputs that carry their own ids.

A state is a *join*: the same events make the same state in any order, in any batches and with duplicates. Nothing has
to be kept until late events can no longer come, and an engine needs nothing but a map of states.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from hashlib import blake2b
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from coursepulse.definitions.order import MEANING
from coursepulse.events.event import Event
from coursepulse.kit.clock import MINUTE, Micros

State = TypeVar("State", bound=msgspec.Struct)

#: By default an event may arrive this long after it happened; a later one changes no output. Numbers do not depend on
#: it: aggregates take late events whenever they come.
LATENESS: Micros = 10 * MINUTE

#: Every key begins with the pseudonym of its student: that many bytes.
STUDENT_BYTES = 16

_RANK = {name: rank for rank, name in enumerate(MEANING)}


class Output(NamedTuple):
    """Something a processor says. Saying it again under the same id replaces what was said before.

    :param output_id: made by :func:`make_id` from facts alone, so that a restart makes the same one
    :param kind: what ``value`` is, such as ``session``
    :param until: the last moment that it depends on; once that is out of reach of late events, it is final
    """

    output_id: bytes
    kind: str
    until: Micros
    value: object


class Changes(NamedTuple):
    """What is new among the outputs of a runner.

    :param withdrawn: ids of outputs that late events, or an erasure, have made untrue
    """

    put: list[Output]
    withdrawn: list[bytes]


class OutputSink(Protocol):
    """Where outputs of some kinds go."""

    @property
    def kinds(self) -> Collection[str]:
        """The kinds that it takes."""

    def apply(self, changes: Changes) -> None:
        """Take in what is new. Taking the same twice makes no difference.

        :raises StoreUnavailable: the same changes come again
        """

    def reconcile(self, outputs: Collection[Output], now: Micros) -> None:
        """After a start: these are all the outputs that may still change. What else could still change was untrue.

        :raises StoreUnavailable: the same call comes again
        """


class Processor(Protocol[State]):
    """Makes a state of the events of a key, and outputs of the state. No I/O, no clock, no memory of its own.

    A state is a value: it is returned, never changed.
    """

    @property
    def name(self) -> str:
        """For logs, measurements and snapshots."""

    @property
    def version(self) -> int:
        """Raised when states change in shape or meaning: snapshots of another version are not read."""

    @property
    def types(self) -> Collection[str]:
        """The event types it asks for."""

    @property
    def lateness(self) -> Micros:
        """Events that happened longer before the newest arrival are passed over."""

    @property
    def state(self) -> type[State]:
        """The type of its states, which are kept encoded."""

    def key(self, event: Event) -> bytes | None:
        """Which state an event belongs to, or None if it concerns none. Begins with the pseudonym of the student."""

    def on_event(self, state: State | None, event: Event) -> State:
        """What an event makes of a state: the same in any order, however often it comes."""

    def outputs(self, state: State, now: Micros) -> list[Output]:
        """All that is true of a key when it is ``now``."""

    def due(self, state: State, now: Micros) -> Micros:
        """The next moment after ``now`` at which outputs change by themselves, or the state can be settled."""

    def settle(self, state: State, horizon: Micros) -> State | None:
        """The state without what no late event can change: none of those to come happened before ``horizon``.

        :returns: None when nothing is going on any more
        """


#: Whether a student is one of those in question.
About = Callable[[bytes], bool]


def everybody(student: bytes) -> bool:  # noqa: ARG001
    """Every student is."""
    return True


#: Whether processors may take in events of a student.
Admits = Callable[[bytes], bool]


def make_id(kind: str, *facts: bytes | int) -> bytes:
    """Sixteen bytes that depend on nothing but the facts."""
    digest = blake2b(kind.encode(), digest_size=16)
    for fact in facts:
        digest.update(fact if isinstance(fact, bytes) else fact.to_bytes(8, "big"))
    return digest.digest()


def happened(event: Event) -> Micros:
    """When an event happened: never after it arrived, whatever the sender's clock says."""
    at, received = event.at, event.received_at
    return received if 0 < received < at else at


def delay(event: Event, now: Micros) -> Micros:
    """How late an event came: by what has arrived before, or by its own arrival, as imported history does."""
    return max(now, event.received_at) - happened(event)


def order(event: Event) -> tuple[Micros, int, bytes]:
    """The place of an event among all events of its key, however it arrived."""
    return happened(event), _RANK.get(event.event_type, -1), event.event_id
