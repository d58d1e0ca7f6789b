"""Courses and their parts, in the order in which they are taught."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from coursepulse.campus.dates import check_dates
from coursepulse.campus.verdicts import RowFault, Trouble
from coursepulse.events.event import Id, OptionalId

Title = Annotated[str, Meta(max_length=300)]

#: Where something is on the learning platform. Only web addresses: a page makes a link of it.
Url = Annotated[str, Meta(max_length=2000, pattern=r"^(https?://[^\s/]+\S*)?\Z")]


class AssessmentKind(StrEnum):
    """Whether an assessment is a quiz or an assignment."""

    QUIZ = "quiz"
    ASSIGNMENT = "assignment"


class _CoursePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a course."""


class Lesson(_CoursePart, frozen=True, kw_only=True):
    """One lesson; its position is its place in the list.

    :param url: its address on the platform, to which suggestions lead
    :param skills: what it teaches, by the platform's ids or names
    """

    lesson_id: Id
    title: Title = ""
    url: Url = ""
    skills: tuple[Id, ...] = ()


class Video(_CoursePart, frozen=True, kw_only=True):
    """One video. ``duration_s`` is what coverage is measured against."""

    video_id: Id
    lesson_id: OptionalId = ""
    title: Title = ""
    duration_s: Annotated[float, Meta(gt=0, le=360_000)]


class Assessment(_CoursePart, frozen=True, kw_only=True):
    """One quiz or assignment. ``pass_mark`` is a percentage.

    :param url: its address on the platform, to which suggestions lead
    :param skills: what it tests, by the platform's ids or names
    """

    assessment_id: Id
    title: Title = ""
    url: Url = ""
    kind: AssessmentKind = AssessmentKind.QUIZ
    pass_mark: Annotated[float, Meta(ge=0, le=100)] = 60.0
    due_at: Annotated[datetime, Meta(tz=True)] | None = None
    skills: tuple[Id, ...] = ()


class CourseChange(_CoursePart, frozen=True, kw_only=True):
    """A day on which a lesson was made anew: those who come to it later are set against those who came before.

    :param title: what changed
    """

    changed_on: date
    lesson_id: Id
    title: Title = ""


class Course(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One presentation of a course. Without ``ends_on``, its last day, it is self-paced.

    :param url: its address on the platform, to which suggestions lead where a part of it has none
    :param instructors: the platform's ids of those who teach it for as long as it runs; shorthand for rows of
        :class:`~coursepulse.campus.enrolments.Teaching`
    """

    course_id: Id
    title: Title = ""
    url: Url = ""
    starts_on: date | None = None
    ends_on: date | None = None
    lessons: tuple[Lesson, ...] = ()
    videos: tuple[Video, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    changes: tuple[CourseChange, ...] = ()
    instructors: tuple[Id, ...] = ()


def check_course(course: Course) -> Iterator[Trouble]:
    """Checks of a course that types cannot express."""
    yield from check_dates("course", course.starts_on, course.ends_on)
    lessons = [lesson.lesson_id for lesson in course.lessons]
    yield from _check_unique("lessons", "lesson_id", lessons)
    yield from _check_unique("videos", "video_id", (video.video_id for video in course.videos))
    yield from _check_unique(
        "assessments", "assessment_id", (work.assessment_id for work in course.assessments)
    )
    yield from _check_lessons("videos", course.videos, set(lessons))
    yield from _check_lessons("changes", course.changes, set(lessons))
    days = (f"{each.changed_on} {each.lesson_id}" for each in course.changes)
    yield from _check_unique("changes", "changed_on", days)


def _check_unique(part: str, field: str, ids: Iterable[str]) -> Iterator[Trouble]:
    seen: set[str] = set()
    for place, identifier in enumerate(ids):
        if identifier in seen:
            sentence = f"`{identifier}` occurs twice in `{part}`; ids are unique within a course."
            yield Trouble(RowFault.DUPLICATE_ID, f"$.{part}[{place}].{field}", sentence)
        seen.add(identifier)


def _check_lessons(name: str, parts: Iterable[Video | CourseChange], lessons: set[str]) -> Iterator[Trouble]:
    for place, part in enumerate(parts):
        if part.lesson_id and part.lesson_id not in lessons:
            sentence = (
                f"`{part.lesson_id}` is not a lesson of this course; name one of `lessons`, or leave it out."
            )
            yield Trouble(RowFault.UNKNOWN_LESSON, f"$.{name}[{place}].lesson_id", sentence)
