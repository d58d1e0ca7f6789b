"""What conditions look at. Values only; readers gather them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from coursepulse.definitions.risk import Risk, RiskInputs
from coursepulse.kit.clock import Micros

#: Weeks of seven UTC days, the last of which is today's, that are known of a learner and of a class.
WEEKS = 5


class Overdue(NamedTuple):
    """Work whose due date has passed with nothing handed in.

    :param due_at: a due date that counts: see ``has_met`` of ``definitions/risk.py``
    """

    assessment_id: str
    due_at: Micros


class Classmates(NamedTuple):
    """Everybody who is in the course and agreed to analytics.

    :param active: how many learned in the last seven days
    :param weeks: seconds that all of them learned in each of the last weeks, the newest first
    """

    learners: int
    active: int
    weeks: tuple[float, ...]


class LearnerFacts(NamedTuple):
    """A student in a course. Who has left it, or did not agree to analytics, has none.

    :param last_learned_at: None before any learning event
    :param weeks: seconds learned in each of the last weeks, the newest first
    """

    course_id: str
    student_id: bytes
    now: Micros
    joined_at: Micros
    last_learned_at: Micros | None
    inputs: RiskInputs
    risk: Risk
    overdue: tuple[Overdue, ...]
    weeks: tuple[float, ...]
    classmates: Classmates


class LessonStop(NamedTuple):
    """A lesson, and who goes no further.

    :param began: learners who began it, also those who have left the course since
    :param stopped: those of them who did not complete it, began no later lesson, and have left or fallen silent
    """

    lesson_id: str
    began: int
    stopped: int


class QuestionAnswers(NamedTuple):
    """A question of a quiz.

    :param answered: learners with an answer that came with a verdict
    :param right: those of them with a right one, at whatever attempt
    """

    assessment_id: str
    question_id: str
    answered: int
    right: int


class CourseFacts(NamedTuple):
    """A course.

    :param over: its last day has passed
    :param usual: by hour of the week (0 is Monday 00:00 UTC), learners in that hour of each of the last weeks; the
        smallest of these numbers
    :param heard_at: when an event of the course was last taken in; None if none ever was
    :param finished: learners who completed the course in the present week, which began at ``week_at``
    """

    course_id: str
    now: Micros
    over: bool
    lessons: tuple[LessonStop, ...]
    questions: tuple[QuestionAnswers, ...]
    usual: Mapping[int, int]
    heard_at: Micros | None
    finished: int
    week_at: Micros


class PlatformFacts(NamedTuple):
    """The platform as a whole.

    :param stores: what is wrong with each store, empty if nothing is
    :param refused: dead letters of the last quarter of an hour
    :param usually_refused: dead letters of a quarter of an hour, on the average of the day before that
    :param behind: age of the oldest event that is acknowledged and not yet in the numbers
    :param drifted: what the model of risk looks at, or predicts, and is no longer as it was in its training
    """

    now: Micros
    stores: Mapping[str, str]
    refused: int
    usually_refused: float
    behind: Micros
    drifted: int = 0


class AssessmentFacts(NamedTuple):
    """What the catalog says of an assessment.

    :param skill: the first of the skills that it trains, or empty
    :param pass_mark: per cent of the maximum score
    """

    skill: str = ""
    pass_mark: float = 60.0


#: What the catalog says: ``assessment(course_id, assessment_id)``.
AssessmentOf: TypeAlias = Callable[[str, str], AssessmentFacts]
