"""On what a right to look rests, in the words in which the audit trail keeps it and students read it."""

from __future__ import annotations

from coursepulse.access.viewer import Role, Viewer

_BY_ROLE = {
    Role.STUDENT: "The own record.",
    Role.INSTRUCTOR: "Teaches the course.",
    Role.MANAGER: "Leads the team.",
    Role.ADMIN: "Runs the platform.",
    Role.AUDITOR: "Audits the platform.",
    Role.SERVICE: "On behalf of the platform.",
}


def tell_purpose(viewer: Viewer, student: bytes | None) -> str:
    """Why a viewer may look: in their own words if they said any, also when they opened the record.

    :param student: whose record it is, None for what is about many
    """
    if viewer.purpose:
        return viewer.purpose
    return viewer.reasons.get(student or b"") or _BY_ROLE[viewer.role]
