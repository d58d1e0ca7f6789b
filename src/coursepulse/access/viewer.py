"""The person or program that asks."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """The capacity in which a viewer acts."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"
    MANAGER = "manager"
    ADMIN = "admin"
    AUDITOR = "auditor"
    SERVICE = "service"


class _Everyone(frozenset[bytes]):
    """Contains every student."""

    def __contains__(self, student: object) -> bool:
        return True


#: Every record is open, for a standing reason: only where all data are simulated.
EVERYONE: frozenset[bytes] = _Everyone()


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, what they are tied to, and in which request.

    :param subject: the account or key, as the audit trail names it: ``account:<id>``, ``key:<name>``
    :param student_id: the pseudonym of the student they are, 16 bytes
    :param course_ids: the courses that an instructor teaches now
    :param team_ids: the teams that a manager leads now
    :param organisation_id: the organisation that the account belongs to; empty for the platform's own staff
    :param opened: students (pseudonyms) whose record is open to them by an access grant
    :param grants: the number of each of these grants; the reason itself is kept where it can be erased
    :param scopes: what a service's key allows
    :param purpose: why they ask, if they said so
    :param request_id: ties the entries of one request together
    :param address: the network that the request came from
    """

    role: Role
    subject: str
    student_id: bytes | None = None
    course_ids: frozenset[str] = frozenset()
    team_ids: frozenset[str] = frozenset()
    organisation_id: str = ""
    opened: frozenset[bytes] = frozenset()
    grants: dict[bytes, int] = {}
    scopes: frozenset[str] = frozenset()
    purpose: str = ""
    request_id: str = ""
    address: str = ""
