"""What a server says of its health."""

from __future__ import annotations

from typing import TypedDict


class HealthFacts(TypedDict, total=False):
    """The state of the stores and the pipeline, as JSON values. ``status`` is ``ok`` or ``degraded``."""

    status: str
    stores: dict[str, str]
    latest_data_at: str | None
    pipeline: dict[str, object]
