"""What models may use of the server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from coursepulse.insight.desk import ModelOverview
from coursepulse.insight.models_kept import KeptModel
from coursepulse.web.http.ports import Writes


class KeepsModels(Protocol):
    """Models on record."""

    def overview(self) -> ModelOverview:
        """Every model, and how things stand."""

    def find(self, model: str) -> KeptModel | None:
        """A model on record; without a name the one that predicts, or else the newest."""

    def ask(self, account: str) -> None:
        """Have a model trained as soon as possible."""

    def roll_back(self, account: str) -> KeptModel | None:
        """Return to the model that was shown before."""


class NamesCourses(Protocol):
    """Knows what courses are called."""

    def titles(self, courses: Iterable[str]) -> dict[str, str]:
        """What courses are called, as far as somebody said."""


class InsightServices(Writes, Protocol):
    """What models need."""

    @property
    def models(self) -> KeepsModels:
        """Models on record."""

    @property
    def campus(self) -> NamesCourses:
        """Knows what courses are called."""
