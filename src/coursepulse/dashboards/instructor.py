"""The cards about a course and about one of its videos, for those who teach it."""

from __future__ import annotations

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.special.class_figures import ClassFigures
from coursepulse.dashboards.special.engagement import WeeksByBand
from coursepulse.dashboards.special.leaderboard import Leaderboard
from coursepulse.dashboards.special.now import WhoIsIn
from coursepulse.dashboards.special.risk import RiskMatrix
from coursepulse.dashboards.views.bars import OverlaidBars
from coursepulse.dashboards.views.figures import Figures
from coursepulse.dashboards.views.heat_map import Distribution
from coursepulse.dashboards.views.table import DataTable
from coursepulse.dashboards.views.time_series import Series, TimeSeries

#: Of each course, on the first page of those who teach it.
TAUGHT = (
    Card(
        "course_headline",
        ClassFigures(trend="course_daily", growing=("completion_pct", "watched_pct", "not_agreed")),
        "active_learners completion_pct score_pct watched_pct time_spent",
        metric="course_summary",
        span=12,
        repeatable=True,
    ),
)

#: Of a course, for the students in it and for those who teach it.
LEARNER = (Card("course_leaderboard", Leaderboard(ticking=True), span=12),)

COURSE = (
    *TAUGHT,
    Card(
        "course_now",
        WhoIsIn(order="-since", page_size=10, ticking=True),
        "course_id student_id name kind item_id title stuck since last_activity_at device",
        span=12,
    ),
    Card(
        "course_risk",
        RiskMatrix(),
        "course_id student_id name bucket risk_score engagement_score score_pct reasons",
        related=("course_engagement",),
        span=7,
        tall=True,
    ),
    Card(
        "course_engagement",
        WeeksByBand(),
        "week",
        span=5,
        tall=True,
    ),
    Card(
        "course_daily",
        TimeSeries(
            "day",
            (
                Series("active_learners", tip="tip.learners"),
                Series("time_spent", chart.line, tip="tip.time"),
            ),
        ),
        "day active_learners time_spent lessons_completed",
    ),
    Card(
        "course_lessons",
        OverlaidBars("started", "completed", tip="tip.lesson"),
        "lesson_id title started completed",
    ),
    Card(
        "course_videos",
        DataTable(ascending=("watched_pct",), page_size=10),
        "course_id video_id title viewers watched_pct completed rewatch_pct",
    ),
    Card(
        "course_questions",
        DataTable(order="first_try_pct", page_size=10),
        "assessment_id question_id title answered first_try_pct",
        metric="question_first_try",
    ),
    Card(
        "course_assessments",
        Distribution("title", "bins", "learners", most=16),
        "assessment_id title kind learners score_pct passed_pct bins",
        span=12,
    ),
    Card(
        "course_students",
        DataTable(order="-last_activity_at"),
        "course_id student_id name completion_pct score_pct time_spent days_active engagement bucket last_activity_at",
        span=12,
    ),
    *LEARNER,
)

VIDEO = (
    Card(
        "video_headline",
        Figures(only=lambda row, about: row["video_id"] == about.video),
        "viewers watched_pct completed rewatch_pct",
        metric="course_videos",
        span=12,
    ),
    Card(
        "video_dropoff",
        TimeSeries(
            "second",
            (Series("viewers", chart.area, tip="tip.second"), Series("rewatchers", chart.area, chart.THIRD)),
            zoomed=True,
        ),
        "second viewers rewatchers remaining_pct",
        span=12,
        tall=True,
    ),
)
