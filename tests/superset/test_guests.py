"""What a guest of Superset is shown: the courses of a teacher, everything to administrators, nothing to others."""

from __future__ import annotations

import re

import pytest

from coursepulse.access.accounts import ROLES
from coursepulse.access.viewer import Role, Viewer
from coursepulse.superset.datasets import course_key
from coursepulse.superset.guests import GuestView, view_of


def viewer(role: Role, *courses: str) -> Viewer:
    return Viewer(role=role, subject="account:1", course_ids=frozenset(courses))


def test_a_teacher_is_shown_the_own_courses_and_no_others() -> None:
    view = view_of(viewer(Role.INSTRUCTOR, "b", "a"))
    keys = sorted([course_key("a"), course_key("b")])
    clause = f"shown_to = 'teachers' AND course_key IN ('{keys[0]}', '{keys[1]}')"
    assert view == GuestView(("course",), clause)


def test_a_teacher_of_nothing_is_shown_nothing() -> None:
    view = view_of(viewer(Role.INSTRUCTOR))
    assert view
    assert view.clause == "shown_to = 'teachers' AND 1 = 0"


@pytest.mark.parametrize("course", ["x') OR ('1' = '1", "{{ 1 }}", "%(a)s :b", "'", "\\"])
def test_no_name_of_a_course_ends_the_rule(course: str) -> None:
    view = view_of(viewer(Role.INSTRUCTOR, course))
    assert view
    assert re.fullmatch(r"shown_to = 'teachers' AND course_key IN \('[0-9a-f]{32}'\)", view.clause)


def test_administrators_are_shown_the_platform_and_all_others_nothing() -> None:
    shown = {role: view_of(viewer(role, "a")) for role in ROLES}
    assert shown.pop(Role.ADMIN) == GuestView(("platform", "course", "retention"), "shown_to = 'platform'")
    assert shown.pop(Role.INSTRUCTOR)
    assert len(shown) == 3
    assert set(shown.values()) == {None}
