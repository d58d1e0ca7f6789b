"""What administrators see of models and do with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from coursepulse.insight.models_kept import KeptModel, ModelsKept
from coursepulse.insight.registry import ModelRegistry, NoSuchModel
from coursepulse.insight.training import MODEL, number_of
from coursepulse.insight.upkeep import DriftReport, Upkeep, UpkeepFacts
from coursepulse.kit.clock import Clock, from_micros


class ModelOverview(NamedTuple):
    """Every model, and how things stand.

    :param models: the newest first
    :param drift: what was last measured of the one that predicts; None before the first time, or without one
    :param verdicts: by model: how often teachers said what of its predictions
    """

    models: list[KeptModel]
    upkeep: UpkeepFacts
    drift: DriftReport | None
    verdicts: Mapping[str, Mapping[str, int]]

    @property
    def champion(self) -> KeptModel | None:
        """The model that predicts."""
        return next((each for each in self.models if each.champion), None)


class ModelDesk:
    """Every method raises StoreUnavailable when PostgreSQL does not answer.

    :param open_registry: opens the registry, which a page of figures does not need
    """

    def __init__(
        self, kept: ModelsKept, upkeep: Upkeep, open_registry: Callable[[], ModelRegistry], clock: Clock
    ) -> None:
        self._kept, self._upkeep, self._clock = kept, upkeep, clock
        self._open_registry = open_registry

    def overview(self) -> ModelOverview:
        """Every model, and how things stand."""
        models = self._kept.all()
        champion = next((each for each in models if each.champion), None)
        drift = self._upkeep.drift(champion.model) if champion else None
        return ModelOverview(models, self._upkeep.read(), drift, self._kept.verdicts())

    def standing(self) -> dict[str, object]:
        """One row that says how things stand."""
        found = self.overview()
        champion, drift = found.champion, found.drift
        return {
            "model": champion.model if champion else "",
            "since": champion.since if champion else None,
            "trained_at": found.upkeep.trained_at,
            "told": found.upkeep.told,
            "trouble": found.upkeep.trouble,
            "drifted": len(drift.drifted) if drift else 0,
        }

    def find(self, model: str) -> KeptModel | None:
        """A model on record; without a name the one that predicts, or else the newest."""
        models = self._kept.all()
        if model:
            return next((each for each in models if each.model == model), None)
        return next((each for each in models if each.champion), next(iter(models), None))

    def ask(self, account: str) -> None:
        """Have a model trained as soon as the job that trains gets to it."""
        self._upkeep.ask(account, self._clock())

    def roll_back(self, account: str) -> KeptModel | None:
        """Return to the model that was shown before; to the rule alone, if there was none.

        :returns: the model that predicts now
        :raises NoSuchModel: when none predicts
        """
        if self._kept.champion() is None:
            raise NoSuchModel("No model predicts, so there is nothing to take back.")
        found = self._kept.roll_back(self._clock(), account)
        if found is not None:
            # So that other tools that read the registry find the same one.
            at = from_micros(self._clock()).isoformat()
            self._open_registry().promote(MODEL, number_of(found.model), at)
        return found
