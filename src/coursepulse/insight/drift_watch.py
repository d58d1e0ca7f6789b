"""The weekly look at drift: whether learners of today are still like those that the model was trained on.

Features change while a course goes on, and models are trained on every stage of it. So rows of today are weighted until
they are as long in their courses as those of the training.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import msgspec
import polars as pl

from coursepulse.insight.features import StudyMoment
from coursepulse.insight.models_kept import KeptModel, ModelsKept
from coursepulse.insight.registry import ModelRegistry
from coursepulse.insight.risk.card import ModelCard
from coursepulse.insight.risk.dataset import of_kind, score_rows
from coursepulse.insight.risk.drift import drift, outcome_drift, weights_like
from coursepulse.insight.risk.model import RiskModel
from coursepulse.insight.training import ReadsFacts, choose_courses, load_model
from coursepulse.insight.upkeep import DriftReport, Upkeep
from coursepulse.kit.clock import DAY, MINUTE, Clock, Micros, from_micros, to_micros, utc_date
from coursepulse.kit.errors import StoreUnavailable

#: How often it is looked, and how long after the training first.
_EVERY = 7 * DAY

#: Moments that are looked at: today, and every other week before.
_BACK = (0, 14, 28, 42)

#: What says where a course stands, and not how its learners do.
_CALENDAR = frozenset({"days_in_course", "elapsed", "due_share", "self_paced", "items_a_week"})

#: Rows, and ends that are known, below which nothing is said.
_FEWEST_ROWS, _FEWEST_ENDS = 100, 100


class DriftWatch:
    """Measures the model that predicts against the learners of today."""

    def __init__(
        self, facts: ReadsFacts, kept: ModelsKept, registry: ModelRegistry, upkeep: Upkeep, clock: Clock
    ) -> None:
        self._facts, self._kept, self._registry = facts, kept, registry
        self._upkeep, self._clock = upkeep, clock

    def run_if_due(self) -> str:
        """Measure once a week.

        :raises StoreUnavailable: when a database does not answer
        """
        champion = self._kept.champion()
        if champion is None:
            return ""
        last = self._upkeep.drift(champion.model)
        since = to_micros(last.measured_at) if last else champion.trained_at
        return self.measure(champion) if self._clock() - since >= _EVERY else ""

    def measure(self, champion: KeptModel) -> str:
        """Measure now; returns what was found, in a sentence, or nothing where it cannot be said."""
        model = load_model(self._kept, self._registry)
        if model is None:
            return ""
        card = msgspec.convert(champion.card, ModelCard)
        rows = self._rows(model, utc_date(self._clock()))
        if rows.height < _FEWEST_ROWS:
            return ""
        spreads = {name: spread for name, spread in card.spreads.items() if name not in _CALENDAR}
        weights = weights_like(card.spreads.get("days_in_course"), rows["days_in_course"])
        now = from_micros(self._clock())
        ends, lost = self._upkeep.ends_of(champion.model)
        outcome = outcome_drift(card.lost, lost) if ends >= _FEWEST_ENDS else None
        report = DriftReport(champion.model, now, rows.height, drift(spreads, rows, weights), outcome)
        self._upkeep.put_drift(report)
        return f"{len(report.drifted)} of {len(spreads)} features have drifted."

    def _rows(self, model: RiskModel, today: date) -> pl.DataFrame:
        facts = self._facts.read(choose_courses(self._facts.courses()), today)
        moments = (StudyMoment(facts, today - timedelta(days=days)) for days in _BACK)
        rows = pl.concat([score_rows(moment, model.features) for moment in moments]).filter("enough")
        return rows.filter(pl.any_horizontal(*(of_kind(rows, kind) for kind in model.kinds)))


class DriftCount:
    """How much has drifted, for the judge of alerts, who asks every few seconds: read again once a minute.

    :param upkeep: where it is kept
    """

    def __init__(self, kept: ModelsKept, upkeep: Upkeep) -> None:
        self._kept, self._upkeep = kept, upkeep
        self._read_at, self._found = 0, 0

    def at(self, now: Micros) -> int:
        """The number of features, and of outcomes, that have drifted; the last known while the store is away."""
        if now - self._read_at >= MINUTE:
            self._read_at = now
            with suppress(StoreUnavailable):
                self._found = self._count()
        return self._found

    def _count(self) -> int:
        champion = self._kept.champion()
        report = self._upkeep.drift(champion.model) if champion else None
        return len(report.drifted) + report.outcome_drifted if report else 0
