"""What a guest of Superset is shown: the dashboards of their role, and the rows of their rights."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.access.viewer import Role, Viewer
from coursepulse.superset.datasets import ShownTo, course_key

#: The dashboards by name, in the order of their use.
PLATFORM, COURSE, RETENTION = DASHBOARD_NAMES = ("platform", "course", "retention")


class GuestView(NamedTuple):
    """Which dashboards a guest may open, and the rule that every query of theirs is put under."""

    dashboards: tuple[str, ...]
    clause: str


def view_of(viewer: Viewer) -> GuestView | None:
    """What somebody is shown as a guest; None for a role that Superset shows nothing.

    Students, managers and auditors have their numbers on the screens: of students and teams Superset holds nothing.
    """
    if viewer.role is Role.ADMIN:
        return GuestView(DASHBOARD_NAMES, f"shown_to = '{ShownTo.PLATFORM}'")
    if viewer.role is Role.INSTRUCTOR:
        return GuestView((COURSE,), f"shown_to = '{ShownTo.TEACHERS}' AND {_taught(viewer.course_ids)}")
    return None


def _taught(courses: frozenset[str]) -> str:
    """Keys, not ids: whatever a platform calls a course, it cannot end the rule."""
    keys = ", ".join(f"'{key}'" for key in sorted(map(course_key, courses)))
    # A list without an entry is no SQL.
    return f"course_key IN ({keys})" if keys else "1 = 0"
