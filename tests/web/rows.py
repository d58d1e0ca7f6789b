"""Rows as the cards' data functions give them: small, with an odd one among them."""

from __future__ import annotations

from datetime import date
from typing import Any

from coursepulse.dashboards.course import assessments, daily, engagement, lessons, risk
from coursepulse.dashboards.platform import cohorts, events
from coursepulse.dashboards.platform import daily as platform_daily
from coursepulse.dashboards.student import activity, videos
from coursepulse.dashboards.student import assessments as results
from coursepulse.dashboards.video import dropoff

DAY, NEXT = date(2026, 3, 2), date(2026, 3, 3)
ID = "11111111-2222-3333-4444-555555555555"

#: For every card with a chart, rows to draw.
ROWS: dict[str, tuple[Any, ...]] = {
    "platform_daily": (platform_daily.Day(DAY, 12, 5400.0, 300), platform_daily.Day(NEXT, 0, 0.0, 0)),
    "platform_events": (events.TypeCount("video_play", 40), events.TypeCount("quiz_start", 2)),
    "platform_cohorts": (cohorts.Return(DAY, 0, 20, 18, 90.0), cohorts.Return(DAY, 1, 20, 11, 55.0)),
    "student_activity": (activity.Hour(0, 8, 3), activity.Hour(6, 23, 1)),
    "student_videos": (
        videos.Watched("c", "v1", "Chance", 62.5, 10.0, 375.0),
        videos.Watched("c", "v2", "Length unknown", None, 0.0, 20.0),
    ),
    "student_assessments": (
        results.Result("c", "q1", "First quiz", "quiz", 2, 81.0, 60.0, True),
        results.Result("c", "q2", "Failed quiz", "quiz", 1, 31.0, 60.0, False),
        results.Result("c", "a1", "Not handed in", "assignment", 0, None, 60.0, None),
    ),
    "course_daily": (daily.Day(DAY, 3, 7200.0, 4), daily.Day(NEXT, 0, 0.0, 0)),
    "course_risk": (
        risk.Placed("c1", ID, "Ada", "struggling", 12.0, 48.0, 45, ("Long silent for their rhythm (+30)",)),
        risk.Placed("c1", ID, "Silent this week", "on_track", None, 70.0, 15, ()),
        risk.Placed("c1", ID, "No score", "not_enough_information", 50.0, None, 0, ()),
    ),
    "course_engagement": (engagement.Week(DAY, 2, 5, 1),),
    "course_lessons": (lessons.Lesson("l1", "Chance", 20, 18), lessons.Lesson("l2", "Testing", 9, 4)),
    "course_assessments": (
        assessments.Spread("q1", "First quiz", "quiz", 4, 70.0, 75.0, (0, 0, 0, 1, 0, 0, 0, 1, 2, 0)),
        assessments.Spread("q2", "Nobody yet", "quiz", 0, None, None, (0,) * 10),
    ),
    "video_dropoff": (dropoff.Bucket(0, 10, 0, 100.0), dropoff.Bucket(5, 8, 2, 80.0)),
}
