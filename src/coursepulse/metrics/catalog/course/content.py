"""What a course offers: lessons, videos, live classes and exercises."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_courses
from coursepulse.metrics.catalog.takes import TO_DATE
from coursepulse.metrics.evidence import people
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.metric import Column, Metric, Scope, Source, Unit

CONTENT_METRICS = (
    Metric(
        "course_lessons",
        "Where learners stop",
        "Learners who started and completed each lesson, in the order of the course.",
        Scope.COURSE,
        (
            Column("place", Unit.COUNT, "Place", "place in the course, from 1"),
            c.LESSON_ID,
            c.TITLE,
            Column("started", Unit.COUNT, "Started", "learners who started or completed it"),
            Column("completed", Unit.COUNT, "Completed", "learners who completed it"),
            Column(
                "stopped",
                Unit.COUNT,
                "Stopped here",
                "learners whose last lesson it is, silent for 14 days and not done with the course",
            ),
        ),
        "Drop-off",
        takes=TO_DATE,
        span=None,
        titled="lesson_id",
        source=Source.LEARNERS,
        group=of_courses.COURSE_LESSONS,
        evidence={
            "place": Why.TOLD,
            "started": people.STARTED,
            "completed": people.COMPLETED,
            "stopped": people.STOPPED,
        },
    ),
    Metric(
        "course_lesson_times",
        "Time per lesson",
        "How long learners worked at each lesson, in the order of the course.",
        Scope.COURSE,
        (
            c.LESSON_ID,
            c.TITLE,
            Column("learners", Unit.COUNT, "Learners", "learners who worked at it"),
            Column(
                "time_low", Unit.SECONDS, "Lower quartile", "a quarter of them took less; null without any"
            ),
            Column("time_median", Unit.SECONDS, "Median", "half of them took less; null without any"),
            Column(
                "time_high", Unit.SECONDS, "Upper quartile", "a quarter of them took more; null without any"
            ),
        ),
        "Time per lesson",
        takes=TO_DATE,
        span=None,
        titled="lesson_id",
        group=of_courses.COURSE_LESSON_TIMES,
        evidence={
            "learners": people.WORKED,
            "time_low": people.LESSON_TIME_LOW,
            "time_median": people.LESSON_TIME_MEDIAN,
            "time_high": people.LESSON_TIME_HIGH,
        },
    ),
    Metric(
        "course_videos",
        "Videos of a course",
        "Who watches, how much, and what is watched again.",
        Scope.COURSE,
        (
            c.VIDEO_ID,
            c.TITLE,
            c.VIDEO_SECONDS,
            Column("viewers", Unit.COUNT, "Viewers", "learners who played some of it"),
            Column(
                "watched_pct",
                Unit.PERCENT,
                "Watched",
                "mean watched % of its viewers, null when the duration is unknown",
            ),
            Column("completed", Unit.COUNT, "Completed", "viewers who covered 90 % or more"),
            Column(
                "rewatch_pct",
                Unit.PERCENT,
                "Watched again",
                "seconds covered at least twice, of all seconds covered",
            ),
        ),
        "Coverage and watched %",
        takes=TO_DATE,
        span=None,
        titled="video_id",
        source=Source.LEARNERS,
        group=of_courses.COURSE_VIDEOS,
        evidence={
            "duration": Why.TOLD,
            "viewers": people.VIEWERS,
            "watched_pct": people.VIDEO_WATCHED,
            "completed": people.VIDEO_COMPLETED,
            "rewatch_pct": people.VIDEO_AGAIN,
        },
    ),
    Metric(
        "video_dropoff",
        "Where viewers leave a video",
        "Viewers of each five seconds of a video.",
        Scope.VIDEO,
        (
            Column("second", Unit.POSITION, "At", "where the five seconds begin"),
            Column("viewers", Unit.COUNT, "Viewers", "learners who played some of them"),
            Column(
                "remaining_pct",
                Unit.PERCENT,
                "Still watching",
                "of the viewers of the first five seconds; null without any",
            ),
            Column(
                "rewatchers",
                Unit.COUNT,
                "Played more than once",
                "learners who played some of them at least twice",
            ),
        ),
        "Drop-off",
        takes=TO_DATE,
        span=None,
        group=of_courses.VIDEO_DROPOFF,
        evidence={
            "viewers": people.SECOND_VIEWERS,
            "remaining_pct": Why.FORMULA,
            "rewatchers": people.SECOND_REWATCHERS,
        },
    ),
    Metric(
        "video_moments",
        "What viewers do at each moment",
        "Learners who pause, jump and hurry in each five seconds of a video.",
        Scope.VIDEO,
        (
            Column("second", Unit.POSITION, "At", "where the five seconds begin"),
            Column("pausers", Unit.COUNT, "Paused", "learners who paused there"),
            Column("leavers", Unit.COUNT, "Jumped away", "learners who jumped away from there"),
            Column("arrivals", Unit.COUNT, "Jumped here", "learners who landed there"),
            Column("players", Unit.COUNT, "Played", "learners who played it, where the speed is known"),
            Column(
                "faster", Unit.COUNT, "Played faster", "of those, learners who played it faster than normal"
            ),
            Column("faster_pct", Unit.PERCENT, "Faster than normal", "faster / played"),
        ),
        "Moments of a video",
        takes=TO_DATE,
        span=None,
        group=of_courses.VIDEO_MOMENTS,
        evidence={"faster_pct": Why.FORMULA, "": Why.UNLISTED},
    ),
    Metric(
        "course_live",
        "Live classes",
        "Each live class: who came, how long they stayed, and who took part.",
        Scope.COURSE,
        (
            Column("live_session_id", Unit.ID, "Live class", "the platform's id of the class"),
            c.TITLE,
            Column("began_at", Unit.MOMENT, "Began", "when the first learner joined"),
            Column("attended", Unit.COUNT, "Attended", "learners who joined"),
            Column(
                "stay",
                Unit.SECONDS,
                "Stayed",
                "mean time from joining to leaving of those who were seen to leave",
            ),
            Column("took_part", Unit.COUNT, "Took part", "learners with an exercise meanwhile"),
            Column("took_part_pct", Unit.PERCENT, "Took part (share)", "took part / attended"),
            Column("interactions", Unit.COUNT, "Interactions", "attempts at exercises meanwhile"),
        ),
        "Live classes and exercises",
        takes=TO_DATE,
        span=None,
        titled="live_session_id",
        group=of_courses.COURSE_LIVE,
        evidence={"took_part_pct": Why.FORMULA, "": Why.UNLISTED},
    ),
    Metric(
        "course_exercises",
        "Interactive exercises",
        "Each exercise: who tried it, and who got it right.",
        Scope.COURSE,
        (
            Column("interactive_id", Unit.ID, "Exercise", "the platform's id of the exercise"),
            c.TITLE,
            Column("learners", Unit.COUNT, "Learners", "learners who tried it"),
            Column("attempts", Unit.COUNT, "Attempts", "tries of all learners"),
            Column(
                "first_try_pct",
                Unit.PERCENT,
                "First try right",
                "of the learners with a verdict, right by their first",
            ),
            Column("solved", Unit.COUNT, "Got it right", "learners who were right at least once"),
        ),
        "Live classes and exercises",
        takes=TO_DATE,
        span=None,
        titled="interactive_id",
        group=of_courses.COURSE_EXERCISES,
        evidence={"first_try_pct": Why.FORMULA, "": Why.UNLISTED},
    ),
)
