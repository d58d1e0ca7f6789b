"""Requests of students about their data, and runs of retention, as they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from coursepulse.privacy.erasable import Erased


class FiledRequest(msgspec.Struct, frozen=True):
    """A request as it is shown. For an erasure the lines of ``receipt`` name each store and the rows changed."""

    request_id: UUID
    kind: str
    mode: str
    keep_records: bool
    state: str
    asked_by: str
    asked_at: datetime
    done_at: datetime | None
    receipt: list[Erased]
    trouble: str


class Removal(NamedTuple):
    """Something was older than its retention and went; ``oldest_left`` is the oldest that stayed."""

    at: datetime
    what: str
    removed: int
    oldest_left: datetime | None
