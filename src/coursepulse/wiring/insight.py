"""Predictions: where models are kept, how they are trained, and who is scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coursepulse.aggregates.readers import RollupReader
from coursepulse.insight.desk import ModelDesk
from coursepulse.insight.drift_watch import DriftWatch
from coursepulse.insight.fairness import RosterGroups, read_attributes
from coursepulse.insight.risk.labels import Horizon
from coursepulse.insight.sagemaker.address import read_address
from coursepulse.insight.sagemaker.cloud import Cloud
from coursepulse.insight.sagemaker.trainer import SageMakerTrainer
from coursepulse.insight.scoring import Scoring
from coursepulse.insight.stored_facts import FACT_QUERIES, StoredFacts
from coursepulse.insight.training import RiskTraining

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


def open_facts(of: Components) -> StoredFacts:
    """Facts from the stores."""
    return StoredFacts(RollupReader(of.open_clickhouse, FACT_QUERIES), of.pool)


def open_scoring(of: Components) -> Scoring:
    """Predictions of touched learners, and of all each day."""
    return Scoring(
        of.study_facts,
        of.models_kept,
        of.model_registry,
        of.predictions,
        of.clock,
        of.upkeep.note_trouble,
    )


def open_drift(of: Components) -> DriftWatch:
    """The weekly look at drift."""
    return DriftWatch(of.study_facts, of.models_kept, of.model_registry, of.upkeep, of.clock)


def open_desk(of: Components) -> ModelDesk:
    """What administrators see of models and do with them."""
    return ModelDesk(of.models_kept, of.upkeep, lambda: of.model_registry, of.clock)


def open_training(of: Components) -> RiskTraining:
    """The weekly training."""
    horizon = Horizon(k=of.settings.risk_silence, days=of.settings.risk_horizon_days)
    return RiskTraining(
        of.study_facts,
        of.models_kept,
        of.model_registry,
        of.clock,
        horizon,
        of.upkeep,
        of.scoring.renew,
        groups=RosterGroups(of.pool, read_attributes(of.settings.fairness_groups)),
        trainer=of.outside_trainer,
        waiting=lambda: of.changed_keys.learners.unfinished,
    )


def open_outside_trainer(of: Components) -> SageMakerTrainer | None:
    """What trains models outside of this server, if the settings say so."""
    if not of.settings.training:
        return None
    address = read_address(of.settings.training)
    return SageMakerTrainer(address, Cloud(address), of.ending.wait, of.clock)
