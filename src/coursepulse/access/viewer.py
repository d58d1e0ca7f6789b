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


class _Everyone(frozenset[bytes]):
    """Contains whoever is asked about."""

    def __contains__(self, student: object) -> bool:
        return True


#: Every record, opened for a standing reason: only where all data are simulated.
EVERYONE: frozenset[bytes] = _Everyone()


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks, what ties them to what they look at, and in which request.

    :param subject: the account or key, as the audit trail names it: ``account:<id>``, ``key:<name>``
    :param student_id: the pseudonym of a student, 16 bytes
    :param course_ids: the courses that an instructor teaches now
    :param team_ids: the teams that a manager leads now
    :param organisation_id: the organisation that the account belongs to, empty for the platform's own people
    :param opened: students (pseudonyms) whose record a typed reason has opened, and not yet closed again
    :param openings: the number of each opening: the reason itself stands where it can be erased
    :param scopes: what a service's key allows
    :param purpose: why they look, if they said so
    :param request_id: ties the entries of one request together
    :param address: where the request came from, truncated to a network
    """

    role: Role
    subject: str
    student_id: bytes | None = None
    course_ids: frozenset[str] = frozenset()
    team_ids: frozenset[str] = frozenset()
    organisation_id: str = ""
    opened: frozenset[bytes] = frozenset()
    openings: dict[bytes, int] = {}
    scopes: frozenset[str] = frozenset()
    purpose: str = ""
    request_id: str = ""
    address: str = ""
