"""Metrics about everybody. Staff and test users are left out of every count of learners."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_courses, of_platform
from coursepulse.metrics.catalog.takes import PAGE, PERIOD
from coursepulse.metrics.evidence import totals
from coursepulse.metrics.evidence.proof import Same, Why
from coursepulse.metrics.metric import Column, Metric, Param, Reach, Scope, Source, Unit

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
        group=of_platform.PLATFORM_SUMMARY,
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
        group=of_platform.PLATFORM_DAILY,
        evidence={
            "active_learners": Why.EVERYBODY,
            "active_courses": totals.ACTIVE_COURSES,
            "events": totals.EVENTS_BY_COURSE,
            "sessions": totals.VISITS_BY_COURSE,
            "time_spent": totals.TIME_BY_COURSE,
        },
    ),
    Metric(
        "active_users",
        "Active learners by day, week and month",
        "For each UTC day: learners active on it, in the 7 days up to it and in the 30 days up to it.",
        Scope.PLATFORM,
        (
            c.DAY,
            Column("daily", Unit.COUNT, "On the day", "learners with a learning event on the day"),
            Column("weekly", Unit.COUNT, "In 7 days", "the same on the day or the 6 days before"),
            Column("monthly", Unit.COUNT, "In 30 days", "the same on the day or the 29 days before"),
            Column("stickiness_pct", Unit.PERCENT, "Stickiness", "daily / monthly"),
        ),
        "Active",
        takes=PERIOD,
        group=of_platform.ACTIVE_USERS,
        evidence={"stickiness_pct": Why.FORMULA, "": Why.EVERYBODY},
    ),
    Metric(
        "devices",
        "Devices",
        "Learners, visits and events by the kind of device that the platform names.",
        Scope.PLATFORM,
        (
            Column("device_type", Unit.DEVICE, "Device", "desktop, mobile or tablet; empty: unknown"),
            c.ACTIVE_LEARNERS,
            Column("sessions", Unit.COUNT, "Sessions", "session ids with a learning event on the device"),
            c.EVENTS,
        ),
        "Active",
        takes=(Param.COURSE, *PERIOD),
        group=of_platform.DEVICES,
        evidence={"": Why.EVERYBODY},
    ),
    Metric(
        "countries",
        "Countries",
        "Learners, visits and events by the country that the platform names.",
        Scope.PLATFORM,
        (
            Column("country", Unit.COUNTRY, "Country", "ISO 3166-1 alpha-2 code; empty: unknown"),
            c.ACTIVE_LEARNERS,
            Column("sessions", Unit.COUNT, "Sessions", "session ids with a learning event from the country"),
            c.EVENTS,
        ),
        "Active",
        takes=(Param.COURSE, *PERIOD),
        group=of_platform.COUNTRIES,
        evidence={"": Why.EVERYBODY},
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
        group=of_courses.COURSES,
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
            Column("returned_pct", Unit.PERCENT, "Came back %", "returned / learners"),
        ),
        "Retention",
        takes=(*PERIOD, Param.STEP),
        span=84,
        source=Source.LEARNERS,
        group=of_platform.RETENTION,
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
        group=of_platform.RETENTION_REGISTERED,
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
        group=of_platform.CLICKS,
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
        group=of_platform.EVENTS_BY_TYPE,
        evidence={"events": totals.TYPE_BY_DAY},
    ),
)
