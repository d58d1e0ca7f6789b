"""Access grants: records that somebody opened, and what opens records for longer."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class AccessGrant(NamedTuple):
    """One record, opened by one account; or an account tied to a student, or a key that reads.

    :param student_id: None for a key
    :param about: the account that was tied, or the key; empty for a record
    :param acknowledged_by: the administrator who looked at it first; empty while nobody has
    """

    id: int
    account: str
    role: str
    student_id: UUID | None
    reason: str
    request_id: str
    opened_at: datetime
    expires_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    kind: str
    about: str
