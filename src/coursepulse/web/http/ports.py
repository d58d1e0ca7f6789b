"""What several domains use of the server, and what :mod:`coursepulse.web.http` itself uses.

Each domain has a ``ports.py`` like this one: the methods it may call, and no others. What the server was wired with
has more; the types hide it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from coursepulse.access.viewer import Viewer
from coursepulse.audit.port import Trail
from coursepulse.collect.collector import Collector
from coursepulse.dashboards.reader import AnswersQueries
from coursepulse.kit.clock import Clock
from coursepulse.kit.health import HealthFacts
from coursepulse.kit.settings import Settings

if TYPE_CHECKING:
    from coursepulse.web.identity.components import Identity

AnyViewer = TypeVar("AnyViewer", bound=Viewer)


class Writes(Protocol):
    """Can write to the audit trail."""

    @property
    def clock(self) -> Clock:
        """The time of entries."""

    @property
    def trail(self) -> Trail:
        """Takes entries."""


class Identifies(Protocol):
    """Turns a caller's own id into a pseudonym."""

    def identify(self, text: str) -> bytes:
        """The pseudonym that a text means: the platform's own id, or a pseudonym as UUID."""


class KnowsCourses(Identifies, Protocol):
    """Knows which courses there are."""

    def require_course(self, course: str, viewer: Viewer) -> None:
        """:raises RequestError: ``unknown_course``, if the catalog has none and no event names it"""


class MetricSource(AnswersQueries, KnowsCourses, Protocol):
    """The one way to the numbers of students: ``run`` asks for a viewer."""


class HearsOfWriters(Protocol):
    """Keeps numbers for others, and must know who may not be shown those of before."""

    def wrote(self, subject: str) -> None:
        """Somebody changes something here."""


class Ties(Protocol):
    """Knows what ties people to each other now."""

    def tie(self, viewer: AnyViewer, person: bytes | None) -> AnyViewer:
        """The viewer with everything that ties them to others now."""


class HealthReport(Protocol):
    """Says how the stores and the pipeline are; may take its time."""

    def __call__(self) -> HealthFacts:
        """The facts of now."""


class HasIdentity(Protocol):
    """People can sign in here, or not."""

    @property
    def identity(self) -> Identity | None:
        """Accounts, sessions and keys; None where nobody can sign in."""


class HttpServices(HasIdentity, Protocol):
    """What finding out who asks needs, and what ``/v1/health`` shows."""

    @property
    def settings(self) -> Settings:
        """The settings."""

    @property
    def collector(self) -> Collector:
        """Takes events and knows the keys."""

    @property
    def relations(self) -> Ties:
        """What ties people to each other."""

    @property
    def metrics(self) -> HearsOfWriters:
        """Keeps numbers, and is told who changes something."""

    @property
    def health(self) -> HealthReport:
        """The state of the stores and the pipeline."""
