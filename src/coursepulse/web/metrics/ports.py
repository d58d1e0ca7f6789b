"""What asking for metrics may use of the server."""

from __future__ import annotations

from typing import Protocol

from coursepulse.web.http.ports import MetricSource


class MetricServices(Protocol):
    """Answers queries."""

    @property
    def metrics(self) -> MetricSource:
        """The one way to the numbers of students."""
