"""One course, four learners and a test account: small enough to compute every number by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from coursepulse.campus.certificates import Certificate
from coursepulse.campus.goals import Goal, GoalKind
from coursepulse.campus.target_profiles import Need, TargetProfile
from coursepulse.campus.trainings import Training
from coursepulse.events.decode import decode
from coursepulse.events.event import Event
from coursepulse.kit.clock import to_micros
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.company import CompanyStore
from coursepulse.store.postgres.goals import GoalStore
from tests.reference.catalog import AssessmentKey, CourseCatalog
from tests.reference.playback import VideoKey
from tests.support.campus_world import World, pseudonym
from tests.support.vectors import to_event

COURSE = "maths"
TEAM = "crew"
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
ANN, BEN, CY, DEE, SAM = (pseudonym(name) for name in ("ann", "ben", "cy", "dee", "sam"))

#: student, moment in 2026, session, event type, what it is about and what it says
Line = tuple[str, str, str, str, dict[str, Any]]

SCRIPT: list[Line] = [
    *((student, "03-01 10:00:00", "", "course_enroll", {}) for student in ("ann", "ben", "cy", "dee", "sam")),
    ("ann", "03-02 09:00:00", "a1", "lesson_start", {"lesson_id": "l1"}),
    ("ann", "03-02 09:04:00", "a1", "video_play", {"video_id": "v1", "current_time": 0}),
    ("ann", "03-02 09:05:00", "a1", "video_pause", {"video_id": "v1", "current_time": 60}),
    ("ann", "03-02 09:06:00", "a1", "lesson_complete", {"lesson_id": "l1"}),
    ("ann", "03-02 09:08:00", "a1", "quiz_start", {"assessment_id": "q1"}),
    (
        "ann",
        "03-02 09:10:00",
        "a1",
        "quiz_answer",
        {"assessment_id": "q1", "question_id": "1", "answer_id": "a", "is_correct": True},
    ),
    ("ann", "03-02 09:11:00", "a1", "quiz_submit", {"assessment_id": "q1", "score": 80}),
    ("ann", "03-02 09:12:00", "a1", "session_end", {}),
    ("ann", "03-03 10:00:00", "a2", "video_play", {"video_id": "v1", "current_time": 30}),
    ("ann", "03-03 10:00:40", "a2", "video_pause", {"video_id": "v1", "current_time": 70}),
    ("ann", "03-09 09:00:00", "a3", "lesson_complete", {"lesson_id": "l2"}),
    ("ben", "03-02 11:00:00", "b1", "lesson_start", {"lesson_id": "l1"}),
    ("ben", "03-02 11:05:00", "b1", "lesson_complete", {"lesson_id": "l1"}),
    (
        "ben",
        "03-02 11:05:30",
        "b1",
        "quiz_answer",
        {"assessment_id": "q1", "question_id": "1", "answer_id": "b", "is_correct": False},
    ),
    ("ben", "03-02 11:06:00", "b1", "quiz_submit", {"assessment_id": "q1", "score": 50}),
    ("ben", "03-02 11:10:00", "b1", "video_play", {"video_id": "v1", "current_time": 0}),
    ("ben", "03-02 11:11:40", "b1", "video_complete", {"video_id": "v1", "current_time": 100}),
    ("cy", "03-02 12:00:00", "c1", "lesson_start", {"lesson_id": "l1"}),
    ("cy", "03-05 12:00:00", "", "course_unenroll", {}),
    ("sam", "03-02 12:00:00", "s1", "lesson_complete", {"lesson_id": "l4"}),
    ("sam", "03-02 12:01:00", "s1", "quiz_submit", {"assessment_id": "q1", "score": 100}),
]

CATALOG = CourseCatalog(
    lessons={COURSE: ("l1", "l2", "l3", "l4")},
    durations={VideoKey(COURSE, "v1"): 100.0},
    pass_marks={AssessmentKey(COURSE, "q1"): 60.0},
    due={AssessmentKey(COURSE, "q1"): to_micros(datetime(2026, 3, 6, tzinfo=UTC))},
)


#: What Ben would have to do to complete the course.
BENS_REST: list[Line] = [
    ("ben", f"03-04 12:0{number}:00", "b2", "lesson_complete", {"lesson_id": f"l{number}"})
    for number in (2, 3, 4)
]


def events(script: Sequence[Line] = SCRIPT) -> list[Event]:
    """A script as events."""
    sent = [_envelope(f"{line[0]} {line[1]} {line[3]}", *line) for line in script]
    decoded = decode(msgspec.json.encode(sent))
    assert not decoded.rejected
    return [to_event(each) for each in decoded.sent]


def _envelope(
    event_id: str, student: str, at: str, session: str, kind: str, facts: dict[str, Any]
) -> dict[str, Any]:
    places = {"lesson_id", "video_id", "assessment_id"}
    return {
        "event_id": event_id,
        "event_type": kind,
        "timestamp": f"2026-{at.replace(' ', 'T')}Z",
        "student_id": student,
        "session_id": session,
        "context": {"course_id": COURSE} | {key: facts[key] for key in places & facts.keys()},
        "payload": {key: value for key, value in facts.items() if key not in places},
    }


def expect_things(world: World, course: str) -> None:
    """What an organisation expects of Ann and of the team: training, a certificate and a role."""
    names = cast(Pseudonyms, SimpleNamespace(of=pseudonym, tombstone=lambda student: student))
    with world.pool.connection() as connection:
        connection.execute("INSERT INTO courses VALUES (%s, '') ON CONFLICT DO NOTHING", (course,))
    company = CompanyStore(world.pool, names)
    company.put_trainings([Training(course_id=course, team_id=TEAM, due_on=date(2026, 3, 5))])
    company.put_certificates(
        [
            Certificate(
                external_id="ann",
                organisation_id="acme",
                certificate_id="first-aid",
                title="First aid",
                issued_on=date(2024, 1, 1),
                expires_on=date(2026, 3, 20),
            )
        ]
    )
    needs = (Need(skill="sets", level=60), Need(course_id=course, level=100))
    profile = TargetProfile(
        profile_id="lead", organisation_id="acme", name="Lead", needs=needs, people=("ann", "ben")
    )
    company.put_profiles([profile])


def fill(world: World) -> None:
    """Put the course into both stores."""
    world.now = to_micros(NOW)
    world.enrol_people({ANN: "UTC", BEN: "America/New_York"}, [SAM])
    world.know(CATALOG)
    world.title("courses", (COURSE, "Mathematics", NOW.date().replace(day=1), None))
    world.title("lessons", (COURSE, "l1", "Sets", 1))
    world.title("videos", (COURSE, "v1", "l1", "What is a set?", 100))
    world.title("assessments", (COURSE, "q1", "Quiz on sets", "quiz", 60, None))
    world.team(TEAM, "acme", "ann", "ben", "cy", "dee", "sam")
    world.name(("ann", "Ann"), ("ben", "Ben"))
    GoalStore(world.pool).put(ANN, Goal(GoalKind.WEEKLY_MINUTES, minutes=30), world.now)
    world.take_in(events())
