"""What messages to students may use of the server."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from coursepulse.access.viewer import Viewer
from coursepulse.campus.message_draws import Listed, ListSplit, MessageDraw
from coursepulse.campus.message_templates import MessageTemplate
from coursepulse.kit.clock import Micros
from coursepulse.web.alerts.ports import AlertServices
from coursepulse.web.http.ports import MetricSource


class KeepsTemplates(Protocol):
    """Keeps templates. Every method raises StoreUnavailable when it cannot answer."""

    def usable(self, viewer: Viewer) -> list[MessageTemplate]:
        """The templates that somebody may use: their own first, then the organisation's."""

    def put(self, template: MessageTemplate, viewer: Viewer, at: Micros) -> bool:
        """Keep a template of the viewer; returns False for one that is somebody else's."""

    def drop(self, template: UUID, viewer: Viewer) -> str:
        """Take a template of the viewer away; returns its name, empty where there is none."""

    def languages(self, students: Collection[bytes]) -> dict[bytes, str]:
        """The languages that some students have chosen; those who have not are missing."""


class DrawsLists(Protocol):
    """Divides lists by lot. Every method raises StoreUnavailable when it cannot answer."""

    def split(self, listed: Collection[Listed], at: Micros) -> ListSplit:
        """Who of a list waits, and which draws that takes; nothing is kept yet."""

    def keep(self, made: MessageDraw, account: str, at: Micros) -> None:
        """A draw holds from now on."""


class MessageServices(AlertServices, Protocol):
    """Drafts messages to students of lists and of alerts."""

    @property
    def metrics(self) -> MetricSource:
        """The one way to the numbers of students."""

    @property
    def messages(self) -> KeepsTemplates:
        """The templates."""

    @property
    def message_draws(self) -> DrawsLists:
        """Who of a list is written to at once and who waits."""
