"""The score of an attempt at a quiz: while it runs, when it is handed in, and again when something comes late."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from coursepulse.events.event import Event
from coursepulse.events.payloads import REGRADE
from coursepulse.events.taxonomy import names
from coursepulse.kit.clock import HOUR, Micros
from coursepulse.stream.processor import LATENESS, Output, happened, make_id
from coursepulse.stream.runs import add_run

ATTEMPT = "attempt"

#: An attempt is let go of when nothing was heard of it for so long; what comes then is scored by itself.
REST: Micros = 2 * HOUR

#: Of an assessment the newest attempts are kept, and of an attempt the questions whose ids come first. Both choose the
#: same ones whatever came first, and no quiz that people take reaches them.
MOST_ATTEMPTS, MOST_QUESTIONS = 8, 300

#: Of answers at one moment: nobody knows whether it was right, it was wrong, it was right.
_RIGHT = {None: 0, False: 1, True: 2}


class QuizScore(msgspec.Struct, frozen=True, gc=False):
    """One attempt as far as it is known.

    :param answered: questions with an answer
    :param correct: questions whose newest answer is right
    :param first_try_correct: questions whose first answer with a known result was right
    :param score: per cent; the platform's if it was handed in with one, else the share of right questions
    :param passed: as the platform says
    :param regraded: staff have set this result
    """

    student_id: bytes
    course_id: str
    assessment_id: str
    attempt: int
    started_at: Micros
    last_at: Micros
    answered: int
    correct: int
    first_try_correct: int
    score: float | None
    passed: bool | None = None
    handed_in_at: Micros | None = None
    regraded: bool = False


class Answers(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is known of one question.

    :param first: moment and :data:`_RIGHT` of the first answer with a known result
    :param last: the same of the newest answer
    """

    first: tuple[Micros, int] | None
    last: tuple[Micros, int]


class Result(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """A result; of several the greatest holds. At one moment the better one does, as in the definition."""

    at: Micros
    score: float = -1.0
    told: bool = False
    passed: bool = False


class QuizTry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One attempt. All its parts are the least or the greatest of what events say, so their order makes no difference.

    :param handed_in: the newest result, with or without a score
    :param scored: the newest result with a score
    :param judged: the newest result that has a score, or says whether it is passed
    """

    began_at: Micros
    last_at: Micros
    questions: dict[str, Answers] = {}
    handed_in: Result | None = None
    scored: Result | None = None
    judged: Result | None = None


class QuizSitting(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Attempts at an assessment without a long silence in between.

    :param regrade: the newest result that stands for all attempts before it
    """

    began_at: Micros
    last_at: Micros
    tries: dict[int, QuizTry] = {}
    regrade: Result | None = None


class QuizSittings(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The sittings of one student with one assessment, which lie more than :data:`REST` apart."""

    student_id: bytes
    course_id: str
    assessment_id: str
    sittings: tuple[QuizSitting, ...]


class QuizScoring:
    """Scores attempts as they happen, by the rules of "Quizzes" in the definitions."""

    name, version = "quiz_scoring", 1
    types = frozenset(names(category="quiz"))
    state = QuizSittings
    lateness: Micros = LATENESS

    def key(self, event: Event) -> bytes | None:
        if not event.assessment_id:
            return None
        return event.student_id + _name(event.course_id, event.assessment_id)

    def on_event(self, state: QuizSittings | None, event: Event) -> QuizSittings:
        sittings = () if state is None else state.sittings
        added = add_run(sittings, _read(event), REST, _join)
        return QuizSittings(event.student_id, event.course_id, event.assessment_id, added)

    def outputs(self, state: QuizSittings, now: Micros) -> list[Output]:  # noqa: ARG002 - time alone changes nothing
        return [output for sitting in state.sittings for output in _say(state, sitting)]

    def due(self, state: QuizSittings, now: Micros) -> Micros:
        moments = (each.last_at + REST + self.lateness + 1 for each in state.sittings)
        return min((moment for moment in moments if moment > now), default=now + 1)

    def settle(self, state: QuizSittings, horizon: Micros) -> QuizSittings | None:
        kept = tuple(each for each in state.sittings if each.last_at + REST >= horizon)
        if not kept:
            return None
        return state if len(kept) == len(state.sittings) else msgspec.structs.replace(state, sittings=kept)


def _name(course: str, assessment: str) -> bytes:
    return f"{course}\0{assessment}".encode()


def _read(event: Event) -> QuizSitting:
    """The sitting that an event is alone."""
    at = happened(event)
    if event.attempt == REGRADE:
        return QuizSitting(at, at, regrade=_result(event, at))
    made = QuizTry(at, at)
    if event.event_type == "quiz_submit":
        result = _result(event, at)
        scored = result if result.score >= 0 else None
        made = QuizTry(at, at, {}, result, scored, result if scored or result.told else None)
    elif event.event_type == "quiz_answer" and event.question_id:
        answer = at, _RIGHT[event.correct]
        made = QuizTry(at, at, {event.question_id: Answers(answer if answer[1] else None, answer)})
    return QuizSitting(at, at, {event.attempt: made})


def _result(event: Event, at: Micros) -> Result:
    score = -1.0 if event.score is None else event.score
    return Result(at, score, event.passed is not None, bool(event.passed))


def _join(one: QuizSitting, other: QuizSitting) -> QuizSitting:
    tries = dict(one.tries)
    for number, attempt in other.tries.items():
        tries[number] = _join_tries(tries[number], attempt) if number in tries else attempt
    while len(tries) > MOST_ATTEMPTS:
        del tries[min(tries)]
    return QuizSitting(
        min(one.began_at, other.began_at),
        max(one.last_at, other.last_at),
        tries,
        _newer(one.regrade, other.regrade),
    )


def _join_tries(one: QuizTry, other: QuizTry) -> QuizTry:
    questions = dict(one.questions)
    for name, answers in other.questions.items():
        questions[name] = _join_answers(questions[name], answers) if name in questions else answers
    while len(questions) > MOST_QUESTIONS:
        del questions[max(questions)]
    return QuizTry(
        min(one.began_at, other.began_at),
        max(one.last_at, other.last_at),
        questions,
        _newer(one.handed_in, other.handed_in),
        _newer(one.scored, other.scored),
        _newer(one.judged, other.judged),
    )


def _join_answers(one: Answers, other: Answers) -> Answers:
    firsts = [first for first in (one.first, other.first) if first]
    return Answers(min(firsts, default=None), max(one.last, other.last))


def _newer(one: Result | None, other: Result | None) -> Result | None:
    return other if one is None or (other is not None and one < other) else one


def _say(state: QuizSittings, sitting: QuizSitting) -> Iterator[Output]:
    until, named = sitting.last_at + REST, _name(state.course_id, state.assessment_id)
    for number, attempt in sorted(sitting.tries.items()):
        output_id = make_id(ATTEMPT, state.student_id, named, number, sitting.began_at)
        yield Output(output_id, ATTEMPT, until, _score(state, sitting, number, attempt))


def _score(state: QuizSittings, sitting: QuizSitting, number: int, attempt: QuizTry) -> QuizScore:
    answers = attempt.questions.values()
    correct = sum(each.last[1] == _RIGHT[True] for each in answers)
    score, passed, regraded = _outcome(attempt, sitting.regrade)
    if score is None and answers and not regraded:
        score = 100.0 * correct / len(answers)
    return QuizScore(
        state.student_id,
        state.course_id,
        state.assessment_id,
        number,
        attempt.began_at,
        attempt.last_at,
        len(answers),
        correct,
        sum(each.first is not None and each.first[1] == _RIGHT[True] for each in answers),
        score,
        passed,
        attempt.handed_in.at if attempt.handed_in else None,
        regraded,
    )


def _outcome(attempt: QuizTry, regrade: Result | None) -> tuple[float | None, bool | None, bool]:
    """Score, whether it is passed, and whether staff said so: a regrade replaces what was handed in before it."""
    since = -1 if regrade is None else regrade.at
    if attempt.handed_in is None:
        return None, None, False
    if regrade is not None and attempt.handed_in.at <= since:
        return None if regrade.score < 0 else regrade.score, regrade.passed if regrade.told else None, True
    scored, judged = attempt.scored, attempt.judged
    return (
        scored.score if scored is not None and scored.at > since else None,
        judged.passed if judged is not None and judged.told and judged.at > since else None,
        False,
    )
