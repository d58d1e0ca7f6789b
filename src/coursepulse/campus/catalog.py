"""What the metrics must know about people and courses, as plain rows without names or addresses."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class StudentRow(NamedTuple):
    """One person by pseudonym (16 bytes)."""

    student_id: bytes
    time_zone: str
    is_staff: bool
    is_test: bool


class LessonRow(NamedTuple):
    """``place`` counts from 0 in the order of the course."""

    course_id: str
    lesson_id: str
    place: int


class VideoRow(NamedTuple):
    """``duration`` in seconds."""

    course_id: str
    video_id: str
    lesson_id: str
    duration: float


class AssessmentRow(NamedTuple):
    """``kind`` is quiz or assignment, ``pass_mark`` in per cent."""

    course_id: str
    assessment_id: str
    kind: str
    pass_mark: float
    due_at: datetime | None


class CampusCatalog(NamedTuple):
    """The whole catalog at one moment."""

    students: list[StudentRow]
    lessons: list[LessonRow]
    videos: list[VideoRow]
    assessments: list[AssessmentRow]
