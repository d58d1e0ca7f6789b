"""Metrics about a team of an organisation, for those who lead it."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog import groups
from coursepulse.metrics.finish import leaderboards, teams
from coursepulse.metrics.metric import Column, Metric, Param, Scope, Source, Unit

PERIOD = (Param.FROM, Param.TO)
PAGE = (Param.SORT, Param.LIMIT, Param.OFFSET)

TEAM_METRICS = (
    Metric(
        "team_summary",
        "Team at a glance",
        "Members, time, completions and performance of a team, over all courses.",
        Scope.TEAM,
        (
            Column("team_id", Unit.ID, "Team", "the platform's id of the team", hidden=True),
            Column("members", Unit.COUNT, "Members", "members of the team by the roster of now"),
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
        ),
        "Team",
        takes=PERIOD,
        comparable=True,
        reads=(teams.ROWS,),
        finish=teams.add_up,
        members=teams.ROWS,
        source=Source.LEARNERS,
        group=groups.TEAM_SUMMARY,
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
    ),
)
