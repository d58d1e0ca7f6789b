"""What asking for metrics may use of the server."""

from __future__ import annotations

from typing import Protocol

from coursepulse.access.viewer import Viewer
from coursepulse.kit.clock import Clock
from coursepulse.metrics.evidence.answer import Explained, Wanted
from coursepulse.metrics.query import Query
from coursepulse.web.http.ports import MetricSource


class ExplainsNumbers(MetricSource, Protocol):
    """Also says what a number is made of."""

    def explain(self, query: Query, wanted: Wanted, viewer: Viewer, *, export: bool = False) -> Explained:
        """What a number of the answer to ``query`` is made of, as far as ``viewer`` may see."""


class MetricServices(Protocol):
    """Answers queries."""

    @property
    def clock(self) -> Clock:
        """The time, which says what the last days are."""

    @property
    def metrics(self) -> ExplainsNumbers:
        """The one way to the numbers of students."""
