"""The table of rights, one row per case."""

from __future__ import annotations

import pytest

from coursepulse.access.decide import (
    Action,
    Allowed,
    Course,
    Denied,
    Person,
    Platform,
    Reason,
    Subject,
    decide,
)
from coursepulse.access.viewer import Role, Viewer

ANNA, BEN = b"anna".ljust(16, b"\0"), b"ben".ljust(16, b"\0")

STUDENT = Viewer(role=Role.STUDENT, subject="anna", student_id=ANNA)
NOBODY = Viewer(role=Role.STUDENT, subject="no record")
TEACHER = Viewer(role=Role.INSTRUCTOR, subject="tom", course_ids=frozenset({"maths", ""}))
ADMIN = Viewer(role=Role.ADMIN, subject="root")
READER = Viewer(role=Role.SERVICE, subject="key", scopes=frozenset({"read"}))
SENDER = Viewer(role=Role.SERVICE, subject="key", scopes=frozenset({"ingest"}))
MANAGER = Viewer(role=Role.MANAGER, subject="mia")
AUDITOR = Viewer(role=Role.AUDITOR, subject="otto")

WHOLE = Person(BEN, enrolled=frozenset({"maths", ""}))
IN_MATHS = Person(BEN, "maths", frozenset({"maths", "art"}))
IN_ART = Person(BEN, "art", frozenset({"maths", "art"}))
LEFT_MATHS = Person(BEN, "maths", frozenset({"art"}))

TABLE: list[tuple[str, Viewer, Subject, Reason | None]] = [
    ("student, own record", STUDENT, Person(ANNA), None),
    ("student, own record in a course", STUDENT, Person(ANNA, "art"), None),
    ("student, somebody else", STUDENT, Person(BEN), Reason.NOT_YOURS),
    ("student without a record", NOBODY, Person(BEN), Reason.NOT_YOURS),
    ("student, a course", STUDENT, Course("maths"), Reason.NO_RULE),
    ("student, the platform", STUDENT, Platform(), Reason.NO_RULE),
    ("teacher, own course", TEACHER, Course("maths"), None),
    ("teacher, another course", TEACHER, Course("art"), Reason.NOT_TAUGHT),
    ("teacher, enrolled student", TEACHER, IN_MATHS, None),
    ("teacher, own student in another course", TEACHER, IN_ART, Reason.NOT_TAUGHT),
    ("teacher, own student's whole record", TEACHER, WHOLE, Reason.NOT_TAUGHT),
    ("teacher, student who left", TEACHER, LEFT_MATHS, Reason.NOT_ENROLLED),
    ("teacher, the platform", TEACHER, Platform(), Reason.NO_RULE),
    ("admin, a person", ADMIN, Person(BEN), None),
    ("admin, a course", ADMIN, Course("art"), None),
    ("admin, the platform", ADMIN, Platform(), None),
    ("key that reads, a person", READER, Person(BEN), None),
    ("key that reads, the platform", READER, Platform(), None),
    ("key that only sends", SENDER, Platform(), Reason.NO_SCOPE),
    ("key that only sends, a person", SENDER, Person(BEN), Reason.NO_SCOPE),
    ("manager", MANAGER, Person(BEN), Reason.NO_RULE),
    ("auditor", AUDITOR, Platform(), Reason.NO_RULE),
]


@pytest.mark.parametrize(("case", "viewer", "subject", "reason"), TABLE, ids=[row[0] for row in TABLE])
def test_rights(case: str, viewer: Viewer, subject: Subject, reason: Reason | None) -> None:
    expected = Allowed() if reason is None else Denied(reason)
    assert decide(viewer, Action.READ, subject) == expected


def test_every_role_stands_in_the_table() -> None:
    assert {row[1].role for row in TABLE} == set(Role)
