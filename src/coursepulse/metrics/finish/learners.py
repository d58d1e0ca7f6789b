"""Learners of courses, and the risk rule applied to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from coursepulse.kit.clock import from_micros
from coursepulse.learning.risk import Risk, RiskFacts, judge_risk
from coursepulse.learning.stats import mean
from coursepulse.metrics.query import Query
from coursepulse.metrics.row import Parts, Row

#: p15 and p50 of the completion % of those who are in a course; None where nobody has one.
Marks: TypeAlias = tuple[float | None, float | None]

#: The query behind :func:`read_learners`.
LEARNERS = ("learner_rows",)


class Learner(NamedTuple):
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


def read_learners(parts: Parts) -> list[Learner]:
    """Everybody who ever joined, also those who left."""
    return [Learner(row, tuple(row["scores"])) for row in parts["learner_rows"]]


class Judge:
    """Applies the risk rule as of the end of the period, or now when that is earlier.

    :param marks: by course
    """

    def __init__(self, query: Query, dues: Iterable[Row], marks: Mapping[str, Marks]) -> None:
        self._moment: datetime = from_micros(query.moment)
        self._marks = marks
        self._dues: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
        for due in dues:
            if due["due_at"] <= self._moment:
                self._dues[due["course_id"]].append((due["assessment_id"], due["due_at"]))

    def facts(self, learner: Learner) -> RiskFacts:
        """What the rule looks at."""
        row, today = learner.row, self._moment.date()
        latest = row["last_activity_at"]
        due = [name for name, at in self._dues[row["course_id"]] if at > row["joined_at"]]
        p15, p50 = self._marks.get(row["course_id"], (None, None))
        return RiskFacts(
            days_enrolled=(today - row["joined_at"].date()).days,
            days_silent=None if latest is None else (today - latest.date()).days,
            rhythm=row["rhythm"],
            due_passed=len(due),
            missed=len(set(due).difference(row["handed_in"])),
            scores=learner.scores,
            progress=row["completion_pct"],
            progress_p15=p15,
            progress_p50=p50,
            coverage=row["watched_pct"],
        )

    def columns(self, learner: Learner) -> dict[str, Any]:
        """The verdict as columns."""
        facts = self.facts(learner)
        risk: Risk = judge_risk(facts)
        return {
            "risk_score": risk.score,
            "bucket": risk.bucket,
            "reasons": [tuple(reason) for reason in risk.reasons],
            "days_silent": facts.days_silent,
            "missed": facts.missed,
        }


def cohort_marks(rows: Iterable[Row]) -> dict[str, Marks]:
    """The marks of several courses, as ``cohort_rows`` has them."""
    return {row["course_id"]: (row["p15"], row["p50"]) for row in rows}
