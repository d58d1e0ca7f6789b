"""Facts of a learner, a course and the platform with which all is well, to be changed by tests."""

from __future__ import annotations

from datetime import UTC, datetime

from coursepulse.alerts.facts import Classmates, CourseFacts, LearnerFacts, PlatformFacts
from coursepulse.definitions.risk import Bucket, Risk, RiskInputs
from coursepulse.kit.clock import DAY, HOUR, Micros, to_micros

#: A Wednesday, a little after noon.
NOW: Micros = to_micros(datetime(2026, 3, 11, 12, 20, tzinfo=UTC))

WELL = RiskInputs(
    days_enrolled=60,
    days_silent=0,
    rhythm=1.0,
    heard=True,
    graded=False,
    due_passed=0,
    missed=0,
    scores=(),
    progress=50.0,
    progress_p15=20.0,
    progress_p50=50.0,
    coverage=None,
)

LEARNER = LearnerFacts(
    course_id="maths",
    student_id=b"s" * 16,
    now=NOW,
    joined_at=NOW - 60 * DAY,
    last_learned_at=NOW - HOUR,
    inputs=WELL,
    risk=Risk(0, Bucket.ON_TRACK, ()),
    overdue=(),
    weeks=(7200.0,) * 5,
    classmates=Classmates(20, 15, (72_000.0,) * 5),
)

COURSE = CourseFacts(
    course_id="maths",
    now=NOW,
    over=False,
    lessons=(),
    questions=(),
    usual={},
    heard_at=NOW - HOUR,
    finished=0,
    week_at=to_micros(datetime(2026, 3, 9, tzinfo=UTC)),
)

PLATFORM = PlatformFacts(
    now=NOW, stores={"postgres": "", "clickhouse": ""}, refused=0, usually_refused=0.0, behind=0
)
