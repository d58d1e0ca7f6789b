"""What a student does: active days, videos, and one event after the other."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.takes import STUDENT_PERIOD, STUDENT_TO_DATE
from coursepulse.metrics.evidence import counted, played, spent
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.finish import (
    activity,
    habits,
    sittings,
)
from coursepulse.metrics.metric import Column, Metric, Param, Scope, Source, Unit

STUDY_METRICS = (
    Metric(
        "student_activity",
        "When a student learns",
        "Quarter-hours with a learning event by weekday and hour of the student's own clock, for a heat map.",
        Scope.STUDENT,
        (
            Column("weekday", Unit.WEEKDAY, "Weekday", "0 Monday to 6 Sunday"),
            Column("hour", Unit.HOUR, "Hour", "0 to 23"),
            Column("quarters", Unit.COUNT, "Quarter-hours", "quarter-hours with a learning event"),
        ),
        "Streak",
        takes=STUDENT_PERIOD,
        finish=activity.by_hour,
        evidence={"quarters": counted.QUARTERS},
    ),
    Metric(
        "student_daily",
        "A student's days",
        "Quarter-hours with a learning event on each day of the student's own calendar.",
        Scope.STUDENT,
        (
            Column("day", Unit.DATE, "Day", "day in the student's zone"),
            Column("quarters", Unit.COUNT, "Quarter-hours", "quarter-hours with a learning event"),
        ),
        "Streak",
        takes=STUDENT_PERIOD,
        reads=("student_activity",),
        finish=activity.by_day,
        evidence={"quarters": counted.QUARTERS},
    ),
    Metric(
        "student_habits",
        "How a student studies",
        "What the student did in the period, course by course: how often, when, in which order and how fast.",
        Scope.STUDENT,
        (
            c.COURSE_ID,
            c.COURSE_TITLE,
            Column(
                "active_days",
                Unit.COUNT,
                "Days",
                "days with learning; courses with fewer than three are left out",
            ),
            *c.HABITS,
        ),
        "Habits and patterns",
        takes=STUDENT_PERIOD,
        titled="course_id",
        reads=habits.READS,
        finish=habits.list_own,
        source=Source.LEARNERS,
        private=True,
        evidence={"": Why.UNLISTED},
    ),
    Metric(
        "student_lesson_times",
        "A student's time per lesson",
        "How long the student worked at each lesson, in the order of the course.",
        Scope.STUDENT,
        (
            c.COURSE_ID,
            c.LESSON_ID,
            c.TITLE,
            Column("time_spent", Unit.SECONDS, "Learning time", "time on task at the lesson to date"),
        ),
        "Time per lesson",
        takes=STUDENT_TO_DATE,
        span=None,
        titled="lesson_id",
        evidence={"time_spent": spent.AT_LESSON},
    ),
    Metric(
        "student_videos",
        "Videos of a student",
        "What the student really played of each video.",
        Scope.STUDENT,
        (
            c.COURSE_ID,
            c.VIDEO_ID,
            c.TITLE,
            c.VIDEO_SECONDS,
            Column("covered", Unit.SECONDS, "Time covered", "distinct seconds played"),
            Column(
                "watched_pct",
                Unit.PERCENT,
                "Watched",
                "covered seconds of the duration, null when that is unknown",
            ),
            Column("complete", Unit.FLAG, "Watched to the end", "90 % or more were covered"),
            c.REWATCH,
        ),
        "Coverage and watched %",
        takes=STUDENT_TO_DATE,
        span=None,
        titled="video_id",
        reads=(sittings.SITTINGS,),
        finish=sittings.list_videos,
        source=Source.LEARNERS,
        evidence={
            "duration": Why.TOLD,
            "covered": played.COVERED,
            "watched_pct": played.WATCHED,
            "rewatch_pct": played.AGAIN,
        },
    ),
    Metric(
        "student_timeline",
        "What happened when",
        "Visits, results, hand-ins, grades and enrolments of the period, page by page.",
        Scope.STUDENT,
        (
            Column("at", Unit.MOMENT, "When", "when it happened, or began"),
            Column("until", Unit.MOMENT, "Until", "last event of a visit; null for anything else"),
            Column(
                "kind",
                Unit.TEXT,
                "What",
                "visit, quiz, submission, grade, course_enroll, course_unenroll, course_complete or certificate_issued",
            ),
            c.COURSE_ID,
            Column(
                "assessment_id",
                Unit.ID,
                "Assessment",
                "of a result, hand-in or grade, else empty",
                hidden=True,
            ),
            Column("title", Unit.TEXT, "Title", "title of the assessment, empty when unknown"),
            Column("time_spent", Unit.SECONDS, "Learning time", "time on task of a visit"),
            Column("lessons", Unit.COUNT, "Lessons done", "distinct lessons completed in a visit"),
            Column("score_pct", Unit.PERCENT, "Score", "of a result or grade, null without one"),
            Column("passed", Unit.FLAG, "Passed", "if the platform said so of a result or grade"),
        ),
        "Timeline",
        takes=(Param.COURSE, Param.FROM, Param.TO, Param.SORT, Param.LIMIT, Param.OFFSET),
        titled="assessment_id",
        order="-at",
        evidence={"score_pct": Why.TOLD, "": Why.UNLISTED},
    ),
)
