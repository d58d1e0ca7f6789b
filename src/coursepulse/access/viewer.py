"""The person or program that looks."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """In what capacity somebody looks."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"
    MANAGER = "manager"
    ADMIN = "admin"
    AUDITOR = "auditor"
    SERVICE = "service"


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks, and what ties them to what they look at.

    :param subject: the account or key, as the audit trail will name it
    :param student_id: the pseudonym of a student, 16 bytes
    :param course_ids: the courses that an instructor teaches now
    :param scopes: what a service's key allows
    """

    role: Role
    subject: str
    student_id: bytes | None = None
    course_ids: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
