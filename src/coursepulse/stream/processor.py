"""What a stream processor is: pure functions from events of one key to outputs that carry their own ids."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from hashlib import blake2b
from typing import NamedTuple, Protocol, TypeVar

from coursepulse.definitions.order import MEANING
from coursepulse.events.event import Event
from coursepulse.kit.clock import MINUTE, Micros

State = TypeVar("State")

#: An event may arrive this long after it happened; a later one changes no output any more. Until then a runner keeps
#: it, so this decides how much memory it takes. Numbers do not depend on it: aggregates take late events whenever.
LATENESS: Micros = 10 * MINUTE

_RANK = {name: rank for rank, name in enumerate(MEANING)}


class Output(NamedTuple):
    """Something a processor says. Saying it again under the same id replaces what was said before.

    :param output_id: made by :func:`make_id` from facts alone, so that a restart makes the same one
    :param kind: what ``value`` is, such as ``session``
    """

    output_id: bytes
    kind: str
    value: object


class Changes(NamedTuple):
    """What is new among the outputs of a runner.

    :param withdrawn: ids of outputs that late events, or an erasure, have made untrue
    """

    put: list[Output]
    withdrawn: list[bytes]


#: Where changes go. Taking the same ones twice must make no difference.
Sink = Callable[[Changes], None]


class Processor(Protocol[State]):
    """Folds the events of a key, in the order in which they happened. No I/O, no clock, no memory of its own.

    A state is a value: it is returned, never changed. None is the state of a key at which nothing is going on.
    """

    @property
    def name(self) -> str:
        """For logs and measurements."""

    @property
    def types(self) -> Collection[str]:
        """The event types it asks for."""

    def key(self, event: Event) -> Hashable | None:
        """Which state an event belongs to, or None if it concerns none."""

    def on_event(self, state: State | None, event: Event) -> tuple[State | None, list[Output]]:
        """What an event makes of a state."""

    def on_timer(self, state: State, now: Micros) -> tuple[State | None, list[Output]]:
        """What the passing of time makes of a state; called when :meth:`due` has been reached."""

    def due(self, state: State) -> Micros | None:
        """When the state changes by itself if no event comes."""

    def forget(self, state: State, student: bytes) -> State | None:
        """The state as if there had never been this student."""


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


def order(event: Event) -> tuple[Micros, int, bytes]:
    """The place of an event among all events of its key, however it arrived."""
    return happened(event), _RANK.get(event.event_type, -1), event.event_id
