"""The cards about a course and about one of its videos, for those who teach it."""

from __future__ import annotations

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, part_of_page
from coursepulse.dashboards.special.class_figures import ClassFigures
from coursepulse.dashboards.special.engagement import WeeksByBand
from coursepulse.dashboards.special.items import ChoiceTable, ItemTable
from coursepulse.dashboards.special.leaderboard import Leaderboard
from coursepulse.dashboards.special.learners import LearnerTable, OwedWork
from coursepulse.dashboards.special.messages import (
    DrawnMessages,
    MatchedMessages,
    MessageEffects,
    StepEffects,
)
from coursepulse.dashboards.special.moments import Moments
from coursepulse.dashboards.special.now import WhoIsIn
from coursepulse.dashboards.special.numbered import NumberedTable
from coursepulse.dashboards.special.outcomes import ChangeTable, GainTable, OutcomeTable
from coursepulse.dashboards.special.patterns import PatternTable
from coursepulse.dashboards.special.people_to_reach import PeopleToReach
from coursepulse.dashboards.special.prediction import LearnerPrediction
from coursepulse.dashboards.special.questions import QuestionTable
from coursepulse.dashboards.special.risk import RiskMatrix
from coursepulse.dashboards.special.skills import SkillBars, SkillTable
from coursepulse.dashboards.special.standing import LearnerStanding
from coursepulse.dashboards.special.taught import TaughtCourses
from coursepulse.dashboards.special.threads import ThreadTable
from coursepulse.dashboards.special.timeline import Timeline
from coursepulse.dashboards.views.bars import OverlaidBars
from coursepulse.dashboards.views.figures import Figures
from coursepulse.dashboards.views.heat_map import Distribution
from coursepulse.dashboards.views.table import DataTable
from coursepulse.dashboards.views.time_series import Series, TimeSeries
from coursepulse.metrics.metric import Unit

#: All courses that somebody teaches, on their first page.
TAUGHT = (
    Card("people_to_reach", PeopleToReach(), metric="course_risk", span=12),
    Card(
        "taught_courses",
        TaughtCourses(order="title"),
        "course_id title learners_enrolled active_learners completion_pct score_pct time_spent",
        metric="course_summary",
        span=12,
        begins=True,
    ),
)

#: Of a course, for the students in it and for those who teach it.
LEARNER = (Card("course_leaderboard", Leaderboard(ticking=True), span=12),)

#: Of one learner of a course, above what the learner sees too.
STUDIED = (
    Card("learner_standing", LearnerStanding(), metric="student_risk", span=5),
    Card("learner_prediction", LearnerPrediction(), metric="student_prediction", span=12),
    Card("learner_timeline", Timeline(), metric="student_timeline", span=7),
)

COURSE = (
    Card(
        "course_headline",
        ClassFigures(trend="course_daily", growing=("completion_pct", "watched_pct", "not_agreed")),
        "active_learners completion_pct score_pct watched_pct time_spent",
        metric="course_summary",
        span=12,
    ),
    Card(
        "course_now",
        WhoIsIn(order="-stuck", page_size=10, ticking=True, picks=True),
        "course_id student_id name kind item_id title stuck since last_activity_at device",
        span=12,
    ),
    *part_of_page(
        "people",
        Card(
            "course_risk",
            RiskMatrix(),
            "course_id student_id name bucket risk_score engagement_score score_pct reasons low_score",
            related=("course_engagement",),
            span=7,
            tall=True,
        ),
        Card(
            "course_engagement",
            WeeksByBand(),
            "week low normal high",
            metric="course_engagement_weeks",
            related=("course_engagement",),
            span=5,
            tall=True,
        ),
        Card(
            "course_students",
            LearnerTable(page_size=10),
            "course_id student_id name bucket reasons completion_pct score_pct time_spent days_active engagement "
            "status last_activity_at",
            span=12,
        ),
        Card(
            "course_predictions",
            DataTable(page_size=10),
            "course_id student_id name probability_pct known_pct predicted_at",
            span=7,
        ),
        Card("course_track_record", DataTable(), span=5),
        Card(
            "course_not_agreed",
            DataTable(page_size=10),
            "course_id student_id name enrolled_at completion_pct score_pct",
            span=12,
        ),
        Card(
            "course_patterns",
            PatternTable(),
            "learners share_pct days_a_week time_a_day usual_hour in_order_pct discussion_pct replay_pct speed",
            units={"usual_hour": Unit.HOUR},
            span=12,
        ),
    ),
    *part_of_page(
        "work",
        Card(
            "course_work",
            DataTable(order="due_at", ascending=("due_at",), page_size=10),
            "assessment_id title kind due_at not_started in_work handed_in late graded overdue",
            span=12,
        ),
        Card(
            "course_open_work",
            OwedWork(page_size=10, ascending=("next_due_at",)),
            "course_id student_id name overdue assessment_id title next_due_at",
            span=12,
        ),
        Card(
            "course_assessments",
            Distribution("title", "bins", "learners", most=16),
            "assessment_id title kind learners score_pct passed_pct bins",
            span=12,
        ),
        Card(
            "course_questions",
            QuestionTable(order="first_try_pct", page_size=10),
            "assessment_id question_id title answered first_try_pct",
            metric="question_first_try",
        ),
        Card(
            "course_items",
            ItemTable(
                order="discrimination",
                ascending=("discrimination", "point_biserial", "right_pct"),
                page_size=10,
            ),
            "assessment_id question_id title answered right_pct point_biserial discrimination rasch rasch_error",
            span=12,
        ),
        Card(
            "course_choices",
            ChoiceTable(page_size=12),
            "assessment_id question_id title answer_id right chosen chosen_pct upper upper_pct lower lower_pct",
            span=12,
        ),
        Card(
            "course_gains",
            GainTable(page_size=10),
            "assessment_id title part repeaters first_pct second_pct chance_pct gain",
            span=12,
        ),
    ),
    *part_of_page(
        "content",
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
            "lesson_id title started completed stopped",
        ),
        Card(
            "course_lesson_times",
            DataTable(page_size=10),
            "lesson_id title learners time_low time_median time_high",
        ),
        Card(
            "course_videos",
            DataTable(ascending=("watched_pct",), page_size=10),
            "course_id video_id title viewers watched_pct completed rewatch_pct",
        ),
        Card(
            "course_exercises",
            NumberedTable(
                key="interactive_id",
                along="interactive_id",
                words="exercise.numbered",
                order="first_try_pct",
                ascending=("first_try_pct",),
                page_size=10,
            ),
            "interactive_id title learners attempts first_try_pct solved",
        ),
        Card(
            "course_live",
            NumberedTable(
                key="live_session_id",
                along="began_at",
                words="live.numbered",
                order="-began_at",
                page_size=10,
            ),
            "live_session_id title began_at attended stay took_part took_part_pct interactions",
            span=12,
        ),
    ),
    *part_of_page(
        "skills",
        Card(
            "course_mastery",
            SkillBars(length="mastery", tip="tip.mastery", things=("learners",), titles="course_work"),
            "skill learners mastery with_gap gap_pct faded unsure known",
        ),
        Card(
            "course_learner_mastery",
            SkillTable(
                titles="course_work",
                ascending=("mastery", "mastery_low", "mastery_high", "answers"),
                page_size=10,
                picks=True,
            ),
            "course_id student_id name skill standing mastery mastery_low mastery_high answers last_answer_at",
            span=12,
        ),
    ),
    *part_of_page(
        "talk",
        Card(
            "course_threads",
            ThreadTable(page_size=10),
            "thread_id answer waits begun_at replies repliers readers last_at",
            span=12,
        ),
        Card(
            "course_waiting",
            ThreadTable(page_size=10, ascending=("begun_at",), picks=True),
            "course_id student_id name thread_id begun_at waits readers",
            span=12,
        ),
        Card(
            "course_participation",
            DataTable(
                ascending=("contributions", "posts", "replies", "views", "last_on"), page_size=10, picks=True
            ),
            "course_id student_id name voice contributions posts replies views helped helped_by last_on",
            span=12,
        ),
        *LEARNER,
    ),
    *part_of_page(
        "effect",
        Card(
            "course_messages",
            MessageEffects(),
            "rule written written_pct others others_pct",
            span=12,
        ),
        Card(
            "course_draws",
            DrawnMessages(),
            "written written_pct others others_pct early",
            span=12,
        ),
        Card(
            "course_message_waits",
            DataTable(page_size=10, ascending=("drawn_on", "write_from"), picks=True),
            "course_id student_id name drawn_on write_from",
            span=12,
        ),
        Card(
            "course_interventions",
            MatchedMessages(),
            "written pairs overlap_pct back_pct others_pct apart apart_after",
            span=12,
        ),
        Card(
            "course_steps",
            StepEffects(),
            "advice learners followed followed_pct pairs overlap_pct went_on_pct others_on_pct apart_after",
            span=12,
        ),
        Card(
            "course_outcomes",
            OutcomeTable(page_size=7),
            "part enrolled learners completed completed_pct expected_pct half_after half_low half_high",
            span=12,
        ),
        Card(
            "course_changes",
            ChangeTable(page_size=10),
            "changed_on lesson_id title what earlier earlier_pct later later_pct difference",
            span=12,
        ),
    ),
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
    Card(
        "video_moments",
        Moments(
            "second",
            (
                Series("pausers", tip="tip.moments"),
                Series("leavers"),
                Series("arrivals"),
            ),
            zoomed=True,
        ),
        "second pausers leavers arrivals players faster_pct",
        span=12,
    ),
)
