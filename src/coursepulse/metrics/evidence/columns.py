"""Columns of items that several proofs share."""

from __future__ import annotations

from coursepulse.metrics.metric import Column, Unit

DAY = Column("day", Unit.DATE, "Day", "UTC day")
LOCAL_DAY = Column("day", Unit.DATE, "Day", "day in the student's zone")
COURSE_ID = Column("course_id", Unit.ID, "Course", "the platform's id of the course", hidden=True)
COURSE = Column("title", Unit.TEXT, "Course", "title of the course, empty when unknown")
LESSON_ID = Column("lesson_id", Unit.ID, "Lesson", "the platform's id of the lesson", hidden=True)
VIDEO_ID = Column("video_id", Unit.ID, "Video", "the platform's id of the video", hidden=True)
WORK_ID = Column("assessment_id", Unit.ID, "Assessment", "the platform's id of the assessment", hidden=True)
TITLE = Column("title", Unit.TEXT, "Title", "title by the catalog, empty when unknown")
STUDENT_ID = Column("student_id", Unit.ID, "Student", "pseudonym", hidden=True)
NAME = Column("name", Unit.TEXT, "Name", "name by the roster, empty when unknown")
KEY = Column("item", Unit.ID, "Item", "what `item` has to say to open it", hidden=True)
FIRST = Column("first_at", Unit.MOMENT, "First event", "first event of the session that day in the course")
LAST = Column("last_at", Unit.MOMENT, "Last event", "last event of the same")
AT = Column("at", Unit.MOMENT, "At", "when it happened")
VIDEO_TIME = Column("time_video", Unit.SECONDS, "Video time", "time on task with video")
QUIZ_TIME = Column("time_quiz", Unit.SECONDS, "Quiz time", "time on task with quizzes and assignments")
READING_TIME = Column("time_reading", Unit.SECONDS, "Reading time", "every other time on task")
TIME = Column("time", Unit.SECONDS, "Counted", "time on task")
MICROS = Column(
    "micros", Unit.COUNT, "Microseconds", "the same in whole microseconds, which add up exactly", hidden=True
)
SCORE = Column("score_pct", Unit.PERCENT, "Score", "score in per cent, null without one")
COUNTS = Column("counts", Unit.FLAG, "Counts", "whether it counts")
