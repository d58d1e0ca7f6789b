"""Models of risk over HTTP: which there are, their cards, training, and the way back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath

from coursepulse.collect.keys import ADMIN, MONITOR
from coursepulse.insight.desk import ModelOverview
from coursepulse.insight.models_kept import KeptModel
from coursepulse.kit.clock import from_micros
from coursepulse.web import reach
from coursepulse.web.http.auth import api_viewer, brings
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.insight.service import ask_training, check_reader, find_model, roll_back


class ModelRow(msgspec.Struct, frozen=True):
    """A model on record.

    :param shown: whether it passed its gate, and ``why`` it did not
    :param champion: whether it predicts now, and ``since`` when
    """

    model: str
    trained_at: datetime
    shown: bool
    why: str
    champion: bool
    since: datetime | None


class DriftRow(msgspec.Struct, frozen=True):
    """How far today is from what the champion was trained on: population stability indices; above .25 it has drifted.

    :param outcome: of the share of the lost; null while too few ends are known
    """

    measured_at: datetime
    features: dict[str, float]
    outcome: float | None


class ModelStanding(msgspec.Struct, frozen=True):
    """Every model, the newest first, and how things stand.

    :param waiting: whether somebody has asked for a training that has not ended yet
    :param told: what came of the last training
    :param trouble: why learners are not scored although there is a model; empty while they are
    """

    models: list[ModelRow]
    waiting: bool
    trained_at: datetime | None
    told: str
    trouble: str
    drift: DriftRow | None


class ModelDetail(msgspec.Struct, frozen=True):
    """A model with its card, as it was written when the model was trained."""

    model: ModelRow
    card: dict[str, Any]


class PredictingModel(msgspec.Struct, frozen=True):
    """The model that predicts now; empty where the rule is shown alone."""

    model: str


@get("/v1/models", tags=["models"], sync_to_thread=True)
def list_models(request: AnyRequest) -> ModelStanding:
    """Every model that was trained, which one predicts, and how things stand.

    For administrators, and for keys with the scope `monitor`.
    """
    check_reader(api_viewer(request, MONITOR))
    return _describe(reach.insight(request).models.overview())


@get("/v1/models/{model:str}", tags=["models"], sync_to_thread=True)
def show_model(request: AnyRequest, model: FromPath[str]) -> ModelDetail:
    """The card of a model, or of the one that predicts: `current`.

    Data, period, features, figures with intervals, by course and by group, limits, and why it is shown or not. For
    administrators, and for keys with the scope `monitor`.
    """
    check_reader(api_viewer(request, MONITOR))
    found = find_model(reach.insight(request), "" if model == "current" else model)
    return ModelDetail(_row(found), dict(found.card))


@post("/v1/models/training", tags=["models"], guards=[brings(ADMIN)], status_code=202, sync_to_thread=True)
def train_model(request: AnyRequest) -> ModelStanding:
    """Have a model trained now rather than next week. The answer comes before it has begun: `waiting` says so.

    For administrators, and for keys with the scope `admin`.
    """
    services = reach.insight(request)
    ask_training(services, api_viewer(request, ADMIN))
    return _describe(services.models.overview())


@post("/v1/models/roll-back", tags=["models"], guards=[brings(ADMIN)], status_code=200, sync_to_thread=True)
def roll_model_back(request: AnyRequest) -> PredictingModel:
    """Return to the model that was shown before the present one; to the rule alone, if there was none.

    For administrators, and for keys with the scope `admin`.
    """
    found = roll_back(reach.insight(request), api_viewer(request, ADMIN))
    return PredictingModel(found.model if found else "")


def _describe(found: ModelOverview) -> ModelStanding:
    drift, upkeep = found.drift, found.upkeep
    return ModelStanding(
        [_row(each) for each in found.models],
        upkeep.waiting,
        upkeep.trained_at,
        upkeep.told,
        upkeep.trouble,
        DriftRow(drift.measured_at, dict(drift.features), drift.outcome) if drift else None,
    )


def _row(model: KeptModel) -> ModelRow:
    at = from_micros(model.trained_at)
    return ModelRow(model.model, at, model.shown, model.why, model.champion, model.since)


routes = [list_models, train_model, roll_model_back, show_model]
