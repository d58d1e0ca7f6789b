"""The promise of every runner: however the events come, the outputs are the same, under the same ids."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, Micros
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.log.positions import Position
from coursepulse.stream.processor import Changes, Processor, make_id
from coursepulse.stream.processors.quiz_scoring import QuizScoring
from coursepulse.stream.processors.sessions import LiveSessions
from coursepulse.stream.processors.video_progress import VideoProgressing
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.runners.memory import MemoryRunner
from coursepulse.stream.runners.port import Runner
from coursepulse.stream.snapshots import SnapshotFile
from tests.stream.runners.sinks import LATE, Table
from tests.stream.runners.stuck import Stuck
from tests.support.engine import engine_runner

NOON = 20_500 * DAY + DAY // 2
#: Long after everything: what is going on then has ended.
END = NOON + 30 * DAY

FEW = settings(
    max_examples=25, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate]
)

VIDEO = ["video_play", "video_pause", "video_seek"]

Making = Callable[..., Runner]


RUNNERS: tuple[Making, ...] = (MemoryRunner, EmbeddedRunner, engine_runner)


@pytest.fixture(params=RUNNERS)
def make(request: pytest.FixtureRequest) -> Making:
    """Each runner in turn."""
    made: Making = request.param
    return made


def late(processor: type[Processor[Any]]) -> Processor[Any]:
    """A processor that waits as long for late events as those of these tests."""
    patient: Processor[Any] = type(processor.__name__, (processor,), {"lateness": LATE})()
    return patient


PROCESSORS: Sequence[Processor[Any]] = (
    Stuck(), late(LiveSessions), late(VideoProgressing), late(QuizScoring)
)  # fmt: skip


def event(number: int, kind: str, at: Micros, student: int = 1, delay: Micros = 0, **more: Any) -> Event:
    made = Event(
        number.to_bytes(16), kind, at, student.to_bytes(16), bytes([student % 2 + 7] * 16), "maths",
        received_at=at + delay,
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


@st.composite
def arrivals(draw: st.DrawFn) -> list[Event]:
    """Events of two students in the order in which they happened, with gaps of seconds to days; each arrives up to
    half of the lateness later, and some clocks are ahead."""
    found: list[Event] = []
    at = NOON
    for number in range(draw(st.integers(1, 45))):
        at += draw(st.sampled_from([0, SECOND, 9 * MINUTE, 30 * MINUTE, 30 * MINUTE + 1, 5 * HOUR]))
        kind = draw(
            st.sampled_from(
                ["quiz_answer", "quiz_answer", "quiz_submit", "lesson_start", "session_end", *VIDEO]
            )
        )
        delay = draw(st.integers(-2 * MINUTE, LATE // 2))
        more = {"correct": draw(st.integers(0, 4)) == 0, "question_id": "q"} if kind == "quiz_answer" else {}
        more |= {"lesson_id": draw(st.sampled_from(["", "l1", "l2"]))}
        if kind.startswith("quiz"):
            more |= {
                "assessment_id": "quiz",
                "attempt": draw(st.integers(0 if kind == "quiz_submit" else 1, 2)),
            }
        if kind in VIDEO:
            places = st.sampled_from([None, 0.0, 20.0, 90.0])
            more |= {
                "video_id": "v1",
                "position": draw(places),
                "position_to": draw(places),
                "duration": 100.0,
            }
        found.append(event(number, kind, at, draw(st.integers(1, 2)), delay, **more))
    return found


def shuffle(events: list[Event], noise: random.Random, most: Micros) -> list[Event]:
    """In order of arrival, or up to ``most`` out of it."""
    keyed = [(one.received_at + noise.randint(0, most), number) for number, one in enumerate(events)]
    return [events[number] for _, number in sorted(keyed)]


def split(events: list[Event], noise: random.Random) -> list[list[Event]]:
    batches: list[list[Event]] = [[]]
    for one in events:
        if noise.random() < 0.4:
            batches.append([])
        batches[-1].append(one)
    return batches


def run(make: Making, batches: list[list[Event]], processors: Sequence[Processor[Any]] = PROCESSORS) -> Table:
    table = Table()
    runner = make(processors, [table])
    for batch in batches:
        runner.process(batch)
    runner.tick(END)
    return table


@FEW
@given(arrivals(), st.randoms(use_true_random=False))
def test_any_batches_order_and_duplicates_say_the_same(events: list[Event], noise: random.Random) -> None:
    expected = run(MemoryRunner, [events]).rows
    order = shuffle(events, noise, LATE // 2)
    again = [one for each in order for one in [each] * noise.choice([1, 1, 2])]
    for make in RUNNERS:
        assert run(make, [[one] for one in events]).rows == expected
        assert run(make, split(again, noise)).rows == expected


class Saving(EmbeddedRunner):
    """An embedded runner that saves its state after every batch."""

    def __init__(self, processors: Sequence[Processor[Any]], table: Table, path: Path) -> None:
        self.file = SnapshotFile(path, pause=0)
        super().__init__(processors, [table], file=self.file)

    def run(self, batches: list[list[Event]], noise: random.Random) -> None:
        """Process what is in no snapshot yet; what was processed last may be in none either."""
        begun = self.restore(0).offset
        for number, batch in enumerate(batches[begun:], begun + 1):
            self.process(batch)
            if noise.random() < 0.5:
                self.save(Position(0, number))
        self.file.close()


@FEW
@given(arrivals(), st.randoms(use_true_random=False))
def test_a_restart_goes_on_with_what_was_saved(events: list[Event], noise: random.Random) -> None:
    expected = run(MemoryRunner, [events]).rows
    batches = split(shuffle(events, noise, LATE // 2), noise)
    table = Table()
    # How often it is thrown depends on how fast files are written, which is nothing that Hypothesis may see.
    luck = random.Random(noise.randrange(1 << 30))
    with tempfile.TemporaryDirectory() as folder:
        for end in sorted(luck.choices(range(len(batches) + 1), k=3)):
            Saving(PROCESSORS, table, Path(folder, "states")).run(batches[:end], luck)
        last = Saving(PROCESSORS, table, Path(folder, "states"))
        last.run(batches, luck)
    last.reconcile()
    last.tick(END)
    assert table.rows == expected


@FEW
@given(arrivals(), st.randoms(use_true_random=False))
def test_a_restart_without_a_snapshot_says_the_same_again(events: list[Event], noise: random.Random) -> None:
    expected = run(MemoryRunner, [events], [Stuck()]).rows
    batches = split(shuffle(events, noise, LATE // 2), noise)
    for make in RUNNERS:
        table = Table()
        crashed = make([Stuck()], [table])
        for batch in batches[: noise.randrange(len(batches)) + 1]:
            crashed.process(batch)
        runner = make([Stuck()], [table])
        for batch in split([one for some in batches for one in some], noise):
            runner.process(batch)
        runner.reconcile()
        runner.tick(END)
        assert table.rows == expected


@FEW
@given(arrivals(), st.randoms(use_true_random=False))
def test_a_restart_in_other_batches_tells_an_empty_sink_the_same(
    events: list[Event], noise: random.Random
) -> None:
    order = shuffle(events, noise, LATE // 2)
    for make in RUNNERS:
        assert run(make, split(order, noise)).rows == run(make, split(order, noise)).rows


@FEW
@given(arrivals(), st.randoms(use_true_random=False))
def test_both_runners_say_the_same_at_every_moment(events: list[Event], noise: random.Random) -> None:
    shown = Table(), Table(), Table()
    runners = [make(PROCESSORS, [table]) for make, table in zip(RUNNERS, shown, strict=True)]
    for batch in split(shuffle(events, noise, LATE // 2), noise):
        for runner in runners:
            runner.process(batch)
        assert shown[0].rows == shown[1].rows == shown[2].rows


def test_a_processor_of_this_module_is_heard_without_touching_the_package(make: Making) -> None:
    table = Table()
    runner = make([Stuck()], [table])
    wrong = [event(n, "quiz_answer", NOON + n * SECOND, correct=False, question_id="q") for n in range(4)]
    runner.process(wrong[:2])
    assert table.rows == {}
    runner.process(wrong[2:])
    [said] = table.rows.values()
    assert (said.output_id, said.value) == (make_id("stuck", wrong[0].student_id, NOON), "4 wrong")
    runner.process([event(9, "quiz_answer", NOON + MINUTE, correct=True, question_id="q")])
    assert table.values() == ["cleared"]


def test_a_late_event_corrects_what_was_said(make: Making) -> None:
    table = Table()
    runner = make([Stuck()], [table])
    wrong = [event(n, "quiz_answer", NOON + n * MINUTE, correct=False, question_id="q") for n in range(3)]
    runner.process(wrong)
    assert table.values() == ["3 wrong"]
    right = event(9, "quiz_answer", NOON + MINUTE + 1, delay=5 * MINUTE, correct=True, question_id="q")
    runner.process([right])
    assert table.rows == {}


def test_what_a_restart_does_not_confirm_is_withdrawn_once_it_has_caught_up(make: Making) -> None:
    table = Table()
    wrong = [event(n, "quiz_answer", NOON + n * MINUTE, correct=False, question_id="q") for n in range(3)]
    right = event(9, "quiz_answer", NOON + MINUTE + 1, delay=5 * MINUTE, correct=True, question_id="q")
    make([Stuck()], [table]).process(wrong)
    runner = make([Stuck()], [table])
    runner.process([*wrong, right])
    assert table.values() == ["3 wrong"]
    runner.reconcile()
    assert table.rows == {}


def test_time_goes_on_without_events_and_a_backlog_is_no_silence(make: Making) -> None:
    table = Table()
    runner = make([Stuck()], [table])
    wrong = [event(n, "quiz_answer", NOON + n * MINUTE, correct=False, question_id="q") for n in range(3)]
    for one in wrong:
        runner.process([one])  # as late as ever: the clock on the wall is not asked
    assert table.values() == ["3 wrong"]
    runner.tick(NOON + 2 * MINUTE + HOUR - 1)
    assert table.values() == ["3 wrong"]
    runner.tick(NOON + 2 * MINUTE + HOUR)
    assert table.values() == ["gave up"]


def test_what_arrives_beyond_the_lateness_changes_nothing(make: Making) -> None:
    table = Table()
    runner = make([Stuck()], [table])
    runner.process([event(1, "video_play", NOON + LATE + MINUTE)])
    runner.process([event(n, "quiz_answer", NOON, correct=False, question_id="q") for n in range(2, 6)])
    assert table.rows == {}


def test_forgetting_a_student_withdraws_what_was_said_and_nothing_else(make: Making) -> None:
    table = Table()
    runner = make(PROCESSORS, [table])
    for student in (1, 2):
        runner.process(
            [
                event(10 * student + n, "quiz_answer", NOON, student, correct=False, question_id="q")
                for n in range(3)
            ]
        )
    other = make_id("stuck", (2).to_bytes(16), NOON)
    assert [row.kind for row in table.rows.values()].count("stuck") == 2
    # An engine counts what it was told: of an attempt that is not handed in, nothing.
    assert runner.forget((1).to_bytes(16)) == (2 if make is engine_runner else 3)
    assert other in table.rows
    assert all(
        getattr(row.value, "student_id", (2).to_bytes(16)) == (2).to_bytes(16) for row in table.rows.values()
    )
    assert len(table.rows) == 2
    assert runner.forget((1).to_bytes(16)) == 0


class Away(Table):
    """Does not take the first changes."""

    def apply(self, changes: Changes) -> None:
        if not self.calls:
            self.calls.append(changes)
            raise StoreUnavailable("away")
        super().apply(changes)


def test_what_the_sink_did_not_take_is_told_again(make: Making) -> None:
    table = Away()
    runner = make([Stuck()], [table])
    wrong = [event(n, "quiz_answer", NOON, correct=False, question_id="q") for n in range(3)]
    with pytest.raises(StoreUnavailable):
        runner.process(wrong)
    runner.process(wrong)
    assert table.values() == ["3 wrong"]


def test_the_same_changes_are_not_told_twice(make: Making) -> None:
    table = Table()
    runner = make([Stuck()], [table])
    wrong = [event(n, "quiz_answer", NOON, correct=False, question_id="q") for n in range(3)]
    runner.process(wrong)
    told = sum(len(changes.put) for changes in table.calls)
    runner.process(wrong)
    runner.tick(NOON + 1)
    assert sum(len(changes.put) for changes in table.calls) == told == 1


@FEW
@given(arrivals(), st.randoms(use_true_random=False))
def test_what_is_renewed_is_as_if_nothing_else_had_come(events: list[Event], noise: random.Random) -> None:
    order = shuffle(events, noise, 0)
    taken_back = {
        one.event_id for one in order if one.student_id == (1).to_bytes(16) and noise.random() < 0.3
    }
    left = [one for one in order if one.event_id not in taken_back]
    for make in RUNNERS:
        table, expected = Table(), Table()
        runner, other = make(PROCESSORS, [table]), make(PROCESSORS, [expected])
        for one in order:
            runner.process([one])
        for one in left:
            other.process([one])
        now = max(one.received_at for one in order)
        other.tick(now)
        runner.renew((1).to_bytes(16), [one for one in left if one.student_id == (1).to_bytes(16)])
        assert {key: row for key, row in table.rows.items() if row.until >= now} == {
            key: row for key, row in expected.rows.items() if row.until >= now
        }


def test_renewing_takes_back_what_rests_on_a_withdrawn_event_and_keeps_the_rest(make: Making) -> None:
    table = Table()
    runner = make([Stuck()], [table])
    wrong = [event(n, "quiz_answer", NOON + n * MINUTE, correct=False, question_id="q") for n in range(4)]
    runner.process(wrong)
    assert table.values() == ["4 wrong"]
    runner.renew((1).to_bytes(16), wrong[1:])
    assert table.values() == ["3 wrong"]
    runner.renew((1).to_bytes(16), wrong[2:])
    assert table.values() == []
    runner.process([event(9, "quiz_answer", NOON + 5 * MINUTE, correct=False, question_id="q")])
    assert table.values() == ["3 wrong"]
