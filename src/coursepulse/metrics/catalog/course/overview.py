"""A course as a whole: its numbers, days and weeks, and who is there now."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_courses
from coursepulse.metrics.catalog.takes import PAGE, PERIOD, TO_DATE
from coursepulse.metrics.evidence import people
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.finish import habits, leaderboards, now, runs
from coursepulse.metrics.metric import ITEM, Column, Metric, Reach, Scope, Source, Unit

OVERVIEW_METRICS = (
    Metric(
        "course_summary",
        "Course at a glance",
        "Learners, time, completion and performance of a course.",
        Scope.COURSE,
        (
            c.COURSE_ID,
            c.COURSE_TITLE,
            Column(
                "learners_enrolled", Unit.COUNT, "Enrolled", "learners in the course at the end of the period"
            ),
            Column(
                "learners_agreed",
                Unit.COUNT,
                "Agreed to analytics",
                "of those, learners who agreed to analytics and can be seen active",
            ),
            c.ACTIVE_LEARNERS,
            Column("time_spent", Unit.SECONDS, "Learning time", "time on task of all learners in the period"),
            Column(
                "completion_pct",
                Unit.PERCENT,
                "Completion",
                "mean completion of the enrolled learners, to date",
            ),
            Column(
                "score_pct", Unit.PERCENT, "Score", "mean average score of the enrolled learners, to date"
            ),
            Column(
                "watched_pct", Unit.PERCENT, "Watched", "mean watched % of the enrolled learners, to date"
            ),
        ),
        "Active",
        takes=PERIOD,
        comparable=True,
        titled="course_id",
        source=Source.LEARNERS,
        group=of_courses.COURSE_SUMMARY,
        evidence={
            "learners_enrolled": people.ENROLLED,
            "learners_agreed": people.AGREED,
            "active_learners": people.ACTIVE,
            "time_spent": people.TIME,
            "completion_pct": people.COMPLETION,
            "score_pct": people.SCORE,
            "watched_pct": people.WATCHED,
        },
    ),
    Metric(
        "course_daily",
        "Course day by day",
        "Active learners and time on task by kind on each UTC day with events.",
        Scope.COURSE,
        (
            c.DAY,
            Column(
                "active_learners", Unit.COUNT, "Active learners", "learners with a learning event that day"
            ),
            Column("time_spent", Unit.SECONDS, "Learning time", "time on task"),
            Column("time_video", Unit.SECONDS, "Video time", "time on task with video"),
            Column("time_quiz", Unit.SECONDS, "Quiz time", "time on task with quizzes and assignments"),
            Column("time_reading", Unit.SECONDS, "Reading time", "every other time on task"),
            Column(
                "lessons_completed",
                Unit.COUNT,
                "Lessons done",
                "completions of lessons, each learner's once a day",
            ),
        ),
        "Time on task",
        takes=PERIOD,
        group=of_courses.COURSE_DAILY,
        evidence={
            "active_learners": people.ACTIVE_THAT_DAY,
            "time_spent": people.TIME_THAT_DAY,
            "time_video": people.VIDEO_THAT_DAY,
            "time_quiz": people.QUIZ_THAT_DAY,
            "time_reading": people.READING_THAT_DAY,
            "lessons_completed": people.LESSONS_THAT_DAY,
        },
    ),
    Metric(
        "course_weeks",
        "Course week by week",
        "A class at the end of each whole week since the course began, to set beside another run of it.",
        Scope.COURSE,
        (
            Column("week", Unit.NUMBER, "Week", "week of the course, from 1"),
            Column("starts_on", Unit.DATE, "Starts on", "first UTC day of the week"),
            Column("learners", Unit.COUNT, "Enrolled", "learners in the course at the end of the week"),
            Column(
                "active_learners",
                Unit.COUNT,
                "Active learners",
                "of those, with a learning event in the week",
            ),
            Column("active_pct", Unit.PERCENT, "Active", "active learners / enrolled"),
            Column("active_low", Unit.PERCENT, "Active, at least", "lower end of the interval of 95 %"),
            Column("active_high", Unit.PERCENT, "Active, at most", "upper end of it"),
            Column("completion_pct", Unit.PERCENT, "Completion", "mean completion at the end of the week"),
            Column(
                "completion_low", Unit.PERCENT, "Completion, at least", "lower end of the interval of 95 %"
            ),
            Column("completion_high", Unit.PERCENT, "Completion, at most", "upper end of it"),
            Column("score_pct", Unit.PERCENT, "Score", "mean average score at the end of the week"),
            Column("score_low", Unit.PERCENT, "Score, at least", "lower end of the interval of 95 %"),
            Column("score_high", Unit.PERCENT, "Score, at most", "upper end of it"),
        ),
        "Runs of a course",
        takes=TO_DATE,
        span=None,
        courses=Reach.PRESENTATIONS,
        finish=runs.add_intervals,
        source=Source.LEARNERS,
        group=of_courses.COURSE_WEEKS,
        evidence={
            "week": Why.TOLD,
            "learners": Why.UNLISTED,
            "active_learners": Why.UNLISTED,
            "": Why.FORMULA,
        },
    ),
    Metric(
        "course_patterns",
        "How the class studies",
        "Groups of learners who studied alike in the period, where the class has groups that hold.",
        Scope.COURSE,
        (
            Column("pattern", Unit.ID, "Group", "its number, the largest first", hidden=True),
            Column("learners", Unit.COUNT, "Learners", "learners in the group"),
            Column("share_pct", Unit.PERCENT, "Share", "of the learners whose habits are known"),
            Column(
                "traits",
                Unit.LIST,
                "Unlike the class",
                "habits in which the group is half a standard deviation from the class: `speed.more`, `speed.less`",
                hidden=True,
            ),
            *c.HABITS,
        ),
        "Habits and patterns",
        takes=PERIOD,
        reads=habits.READS,
        frame=habits.add_up,
        source=Source.LEARNERS,
        group=of_courses.COURSE_PATTERNS,
        evidence={"": Why.UNLISTED},
    ),
    Metric(
        "course_leaderboard",
        "Leaderboard",
        "Students of a course who joined the leaderboards, by points, under the names they chose.",
        Scope.COURSE,
        (
            c.RANK,
            c.CHOSEN_NAME,
            Column("points", Unit.COUNT, "Points", "points for everything in the course, to date"),
            c.RANK_WEEK,
            c.POINTS_WEEK,
            c.OWN,
        ),
        "Leaderboards",
        takes=PAGE,
        span=None,
        order="rank",
        reads=(leaderboards.ROWS,),
        board=True,
        source=Source.LEARNERS,
        evidence={"": Why.COMPARES},
    ),
    Metric(
        "course_now",
        "Who is in now",
        "One row per learner with a session that goes on in the course: where, since when, on what device, and "
        "whether the learner is stuck.",
        Scope.COURSE,
        (
            c.STUDENT_ID,
            c.NAME,
            c.PLACE,
            c.ITEM_ID,
            Column("title", Unit.TEXT, "Where", "title of the lesson, video or quiz; empty when unknown"),
            Column("since", Unit.MOMENT, "Since", "when the session began"),
            Column("last_activity_at", Unit.MOMENT, "Last active", "newest event of the session"),
            Column("device", Unit.TEXT, "Device", "desktop, mobile or tablet; empty when unknown"),
            Column(
                "stuck",
                Unit.TEXT,
                "Stuck",
                "rules by which an alert is open that the learner is stuck; empty for none",
            ),
        ),
        "Right now",
        span=None,
        named=True,
        titled=ITEM,
        reads=("course_now", "left_out_now", "stuck_now"),
        finish=now.list_present,
        source=Source.LIVE,
    ),
)
