"""What a student aims at and reaches: pace, goals, certificates, and the middle of the class beside them."""

from __future__ import annotations

from coursepulse.aggregates.learner_rows import LEARNERS
from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_courses
from coursepulse.metrics.catalog.takes import STUDENT_PERIOD, STUDENT_TO_DATE
from coursepulse.metrics.evidence import counted, results, spent
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.finish import (
    classmates,
    goals,
    own_certificates,
    pace,
)
from coursepulse.metrics.metric import ITEM, Column, Metric, Param, Scope, Source, Unit
from coursepulse.privacy.consent import Purpose


def _of_class(name: str, unit: Unit, title: str) -> tuple[Column, ...]:
    """The columns about the others of a class, rounded: the middle, and where the middle half of them lies."""
    return (
        Column(
            f"class_{name}_low",
            unit,
            f"{title}, a quarter of the others below",
            "a quarter of the others are below; null for a small group",
            hidden=True,
        ),
        Column(
            f"class_{name}_median",
            unit,
            f"{title}, half of the others below",
            "half of the others are below; null for a small group",
            hidden=True,
        ),
        Column(
            f"class_{name}_high",
            unit,
            f"{title}, a quarter of the others above",
            "a quarter of the others are above; null for a small group",
            hidden=True,
        ),
    )


AIM_METRICS = (
    Metric(
        "student_pace",
        "Pace of a student",
        "For each course that goes on: when the student finishes at the pace of the last weeks, and what is due next.",
        Scope.STUDENT,
        (
            c.COURSE_ID,
            c.COURSE_TITLE,
            Column(
                "pace",
                Unit.STATE,
                "What can be said",
                "completed, estimated, too_early, paused or too_far",
            ),
            Column(
                "lessons_left",
                Unit.COUNT,
                "Lessons left",
                "lessons of the catalog not completed, null without a catalog",
            ),
            Column(
                "lessons_lately",
                Unit.COUNT,
                "Lessons lately",
                "lessons completed in the days that count for the pace",
            ),
            Column(
                "days_lately",
                Unit.DAYS,
                "Days that count",
                "days since the first lesson, at most the last 42",
            ),
            Column(
                "finish_from",
                Unit.DATE,
                "Finish from",
                "first day of the range that holds the end four times out of five, null where nothing can be said",
            ),
            Column("finish_to", Unit.DATE, "Finish to", "last day of that range"),
            Column(
                "next_due_at",
                Unit.MOMENT,
                "Due",
                "next due date of work that is not handed in, null without one",
            ),
            Column(
                "kind", Unit.TEXT, "Kind", "of what is due next: quiz or assignment; course where nothing is"
            ),
            Column(ITEM, Unit.TEXT, "What", "the platform's id of what is due next", hidden=True),
            Column("item", Unit.TEXT, "What", "its title, empty when unknown"),
            c.URL,
        ),
        "Pace",
        takes=STUDENT_TO_DATE,
        span=None,
        titled="course_id",
        reads=(pace.ROWS,),
        judged=True,
        finish=pace.list_pace,
        leads=True,
        source=Source.LEARNERS,
        evidence={
            "lessons_left": Why.FORMULA,
            "lessons_lately": counted.LESSONS_LATELY,
            "days_lately": Why.FORMULA,
        },
    ),
    Metric(
        "student_goals",
        "Goals of a student",
        "The goals that the student has set, and how they go. Nobody but the student is shown them.",
        Scope.STUDENT,
        (
            Column("kind", Unit.TEXT, "Kind", "weekly_minutes or finish_course"),
            c.COURSE_ID,
            c.COURSE_TITLE,
            Column(
                "goal_state", Unit.STATE, "State", "reached, on_track, close, behind, missed or too_early"
            ),
            Column("minutes", Unit.COUNT, "Minutes a week", "what is wanted, null for a course"),
            Column("finish_on", Unit.DATE, "Finish by", "what is wanted, null for minutes a week"),
            Column("time_week", Unit.SECONDS, "This week", "time on task since Monday, null for a course"),
            Column(
                "weeks_kept",
                Unit.COUNT,
                "Weeks reached",
                "of the whole weeks that are looked back on, null for a course",
            ),
            Column(
                "weeks_seen",
                Unit.COUNT,
                "Weeks before",
                "whole weeks before this one since the first day of learning, at most eight",
            ),
            Column(
                "lessons_left",
                Unit.COUNT,
                "Lessons left",
                "of the course, null when it is completed or has no catalog",
            ),
            Column(
                "lessons_needed",
                Unit.NUMBER,
                "Lessons a week",
                "what it takes from today on, null when no day is left",
            ),
            Column("finish_from", Unit.DATE, "Finish from", "first day of the range of the pace"),
            Column("finish_to", Unit.DATE, "Finish to", "last day of that range"),
        ),
        "Goals",
        span=None,
        titled="course_id",
        reads=(goals.OWN, goals.DAYS, pace.ROWS),
        judged=True,
        finish=goals.list_goals,
        source=Source.LEARNERS,
        private=True,
        evidence={
            "minutes": Why.TOLD,
            "time_week": counted.TIME_OF_WEEK,
            "": Why.FORMULA,
        },
        undated=True,
    ),
    Metric(
        "student_class",
        "A student and the class",
        "In each course that goes on: the student's numbers beside the middle of those of the class who also agreed to "
        "be compared. Nobody but the student is shown it.",
        Scope.STUDENT,
        (
            c.COURSE_ID,
            c.COURSE_TITLE,
            Column(
                "classmates",
                Unit.COUNT,
                "Others compared",
                "others in the course who agreed to be compared, rounded; null for a small group",
            ),
            c.COMPLETION,
            *_of_class("completion", Unit.PERCENT, "Completion"),
            c.SCORE,
            *_of_class("score", Unit.PERCENT, "Score"),
            c.TIME,
            *_of_class("time", Unit.SECONDS, "Learning time"),
        ),
        "Class comparison",
        takes=STUDENT_PERIOD,
        titled="course_id",
        reads=LEARNERS,
        judged=True,
        among=True,
        finish=classmates.compare,
        group=of_courses.CLASSMATES,
        source=Source.LEARNERS,
        private=True,
        consent=Purpose.CLASS_COMPARISON,
        undated=True,
        evidence={
            "completion_pct": counted.COMPLETION,
            "score_pct": results.MEAN_SCORE,
            "time_spent": spent.IN_PERIOD,
            "": Why.COMPARES,
        },
    ),
    Metric(
        "student_certificates",
        "Certificates of a student",
        "The certificates that organisations have on record or events tell of, and until when they are valid.",
        Scope.STUDENT,
        (
            c.COURSE_ID,
            Column(
                "certificate", Unit.TEXT, "Certificate", "what it is called; empty where an event told of it"
            ),
            c.COURSE_TITLE,
            Column("state", Unit.STATE, "State", "expired, expires_30, expires_90 or valid"),
            Column("issued_on", Unit.DATE, "Issued on", "when it was issued"),
            Column("expires_on", Unit.DATE, "Expires on", "the last day on which it is valid; null for good"),
            Column("days_left", Unit.NUMBER, "Days left", "days to that day, below zero when it has passed"),
        ),
        "Certificates",
        takes=(Param.COURSE,),
        span=None,
        titled="course_id",
        essential=True,
        employer=True,
        reads=(own_certificates.HELD, own_certificates.ISSUED),
        finish=own_certificates.list_certificates,
        source=Source.LEARNERS,
        evidence={"": Why.FORMULA},
        undated=True,
    ),
)
