"""What training, scoring and the watch over drift did last: kept where every process finds it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb

from coursepulse.insight.models_kept import QUERIES
from coursepulse.insight.risk.drift import DRIFTED
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.store.postgres.connect import Pool, translate_errors


class UpkeepFacts(NamedTuple):
    """What was done last.

    :param asked_at: when somebody last asked for a training
    :param trained_at: when the last training ended, whatever came of it
    :param told: what came of it
    :param trouble: why learners are not scored; empty while they are
    """

    asked_at: datetime | None
    asked_by: str
    trained_at: datetime | None
    told: str
    trouble: str

    @property
    def waiting(self) -> bool:
        """Whether a training that somebody asked for has not ended yet."""
        return self.asked_at is not None and (self.trained_at is None or self.trained_at < self.asked_at)


class DriftReport(NamedTuple):
    """How far today is from what a model was trained on.

    :param rows_seen: learners at moments that were looked at
    :param features: the population stability index of each feature, the largest first
    :param outcome: the same of the share of the lost; None while too few ends are known
    """

    model: str
    measured_at: datetime
    rows_seen: int
    features: Mapping[str, float]
    outcome: float | None

    @property
    def drifted(self) -> dict[str, float]:
        """The features that are spread otherwise than in training, the furthest first."""
        return {name: index for name, index in self.features.items() if index > DRIFTED}

    @property
    def outcome_drifted(self) -> bool:
        """Whether another share is lost than in training."""
        return self.outcome is not None and self.outcome > DRIFTED


class Upkeep:
    """Every method raises StoreUnavailable when PostgreSQL does not answer.

    :param pool: connections of the service
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def read(self) -> UpkeepFacts:
        """What was done last."""
        with (
            translate_errors("Models"),
            self._pool.connection() as connection,
            connection.cursor(row_factory=namedtuple_row) as cursor,
        ):
            row = cursor.execute(QUERIES["read_upkeep"]).fetchone()
        return UpkeepFacts(*row) if row else UpkeepFacts(None, "", None, "", "")

    def ask(self, account: str, at: Micros) -> None:
        """Somebody wants a training as soon as possible."""
        self._run("ask_training", {"at": from_micros(at), "account": account})

    def note_training(self, told: str, at: Micros) -> None:
        """A training has ended."""
        self._run("note_training", {"at": from_micros(at), "told": told})

    def note_trouble(self, trouble: str) -> None:
        """Why learners are not scored; empty when they are."""
        self._run("note_trouble", {"trouble": trouble})

    def put_drift(self, report: DriftReport) -> None:
        """Keep what was measured."""
        values = report._asdict() | {"features": Jsonb(dict(report.features))}
        self._run("put_drift", values)

    def drift(self, model: str) -> DriftReport | None:
        """What was last measured of a model."""
        with translate_errors("Models"), self._pool.connection() as connection:
            row = connection.execute(QUERIES["newest_drift"], {"model": model}).fetchone()
        if row is None:
            return None
        told = DriftReport(*row)
        return told._replace(features=dict(sorted(told.features.items(), key=lambda one: -one[1])))

    def ends_of(self, model: str) -> tuple[int, float]:
        """Learners whom a model spoke of in courses whose ends are known: how many, and the share of the lost."""
        with translate_errors("Models"), self._pool.connection() as connection:
            row = connection.execute(QUERIES["outcomes_of_model"], {"model": model}).fetchone()
        return (int(row[0] or 0), float(row[1] or 0)) if row else (0, 0.0)

    def _run(self, query: str, values: Mapping[str, object]) -> None:
        with translate_errors("Models"), self._pool.connection() as connection:
            connection.execute(QUERIES[query], values)
