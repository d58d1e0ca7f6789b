"""The cards about a team, for those who lead it."""

from __future__ import annotations

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.special.leaderboard import Leaderboard
from coursepulse.dashboards.views.figures import Figures
from coursepulse.dashboards.views.table import DataTable

TEAM = (
    Card(
        "team_headline",
        # Who is a member is read from the roster of now, and completion only grows.
        Figures(growing=("members", "completion_pct"), nobody="members"),
        "members active_members time_spent lessons_completed courses_completed completion_pct score_pct",
        metric="team_summary",
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
