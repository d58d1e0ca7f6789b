"""Scores as they happen, against the definition of a result."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coursepulse.events.event import Event
from coursepulse.events.payloads import REGRADE
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, Micros
from coursepulse.stream.processors.quiz_scoring import MOST_QUESTIONS, REST, QuizScore, QuizScoring
from tests.reference.attempts import find_results
from tests.reference.order import in_order
from tests.stream.processors.replay import replay

NOON = 20_500 * DAY + DAY // 2
ANN = b"a" * 16


def event(number: int, at: Micros, kind: str, **more: Any) -> Event:
    made = Event(number.to_bytes(16), kind, at, ANN, b"v" * 16, "maths", assessment_id="quiz", received_at=at)
    return msgspec.structs.replace(made, **more)


def answer(number: int, at: Micros, question: str, correct: bool | None, **more: Any) -> Event:
    return event(number, at, "quiz_answer", question_id=question, correct=correct, **more)


def score(*events: Event) -> QuizScore:
    [scored] = replay(QuizScoring(), [[one] for one in events]).values()
    assert isinstance(scored, QuizScore)
    return scored


RUNNING = (
    event(1, NOON, "quiz_start"),
    answer(2, NOON + SECOND, "q1", correct=True),
    answer(3, NOON + 2 * SECOND, "q2", correct=False),
    answer(4, NOON + 3 * SECOND, "q2", correct=True),
    answer(5, NOON + 4 * SECOND, "q3", correct=False),
)
SUBMIT = event(6, NOON + MINUTE, "quiz_submit", score=70.0, passed=True)


def test_the_score_runs_with_the_answers() -> None:
    assert score(RUNNING[0]).score is None
    running = score(*RUNNING)
    assert (running.answered, running.correct, running.first_try_correct) == (3, 2, 1)
    assert running.score is not None
    assert round(running.score, 6) == round(200 / 3, 6)
    assert (running.started_at, running.handed_in_at, running.passed) == (NOON, None, None)


def test_what_is_handed_in_is_scored_by_the_platform() -> None:
    final = score(*RUNNING, SUBMIT)
    assert (final.score, final.passed, final.handed_in_at) == (70.0, True, NOON + MINUTE)
    assert (final.answered, final.correct, final.regraded) == (3, 2, False)


def test_a_late_answer_scores_an_attempt_again_that_the_platform_did_not() -> None:
    silent = event(6, NOON + MINUTE, "quiz_submit")
    late = answer(9, NOON + 30 * SECOND, "q3", correct=True, received_at=NOON + 5 * MINUTE)
    assert score(*RUNNING, silent).score != 100.0
    again = score(*RUNNING, silent, late)
    assert (again.score, again.correct, again.handed_in_at) == (100.0, 3, NOON + MINUTE)
    assert score(*RUNNING, SUBMIT, late).score == 70.0


def test_a_late_first_answer_decides_the_first_try() -> None:
    late = answer(9, NOON + 1, "q1", correct=False, received_at=NOON + 5 * MINUTE)
    assert score(*RUNNING).first_try_correct == 1
    assert score(*RUNNING, late).first_try_correct == 0
    unknown = answer(9, NOON + 1, "q1", correct=None, received_at=NOON + 5 * MINUTE)
    assert score(*RUNNING, unknown).first_try_correct == 1


def test_a_regrade_stands_for_what_was_handed_in_before_it() -> None:
    regrade = event(7, NOON + 2 * MINUTE, "quiz_submit", score=90.0, attempt=REGRADE)
    again = score(*RUNNING, SUBMIT, regrade)
    assert (again.score, again.passed, again.regraded) == (90.0, None, True)
    assert not score(*RUNNING, regrade).regraded
    taken_away = msgspec.structs.replace(regrade, score=None)
    assert (score(*RUNNING, SUBMIT, taken_away).score, score(*RUNNING, SUBMIT).score) == (None, 70.0)


def test_each_attempt_has_a_score_of_its_own() -> None:
    second = [answer(20, NOON + 2 * MINUTE, "q1", correct=True, attempt=2)]
    made = replay(QuizScoring(), [[*RUNNING, SUBMIT], second]).values()
    assert [(each.attempt, each.score) for each in made] == [(1, 70.0), (2, 100.0)]


def test_an_attempt_is_let_go_of_after_a_rest_and_begins_anew() -> None:
    kept = replay(QuizScoring(), [RUNNING], NOON + REST)
    assert len(kept.states) == 1
    over = replay(QuizScoring(), [RUNNING], NOON + REST + 11 * MINUTE)
    assert over.states == {}
    again = [answer(9, NOON + 3 * HOUR, "q1", correct=True)]
    assert [each.answered for each in replay(QuizScoring(), [RUNNING, again]).values()] == [3, 1]


def test_nothing_is_scored_without_a_quiz() -> None:
    assert QuizScoring().key(event(1, NOON, "quiz_submit", assessment_id="")) is None


def test_a_burst_of_answers_keeps_the_state_small() -> None:
    burst = [
        answer(n, NOON + n, f"q{n % 900}", correct=n % 3 == 0, attempt=1 + n % 12) for n in range(20_000)
    ]
    made = replay(QuizScoring(), [burst[start : start + 5_000] for start in range(0, 20_000, 5_000)])
    assert len(made.values()) >= 8
    assert all(each.answered <= MOST_QUESTIONS for each in made.values())
    assert all(len(state) < 100_000 for state in made.states.values())


STEP = st.tuples(
    st.sampled_from([0, SECOND, MINUTE, 5 * MINUTE]),
    st.sampled_from(["quiz_start", "quiz_answer", "quiz_answer", "quiz_submit"]),
    st.integers(0, 2),
    st.sampled_from(["q1", "q2"]),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, 0.0, 50.0, 80.0]),
)


@st.composite
def attempts(draw: st.DrawFn) -> list[Event]:
    at, made = NOON, list[Event]()
    for gap, kind, attempt, question, right, points in draw(st.lists(STEP, min_size=1, max_size=20)):
        at += gap
        submits = kind == "quiz_submit"
        more: dict[str, Any] = {"attempt": attempt if submits else max(1, attempt)}
        if kind == "quiz_answer":
            more |= {"question_id": question, "correct": right}
        if submits:
            more |= {"score": points, "passed": right}
        made.append(event(len(made), at, kind, **more))
    return made


FEW = settings(
    max_examples=100, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate]
)


@FEW
@given(attempts())
def test_results_are_those_of_the_definition(events: list[Event]) -> None:
    told = {
        each.attempt: (each.score, each.passed)
        for each in replay(QuizScoring(), [[one] for one in events]).values()
        if each.handed_in_at is not None and not each.regraded and each.answered == 0
    }
    answered = {each.attempt for each in events if each.event_type == "quiz_answer"}
    results = {each.attempt: each for each in find_results(in_order(events), "quiz_submit")}
    regrade = results.pop(REGRADE, None)
    expected = {
        number: (each.score, each.passed) for number, each in results.items() if number not in answered
    }
    assert told == expected
    regraded = [each for each in replay(QuizScoring(), [events]).values() if each.regraded]
    assert all(
        (each.score, each.passed) == (regrade and (regrade.score, regrade.passed)) for each in regraded
    )


@FEW
@given(attempts(), st.randoms(use_true_random=False))
def test_any_order_says_the_same(events: list[Event], noise: random.Random) -> None:
    one_by_one = replay(QuizScoring(), [[one] for one in events]).rows
    keyed = [(one.at + noise.randint(0, 4 * MINUTE), number) for number, one in enumerate(events)]
    shaken = [events[number] for _, number in sorted(keyed)]
    assert replay(QuizScoring(), [[one, one] for one in shaken]).rows == one_by_one
    assert replay(QuizScoring(), [shaken]).rows == one_by_one
