"""What only the runner inside the server has to show: little memory, and bugs that stay where they are."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from coursepulse.events.event import Event
from coursepulse.kit.clock import HOUR, MINUTE, SECOND, Micros
from coursepulse.stream.processor import Output
from coursepulse.stream.processors import video_progress
from coursepulse.stream.processors.video_progress import VideoProgress, VideoProgressing
from coursepulse.stream.runners.embedded import EmbeddedRunner
from tests.stream.runners.sinks import LATE, Table
from tests.stream.runners.stuck import Stuck, Tries
from tests.stream.runners.test_contract import NOON, event


def wrong(number: int, at: Micros, student: int = 1) -> Event:
    return event(number, "quiz_answer", at, student, correct=False, question_id="q")


def test_state_is_dropped_when_nothing_can_change_it_any_more() -> None:
    runner = EmbeddedRunner([Stuck()], [Table()])
    for student in range(1, 50):
        runner.process([wrong(student, NOON, student)])
    assert runner.active == {"stuck": 49}
    runner.tick(NOON + HOUR + LATE - 1)
    assert runner.active == {"stuck": 49}
    runner.tick(NOON + HOUR + LATE)
    assert runner.active == {"stuck": 0}


def test_a_key_has_one_alarm_however_many_events_it_has() -> None:
    runner = EmbeddedRunner([Stuck()], [Table()])
    for number in range(200):
        runner.process([wrong(number, NOON + number * SECOND)])
    [host] = runner._hosts
    assert len(host._alarms) == 1


def test_what_was_said_stays_when_the_state_is_let_go_of_and_the_key_goes_on() -> None:
    table = Table()
    runner = EmbeddedRunner([Stuck()], [table])
    runner.process([wrong(n, NOON + n * MINUTE) for n in range(3)])
    runner.tick(NOON + 5 * HOUR)
    runner.process([wrong(n, NOON + 5 * HOUR + n * MINUTE) for n in range(10, 13)])
    assert sorted(map(str, table.values())) == ["3 wrong", "gave up"]
    assert not any(changes.withdrawn for changes in table.calls)


def test_events_of_students_who_are_not_admitted_are_passed_over() -> None:
    table = Table()
    runner = EmbeddedRunner([Stuck()], [table], admits=lambda student: student[-1] == 2)
    runner.process([wrong(10 * student + n, NOON + n, student) for n in range(3) for student in (1, 2)])
    assert len(table.rows) == 1
    assert runner.active == {"stuck": 1}


class Buggy(Stuck):
    """Fails at one student."""

    name = "buggy"

    def on_event(self, state: Tries | None, event: Event) -> Tries:
        if event.student_id == (1).to_bytes(16) and event.event_id == (1).to_bytes(16):
            raise ZeroDivisionError
        return super().on_event(state, event)

    def outputs(self, state: Tries, now: Micros) -> list[Output]:
        return [one._replace(output_id=one.output_id[::-1]) for one in super().outputs(state, now)]


def test_a_bug_of_one_processor_costs_neither_its_other_keys_nor_other_processors() -> None:
    table = Table()
    runner = EmbeddedRunner([Buggy(), Stuck()], [table])
    runner.process([wrong(10 * student + n, NOON + n, student) for n in range(3) for student in (1, 2)])
    assert len(table.rows) == 4
    runner.process([wrong(1, NOON + MINUTE)])
    assert runner.active == {"buggy": 1, "stuck": 2}
    assert sorted(map(str, table.values())) == ["3 wrong", "3 wrong", "4 wrong"]


@pytest.mark.parametrize("size", [250, 2_000])
def test_a_burst_that_comes_backwards_costs_no_more_than_one_in_order(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    played, step = 0, video_progress._step

    def count(*given: Any) -> Any:
        nonlocal played
        played += 1
        return step(*given)

    monkeypatch.setattr(video_progress, "_step", count)
    burst = [event(n, "video_progress", NOON - n * SECOND // 10, position=60.0) for n in range(2_000)]
    burst = [replace(each, session_id=b"v" * 16, video_id="v1", received_at=NOON) for each in burst]
    runner = EmbeddedRunner([VideoProgressing()], [table := Table()])
    for first in range(0, len(burst), size):
        runner.process(burst[first : first + size])
    # Each moment once, and again what is kept of the newest: not all that is kept for each moment.
    assert played < 2 * len(burst)
    [told] = table.values()
    assert isinstance(told, VideoProgress)
    assert told.last_at == NOON
