"""The cards about the whole platform."""

from __future__ import annotations

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.special.outcomes import OutcomeTable
from coursepulse.dashboards.special.pulse import PulseFigures
from coursepulse.dashboards.views.bars import HorizontalBars
from coursepulse.dashboards.views.figures import Figures
from coursepulse.dashboards.views.ranking import IntervalRanking
from coursepulse.dashboards.views.table import DataTable
from coursepulse.dashboards.views.time_series import Series, TimeSeries
from coursepulse.dashboards.views.triangle import CohortTriangle
from coursepulse.dashboards.views.world import WorldMap

PLATFORM = (
    Card(
        "platform_pulse",
        PulseFigures(),
        "events_per_second active_sessions waiting delay",
        metric="pulse",
        span=12,
    ),
    Card(
        "platform_headline",
        Figures(trend="platform_daily"),
        "active_learners enrolments lessons_completed time_spent events",
        metric="platform_summary",
        span=12,
    ),
    Card(
        "platform_daily",
        TimeSeries(
            "day",
            (
                Series("active_learners", tip="tip.learners"),
                Series("time_spent", chart.line, tip="tip.time"),
            ),
        ),
        "day active_learners time_spent events",
        span=8,
    ),
    Card(
        "platform_devices",
        HorizontalBars("device_type", "active_learners", ranked=True),
        metric="devices",
        span=4,
    ),
    Card(
        "platform_active",
        TimeSeries(
            "day",
            (
                Series("monthly", chart.line, chart.SECOND, tip="tip.active"),
                Series("weekly", chart.line, chart.THIRD, tip="tip.active"),
                Series("daily", color=chart.ACCENT, tip="tip.active"),
            ),
        ),
        "day daily weekly monthly stickiness_pct",
        metric="active_users",
        span=12,
    ),
    Card("platform_map", WorldMap("country", "active_learners"), metric="countries", span=8, tall=True),
    Card(
        "platform_countries",
        HorizontalBars("country", "active_learners", ranked=True, most=12),
        metric="countries",
        span=4,
        tall=True,
    ),
    Card(
        "platform_events",
        HorizontalBars("event_type", "events", tip="tip.events", ranked=True, most=10),
        metric="events_by_type",
        span=12,
    ),
    Card(
        "platform_revenue",
        DataTable(),
        "currency net paid refunded payments refunds courses",
        metric="revenue_by_currency",
        span=12,
    ),
    Card(
        "platform_revenue_months",
        DataTable(order="-month"),
        "month course_id title currency net paid refunded payments refunds",
        metric="revenue",
        span=12,
    ),
    Card(
        "platform_completion_ranks",
        IntervalRanking("completed_pct", "completed_low", "completed_high", "learners"),
        "course_id title completed_pct completed_low completed_high completed learners",
        metric="course_ranks",
        tall=True,
    ),
    Card(
        "platform_score_ranks",
        IntervalRanking("score_pct", "score_low", "score_high", "scored"),
        "course_id title score_pct score_low score_high scored",
        metric="course_ranks",
        tall=True,
    ),
    Card(
        "platform_outcomes",
        OutcomeTable(page_size=10),
        "course_id title learners completed completed_pct expected_pct difference",
        span=12,
    ),
    Card(
        "platform_instructors",
        OutcomeTable(page_size=10),
        "instructor_id instructor courses learners completed completed_pct expected_pct difference",
        span=12,
    ),
    Card(
        "platform_courses",
        DataTable(),
        "course_id title learners_enrolled active_learners completion_pct score_pct time_spent",
        metric="courses",
        span=12,
    ),
    Card(
        "platform_cohorts",
        CohortTriangle(
            "cohort",
            "period",
            "returned_pct",
            part="returned",
            whole="learners",
            axis="axis.cohort_period",
            tip="tip.cohort",
            steps=("week", "month"),
        ),
        metric="retention",
        span=8,
    ),
    Card(
        "platform_pipeline",
        Figures(only=lambda row, _: row["name"] == "served"),
        "latest_event_at applied_at idle",
        metric="pipeline",
        span=4,
    ),
)
