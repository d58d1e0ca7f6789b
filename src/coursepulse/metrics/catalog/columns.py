"""Columns that several metrics share, so that one name means one thing everywhere."""

from __future__ import annotations

from coursepulse.metrics.metric import Column, Unit

STUDENT_ID = Column("student_id", Unit.ID, "pseudonym")
NAME = Column("name", Unit.TEXT, "name by the roster, empty when unknown")
COURSE_ID = Column("course_id", Unit.ID, "the platform's id of the course")
COURSE_TITLE = Column("title", Unit.TEXT, "title of the course, empty when unknown")
LESSON_ID = Column("lesson_id", Unit.ID, "the platform's id of the lesson")
VIDEO_ID = Column("video_id", Unit.ID, "the platform's id of the video")
ASSESSMENT_ID = Column("assessment_id", Unit.ID, "the platform's id of the assessment")
TITLE = Column("title", Unit.TEXT, "title by the catalog, empty when unknown")
KIND = Column("kind", Unit.TEXT, "quiz or assignment")
DAY = Column("day", Unit.DATE, "UTC day")
ENROLLED_AT = Column(
    "enrolled_at", Unit.MOMENT, "first enrolment, by the roster where it says so; null when none was told"
)
COMPLETION = Column(
    "completion_pct",
    Unit.PERCENT,
    "lessons completed to date, of all lessons of the course; null until the catalog knows them",
)
LESSONS_COMPLETED = Column("lessons_completed", Unit.COUNT, "distinct lessons completed to date")
TOTAL_LESSONS = Column(
    "total_lessons", Unit.COUNT, "lessons of the course; those seen so far until the catalog knows them"
)
SCORE = Column("score_pct", Unit.PERCENT, "mean over quizzes and assignments of the best result, to date")
WATCHED = Column("watched_pct", Unit.PERCENT, "mean watched % of the videos played, to date")
TIME = Column("time_spent", Unit.SECONDS, "time on task in the period")
TIME_TO_DATE = Column("time_to_date", Unit.SECONDS, "time on task to date")
SESSIONS = Column("sessions", Unit.COUNT, "visits begun in the period")
DAYS_ACTIVE = Column("days_active", Unit.COUNT, "UTC days of the period with a learning event")
LAST_ACTIVITY = Column("last_activity_at", Unit.MOMENT, "last learning event to date")
ACTIVE_LEARNERS = Column("active_learners", Unit.COUNT, "learners with a learning event in the period")
RISK_SCORE = Column("risk_score", Unit.SCORE, "sum of the points of the reasons, at the end of the period")
RISK_BUCKET = Column(
    "bucket",
    Unit.TEXT,
    "struggling, on_track, excelling, not_enough_information, completed or course_over, at the end of the period",
)
MISSED = Column(
    "missed", Unit.COUNT, "due dates that at least half of the class has met, passed with nothing handed in"
)
REASONS = Column("reasons", Unit.LIST, "pairs of a reason and its points")
ENGAGEMENT_SCORE = Column(
    "engagement_score", Unit.SCORE, "mean percentile rank in the week of the last day of the period"
)
BAND = Column("band", Unit.TEXT, "low, normal or high")
VIDEO_SECONDS = Column("duration", Unit.SECONDS, "length of the video, null when unknown")
REWATCH = Column("rewatch_pct", Unit.PERCENT, "seconds covered at least twice, of the seconds covered")
EVENTS = Column("events", Unit.COUNT, "events of every type but x_…")
