"""Metrics about the members of a team: how they are, and who needs attention."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_teams
from coursepulse.metrics.catalog.takes import PAGE, PERIOD
from coursepulse.metrics.evidence import members
from coursepulse.metrics.evidence.proof import Same, Why
from coursepulse.metrics.finish import attention, leaderboards, team_weeks, teams
from coursepulse.metrics.metric import Column, Metric, Scope, Source, Unit

MEMBER_METRICS = (
    Metric(
        "team_summary",
        "Team at a glance",
        "Members, time, completions and performance of a team, over all courses.",
        Scope.TEAM,
        (
            Column("team_id", Unit.ID, "Team", "the platform's id of the team", hidden=True),
            Column("team", Unit.TEXT, "Team", "what the team is called"),
            Column("members", Unit.COUNT, "Members", "members of the team by the roster of now"),
            Column(
                "not_agreed",
                Unit.COUNT,
                "Did not agree",
                "members with events who did not agree to `employer_sharing` or `analytics`: counted, not listed",
            ),
            Column("not_linked", Unit.COUNT, "Not linked", "members to whom no event was ever tied"),
            Column(
                "active_members", Unit.COUNT, "Active members", "members with a learning event in the period"
            ),
            Column("time_spent", Unit.SECONDS, "Learning time", "time on task of all members in the period"),
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
                "courses declared complete, one per member and course",
            ),
            Column(
                "completion_pct",
                Unit.PERCENT,
                "Completion",
                "mean over the members of their mean completion, to date",
            ),
            Column(
                "score_pct",
                Unit.PERCENT,
                "Score",
                "mean over the members of their mean average score, to date",
            ),
            Column(
                "with_completion",
                Unit.COUNT,
                "With a completion",
                "members behind the completion",
                hidden=True,
            ),
            Column("with_score", Unit.COUNT, "With a score", "members behind the score", hidden=True),
        ),
        "Team",
        takes=PERIOD,
        comparable=True,
        reads=(teams.ROWS,),
        roster=(teams.SHARING, teams.NAME),
        finish=teams.add_up,
        members=teams.ROWS,
        source=Source.LEARNERS,
        group=of_teams.TEAM_SUMMARY,
        evidence=members.SUMMARY,
    ),
    Metric(
        "team_weeks",
        "Team week by week",
        "Active members, time and lessons of a team in each whole week of the period, Monday to Sunday.",
        Scope.TEAM,
        (
            Column("week", Unit.DATE, "Week", "Monday of the week"),
            Column("active_members", Unit.COUNT, "Active members", "members with a learning event that week"),
            Column("time_spent", Unit.SECONDS, "Learning time", "time on task of all members that week"),
            Column(
                "lessons_completed",
                Unit.COUNT,
                "Lessons done",
                "distinct lessons completed by each member that week",
            ),
        ),
        "Team",
        takes=PERIOD,
        span=84,
        reads=(team_weeks.LEARNERS, team_weeks.WEEKS),
        finish=team_weeks.add_up,
        members=team_weeks.LEARNERS,
        source=Source.LEARNERS,
        group=of_teams.TEAM_WEEKS,
        evidence=members.WEEKS,
    ),
    Metric(
        "team_members",
        "Members of a team",
        "One row per member whose record the viewer may see, page by page: for managers those who agreed to share "
        "it with an employer.",
        Scope.TEAM,
        (
            c.STUDENT_ID,
            c.NAME,
            Column(
                "courses", Unit.COUNT, "Courses", "courses that the member is in at the end of the period"
            ),
            Column("completion_pct", Unit.PERCENT, "Completion", "mean completion of these courses, to date"),
            Column("score_pct", Unit.PERCENT, "Score", "mean average score of these courses, to date"),
            c.TIME,
            c.LAST_ACTIVITY,
        ),
        "Team",
        takes=(*PERIOD, *PAGE),
        named=True,
        order="-last_activity_at",
        reads=(teams.ROWS,),
        finish=teams.list_members,
        source=Source.LEARNERS,
        evidence={"time_spent": Same("student_summary"), "": Why.RECORD},
    ),
    Metric(
        "team_leaderboard",
        "Leaderboard of a team",
        "Members of a team who joined the leaderboards and agreed to share with an employer, by points, under the "
        "names they chose.",
        Scope.TEAM,
        (
            c.RANK,
            c.CHOSEN_NAME,
            Column("points", Unit.COUNT, "Points", "points of all courses that the member is in, to date"),
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
        "team_attention",
        "Members to talk to, in numbers",
        "How many members who have something to learn have been silent, learn little, or soon run out of time.",
        Scope.TEAM,
        (
            Column("learning", Unit.COUNT, "In a course", "members in a course that they have not completed"),
            Column("dormant", Unit.COUNT, "Silent", "of these, without a learning event in the last 30 days"),
            Column("ends_soon", Unit.COUNT, "Ends soon", "of these, in a course that ends within 30 days"),
            Column(
                "little_time",
                Unit.COUNT,
                "Under 1 hour",
                "of these, who learned in the last 30 days, but less than an hour",
            ),
        ),
        "Members to talk to",
        reads=(attention.RECENT, attention.RUNNING),
        roster=(attention.ENDS,),
        finish=attention.add_up,
        members=attention.RECENT,
        source=Source.LEARNERS,
        group=of_teams.TEAM_ATTENTION,
        evidence=members.ATTENTION,
    ),
    Metric(
        "team_attention_members",
        "Members to talk to",
        "One row per member who has been silent, learns little, or soon runs out of time, for members whose record the "
        "viewer may see.",
        Scope.TEAM,
        (
            c.STUDENT_ID,
            c.NAME,
            Column("why", Unit.STATE, "Why", "the weightiest reason: dormant, little_time or ends_soon"),
            Column(
                "open_courses",
                Unit.COUNT,
                "Open courses",
                "courses that the member is in and has not completed",
            ),
            Column("time_30", Unit.SECONDS, "Last 30 days", "time on task in the last 30 days"),
            Column("quiet", Unit.DAYS, "Silent for", "days since the last learning event; null without one"),
            c.LAST_ACTIVITY,
            Column("next_end_on", Unit.DATE, "Next end", "the next day on which one of these courses ends"),
        ),
        "Members to talk to",
        takes=PAGE,
        named=True,
        order="time_30",
        reads=(attention.RECENT, attention.RUNNING),
        roster=(attention.ENDS,),
        finish=attention.list_members,
        source=Source.LEARNERS,
        evidence={"": Why.RECORD},
    ),
)
