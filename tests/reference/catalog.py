"""What the reference knows of courses; everything may be unknown."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import msgspec

from coursepulse.kit.clock import Micros
from tests.reference.playback import VideoKey

#: Per cent of the points that passes an assessment until the catalog says otherwise.
PASS_MARK = 60.0


class AssessmentKey(NamedTuple):
    """A quiz or assignment, named within its course."""

    course_id: str
    assessment_id: str


class CourseCatalog(msgspec.Struct, frozen=True, kw_only=True):
    """Facts about courses. An absent key means "not known yet", never zero.

    :param lessons: lesson ids of a course in their order
    :param durations: seconds of a video
    :param pass_marks: per cent of the points that passes an assessment
    :param due: when an assessment must be handed in
    :param ends: the last day of a course
    """

    lessons: dict[str, tuple[str, ...]] = {}
    durations: dict[VideoKey, float] = {}
    pass_marks: dict[AssessmentKey, float] = {}
    due: dict[AssessmentKey, Micros] = {}
    ends: dict[str, date] = {}


#: Nothing known.
NO_CATALOG = CourseCatalog()
