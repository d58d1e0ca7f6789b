"""Bodies as a platform would send them, one for each operation of the API that takes one: shown at ``/docs``.

They speak of one small campus, so they may be sent in this order to an empty server; a test does.
"""

from __future__ import annotations

from typing import TypeAlias

#: Method and path.
Operation: TypeAlias = tuple[str, str]

_DELIVERY = "018f3a52-9c41-7c1e-8a44-0a6b7f6f2d10"

_ALERT = "be0e4e90-b05a-a51b-a8a7-5f9b118376d2"

_MENDED = {
    "event_id": "e-17",
    "event_type": "lesson_complete",
    "timestamp": "2026-03-01T12:00:00Z",
    "student_id": "s-1024",
    "session_id": "visit-7",
    "context": {"course_id": "algebra-1", "lesson_id": "lesson-3"},
}

EXAMPLES: dict[Operation, object] = {
    ("put", "/v1/roster/organisations"): [{"organisation_id": "northwind", "name": "Northwind Ltd"}],
    ("put", "/v1/roster/people"): [
        {
            "external_id": "s-1024",
            "name": "Ada Byron",
            "email": "ada@example.edu",
            "time_zone": "Europe/London",
            "organisation_id": "northwind",
        },
        {"external_id": "t-7", "name": "Emil Artin", "role": "instructor"},
        {"external_id": "m-3", "name": "Rosa Klein", "role": "staff", "organisation_id": "northwind"},
    ],
    ("put", "/v1/roster/teams"): [
        {
            "team_id": "operations",
            "organisation_id": "northwind",
            "name": "Operations",
            "managers": ["m-3"],
            "members": ["s-1024"],
        }
    ],
    ("put", "/v1/roster/courses"): [
        {
            "course_id": "algebra-1",
            "title": "Algebra, first term",
            "url": "https://learn.example.edu/algebra-1",
            "starts_on": "2026-02-02",
            "ends_on": "2036-06-26",
            "lessons": [
                {
                    "lesson_id": "lesson-3",
                    "title": "Groups",
                    "url": "https://learn.example.edu/algebra-1/lesson-3",
                    "skills": ["group-axioms"],
                }
            ],
            "videos": [
                {"video_id": "v-3", "lesson_id": "lesson-3", "title": "What a group is", "duration_s": 540}
            ],
            "assessments": [
                {"assessment_id": "quiz-3", "title": "Groups", "kind": "quiz", "pass_mark": 60},
                {"assessment_id": "sheet-1", "kind": "assignment", "due_at": "2026-03-06T23:59:00Z"},
            ],
        }
    ],
    ("put", "/v1/roster/enrolments"): [
        {"course_id": "algebra-1", "external_id": "s-1024", "starts_on": "2026-02-02"}
    ],
    ("put", "/v1/roster/teaching"): [{"course_id": "algebra-1", "external_id": "t-7"}],
    ("put", "/v1/roster/trainings"): [
        {
            "course_id": "algebra-1",
            "team_id": "operations",
            "assigned_on": "2026-02-02",
            "due_on": "2026-03-31",
        },
        {
            "course_id": "algebra-1",
            "external_id": "s-1024",
            "organisation_id": "northwind",
            "due_on": "2026-04-30",
        },
    ],
    ("put", "/v1/roster/certificates"): [
        {
            "external_id": "s-1024",
            "organisation_id": "northwind",
            "certificate_id": "first-aid",
            "title": "First aid at work",
            "course_id": "algebra-1",
            "issued_on": "2024-04-15",
            "expires_on": "2026-04-14",
        }
    ],
    ("put", "/v1/roster/profiles"): [
        {
            "profile_id": "shift-lead",
            "organisation_id": "northwind",
            "name": "Shift lead",
            "needs": [{"skill": "group-axioms", "level": 70}, {"course_id": "algebra-1", "level": 100}],
            "people": ["s-1024"],
        }
    ],
    ("put", "/v1/roster/seats"): [
        {
            "pool_id": "licence-2026",
            "organisation_id": "northwind",
            "name": "Course library 2026",
            "bought": 80,
            "assigned": 60,
            "activated": 52,
            "used": 41,
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
        }
    ],
    ("put", "/v1/roster/budgets"): [
        {
            "budget_id": "learning-2026",
            "organisation_id": "northwind",
            "team_id": "operations",
            "name": "Learning 2026",
            "currency": "EUR",
            "amount": "24000.00",
            "spent": "17350.50",
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
        }
    ],
    ("put", "/v1/roster/seen"): [{"external_id": "s-1024", "course_id": "algebra-1", "teaches": False}],
    ("post", "/v1/jobs/{job}/runs"): {"planned_for": "2026-03-02T00:40:00Z", "planned_by": "command"},
    ("post", "/v1/withdrawals"): ["quiz-7-attempt-1"],
    ("post", "/v1/roster/deliveries"): {
        "source": "student-records",
        "delivery": _DELIVERY,
        "most": 0.2,
        "rehearse": True,
    },
    ("put", "/v1/consents"): [
        {
            "external_id": "s-1024",
            "purpose": "analytics",
            "granted": True,
            "text_version": "2026-01",
            "source": "sign-up",
            "at": "2026-02-01T09:30:00Z",
        },
        {
            "external_id": "s-1024",
            "purpose": "leaderboards",
            "granted": True,
            "at": "2026-02-03T17:00:00Z",
        },
    ],
    ("put", "/v1/goals"): [{"external_id": "s-1024", "kind": "weekly_minutes", "minutes": 90}],
    ("put", "/v1/leaderboard-names"): [{"external_id": "s-1024", "name": "Comet"}],
    ("post", "/v1/dead-letters"): [
        {
            "place": "line 12 of tracking.log",
            "reason": "malformed",
            "path": "$",
            "sentence": "The line ends in the middle of an object; look whether the file was cut off.",
            "body": '{"event_type": "play_vid',
        }
    ],
    ("put", "/v1/dead-letters/{letter}"): _MENDED,
    ("post", "/v1/dead-letters/replay"): {"reason": "unknown_event_type"},
    ("post", "/v1/accounts"): {
        "login_name": "emil.artin",
        "role": "instructor",
        "person": "t-7",
        "reason": "Teaches Algebra I from this term on.",
    },
    ("put", "/v1/accounts/{login_name}/notifications"): {
        "pace": "daily",
        "hour": 7,
        "quiet_from": 20,
        "quiet_until": 7,
        "time_zone": "Europe/Vienna",
    },
    ("put", "/v1/accounts/{login_name}/weekly-letter"): {"wanted": True},
    ("post", "/v1/reports"): {
        "account": "emil.artin",
        "page": "/courses/algebra-1?days=28",
        "form": "pdf",
        "weekday": 0,
        "hour": 7,
        "time_zone": "Europe/Vienna",
    },
    ("patch", "/v1/reports/{report_id}"): {"paused": True},
    ("post", "/v1/webhooks"): {
        "name": "campus-bot",
        "url": "https://hooks.example.edu/coursepulse",
        "course_id": "algebra-1",
    },
    ("post", "/v1/webhooks/dead-letters/replay"): {},
    ("post", "/v1/superset-guests"): {"login_name": "emil.artin"},
    ("patch", "/v1/accounts/{login_name}"): {"disabled": True},
    ("post", "/v1/keys"): {"name": "lms", "scopes": ["ingest", "roster"]},
    ("post", "/v1/embed-tokens"): {
        "student_id": "s-1024",
        "origin": "https://lms.example.edu",
        "seconds": 120,
    },
    ("post", "/v1/break-glass"): {
        "student": "s-1024",
        "reason": "Asked by the student, in their appeal against the grade of quiz-3",
    },
    ("post", "/v1/alerts/acknowledge"): {"ids": [_ALERT]},
    ("post", "/v1/alerts/snooze"): {"ids": [_ALERT], "until": "2030-01-07T08:00:00Z"},
    ("put", "/v1/alert-thresholds"): {
        "course": "algebra-1",
        "rule": "failed_submits",
        "values": {"submits": 4, "within": None},
    },
    ("put", "/v1/risk-thresholds"): {"course": "algebra-1", "values": {"struggling": 20, "low_score": None}},
    ("post", "/v1/privacy/exports"): {"student": "s-1024"},
    ("post", "/v1/privacy/erasures"): {"student": "s-1024", "mode": "anonymise"},
}
