"""What the audit trail says about why somebody looked."""

from __future__ import annotations

import pytest

from coursepulse.access.basis import grant_entry, read_grant, tell_purpose
from coursepulse.access.viewer import EVERYONE, Role, Viewer

ANN = bytes(16)


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_basis(role: Role) -> None:
    assert tell_purpose(Viewer(role=role, subject="account:x"), ANN).endswith(".")


def test_a_teacher_looks_because_of_the_course_or_by_an_opening() -> None:
    teacher = Viewer(
        role=Role.INSTRUCTOR,
        subject="account:x",
        opened=frozenset({ANN}),
        grants={ANN: 12},
    )
    assert tell_purpose(teacher, ANN) == grant_entry(12) == "Opened record 12."
    assert read_grant(tell_purpose(teacher, ANN)) == 12
    assert tell_purpose(teacher, b"somebody else...") == "Teaches the course."
    assert tell_purpose(teacher, None) == "Teaches the course."
    assert read_grant("Teaches the course.") is None


def test_own_words_come_first() -> None:
    viewer = Viewer(role=Role.ADMIN, subject="account:x", opened=EVERYONE, purpose="Tutoring")
    assert tell_purpose(viewer, ANN) == "Tutoring"
