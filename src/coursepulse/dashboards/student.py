"""The cards about one student."""

from __future__ import annotations

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.special.class_comparison import ClassComparison
from coursepulse.dashboards.special.feedback import Feedback
from coursepulse.dashboards.special.goals import Goals
from coursepulse.dashboards.special.now import OwnProgress
from coursepulse.dashboards.special.own_lessons import OwnLessons
from coursepulse.dashboards.special.progress import Progress
from coursepulse.dashboards.special.skills import SkillTable
from coursepulse.dashboards.special.steps import Steps
from coursepulse.dashboards.views.bars import HorizontalBars
from coursepulse.dashboards.views.figures import Figures
from coursepulse.dashboards.views.heat_map import Calendar, HeatMap
from coursepulse.dashboards.views.radar import Radar
from coursepulse.dashboards.views.table import DataTable
from coursepulse.metrics.metric import Unit

STUDENT = (
    Card(
        "student_headline",
        Figures(standing=("streak_days", "courses_completed")),
        "streak_days courses_completed time_spent days_active lessons_completed",
        metric="student_summary",
        units={"days_active": Unit.DAYS},
        span=12,
    ),
    Card("student_steps", Steps(), span=5),
    Card(
        "student_now",
        OwnProgress(),
        "course_id kind item_id title resume_at watched_pct complete questions correct score_pct handed_in_at",
        span=7,
    ),
    Card(
        "student_courses",
        Progress(),
        "course_id title completion_pct lessons_completed total_lessons time_spent url",
        span=12,
    ),
    Card("student_goals", Goals(), span=12, begins=True),
    Card("student_class", ClassComparison(), span=12),
    Card(
        "student_activity",
        HeatMap("hour", "weekday", "quarters", tip="tip.hour", things=("quarters",)),
    ),
    Card(
        "student_habits",
        DataTable(),
        "course_id title days_a_week time_a_day usual_hour in_order_pct discussion_pct replay_pct speed",
        units={"usual_hour": Unit.HOUR},
        span=12,
    ),
    Card("student_skills", Radar("skill", "mastery", "level", instead="reached", most=12)),
    Card(
        "student_mastery",
        SkillTable(titles="student_assessments", page_size=8),
        "course_id title skill standing mastery mastery_low mastery_high answers kind item url",
        span=12,
    ),
    Card("student_calendar", Calendar("quarters"), metric="student_daily", span=12),
    Card("student_lesson_times", OwnLessons(page_size=10), "course_id lesson_id title time_spent"),
    Card(
        "student_videos",
        HorizontalBars("title", "watched_pct", tip="tip.video"),
        "course_id video_id title watched_pct rewatch_pct covered",
    ),
    Card(
        "student_assessments",
        HorizontalBars(
            "title", "score_pct", tip="tip.score", things=("attempts",), mark="pass_mark", passed="passed"
        ),
        "course_id assessment_id title kind attempts score_pct pass_mark passed",
    ),
    Card(
        "student_feedback",
        Feedback(),
        "course_id assessment_id title kind score_pct last_pct attempts pass_mark due_at",
        metric="student_assessments",
        span=12,
    ),
    Card(
        "student_certificates",
        DataTable(order="expires_on"),
        "course_id certificate title state issued_on expires_on days_left",
        span=12,
    ),
)
