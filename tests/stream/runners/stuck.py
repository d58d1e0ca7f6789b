"""A processor that tests add: three wrong answers in a row, until one is right or nothing comes for an hour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from coursepulse.events.event import Event
from coursepulse.kit.clock import HOUR, Micros
from coursepulse.stream.processor import Output, happened, make_id
from tests.stream.runners.sinks import LATE


class Tries(msgspec.Struct, frozen=True, array_like=True):
    """The answers of one student to one question: when, which event, right or wrong.

    :param known_from: nothing is known of what was before
    """

    student: bytes
    answers: tuple[tuple[Micros, bytes, bool], ...] = ()
    known_from: Micros = 0


class Stuck:
    """Says how many answers in a row were wrong, if three or more, and how that ended."""

    name = "stuck"
    version = 1
    types = ("quiz_answer",)
    lateness = LATE
    state = Tries

    def key(self, event: Event) -> bytes | None:
        return event.student_id + event.question_id.encode()

    def on_event(self, state: Tries | None, event: Event) -> Tries:
        old = state or Tries(event.student_id)
        if happened(event) < old.known_from:
            return old
        mine = (happened(event), event.event_id, bool(event.correct))
        return msgspec.structs.replace(old, answers=tuple(sorted({*old.answers, mine})))

    def outputs(self, state: Tries, now: Micros) -> list[Output]:
        return [
            Output(make_id("stuck", state.student, row[0][0]), "stuck", row[-1][0] + HOUR, _tell(row, now))
            for row in _rows(state.answers)
            if sum(not right for _, _, right in row) >= 3
        ]

    def due(self, state: Tries, now: Micros) -> Micros:
        last = state.answers[-1][0]
        return min(at for at in (last + HOUR, last + HOUR + LATE) if at > now)

    def settle(self, state: Tries, horizon: Micros) -> Tries | None:
        """A row that is over is let go of as a whole."""
        rows = list(_rows(state.answers))
        gone = [row for row in rows if (row[-1][2] or row[-1][0] + HOUR <= horizon) and row[-1][0] < horizon]
        left = tuple(answer for row in rows if row not in gone for answer in row)
        from_here = max((row[-1][0] for row in gone), default=state.known_from - 1) + 1
        return Tries(state.student, left, from_here) if left else None


def _rows(answers: Iterable[tuple[Micros, bytes, bool]]) -> Iterator[list[tuple[Micros, bytes, bool]]]:
    """Answers up to a right one, or up to an hour without any."""
    row: list[tuple[Micros, bytes, bool]] = []
    for answer in answers:
        if row and answer[0] >= row[-1][0] + HOUR:
            yield row
            row = []
        row.append(answer)
        if answer[2]:
            yield row
            row = []
    if row:
        yield row


def _tell(row: list[tuple[Micros, bytes, bool]], now: Micros) -> str:
    if row[-1][2]:
        return "cleared"
    wrong = sum(not right for _, _, right in row)
    return "gave up" if row[-1][0] + HOUR <= now else f"{wrong} wrong"
