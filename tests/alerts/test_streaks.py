"""Rules about streaks: what raises an alert, what clears it, and that the order of arrival makes no difference."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coursepulse.alerts.alert import Alert, AlertNames
from coursepulse.alerts.facts import AssessmentFacts
from coursepulse.alerts.rule import EventStreak, Rule
from coursepulse.alerts.streak_rules import FAILED_SUBMITS, REWOUND_PASSAGE, STREAK_RULES, STUCK_ON_SKILL
from coursepulse.alerts.streaks import COUNTED, MOST, StreakProcessor
from coursepulse.dashboards.alert_words import alert_reason
from coursepulse.events.event import Event
from coursepulse.events.payloads import REGRADE
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, Micros
from coursepulse.kit.ids import to_text
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.runners.memory import MemoryRunner
from tests.alerts import made
from tests.stream.runners.sinks import LATE, Table

NOON = 20_500 * DAY + DAY // 2
END = NOON + 30 * DAY
RUNNERS = (MemoryRunner, EmbeddedRunner)

FEW = settings(
    max_examples=25, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate]
)


def assessment(course: str, key: str) -> AssessmentFacts:
    return AssessmentFacts("algebra" if key.startswith("q") else "", 50.0)


def processor(rule: Rule, values: Mapping[str, float] | None = None) -> StreakProcessor:
    """The processor of a rule, with the lateness that the tables of these tests go by."""
    assert isinstance(rule.condition, EventStreak)
    patient = rule._replace(condition=rule.condition._replace(lateness=LATE))
    return StreakProcessor(patient, assessment, lambda _: {**rule.defaults(), **(values or {})})


def event(number: int, kind: str, at: Micros, **more: Any) -> Event:
    made = Event(number.to_bytes(16), kind, NOON + at, bytes([1]) * 16, bytes([7]) * 16, "maths")
    return msgspec.structs.replace(made, received_at=NOON + at, **more)


def fail(number: int, at: Micros, quiz: str = "q1", **more: Any) -> Event:
    return event(number, "quiz_submit", at, assessment_id=quiz, score=20.0, **more)


def answer(number: int, at: Micros, quiz: str = "q1", *, right: bool = False) -> Event:
    return event(number, "quiz_answer", at, assessment_id=quiz, correct=right)


def rewind(number: int, at: Micros, to: float = 130.0, video: str = "v1") -> Event:
    return event(number, "video_seek", at, video_id=video, position=to + 20, position_to=to)


class Watcher:
    """A runner with one rule, and what it says."""

    def __init__(
        self, rule: Rule, values: Mapping[str, float] | None = None, make: Any = EmbeddedRunner
    ) -> None:
        self.table = Table()
        self.runner = make([processor(rule, values)], [self.table])

    def take(self, *events: Event) -> list[Alert]:
        self.runner.process(events)
        return self.alerts()

    def at(self, moment: Micros) -> list[Alert]:
        self.runner.tick(NOON + moment)
        return self.alerts()

    def alerts(self) -> list[Alert]:
        found = [value for value in self.table.values() if isinstance(value, Alert)]
        return sorted(found, key=lambda alert: alert.raised_at)

    def open(self) -> list[str]:
        return [alert.item for alert in self.alerts() if alert.cleared_at is None]


def test_three_failed_submits_raise_one_alert_that_a_pass_clears() -> None:
    watcher = Watcher(FAILED_SUBMITS)
    assert watcher.take(fail(1, 0), fail(2, HOUR)) == []
    (raised,) = watcher.take(fail(3, 2 * HOUR))
    assert (raised.item, raised.raised_at, raised.cleared_at) == ("q1", NOON + 2 * HOUR, None)
    assert raised.evidence == tuple(to_text(number.to_bytes(16)) for number in (1, 2, 3))
    (updated,) = watcher.take(fail(4, 3 * HOUR))
    assert (updated.alert_id, updated.values) == (raised.alert_id, {"times": 4})
    (cleared,) = watcher.take(event(5, "quiz_submit", 4 * HOUR, assessment_id="q1", passed=True))
    assert (cleared.alert_id, cleared.cleared_at) == (raised.alert_id, NOON + 4 * HOUR)


def test_failed_submits_of_different_quizzes_are_no_streak() -> None:
    assert Watcher(FAILED_SUBMITS).take(fail(1, 0), fail(2, 1, "q2"), fail(3, 2, "q3")) == []


def test_a_pass_in_between_starts_the_count_again() -> None:
    passed = event(9, "quiz_submit", 2, assessment_id="q1", score=50.0)
    assert Watcher(FAILED_SUBMITS).take(fail(1, 0), fail(2, 1), passed, fail(3, 3), fail(4, 4)) == []


def test_an_assignment_counts_by_its_grades() -> None:
    watcher = Watcher(FAILED_SUBMITS)
    handed_in = [event(n, "assignment_submit", n, assessment_id="a", score=10.0) for n in range(1, 4)]
    assert watcher.take(*handed_in) == []
    graded = [event(n, "assignment_graded", n, assessment_id="a", score=10.0) for n in range(11, 14)]
    assert len(watcher.take(*graded)) == 1


def test_what_staff_look_at_again_has_not_failed_again() -> None:
    watcher = Watcher(FAILED_SUBMITS)
    regrades = [fail(n, n, attempt=REGRADE) for n in range(11, 14)]
    assert watcher.take(fail(1, 0), fail(2, 1), *regrades) == []
    assert len(watcher.take(fail(3, 20))) == 1
    # A regrade that passes is a pass.
    (alert,) = watcher.take(event(14, "quiz_submit", 30, assessment_id="q1", score=90.0, attempt=REGRADE))
    assert alert.cleared_at == NOON + 30


def offline(made: Event, late: Micros) -> Event:
    """The same event from a device that had no connection for so long."""
    return msgspec.structs.replace(made, received_at=made.at + late)


@pytest.mark.parametrize("late", [0, 15 * MINUTE, 23 * HOUR])
def test_submits_count_and_passes_clear_when_they_come_late(late: Micros) -> None:
    """With the lateness that the rule declares, and with the time of others going on meanwhile."""
    table = Table()
    own = StreakProcessor(FAILED_SUBMITS, assessment, lambda _: FAILED_SUBMITS.defaults())
    runner = EmbeddedRunner([own], [table])
    runner.tick(NOON + late)
    runner.process([offline(fail(n, n * MINUTE), late) for n in range(1, 4)])
    (alert,) = _alerts_of(table)
    assert (alert.raised_at, alert.cleared_at) == (NOON + 3 * MINUTE, None)
    passed = event(9, "quiz_submit", 5 * MINUTE, assessment_id="q1", score=90.0)
    runner.process([offline(passed, late)])
    (alert,) = _alerts_of(table)
    assert alert.cleared_at == NOON + 5 * MINUTE


def _alerts_of(table: Table) -> list[Alert]:
    return [output.value for output in table.rows.values() if isinstance(output.value, Alert)]


def test_a_submit_that_says_nothing_about_the_result_counts_for_nothing() -> None:
    silent = [event(n, "quiz_submit", n, assessment_id="q1") for n in range(1, 9)]
    assert Watcher(FAILED_SUBMITS).take(*silent) == []


def test_an_alert_ends_by_itself_when_nothing_more_goes_wrong() -> None:
    watcher = Watcher(FAILED_SUBMITS)
    watcher.take(fail(1, 0), fail(2, 1), fail(3, 2))
    assert watcher.at(72 * HOUR)[0].cleared_at is None
    assert watcher.at(72 * HOUR + 3)[0].cleared_at == NOON + 72 * HOUR + 2


def test_wrong_answers_to_different_quizzes_of_one_skill_are_one_alert() -> None:
    watcher = Watcher(STUCK_ON_SKILL)
    (raised,) = watcher.take(*(answer(n, n * MINUTE, f"q{n}") for n in range(1, 6)))
    assert raised.item == "algebra"
    (cleared,) = watcher.take(answer(9, 6 * MINUTE, "q9", right=True))
    assert cleared.cleared_at == NOON + 6 * MINUTE


def test_without_a_skill_the_assessment_counts() -> None:
    watcher = Watcher(STUCK_ON_SKILL)
    watcher.take(
        *(answer(n, n * MINUTE, "x1") for n in range(1, 6)), *(answer(10 + n, n, "x2") for n in range(4))
    )
    assert watcher.open() == ["x1"]


def test_wrong_answers_far_apart_are_no_streak() -> None:
    assert Watcher(STUCK_ON_SKILL).take(*(answer(n, n * 8 * MINUTE) for n in range(1, 9))) == []


def test_one_passage_rewound_again_and_again() -> None:
    watcher = Watcher(REWOUND_PASSAGE)
    (raised,) = watcher.take(*(rewind(n, n * SECOND, 125.0 + n) for n in range(1, 5)))
    assert (raised.item, raised.values["video"], raised.values["position"]) == ("v1@120", "v1", 120)
    near = event(8, "video_pause", 20 * SECOND, video_id="v1", position=200.0)
    assert watcher.take(near)[0].cleared_at is None
    beyond = event(9, "video_pause", 30 * SECOND, video_id="v1", position=240.0)
    assert watcher.take(beyond)[0].cleared_at == NOON + 30 * SECOND


def test_rewinds_to_different_passages_are_no_streak() -> None:
    assert Watcher(REWOUND_PASSAGE).take(*(rewind(n, n * SECOND, 60.0 * n) for n in range(1, 9))) == []


def test_what_comes_back_soon_opens_the_old_alert_again_and_later_a_new_one() -> None:
    watcher = Watcher(STUCK_ON_SKILL)
    (first,) = watcher.take(*(answer(n, n) for n in range(5)), answer(9, MINUTE, right=True))
    (again,) = watcher.take(*(answer(10 + n, 2 * MINUTE + n) for n in range(6)))
    # A right answer came between: in a row are those since.
    assert (again.alert_id, again.cleared_at, again.values) == (first.alert_id, None, {"times": 6})
    watcher.take(answer(20, 3 * MINUTE, right=True))
    both = watcher.take(*(answer(30 + n, 2 * HOUR + n) for n in range(5)))
    assert [alert.cleared_at for alert in both] == [NOON + 3 * MINUTE, None]
    assert len({alert.alert_id for alert in both}) == 2


def test_what_goes_on_after_a_pause_is_still_in_a_row() -> None:
    watcher = Watcher(STUCK_ON_SKILL)
    (first,) = watcher.take(*(answer(n, n) for n in range(5)))
    (over,) = watcher.at(31 * MINUTE)
    assert over.cleared_at is not None
    (again,) = watcher.take(*(answer(10 + n, 40 * MINUTE + n) for n in range(5)))
    assert (again.alert_id, again.cleared_at, again.values) == (first.alert_id, None, {"times": 10})


def test_a_late_event_takes_an_alert_back() -> None:
    watcher = Watcher(STUCK_ON_SKILL)
    assert len(watcher.take(*(answer(n, n * MINUTE) for n in range(5)))) == 1
    late = msgspec.structs.replace(answer(9, 2 * MINUTE + 1, right=True), received_at=NOON + 6 * MINUTE)
    assert watcher.take(late) == []


def test_a_course_sets_its_own_numbers() -> None:
    assert len(Watcher(FAILED_SUBMITS, {"submits": 2}).take(fail(1, 0), fail(2, 1))) == 1
    assert Watcher(FAILED_SUBMITS, {"within": 1}).take(fail(1, 0), fail(2, HOUR), fail(3, 2 * HOUR)) == []


def test_a_burst_of_one_student_stays_small_and_one_alert() -> None:
    rule = processor(STUCK_ON_SKILL)
    state = None
    for number in range(5_000):
        state = rule.on_event(state, answer(number, number * SECOND // 10))
    assert state is not None
    assert len(state.signs) == 2 * MOST
    assert len(msgspec.msgpack.encode(state)) < 4_096
    watcher = Watcher(STUCK_ON_SKILL)
    for number in range(2_000):
        watcher.take(answer(number, number * SECOND))
    (alert,) = watcher.alerts()
    assert (alert.raised_at, alert.values["times"]) == (NOON + 4 * SECOND, COUNTED)
    assert watcher.open() == ["algebra"]
    said = alert_reason(alert, AlertNames(student="Ann", item="Algebra"))
    assert said == "Ann has given 50 or more wrong answers in a row on “Algebra”."
    exact = alert_reason(msgspec.structs.replace(alert, values={"times": 49}), AlertNames("Ann"))
    assert "given 49 wrong answers" in exact


def test_a_student_at_rest_costs_nothing() -> None:
    watcher = Watcher(STUCK_ON_SKILL)
    watcher.take(*(answer(n, n) for n in range(5)), answer(9, MINUTE, right=True))
    assert watcher.runner.active == {"stuck_on_skill": 1}
    watcher.at(3 * HOUR)
    assert watcher.runner.active == {"stuck_on_skill": 0}


def test_each_rule_needs_a_streak() -> None:
    with pytest.raises(TypeError, match="quiet is not a rule about a streak"):
        StreakProcessor(made.rule(), assessment, lambda _: {})


PROCESSORS = [
    processor(FAILED_SUBMITS, {"within": 1}),
    processor(STUCK_ON_SKILL, {"answers": 2}),
    processor(REWOUND_PASSAGE, {"rewinds": 2}),
]


@st.composite
def arrivals(draw: st.DrawFn) -> list[Event]:
    """What a student does with gaps of seconds to hours; each event arrives up to half of the lateness later."""
    found: list[Event] = []
    at = 0
    for number in range(draw(st.integers(1, 40))):
        at += draw(
            st.sampled_from([0, SECOND, SECOND, SECOND, 9 * MINUTE, 31 * MINUTE, 61 * MINUTE, 30 * HOUR])
        )
        good = draw(st.integers(0, 5)) == 0
        place = draw(st.sampled_from([5.0, 150.0, 400.0]))
        one = draw(
            st.sampled_from(
                [
                    fail(number, at, passed=good),
                    answer(number, at, draw(st.sampled_from(["q1", "x1"])), right=good),
                    rewind(number, at, draw(st.sampled_from([10.0, 70.0]))),
                    event(
                        number,
                        "video_pause",
                        at,
                        video_id="v1",
                        position=place,
                    ),
                ]
            )
        )
        found.append(msgspec.structs.replace(one, received_at=one.at + draw(st.integers(0, LATE // 2))))
    return found


def run(make: Any, batches: Sequence[Sequence[Event]]) -> Table:
    table = Table()
    runner = make(PROCESSORS, [table])
    for batch in batches:
        runner.process(batch)
    runner.tick(END)
    return table


@FEW
@given(arrivals(), st.randoms(use_true_random=False))
def test_any_order_batches_and_duplicates_raise_the_same(events: list[Event], noise: random.Random) -> None:
    expected = run(MemoryRunner, [events]).rows
    late = sorted(events, key=lambda one: one.received_at + noise.randint(0, LATE // 2))
    again = [one for each in late for one in [each] * noise.choice([1, 1, 2])]
    for make in RUNNERS:
        assert run(make, [[one] for one in events]).rows == expected
        assert run(make, [[one] for one in again]).rows == expected


def test_the_arrivals_of_this_module_raise_alerts_of_every_rule() -> None:
    """What never happens proves nothing about the order in which it happens."""
    raised: set[str] = set()

    @FEW
    @given(arrivals())
    def note(events: list[Event]) -> None:
        raised.update(
            row.value.rule
            for row in run(MemoryRunner, [events]).rows.values()
            if isinstance(row.value, Alert)
        )

    note()
    assert raised == {rule.name for rule in STREAK_RULES}
