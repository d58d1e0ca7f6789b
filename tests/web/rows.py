"""Rows as the cards read them: small, with an odd one among them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.reader import Record

DAY, NEXT = date(2026, 3, 2), date(2026, 3, 3)
ID = "11111111-2222-3333-4444-555555555555"


def _rows(slug: str, *rows: tuple[Any, ...]) -> tuple[Record, ...]:
    names = [column.name for column in all_cards()[slug].columns]
    return tuple(dict(zip(names, row, strict=True)) for row in rows)


#: For every card with a chart, rows to draw.
ROWS: dict[str, tuple[Record, ...]] = {
    slug: _rows(slug, *rows)
    for slug, rows in {
        "platform_daily": ((DAY, 12, 5400.0, 300), (NEXT, 0, 0.0, 0)),
        "platform_active": ((DAY, 3, 9, 12, 25.0), (NEXT, 0, 7, 12, 0.0)),
        "platform_devices": (("desktop", 7, 30, 210), ("", 2, 3, 4)),
        "platform_map": (("DE", 7, 30, 210), ("FR", 3, 3, 4), ("", 2, 3, 4)),
        "platform_countries": (("DE", 7, 30, 210), ("", 2, 3, 4)),
        "platform_completion_ranks": (
            ("best", "c", "Chance", 90.0, 81.0, 95.0, 45, 50),
            ("weakest", "d", "Testing", 20.0, 8.0, 41.0, 4, 20),
        ),
        "platform_score_ranks": (("best", "c", "Chance", 70.0, 66.0, 74.0, 50),),
        "system_ingest": (
            (datetime(2026, 3, 2, 10, 1, tzinfo=UTC), 40),
            (datetime(2026, 3, 2, 10, 2, tzinfo=UTC), 2),
        ),
        "platform_events": (("video_play", 40), ("quiz_start", 2)),
        "platform_cohorts": ((DAY, 0, 20, 18, 90.0), (DAY, 1, 20, 11, 55.0)),
        "student_activity": ((0, 8, 3), (6, 23, 1)),
        "student_calendar": (
            (date(2026, 3, 1), 0, date(2026, 2, 23), 6),
            (DAY, 5, DAY, 0),
            (NEXT, 1, DAY, 1),
        ),
        "student_skills": (
            ("logic", 80.0, 2, 3, 70.0, None, None, None, 0),
            ("sets", 45.5, 1, 1, 60.0, None, None, None, 0),
            ("proofs", 62.0, 1, 4, 50.0, None, None, None, 0),
        ),
        "student_videos": (
            ("c", "v1", "Chance", 62.5, 10.0, 375.0),
            ("c", "v2", "Length unknown", None, 0.0, 20.0),
        ),
        "student_assessments": (
            ("c", "q1", "First quiz", "quiz", 2, 81.0, 60.0, True),
            ("c", "q2", "Failed quiz", "quiz", 1, 31.0, 60.0, False),
            ("c", "a1", "Not handed in", "assignment", 0, None, 60.0, None),
        ),
        "team_weeks": ((DAY, 12, 9000.0, 31), (date(2026, 3, 9), 15, 7200.0, 20)),
        "team_training_done": (
            ("c", "Fire safety", 76.0, DAY, 50, 12),
            ("d", "Data protection", 44.0, None, 50, 0),
        ),
        "team_budget_burn": (
            ("b1", "Whole company", 68.9, 91.2, DAY),
            ("b2", "Operations", 104.1, 91.2, DAY),
        ),
        "team_skill_gap": (
            ("p", "statistics", "", "Shift lead", "statistics", 60.0, 40.0, 8, 20),
            ("p", "", "c", "Shift lead", "Fire safety", 100.0, 75.0, 15, 20),
        ),
        "course_daily": ((DAY, 3, 7200.0, 4), (NEXT, 0, 0.0, 0)),
        "course_risk": (
            ("c1", ID, "Ada", "struggling", 45, 12.0, 48.0, ("Long silent for their rhythm (+30)",), 60),
            ("c1", ID, "Silent this week", "on_track", 15, None, 70.0, (), 60),
            ("c1", ID, "No score", "not_enough_information", 0, 50.0, None, (), 60),
        ),
        "course_engagement": ((DAY, 2, 5, 1),),
        "course_mastery": (
            ("sets", "sets", 20, 41.5, 12, 60.0, 1, 2, 5),
            ("q1", "First quiz", 18, 82.0, 0, 0.0, 0, 1, 17),
        ),
        "course_lessons": (("l1", "Chance", 20, 18, 1), ("l2", "Testing", 9, 4, 3)),
        "course_assessments": (
            ("q1", "First quiz", "quiz", 4, 70.0, 75.0, (0, 0, 0, 1, 0, 0, 0, 1, 2, 0)),
            ("q2", "Nobody yet", "quiz", 0, None, None, (0,) * 10),
        ),
        "video_moments": ((0, 3, 0, 1, 10, 20.0), (5, 1, 2, 2, 8, 25.0)),
        "video_dropoff": ((0, 10, 0, 100.0), (5, 8, 2, 80.0)),
    }.items()
}
