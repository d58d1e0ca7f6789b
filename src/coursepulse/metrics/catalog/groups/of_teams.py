"""Who is behind rows about the members of a team."""

from __future__ import annotations

from coursepulse.metrics.catalog.groups.kinds import HALF_HOUR, mean, people, ratio, total
from coursepulse.privacy.small_groups import Group, GroupValue, ValueKind

#: ``roster`` is who is in the team and not seen one by one: drawn anew when that changes. Who leaves a team is known:
#: were the same question then drawn alike, an answer that changed would tell what they had done.
TEAM_SUMMARY = Group(
    of=("team_id", "roster"),
    by=("team_id", "roster"),
    figures=(
        GroupValue("members", ValueKind.PEOPLE, "members", to_date=True, standing=True),
        *(GroupValue(each, ValueKind.PEOPLE, each, to_date=True) for each in ("not_agreed", "not_linked")),
        *people("active_members", "with_completion", "with_score"),
        total("time_spent", "active_members", HALF_HOUR),
        total("lessons_completed", "with_lessons"),
        total("courses_completed", "with_course_completed", grows=False),
        mean("completion_pct", "with_completion"),
        mean("score_pct", "with_score"),
    ),
)

#: Week by week, whatever the period. A week is stated once: no other span of days overlaps it.
TEAM_WEEKS = Group(
    of=("team_id", "roster"),
    by=("team_id", "roster", "week"),
    rows=("week",),
    dated=True,
    figures=(
        *people("active_members"),
        total("time_spent", "active_members", 2 * HALF_HOUR),
        total("lessons_completed", "with_lessons", 2),
    ),
)

#: ``roster`` is who of the unseen has to take the course. The team assigns it, so it knows how many that are.
TEAM_TRAINING = Group(
    of=("team_id", "roster", "course_id"),
    by=("team_id", "roster", "course_id"),
    rows=("course_id",),
    figures=(
        GroupValue("assigned", ValueKind.PEOPLE, "assigned", to_date=True, standing=True),
        *(
            GroupValue(each, ValueKind.PEOPLE, each, to_date=True)
            for each in ("done", "overdue", "due_soon", "not_begun")
        ),
        ratio("done_pct", "done", "assigned"),
    ),
)

TEAM_CERTIFICATES = Group(
    of=("team_id", "roster", "certificate_id"),
    by=("team_id", "roster", "certificate_id"),
    rows=("certificate_id",),
    figures=(
        GroupValue("holders", ValueKind.PEOPLE, "holders", to_date=True, standing=True),
        *(
            GroupValue(each, ValueKind.PEOPLE, each, to_date=True)
            for each in ("expired", "expires_30", "expires_90", "valid")
        ),
    ),
)

TEAM_ATTENTION = Group(
    of=("team_id", "roster"),
    by=("team_id", "roster"),
    figures=tuple(
        GroupValue(each, ValueKind.PEOPLE, each, to_date=True)
        for each in ("learning", "dormant", "ends_soon", "little_time")
    ),
)

TEAM_SKILLS = Group(
    of=("team_id", "roster", "profile_id", "skill", "course_id"),
    by=("team_id", "roster", "profile_id", "skill", "course_id"),
    rows=("profile_id", "skill", "course_id"),
    figures=(
        GroupValue("people", ValueKind.PEOPLE, "people", to_date=True, standing=True),
        *(GroupValue(each, ValueKind.PEOPLE, each, to_date=True) for each in ("met", "below", "no_result")),
        ratio("met_pct", "met", "people"),
    ),
)

#: What was bought, assigned and activated stands on bills; what people used is about them.
TEAM_SEATS = Group(
    size="assigned",
    of=("pool_id",),
    by=("pool_id",),
    figures=(GroupValue("used", ValueKind.PEOPLE, "used", to_date=True),),
)
