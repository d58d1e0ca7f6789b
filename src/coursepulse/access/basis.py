"""The basis of a right to see a record, in the words that the audit trail keeps and students read."""

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
    """What opens a record: a reason, for one hour; or a tied account or a key, permanently."""

    RECORD = "record"
    ACCOUNT = "account"
    KEY = "key"


_OPENED = re.compile(r"Opened record (\d{1,18})\.")


def tell_purpose(viewer: Viewer, student: bytes | None) -> str:
    """Why a viewer may see a record: their own words, if any, or the access grant if they opened the record.

    :param student: whose record it is; None for data about several people
    """
    if viewer.purpose:
        return viewer.purpose
    grant = viewer.grants.get(student or b"")
    return _BY_ROLE[viewer.role] if grant is None else grant_entry(grant)


def read_basis(text: str) -> Role | None:
    """The role in whose right somebody saw a record, by the words of :func:`tell_purpose`; None for any other text."""
    return next((role for role, words in _BY_ROLE.items() if words == text), None)


def grant_entry(number: int) -> str:
    """How the trail names an access grant. The typed reason may name people, and trail entries are permanent."""
    return f"Opened record {number}."


def read_grant(purpose: str) -> int | None:
    """The number in the text of :func:`grant_entry`; None for any other text."""
    found = _OPENED.fullmatch(purpose)
    return int(found[1]) if found else None
