"""What ties a signed-in person to courses, teams and records, at this moment."""

from __future__ import annotations

from typing import Protocol


class Relations(Protocol):
    """Answers from the store of record at each request, so that a change holds with the next one.

    :raises StoreUnavailable: when the store does not answer
    """

    def courses(self, student_id: bytes) -> frozenset[str]:
        """The courses that the person teaches now."""

    def teams(self, student_id: bytes) -> frozenset[str]:
        """The teams that the person manages now."""

    def opened(self, subject: str) -> frozenset[bytes]:
        """The students whose record the account ``subject`` has opened with a reason, for now."""


class NoRelations:
    """Ties nobody to anything."""

    def courses(self, student_id: bytes) -> frozenset[str]:  # noqa: ARG002
        """None."""
        return frozenset()

    def teams(self, student_id: bytes) -> frozenset[str]:  # noqa: ARG002
        """None."""
        return frozenset()

    def opened(self, subject: str) -> frozenset[bytes]:  # noqa: ARG002
        """None."""
        return frozenset()
