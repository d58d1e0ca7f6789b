"""The cards about a team, for those who lead it."""

from __future__ import annotations

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.special.comparison import TeamComparison
from coursepulse.dashboards.special.leaderboard import Leaderboard
from coursepulse.dashboards.special.members_to_reach import MembersToReach
from coursepulse.dashboards.special.team_steps import TeamSteps
from coursepulse.dashboards.views.bars import HorizontalBars
from coursepulse.dashboards.views.figures import Figures
from coursepulse.dashboards.views.table import DataTable
from coursepulse.dashboards.views.time_series import Series, TimeSeries

#: Of all teams of somebody who leads several.
TEAMS = (
    Card(
        "led_members_to_reach",
        MembersToReach(follows="own", of_all=True),
        metric="team_training_members",
        span=12,
    ),
    Card(
        "team_comparison",
        TeamComparison(),
        "team_id team members active_members time_spent completion_pct score_pct not_agreed not_linked",
        metric="team_summary",
        span=12,
    ),
)

#: Of each team, on the first page of those who lead several.
LED = (
    Card("team_steps", TeamSteps(), metric="team_training", span=12, repeatable=True),
    Card(
        "team_headline",
        # Who is a member is read from the roster of now, and completion only grows.
        Figures(growing=("members", "completion_pct", "not_agreed", "not_linked"), nobody="members"),
        "members active_members time_spent lessons_completed courses_completed completion_pct score_pct "
        "not_agreed not_linked",
        metric="team_summary",
        span=12,
        repeatable=True,
    ),
)

TEAM = (
    LED[0],
    Card(
        "team_members_to_reach",
        MembersToReach(),
        metric="team_training_members",
        span=12,
        repeatable=True,
    ),
    *LED[1:],
    Card(
        "team_weeks",
        TimeSeries("week", (Series("active_members"), Series("time_spent", chart.line))),
        "week active_members time_spent lessons_completed",
        span=12,
        repeatable=True,
    ),
    Card(
        "team_attention",
        Figures(standing=("learning", "dormant", "ends_soon", "little_time"), nobody="learning"),
        "learning dormant ends_soon little_time",
        span=12,
        repeatable=True,
    ),
    Card(
        "team_attention_members",
        DataTable(page_size=10),
        "student_id name why time_30 quiet open_courses next_end_on",
        span=12,
        repeatable=True,
    ),
    Card(
        "team_training",
        DataTable(order="-overdue"),
        "course_id title due_on mandatory assigned done_pct overdue due_soon not_begun",
        span=12,
        repeatable=True,
    ),
    Card(
        "team_training_done",
        HorizontalBars("title", "done_pct", tip="tip.training"),
        "course_id title done_pct due_on assigned overdue",
        metric="team_training",
        repeatable=True,
    ),
    Card(
        "team_budget_burn",
        HorizontalBars("budget", "spent_pct", tip="tip.budget", mark="elapsed_pct"),
        "budget_id budget spent_pct elapsed_pct ends_on",
        metric="team_budgets",
        repeatable=True,
    ),
    Card(
        "team_training_members",
        DataTable(page_size=10),
        "student_id name course_id title state due_on days_left completion_pct done_on",
        span=12,
        repeatable=True,
    ),
    Card(
        "team_certificates",
        DataTable(order="-expired"),
        "certificate_id certificate holders expired expires_30 expires_90 valid",
        repeatable=True,
    ),
    Card(
        "team_certificate_members",
        DataTable(page_size=10),
        "student_id name certificate state expires_on days_left",
        repeatable=True,
    ),
    Card(
        "team_skills",
        DataTable(order="met_pct"),
        "profile_id skill course_id role need level people met below no_result met_pct",
        span=12,
        repeatable=True,
    ),
    Card(
        "team_skill_gap",
        HorizontalBars("need", "met_pct", tip="tip.skill", ranked=True),
        "profile_id skill course_id role need level met_pct met people",
        metric="team_skills",
        span=12,
        repeatable=True,
    ),
    Card(
        "team_skill_members",
        DataTable(page_size=10),
        "student_id name role need skill_state level reached gap",
        span=12,
        repeatable=True,
    ),
    Card(
        "team_seats",
        DataTable(order="licence"),
        "pool_id licence of_team bought assigned activated activated_pct used free ends_on",
        span=12,
        repeatable=True,
    ),
    Card(
        "team_budgets",
        DataTable(order="budget"),
        "budget_id budget of_team currency amount spent left spent_pct elapsed_pct ends_on",
        span=12,
        repeatable=True,
    ),
    Card(
        "team_members",
        DataTable(),
        "student_id name courses completion_pct score_pct time_spent last_activity_at",
        span=12,
        repeatable=True,
    ),
    Card("team_leaderboard", Leaderboard(), span=12, repeatable=True),
)
