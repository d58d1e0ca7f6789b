"""The server's own ``session_end``: goes back into the log when a session can no longer go on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import islice
from typing import ClassVar

from coursepulse.events.closing import make_closing
from coursepulse.events.event import Event
from coursepulse.kit.clock import Clock, Micros
from coursepulse.kit.errors import LogFull, StoreUnavailable
from coursepulse.log.port import BLOCK_EVENTS, EventLog
from coursepulse.stream.processor import Admits, Changes, Output
from coursepulse.stream.processors.sessions import CLOSED, ClosedSession


class SessionEnds:
    """A :class:`coursepulse.stream.processor.OutputSink` that appends events.

    The id of the event is that of the output. So it is the same after a restart, and counts once even if it is appended
    twice; what the raw store has already is not appended again when a start reads the log from its beginning.

    :param find_stored: which of these events the raw store has, by their ids
    :param admits: students who do not agree (any more) get no event
    """

    kinds: ClassVar[Collection[str]] = (CLOSED,)

    def __init__(
        self,
        log: EventLog,
        find_stored: Callable[[Collection[Event]], Collection[bytes]],
        admits: Admits,
        clock: Clock,
    ) -> None:
        self._log, self._find_stored, self._admits, self._clock = log, find_stored, admits, clock

    def apply(self, changes: Changes) -> None:
        events = list(self._make(changes.put))
        if not events:
            return
        stored = self._find_stored(events)
        fresh = iter([event for event in events if event.event_id not in stored])
        while some := list(islice(fresh, BLOCK_EVENTS)):
            self._append(some)

    def reconcile(self, outputs: Collection[Output], now: Micros) -> None:
        """A session is closed only when nothing can change that: there is nothing to take back."""

    def _make(self, outputs: Iterable[Output]) -> Iterable[Event]:
        now = self._clock()
        for output in outputs:
            closed = output.value
            if isinstance(closed, ClosedSession) and self._admits(closed.student_id):
                who = closed.student_id, closed.session_id
                yield make_closing(output.output_id, *who, closed.last_at, closed.by, now)

    def _append(self, events: list[Event]) -> None:
        try:
            self._log.append(events).result()
        except LogFull as error:
            raise StoreUnavailable(f"Sessions cannot be closed: {error}") from error
