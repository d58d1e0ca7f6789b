"""Learners of courses, as ``learner_rows.sql`` reads them, and the risk rule applied to a few of them.

The rule over whole classes is :mod:`coursepulse.aggregates.risk`; ``tests/metrics/test_risk.py`` binds the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.risk import (
    HEARD,
    USUAL_LIMITS,
    Risk,
    RiskInputs,
    RiskLimits,
    has_met,
    judge_risk,
)
from coursepulse.definitions.stats import mean
from coursepulse.kit.clock import Micros, from_micros

#: p15 and p50 of the completion % of those who are in a course; None where nobody has one.
Marks: TypeAlias = tuple[float | None, float | None]

#: The queries behind :func:`read_learners`, and behind :class:`Judge`.
LEARNERS = ("learner_rows",)
RISK = (*LEARNERS, "due_rows", "heard_rows", "cohort_rows")


class LearnerRow(NamedTuple):
    """One row of ``learner_rows``.

    :param scores: best results, per cent, in the order in which they were reached
    """

    row: Row
    scores: tuple[float, ...]

    @property
    def here(self) -> bool:
        """In the course: joined and not left."""
        return not self.row["gone"]

    @property
    def score_pct(self) -> float | None:
        """Mean of the best results."""
        return mean(self.scores)


def read_learners(found: QueryRows) -> list[LearnerRow]:
    """Everybody who ever joined, also those who left."""
    return [LearnerRow(row, tuple(row["scores"])) for row in found["learner_rows"]]


class Judge:
    """Applies the risk rule as of a moment.

    A class that is too small to be told about has no marks: then nobody is compared with it, every due date counts,
    and silence does where the learner is known to visit.

    :param found: the rows of ``due_rows``, ``heard_rows`` and ``cohort_rows``
    :param limits: those of courses that have set their own
    """

    def __init__(
        self, moment: Micros, found: QueryRows, limits: Mapping[str, RiskLimits] = MappingProxyType({})
    ) -> None:
        self._limits = limits
        self._moment: datetime = from_micros(moment)
        self._marks = cohort_marks(found["cohort_rows"])
        self._heard = {row["course_id"]: row["share"] >= HEARD for row in found["heard_rows"]}
        self._graded = {row["course_id"] for row in found["due_rows"]}
        self._dues: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
        for row in found["due_rows"]:
            if self._counts(row):
                self._dues[row["course_id"]].append((row["assessment_id"], row["due"]))

    def _counts(self, row: Row) -> bool:
        passed = row["due"] is not None and row["due"] <= self._moment
        return passed and (row["course_id"] not in self._marks or has_met(row["expected"], row["met"]))

    def overdue(self, learner: LearnerRow) -> list[tuple[str, datetime]]:
        """Assessments whose due date counts, and for which nothing was handed in, each with that date."""
        return [work for work in self._due(learner.row) if work[0] not in learner.row["handed_in"]]

    def _due(self, row: Row) -> list[tuple[str, datetime]]:
        return [work for work in self._dues[row["course_id"]] if work[1] > row["joined_at"]]

    def inputs(self, learner: LearnerRow) -> RiskInputs:
        """What the rule looks at."""
        row, today = learner.row, self._moment.date()
        course, latest = row["course_id"], row["last_activity_at"]
        p15, p50 = self._marks.get(course, (None, None))
        return RiskInputs(
            days_enrolled=(today - row["joined_at"].date()).days,
            days_silent=None if latest is None else (today - latest.date()).days,
            rhythm=row["rhythm"],
            heard=self._heard.get(course, False) if course in self._marks else row["heard"],
            graded=course in self._graded,
            due_passed=len(self._due(row)),
            missed=len(self.overdue(learner)),
            scores=learner.scores,
            progress=row["completion_pct"],
            progress_p15=p15,
            progress_p50=p50,
            coverage=row["watched_pct"],
            completed=row["declared_complete"] or row["completion_pct"] == 100,
            over=row["over"],
            limits=self._limits.get(course, USUAL_LIMITS),
        )

    def columns(self, learner: LearnerRow) -> dict[str, Any]:
        """The verdict as columns."""
        inputs = self.inputs(learner)
        risk: Risk = judge_risk(inputs)
        return {
            "risk_score": risk.score,
            "bucket": risk.bucket,
            "reasons": [tuple(reason) for reason in risk.reasons],
            "days_silent": inputs.days_silent,
            "missed": inputs.missed,
        }


def cohort_marks(rows: Iterable[Row]) -> dict[str, Marks]:
    """The marks of several courses, as ``cohort_rows`` has them."""
    return {row["course_id"]: (row["p15"], row["p50"]) for row in rows}
