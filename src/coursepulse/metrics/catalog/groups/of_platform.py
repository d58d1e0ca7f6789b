"""Who is behind rows about everybody."""

from __future__ import annotations

from coursepulse.metrics.catalog.groups.kinds import ACTIONS, HALF_HOUR, mean, people, ratio, total
from coursepulse.privacy.small_groups import Group, GroupValue, ValueKind

PLATFORM_OUTCOMES = Group(
    of=("course_id",),
    by=("course_id",),
    figures=(
        *(GroupValue(each, ValueKind.PEOPLE, each, to_date=True) for each in ("learners", "completed")),
        *(mean(each, "learners") for each in ("completed_pct", "expected_pct", "difference", "low", "high")),
    ),
)

PLATFORM_INSTRUCTORS = Group(
    made="learners",
    by=("instructor_id",),
    figures=(
        total("courses", "learners", grows=False),
        *(GroupValue(each, ValueKind.PEOPLE, each, to_date=True) for each in ("learners", "completed")),
        *(mean(each, "learners") for each in ("completed_pct", "expected_pct", "difference", "low", "high")),
    ),
)

PLATFORM_SUMMARY = Group(
    figures=(
        *people("active_learners"),
        total("active_courses", "active_learners", grows=False),
        total("enrolments", "with_enrolment", grows=False),
        total("lessons_completed", "with_lessons"),
        total("courses_completed", "with_course_completed", grows=False),
        total("time_spent", "active_learners", HALF_HOUR),
        total("events", "active_learners", ACTIONS),
    ),
)

PLATFORM_DAILY = Group(
    made="active_learners",
    by=("day",),
    dated=True,
    adds=True,
    figures=(
        *people("active_learners"),
        total("active_courses", "active_learners"),
        total("events", "active_learners", ACTIONS),
        total("sessions", "active_learners"),
        total("time_spent", "active_learners", HALF_HOUR),
    ),
)

#: Weeks and months are drawn alike for all days: a day later they state nearly the same, and many draws would tell the
#: truth.
ACTIVE_USERS = Group(
    by=("day",),
    dated=True,
    figures=(
        *people("daily"),
        *people("weekly", "monthly", by=()),
        ratio("stickiness_pct", "daily", "monthly"),
    ),
)

DEVICES = Group(
    made="active_learners",
    by=("device_type",),
    figures=(
        *people("active_learners"),
        total("events", "active_learners", ACTIONS),
        total("sessions", "active_learners"),
    ),
)

COUNTRIES = DEVICES._replace(by=("country",))

RETENTION = Group(
    size="learners",
    by=("cohort", "period"),
    dated=True,
    figures=(
        *people("learners", by=("cohort",)),
        *people("returned"),
        ratio("returned_pct", "returned", "learners"),
    ),
)

RETENTION_REGISTERED = Group(
    size="enrolled",
    by=("intake", "day"),
    dated=True,
    figures=(
        *people("enrolled", by=("intake",)),
        *people("registered"),
        ratio("registered_pct", "registered", "enrolled"),
    ),
)

CLICKS = Group(
    of=("course_id",),
    by=("course_id",),
    adds=True,
    figures=(*people("learners"), total("clicks", "learners", ACTIONS)),
)

EVENTS_BY_TYPE = Group(
    made="people", by=("event_type",), adds=True, figures=(total("events", "people", ACTIONS),)
)

QUALITY_COURSES = Group(
    made="learners",
    of=("course_id",),
    by=("course_id",),
    figures=(*people("learners"), total("events", "learners", ACTIONS)),
)

QUALITY_PLAYERS = Group(
    made="learners",
    of=("course_id",),
    by=("course_id",),
    figures=(
        *people("learners"),
        total("plays", "learners", ACTIONS),
        total("heartbeats", "learners", ACTIONS),
    ),
)

COURSE_RANKS = Group(
    of=("course_id",),
    by=("course_id",),
    figures=(
        *(
            GroupValue(each, ValueKind.PEOPLE, each, to_date=True)
            for each in ("learners", "completed", "scored")
        ),
        *(mean(each, "learners") for each in ("completed_pct", "completed_low", "completed_high")),
        *(mean(each, "scored") for each in ("score_pct", "score_low", "score_high")),
    ),
)
