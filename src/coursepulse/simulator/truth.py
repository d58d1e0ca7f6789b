"""What is true of a simulated campus and no event says: tests hold the product's answers against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from coursepulse.simulator.activities import FROM_ATTEMPT, FROM_LESSON
from coursepulse.simulator.learner import SimulatedLearner, hazard
from coursepulse.simulator.nudges import EFFECT, Nudge
from coursepulse.simulator.offering import Offering
from coursepulse.simulator.stories import EASED, STUCK, Outage
from coursepulse.simulator.wire import Millis


class TrueEnrolment(msgspec.Struct, frozen=True):
    """An enrolment.

    :param stops_after: lessons after which they give up unless the hard lesson stops them; beyond the last: never
    """

    course_id: str
    enrolled_at: datetime
    paid: bool
    stops_after: int


class TrueLearner(msgspec.Struct, frozen=True):
    """A student.

    :param ability: in logits, on the scale of the difficulty of questions
    :param strengths: by skill: what comes on top of ability
    :param hazard: the chance of giving up a course after its first lesson; after k lessons it is 6 / (k + 6) of that
    :param leaves_on: the day after which they do nothing more, if they drop out of everything
    """

    external_id: str
    persona: str
    country: str
    ability: float
    strengths: Mapping[str, float]
    hazard: float
    leaves_on: date | None
    enrolments: tuple[TrueEnrolment, ...]


class TrueQuestion(msgspec.Struct, frozen=True):
    """A question of a quiz; ``difficulty`` in logits."""

    assessment_id: str
    question_id: str
    skill: str
    difficulty: float


class TrueCourse(msgspec.Struct, frozen=True):
    """A course.

    :param hard_lesson: where those stop who would soon have given up
    :param stuck: the share of students whom it stops besides those, in a course that changes later
    :param changed_on: when it was made anew, and ``eased`` of those whom it would have stopped go on since
    :param closed_on: the day on which the course could not be reached
    """

    course_id: str
    price: int
    hard_lesson: str
    stuck: float
    changed_on: date | None
    eased: float | None
    closed_on: date | None
    questions: tuple[TrueQuestion, ...]


class TrueOutage(msgspec.Struct, frozen=True):
    """When no event left the platform."""

    begin: datetime
    end: datetime


class TrueMessage(msgspec.Struct, frozen=True):
    """A student on a list of those who had gone silent.

    :param drawn: the draw that decided who is written to first, or empty where the teacher chose
    :param listed_at: when the list was made
    :param written_at: when they were written to, if they were
    :param helped: whether the message brings them back if nothing else does
    """

    external_id: str
    course_id: str
    drawn: str
    listed_at: datetime
    written_at: datetime | None
    helped: bool


class Truth(msgspec.Struct, frozen=True):
    """The whole campus.

    :param effect: the share of those who would have stayed away whom a message brings back
    :param from_attempt: the gain in ability, in logits, of each further attempt at the same questions
    :param from_lesson: the gain of each completed lesson
    """

    begin: date
    effect: float
    from_attempt: float
    from_lesson: float
    outage: TrueOutage
    courses: tuple[TrueCourse, ...]
    learners: tuple[TrueLearner, ...]
    messages: tuple[TrueMessage, ...]


def tell_truth(
    begin: Millis,
    outage: Outage,
    offerings: Sequence[Offering],
    learners: Sequence[SimulatedLearner],
    nudges: Sequence[Nudge],
) -> Truth:
    """The truth about a campus that begins at ``begin``."""
    first = _moment(begin).date()
    return Truth(
        begin=first,
        effect=EFFECT,
        from_attempt=FROM_ATTEMPT,
        from_lesson=FROM_LESSON,
        outage=TrueOutage(_moment(outage.begin), _moment(outage.end)),
        courses=tuple(_tell_course(each, first) for each in offerings),
        learners=tuple(_tell_learner(each, offerings, first) for each in learners),
        messages=tuple(_tell_message(each) for each in nudges),
    )


def _tell_course(offering: Offering, first: date) -> TrueCourse:
    return TrueCourse(
        course_id=offering.course_id,
        price=offering.price,
        hard_lesson=offering.units[offering.hard].lesson_id,
        stuck=0.0 if offering.changed is None else STUCK,
        changed_on=_day(first, offering.changed),
        eased=None if offering.changed is None else EASED,
        closed_on=_day(first, offering.closed),
        questions=tuple(
            TrueQuestion(quiz.assessment_id, each.question_id, each.skill, each.difficulty)
            for quiz in offering.quizzes
            for each in quiz.questions
        ),
    )


def _tell_learner(learner: SimulatedLearner, offerings: Sequence[Offering], first: date) -> TrueLearner:
    return TrueLearner(
        external_id=learner.external_id,
        persona=learner.persona.name,
        country=learner.country,
        ability=learner.skill,
        strengths=learner.strengths,
        hazard=hazard(learner.persona),
        leaves_on=_day(first, learner.quits) if learner.quits < _NEVER else None,
        enrolments=tuple(
            TrueEnrolment(
                offerings[plan.offering].course_id, _moment(plan.enrolled), plan.paid, plan.patience
            )
            for plan in learner.plans
        ),
    )


def _tell_message(nudge: Nudge) -> TrueMessage:
    written = None if nudge.written is None else _moment(nudge.written)
    return TrueMessage(nudge.who, nudge.course_id, nudge.drawn, _moment(nudge.at), written, nudge.helped)


#: Days of the simulation that nobody lives to see.
_NEVER = 1_000_000


def _moment(at: Millis) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


def _day(first: date, day: int | None) -> date | None:
    return None if day is None else first + timedelta(days=day)
