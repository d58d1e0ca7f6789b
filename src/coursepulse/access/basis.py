"""On what a right to look rests, in the words in which the audit trail keeps it and students read it."""

from __future__ import annotations

import re
from enum import StrEnum

from coursepulse.access.viewer import Role, Viewer

_BY_ROLE = {
    Role.STUDENT: "The own record.",
    Role.INSTRUCTOR: "Teaches the course.",
    Role.MANAGER: "Leads the team.",
    Role.ADMIN: "Runs the platform.",
    Role.AUDITOR: "Audits the platform.",
    Role.SERVICE: "On behalf of the platform.",
}


class AccessKind(StrEnum):
    """What opens a record: a reason, for an hour; or for good an account that is tied to the student, or a key."""

    RECORD = "record"
    ACCOUNT = "account"
    KEY = "key"


_OPENED = re.compile(r"Opened record (\d{1,18})\.")


def tell_purpose(viewer: Viewer, student: bytes | None) -> str:
    """Why a viewer may look: in their own words if they said any, by which opening if they opened the record.

    :param student: whose record it is, None for what is about many
    """
    if viewer.purpose:
        return viewer.purpose
    opening = viewer.openings.get(student or b"")
    return _BY_ROLE[viewer.role] if opening is None else grant_entry(opening)


def grant_entry(number: int) -> str:
    """How the trail names an opening: typed reasons name people, and what the trail has said it keeps."""
    return f"Opened record {number}."


def read_grant(purpose: str) -> int | None:
    """The number in what :func:`grant_entry` says, None for everything else."""
    found = _OPENED.fullmatch(purpose)
    return int(found[1]) if found else None
