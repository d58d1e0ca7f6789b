"""The tables of the warehouse as declarations. The writer, the reference and the dbt sources all walk this list."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

#: Grows when a column changes its meaning or goes; readers look for it in the manifest.
FORMAT = 1


class Kind(StrEnum):
    """What a column holds. Ids of people, sessions and events are keyed hashes that exist in the warehouse alone."""

    LEARNER = "learner"
    SESSION = "session"
    EVENT = "event"
    TEXT = "text"
    TEXTS = "list of texts"
    DAY = "date"
    MOMENT = "timestamp"
    COUNT = "integer"
    NUMBER = "number"
    FLAG = "true or false"
    MONEY = "decimal(19, 4)"


#: Columns of these kinds are hidden on the way out.
HIDDEN = (Kind.LEARNER, Kind.SESSION, Kind.EVENT)


class Grain(StrEnum):
    """How much one file holds: a busy table has one a day, a sparse one a month, and a list of what holds now one."""

    DAY = "day"
    MONTH = "month"
    WHOLE = "whole"


class WarehouseColumn(NamedTuple):
    """A column of a file.

    :param needed: never null
    """

    name: str
    kind: Kind
    what: str
    needed: bool = False


class WarehouseTable(NamedTuple):
    """A table, and the columns of all its files.

    :param key: columns that tell its rows apart
    :param order: columns that its rows are sorted by; none is an id of the product, whose order would say who is who
    """

    name: str
    grain: Grain
    what: str
    columns: tuple[WarehouseColumn, ...]
    key: tuple[str, ...]
    order: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The columns in their order."""
        return [column.name for column in self.columns]

    def folder(self, part: str) -> str:
        """Where the files of a part are."""
        return self.name if self.grain is Grain.WHOLE else f"{self.name}/partition_{self.grain}={part}"


_DAY = WarehouseColumn("day", Kind.DAY, "UTC day", needed=True)
_LEARNER = WarehouseColumn("learner", Kind.LEARNER, "who; the same in every table", needed=True)
_COURSE = WarehouseColumn("course_id", Kind.TEXT, "the platform's id of the course", needed=True)
_COURSE_OR_NONE = WarehouseColumn(
    "course_id", Kind.TEXT, "the platform's id of the course; null outside any course"
)
_TIME = (
    WarehouseColumn("time_video_s", Kind.NUMBER, "time on task with videos, seconds", needed=True),
    WarehouseColumn("time_quiz_s", Kind.NUMBER, "time on task with quizzes, seconds", needed=True),
    WarehouseColumn("time_reading_s", Kind.NUMBER, "time on task with anything else, seconds", needed=True),
)
_ACTS = (
    WarehouseColumn("forum_posts", Kind.COUNT, "threads begun", needed=True),
    WarehouseColumn("forum_replies", Kind.COUNT, "replies written", needed=True),
    WarehouseColumn("forum_views", Kind.COUNT, "threads read", needed=True),
    WarehouseColumn("live_joins", Kind.COUNT, "live classes joined", needed=True),
    WarehouseColumn("interactive_attempts", Kind.COUNT, "attempts at exercises", needed=True),
)

EVENTS = WarehouseTable(
    "events",
    Grain.DAY,
    "Every stored event, for as long as the server keeps raw events. Network addresses, texts that people wrote, ids "
    "of threads and payloads of the platform's own event types are not exported.",
    (
        WarehouseColumn("event", Kind.EVENT, "the event", needed=True),
        WarehouseColumn("happened_at", Kind.MOMENT, "when it happened", needed=True),
        WarehouseColumn("event_type", Kind.TEXT, "as the list of event types has it", needed=True),
        _LEARNER,
        WarehouseColumn("session", Kind.SESSION, "the session; null without one"),
        _COURSE_OR_NONE,
        WarehouseColumn("lesson_id", Kind.TEXT, "the lesson"),
        WarehouseColumn("video_id", Kind.TEXT, "the video"),
        WarehouseColumn("assessment_id", Kind.TEXT, "the quiz or assignment"),
        WarehouseColumn("question_id", Kind.TEXT, "the question"),
        WarehouseColumn("answer_id", Kind.TEXT, "the choice of an answer"),
        WarehouseColumn("attempt", Kind.COUNT, "number of the attempt; null where the event names none"),
        WarehouseColumn("score_pct", Kind.NUMBER, "per cent of the maximum"),
        WarehouseColumn("passed", Kind.FLAG, "whether it was passed, if the platform says so"),
        WarehouseColumn("correct", Kind.FLAG, "whether the answer was right"),
        WarehouseColumn("position_s", Kind.NUMBER, "seconds of the video; for a seek, where it left"),
        WarehouseColumn("position_to_s", Kind.NUMBER, "seconds of the video where a seek landed"),
        WarehouseColumn("duration_s", Kind.NUMBER, "seconds of the video, as the player says"),
        WarehouseColumn("rate", Kind.NUMBER, "playback rate"),
        WarehouseColumn("live_session_id", Kind.TEXT, "the live class"),
        WarehouseColumn("interactive_id", Kind.TEXT, "the exercise"),
        WarehouseColumn("amount", Kind.MONEY, "of a payment or a refund, in its currency"),
        WarehouseColumn("currency", Kind.TEXT, "ISO 4217"),
        WarehouseColumn("device_type", Kind.TEXT, "kind of device"),
        WarehouseColumn("os", Kind.TEXT, "operating system"),
        WarehouseColumn("browser", Kind.TEXT, "browser"),
        WarehouseColumn("country", Kind.TEXT, "ISO 3166-1 alpha-2"),
    ),
    key=("event", "happened_at"),
    order=("happened_at", "event"),
)

LEARNER_DAYS = WarehouseTable(
    "learner_days",
    Grain.DAY,
    "What a learner did in a course on a UTC day. Days outlive their raw events.",
    (
        _DAY,
        _LEARNER,
        _COURSE_OR_NONE,
        WarehouseColumn("first_at", Kind.MOMENT, "first event", needed=True),
        WarehouseColumn("last_at", Kind.MOMENT, "last event", needed=True),
        WarehouseColumn("events", Kind.COUNT, "events", needed=True),
        WarehouseColumn("learning_events", Kind.COUNT, "of those, learning events", needed=True),
        WarehouseColumn("clicks", Kind.COUNT, "clicks that events report", needed=True),
        WarehouseColumn("sessions", Kind.COUNT, "sessions begun", needed=True),
        WarehouseColumn("session_s", Kind.NUMBER, "length of those sessions, seconds", needed=True),
        *_TIME,
        WarehouseColumn("lessons_started", Kind.COUNT, "lessons started", needed=True),
        WarehouseColumn("lessons_completed", Kind.COUNT, "lessons completed", needed=True),
        WarehouseColumn("videos_watched", Kind.COUNT, "videos played", needed=True),
        WarehouseColumn("quiz_attempts", Kind.COUNT, "attempts at quizzes begun", needed=True),
        WarehouseColumn("submissions", Kind.COUNT, "assignments handed in", needed=True),
        *_ACTS,
    ),
    key=("day", "learner", "course_id"),
    order=("learner", "course_id"),
)

COURSE_DAYS = WarehouseTable(
    "course_days",
    Grain.MONTH,
    "The same added up over the learners of a course.",
    (
        _DAY,
        _COURSE,
        WarehouseColumn("active_learners", Kind.COUNT, "learners with a learning event", needed=True),
        WarehouseColumn("events", Kind.COUNT, "events", needed=True),
        WarehouseColumn("learning_events", Kind.COUNT, "of those, learning events", needed=True),
        WarehouseColumn("sessions", Kind.COUNT, "sessions begun", needed=True),
        *_TIME,
        WarehouseColumn("lessons_completed", Kind.COUNT, "lessons completed", needed=True),
        WarehouseColumn("videos_watched", Kind.COUNT, "videos played, once for each learner", needed=True),
        WarehouseColumn("quiz_attempts", Kind.COUNT, "attempts at quizzes begun", needed=True),
        WarehouseColumn("submissions", Kind.COUNT, "assignments handed in", needed=True),
        *_ACTS,
    ),
    key=("day", "course_id"),
    order=("day", "course_id"),
)

RESULTS = WarehouseTable(
    "results",
    Grain.MONTH,
    "Each result of a quiz and each grade of an assignment, as reported. Which of several results counts, the "
    "definitions say.",
    (
        WarehouseColumn("result", Kind.EVENT, "the event that reported it", needed=True),
        _DAY,
        WarehouseColumn("reported_at", Kind.MOMENT, "when it was reported", needed=True),
        _LEARNER,
        _COURSE_OR_NONE,
        WarehouseColumn("assessment_id", Kind.TEXT, "the quiz or assignment", needed=True),
        WarehouseColumn("kind", Kind.TEXT, "quiz or assignment", needed=True),
        WarehouseColumn("attempt", Kind.COUNT, "number of the attempt; 0 for a regrade", needed=True),
        WarehouseColumn("score_pct", Kind.NUMBER, "per cent of the maximum"),
        WarehouseColumn("passed", Kind.FLAG, "whether it was passed, if the platform says so"),
    ),
    key=("result", "reported_at"),
    order=("reported_at", "result"),
)

ENROLMENTS = WarehouseTable(
    "enrolments",
    Grain.WHOLE,
    "Who is or was in which course, and how far they had come at the end of the last exported day.",
    (
        _COURSE,
        _LEARNER,
        WarehouseColumn(
            "enrolled_at", Kind.MOMENT, "first enrolment; null for somebody who only learned there"
        ),
        WarehouseColumn("joined_at", Kind.MOMENT, "enrolment, or else the first learning event"),
        WarehouseColumn("gone", Kind.FLAG, "whether they have left the course", needed=True),
        WarehouseColumn("declared_complete_at", Kind.MOMENT, "when the platform said that it is completed"),
        WarehouseColumn("completion_pct", Kind.NUMBER, "lessons completed, per cent; null without a catalog"),
        WarehouseColumn("lessons_completed", Kind.COUNT, "lessons of the course completed", needed=True),
        WarehouseColumn("lessons", Kind.COUNT, "lessons of the course", needed=True),
        WarehouseColumn("time_s", Kind.NUMBER, "time on task, seconds", needed=True),
        WarehouseColumn("sessions", Kind.COUNT, "sessions", needed=True),
        WarehouseColumn("days_active", Kind.COUNT, "days with a learning event", needed=True),
        WarehouseColumn("last_activity_at", Kind.MOMENT, "last learning event"),
        WarehouseColumn("score_pct", Kind.NUMBER, "mean of the best score of each assessment"),
        WarehouseColumn("watched_pct", Kind.NUMBER, "mean watched per cent of the videos played"),
    ),
    key=("course_id", "learner"),
    order=("course_id", "learner"),
)

COURSES = WarehouseTable(
    "courses",
    Grain.WHOLE,
    "Every course of the catalog, and those that only events have named.",
    (
        _COURSE,
        WarehouseColumn("title", Kind.TEXT, "its title"),
        WarehouseColumn("starts_on", Kind.DAY, "first day"),
        WarehouseColumn("ends_on", Kind.DAY, "last day"),
    ),
    key=("course_id",),
    order=("course_id",),
)

LESSONS = WarehouseTable(
    "lessons",
    Grain.WHOLE,
    "The lessons of the catalog.",
    (
        _COURSE,
        WarehouseColumn("lesson_id", Kind.TEXT, "the lesson", needed=True),
        WarehouseColumn("title", Kind.TEXT, "its title"),
        WarehouseColumn("place", Kind.COUNT, "rank in the course, from 1", needed=True),
        WarehouseColumn("skills", Kind.TEXTS, "what it teaches", needed=True),
    ),
    key=("course_id", "lesson_id"),
    order=("course_id", "place", "lesson_id"),
)

VIDEOS = WarehouseTable(
    "videos",
    Grain.WHOLE,
    "The videos of the catalog.",
    (
        _COURSE,
        WarehouseColumn("video_id", Kind.TEXT, "the video", needed=True),
        WarehouseColumn("lesson_id", Kind.TEXT, "the lesson that it belongs to"),
        WarehouseColumn("title", Kind.TEXT, "its title"),
        WarehouseColumn("duration_s", Kind.NUMBER, "its length in seconds"),
    ),
    key=("course_id", "video_id"),
    order=("course_id", "video_id"),
)

ASSESSMENTS = WarehouseTable(
    "assessments",
    Grain.WHOLE,
    "The quizzes and assignments of the catalog.",
    (
        _COURSE,
        WarehouseColumn("assessment_id", Kind.TEXT, "the quiz or assignment", needed=True),
        WarehouseColumn("title", Kind.TEXT, "its title"),
        WarehouseColumn("kind", Kind.TEXT, "quiz or assignment", needed=True),
        WarehouseColumn("pass_mark", Kind.NUMBER, "per cent of the maximum score", needed=True),
        WarehouseColumn("due_at", Kind.MOMENT, "when it is due"),
        WarehouseColumn("skills", Kind.TEXTS, "what it tests", needed=True),
    ),
    key=("course_id", "assessment_id"),
    order=("course_id", "assessment_id"),
)

TABLES = (
    EVENTS, LEARNER_DAYS, COURSE_DAYS, RESULTS, ENROLMENTS, COURSES, LESSONS, VIDEOS, ASSESSMENTS,
)  # fmt: skip

#: Those that are made of the days of learners.
OF_DAYS = (LEARNER_DAYS, COURSE_DAYS, RESULTS)


def fingerprint() -> str:
    """Another text whenever a declaration changes what files hold: then all of them are written anew."""
    shape = [
        (table.name, table.grain, table.order, [column[:2] for column in table.columns]) for table in TABLES
    ]
    return sha256(repr((FORMAT, shape)).encode()).hexdigest()[:12]
