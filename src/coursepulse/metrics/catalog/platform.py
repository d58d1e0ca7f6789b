"""Metrics about everybody. Staff and test users are left out of every count of learners."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog import groups
from coursepulse.metrics.evidence import totals
from coursepulse.metrics.evidence.proof import Same, Why
from coursepulse.metrics.finish import pipeline, pulse
from coursepulse.metrics.metric import Column, Metric, Param, Reach, Scope, Source, Unit

PERIOD = (Param.FROM, Param.TO)
PAGE = (Param.SORT, Param.LIMIT, Param.OFFSET)

PLATFORM_METRICS = (
    Metric(
        "platform_summary",
        "Platform at a glance",
        "Learners, enrolments, completions and time over all courses.",
        Scope.PLATFORM,
        (
            c.ACTIVE_LEARNERS,
            Column(
                "active_courses", Unit.COUNT, "Active courses", "courses with a learning event of a learner"
            ),
            Column(
                "enrolments",
                Unit.COUNT,
                "Enrolments",
                "enrolments, one per learner and course, in the period",
            ),
            Column(
                "lessons_completed",
                Unit.COUNT,
                "Lessons done",
                "lessons completed for the first time in the period",
            ),
            Column(
                "courses_completed",
                Unit.COUNT,
                "Courses completed",
                "courses declared complete, one per learner and course",
            ),
            Column("time_spent", Unit.SECONDS, "Learning time", "time on task of all learners"),
            Column("events", Unit.COUNT, "Events", "events of learners, of every type but x_…"),
        ),
        "Active",
        takes=PERIOD,
        comparable=True,
        source=Source.LEARNERS,
        group=groups.PLATFORM_SUMMARY,
        evidence={
            "active_learners": Why.EVERYBODY,
            "active_courses": totals.ACTIVE_COURSES,
            "enrolments": totals.ENROLMENTS,
            "lessons_completed": totals.LESSONS,
            "courses_completed": totals.COMPLETIONS,
            "time_spent": totals.TIME_BY_DAY,
            "events": totals.EVENTS_BY_DAY,
        },
    ),
    Metric(
        "platform_daily",
        "Platform day by day",
        "Active learners, events and time on each UTC day with events.",
        Scope.PLATFORM,
        (
            c.DAY,
            Column(
                "active_learners", Unit.COUNT, "Active learners", "learners with a learning event that day"
            ),
            Column("active_courses", Unit.COUNT, "Active courses", "courses with a learning event that day"),
            c.EVENTS,
            Column("sessions", Unit.COUNT, "Visits", "visits begun"),
            Column("time_spent", Unit.SECONDS, "Learning time", "time on task"),
        ),
        "Active",
        takes=PERIOD,
        group=groups.PLATFORM_DAILY,
        evidence={
            "active_learners": Why.EVERYBODY,
            "active_courses": totals.ACTIVE_COURSES,
            "events": totals.EVENTS_BY_COURSE,
            "sessions": totals.VISITS_BY_COURSE,
            "time_spent": totals.TIME_BY_COURSE,
        },
    ),
    Metric(
        "courses",
        "All courses",
        "One row per course, page by page.",
        Scope.PLATFORM,
        (
            c.COURSE_ID,
            c.COURSE_TITLE,
            Column(
                "learners_enrolled", Unit.COUNT, "Enrolled", "learners in the course at the end of the period"
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
        ),
        "Active",
        takes=(*PERIOD, *PAGE),
        titled="course_id",
        order="-active_learners",
        courses=Reach.EVERY_COURSE,
        source=Source.LEARNERS,
        group=groups.COURSES,
        evidence={
            "learners_enrolled": Same("course_summary"),
            "active_learners": Same("course_summary"),
            "time_spent": Same("course_summary"),
            "completion_pct": Same("course_summary"),
            "score_pct": Same("course_summary"),
        },
    ),
    Metric(
        "retention",
        "Who comes back",
        "Of the learners who first enrolled in the same week or month, how many learned n periods later.",
        Scope.PLATFORM,
        (
            Column("cohort", Unit.DATE, "First enrolled", "first day of the period of the first enrolment"),
            Column("period", Unit.COUNT, "Weeks after", "periods since, 0 is the cohort's own"),
            Column("learners", Unit.COUNT, "Learners", "size of the cohort"),
            Column("returned", Unit.COUNT, "Came back", "of those, with a learning event in the period"),
            Column("returned_pct", Unit.PERCENT, "Came back", "returned / learners"),
        ),
        "Retention",
        takes=(*PERIOD, Param.STEP),
        span=84,
        source=Source.LEARNERS,
        group=groups.RETENTION,
        evidence={"period": Why.FORMULA, "returned_pct": Why.FORMULA, "": Why.EVERYBODY},
    ),
    Metric(
        "retention_registered",
        "Who stays registered",
        "By the start of the presentation: enrolments not ended by day 0, 28, 56 … of the course.",
        Scope.PLATFORM,
        (
            Column("intake", Unit.DATE, "Started on", "first day of the presentations"),
            Column("day", Unit.DAYS, "Days after the start", "days since then"),
            Column("enrolled", Unit.COUNT, "Enrolled", "learners ever enrolled, per course"),
            Column(
                "registered",
                Unit.COUNT,
                "Still registered",
                "of those, not unenrolled by the end of that day",
            ),
            Column("registered_pct", Unit.PERCENT, "Still registered", "registered / enrolled"),
        ),
        "Retention",
        takes=(Param.COURSE,),
        courses=Reach.PRESENTATIONS,
        span=None,
        source=Source.LEARNERS,
        group=groups.RETENTION_REGISTERED,
        evidence={"day": Why.FORMULA, "registered_pct": Why.FORMULA, "": Why.EVERYBODY},
    ),
    Metric(
        "clicks",
        "Clicks per course",
        "Interactions as the platform counts them; an event that sums up several says how many.",
        Scope.PLATFORM,
        (
            c.COURSE_ID,
            c.COURSE_TITLE,
            Column("clicks", Unit.COUNT, "Clicks", "sum of the clicks of learning events; a hand-in is none"),
            Column("learners", Unit.COUNT, "Learners", "learners with a learning event"),
        ),
        "Words used below",
        takes=(Param.COURSE, *PERIOD),
        span=None,
        titled="course_id",
        group=groups.CLICKS,
        evidence={"clicks": totals.CLICKS_BY_DAY, "learners": Why.EVERYBODY},
    ),
    Metric(
        "events_by_type",
        "What arrives",
        "Stored events by type, within the raw retention.",
        Scope.PLATFORM,
        (
            Column("event_type", Unit.EVENT, "Type", "type, see docs/reference/events.md"),
            Column(
                "events",
                Unit.COUNT,
                "Events",
                "events, of learners and of staff; behaviour only of those who agree to analytics",
            ),
        ),
        "Words used below",
        takes=(Param.COURSE, *PERIOD),
        group=groups.EVENTS_BY_TYPE,
        evidence={"events": totals.TYPE_BY_DAY},
    ),
    Metric(
        "pipeline",
        "Freshness",
        "How far each consumer of the event log has come.",
        Scope.PLATFORM,
        (
            Column("name", Unit.TEXT, "Consumer", "consumer; `served` is what every number is made of"),
            Column("position", Unit.COUNT, "Position", "log position of the last event taken in"),
            Column("latest_event_at", Unit.MOMENT, "Latest event", "time of the newest event taken in"),
            Column("applied_at", Unit.MOMENT, "Taken in at", "when it was taken in"),
            Column("idle", Unit.SECONDS, "Idle", "since then"),
        ),
        "Comparison",
        span=None,
        source=Source.POSTGRES,
        personal=False,
        finish=pipeline.finish,
        evidence={"": Why.SYSTEM},
    ),
    Metric(
        "pulse",
        "Pulse",
        "What this server takes in at this moment. It remembers nothing of before its last start.",
        Scope.PLATFORM,
        (
            Column(
                "events_per_second",
                Unit.NUMBER,
                "Events per second",
                "events that began to count in the last 10 s, per second",
            ),
            Column(
                "active_sessions",
                Unit.COUNT,
                "Active sessions",
                "sessions that have not ended; null where nobody counts them",
            ),
            Column("waiting", Unit.COUNT, "Waiting", "events received that do not count yet"),
            Column(
                "delay",
                Unit.NUMBER,
                "Delay in seconds",
                "of the newest batch, from the arrival of its first event until it could be seen",
            ),
        ),
        "Words used below",
        span=None,
        source=Source.MEMORY,
        personal=False,
        finish=pulse.finish,
        evidence={"": Why.SYSTEM},
    ),
    Metric(
        "pulse_minutes",
        "Pulse by minute",
        "Events that began to count in each minute of the last hour, as far as this server has run.",
        Scope.PLATFORM,
        (
            Column("minute", Unit.MOMENT, "Minute", "its beginning; the last one is not over"),
            Column("events", Unit.COUNT, "Events", "events that began to count"),
        ),
        "Words used below",
        span=None,
        source=Source.MEMORY,
        personal=False,
        evidence={"": Why.SYSTEM},
    ),
)
