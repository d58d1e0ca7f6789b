"""What conditions look at. Values only: who gathers them is elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias


class LearnerFacts(NamedTuple):
    """A student in a course."""

    course_id: str
    student_id: bytes


class CourseFacts(NamedTuple):
    """A course."""

    course_id: str


class PlatformFacts(NamedTuple):
    """The platform as a whole."""


class AssessmentFacts(NamedTuple):
    """What the catalog says of an assessment.

    :param skill: the first of the skills that it trains, or empty
    :param pass_mark: per cent of the maximum score
    """

    skill: str = ""
    pass_mark: float = 60.0


#: What the catalog says: ``assessment(course_id, assessment_id)``.
AssessmentOf: TypeAlias = Callable[[str, str], AssessmentFacts]
