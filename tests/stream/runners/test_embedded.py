"""What only the runner inside the server has to show: little memory, and bugs that stay where they are."""

from __future__ import annotations

from coursepulse.events.event import Event
from coursepulse.kit.clock import HOUR, MINUTE, SECOND, Micros
from coursepulse.stream.processor import Output
from coursepulse.stream.processors.sessions import LiveSessions
from coursepulse.stream.runners.embedded import EmbeddedRunner
from tests.stream.runners.sinks import Table
from tests.stream.runners.test_contract import LATE, NOON, Stuck, event


def test_state_is_dropped_when_nothing_can_change_it_any_more() -> None:
    runner = EmbeddedRunner([LiveSessions(), Stuck()], Table(), lateness=LATE)
    for student in range(1, 50):
        runner.process([event(student, "video_play", NOON, student)])
    assert runner.active == 49
    runner.tick(NOON + HOUR)
    assert runner.active == 0


def test_a_long_session_does_not_keep_all_its_events() -> None:
    table = Table()
    runner = EmbeddedRunner([LiveSessions()], table, lateness=LATE)
    for number in range(1000):
        runner.process([event(number, "video_play", NOON + number * MINUTE)])
    [host] = runner._hosts
    [keyed] = host._keys.values()
    assert len(keyed.recent) < 60
    assert len(table.rows) == 1


def test_a_key_has_one_alarm_however_many_events_it_has() -> None:
    runner = EmbeddedRunner([LiveSessions()], Table(), lateness=LATE)
    for number in range(200):
        runner.process([event(number, "video_play", NOON + number * SECOND)])
    [host] = runner._hosts
    assert len(host._alarms) == 1


def test_what_was_said_stays_when_its_events_are_let_go_of_and_the_key_goes_on() -> None:
    table = Table()
    runner = EmbeddedRunner([LiveSessions()], table, lateness=LATE)
    steps = 25 * 3
    for number in range(steps):
        runner.process([event(number, "video_play", NOON + number * 20 * MINUTE)])
    now = NOON + (steps - 1) * 20 * MINUTE + LATE + MINUTE
    runner.tick(now)  # no late event can come before, but the session is still open
    runner.process([event(999, "video_play", now)])
    assert len(table.rows) == 2
    assert not any(changes.withdrawn for changes in table.calls)


def test_a_student_is_forgotten_though_the_events_are_let_go_of() -> None:
    table = Table()
    runner = EmbeddedRunner([LiveSessions()], table, lateness=LATE)
    runner.process([event(1, "video_play", NOON)])
    runner.tick(NOON + LATE + MINUTE)
    [host] = runner._hosts
    assert [keyed.recent for keyed in host._keys.values()] == [[]]
    assert runner.forget((1).to_bytes(16)) == 1
    assert table.rows == {}


class Buggy(Stuck):
    """Fails at one student."""

    name = "buggy"

    def on_event(self, state: object, event: Event) -> tuple[None, list[Output]]:
        if event.student_id == (1).to_bytes(16):
            raise ZeroDivisionError
        return None, [Output(event.event_id, "seen", event.student_id)]

    def due(self, state: object) -> Micros:
        raise NotImplementedError


def test_a_bug_of_one_processor_costs_neither_its_other_keys_nor_other_processors() -> None:
    table = Table()
    runner = EmbeddedRunner([Buggy(), LiveSessions()], table, lateness=LATE)
    runner.process(
        [event(n, "quiz_answer", NOON + n * SECOND, n, correct=False, question_id="q") for n in (1, 2)]
    )
    assert sorted(row.kind for row in table.rows.values()) == ["seen", "session", "session"]
