"""The table of models and of planned work: what is learned from the data, and what has hours of its own."""

from __future__ import annotations

from coursepulse.insight.desk import ModelDesk
from coursepulse.insight.drift_watch import DriftWatch
from coursepulse.insight.models_kept import ModelsKept
from coursepulse.insight.predictions import Predictions
from coursepulse.insight.registry import open_registry
from coursepulse.insight.sagemaker.trainer import SageMakerTrainer
from coursepulse.insight.scoring import Scoring
from coursepulse.insight.skills.fitter import SkillFitter
from coursepulse.insight.training import RiskTraining
from coursepulse.insight.upkeep import Upkeep
from coursepulse.jobs.claims import JobClaims
from coursepulse.jobs.runs import EmbeddedPlanner, PlannedRuns
from coursepulse.warehouse.service import Warehouse
from coursepulse.wiring.component import Component
from coursepulse.wiring.insight import (
    open_desk,
    open_drift,
    open_facts,
    open_outside_trainer,
    open_scoring,
    open_training,
)
from coursepulse.wiring.planned_jobs import open_planned, open_planner
from coursepulse.wiring.warehouse import open_warehouse


class Learning:
    """Opened in this order."""

    skills: Component[SkillFitter] = Component(lambda of: SkillFitter(of.open_clickhouse, of.pool, of.clock))
    models_kept: Component[ModelsKept] = Component(lambda of: ModelsKept(of.pool))
    upkeep: Component[Upkeep] = Component(lambda of: Upkeep(of.pool))
    predictions: Component[Predictions] = Component(lambda of: Predictions(of.pool))
    study_facts = Component(open_facts)
    model_registry = Component(lambda of: open_registry(of.settings.models_url))
    scoring: Component[Scoring] = Component(open_scoring)
    outside_trainer: Component[SageMakerTrainer | None] = Component(open_outside_trainer)
    training: Component[RiskTraining] = Component(open_training)
    drift_watch: Component[DriftWatch] = Component(open_drift)
    model_desk: Component[ModelDesk] = Component(open_desk)
    warehouse: Component[Warehouse] = Component(open_warehouse)
    claims = Component(lambda of: JobClaims(of.pool, of.clock))
    planned: Component[PlannedRuns] = Component(open_planned, "storing", close="stop")
    planner: Component[EmbeddedPlanner] = Component(open_planner)
