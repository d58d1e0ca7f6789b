"""Requests of students about their data, and retention runs, as shown to readers."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from coursepulse.privacy.erasable import Erased


class FiledRequest(msgspec.Struct, frozen=True):
    """A request. For an erasure the lines of ``receipt`` name each store and the number of rows changed."""

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
    """Data past its retention was removed; ``oldest_left`` is the oldest that stayed."""

    at: datetime
    what: str
    removed: int
    oldest_left: datetime | None
