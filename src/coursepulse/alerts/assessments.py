"""What the catalog says about assessments, in memory: processors ask for each answer of a student."""

from __future__ import annotations

from coursepulse.alerts.facts import AssessmentFacts
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.alerts.queries")

#: Of an assessment that the catalog does not know.
_UNKNOWN = AssessmentFacts()


class KnownAssessments:
    """:data:`coursepulse.alerts.facts.AssessmentOf`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._facts: dict[tuple[str, str], AssessmentFacts] = {}

    def load(self) -> None:
        """Read the catalog again.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        with translate_errors("Assessments"), self._pool.connection() as connection:
            rows = connection.execute(_QUERIES["assessments"]).fetchall()
        self._facts = {
            (course, assessment): AssessmentFacts(skill, mark) for course, assessment, skill, mark in rows
        }

    def __call__(self, course: str, assessment: str) -> AssessmentFacts:
        return self._facts.get((course, assessment), _UNKNOWN)
