"""An engine in this process: what Flink does, without Flink, one record after the other."""

from __future__ import annotations

import copy
import heapq
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from coursepulse.kit.clock import MILLISECOND, Micros
from coursepulse.stream.feed import OutputReader, student_of
from coursepulse.stream.processor import OutputSink, Processor
from coursepulse.stream.processors.quiz_scoring import ATTEMPT, QuizScore
from coursepulse.stream.processors.sessions import CLOSED, SESSION, ClosedSession, LiveSession
from coursepulse.stream.processors.video_progress import VIDEO, VideoProgress
from coursepulse.stream.runners.engine import EngineRunner, Heard, Sent
from coursepulse.stream.runners.student import EngineAnswer, StudentProcessors

VALUES: dict[str, type[Any]] = {
    SESSION: LiveSession, CLOSED: ClosedSession, VIDEO: VideoProgress, ATTEMPT: QuizScore, "stuck": str
}  # fmt: skip


class KeptStatesOf(dict[str, bytes]):
    """The states of one student."""

    def put(self, name: str, kept: bytes) -> None:
        self[name] = kept

    def remove(self, name: str) -> None:
        self.pop(name, None)


class LocalEngine:
    """:class:`coursepulse.stream.runners.engine.Engine`."""

    def __init__(self, processors: StudentProcessors) -> None:
        self._processors = processors
        self.kept: dict[bytes, KeptStatesOf] = defaultdict(KeptStatesOf)
        self._timers: list[tuple[Micros, bytes]] = []
        self._said: list[bytes] = []
        self._at, self._sent = 0, set[int]()
        #: Everything that was sent.
        self.taken: list[bytes] = []

    def beside(self) -> LocalEngine:
        """The same engine for another pipeline, which hears everything for itself."""
        other = copy.copy(self)
        other._at = 0
        return other

    def is_new(self, partition: int) -> bool:
        return partition not in self._sent

    def send(self, partition: int, records: Sequence[Sent]) -> None:
        self._sent.add(partition)
        for record in records:
            student = student_of(record.body)
            self.taken.append(record.body)
            self._note(student, self._processors.take(record.body, self.kept[student]))
            # As early as Flink may do it: others of the same batch have still to come.
            self._ring(record.now - MILLISECOND)
        self._ring(records[-1].now)

    def _ring(self, now: Micros) -> None:
        while self._timers and self._timers[0][0] <= now:
            at, student = heapq.heappop(self._timers)
            self._note(student, self._processors.ring(student, at, self.kept[student]))

    def listen(self, after: int) -> None:
        self._at = after + 1

    def hear(self, seconds: float) -> list[Heard]:
        heard = [Heard(offset, body) for offset, body in enumerate(self._said[self._at :], self._at)]
        self._at += len(heard)
        return heard

    def close(self) -> None:
        pass

    def _note(self, student: bytes, answer: EngineAnswer) -> None:
        if answer.alarm is not None:
            heapq.heappush(self._timers, (answer.alarm, student))
        if answer.said is not None:
            self._said.append(answer.said)
        if not self.kept[student]:
            del self.kept[student]


def engine_runner(
    processors: Sequence[Processor[Any]], sinks: Sequence[OutputSink], **more: Any
) -> EngineRunner:
    """A runner whose engine is in this process, and which hears at once what it says."""
    lateness = max(processor.lateness for processor in processors)
    engine = LocalEngine(StudentProcessors(processors, VALUES))
    runner = EngineRunner(engine, sinks, OutputReader(VALUES), lateness=lateness, alone=False, **more)
    runner.restore(0)
    return runner
