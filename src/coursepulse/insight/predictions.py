"""What models said of learners, what became of it, and what teachers said of that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from coursepulse.insight.models_kept import QUERIES
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.store.postgres.connect import Pool, translate_errors

#: Characters of a typed reason.
LONGEST_REASON = 500


class TeacherVerdict(StrEnum):
    """What somebody who teaches says of a prediction."""

    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    WRONG = "wrong"


class Prediction(NamedTuple):
    """What a model says of one learner.

    :param features_hash: of the numbers that it looked at
    :param reasons: these numbers, and the exact contribution of each
    """

    course_id: str
    student: bytes
    probability: float
    features_hash: bytes
    reasons: Mapping[str, Any]


class KnownEnd(NamedTuple):
    """What became of one learner.

    :param lost: whether it is what the model predicts: the course was not completed
    """

    student: bytes
    lost: bool
    known_on: date


class Predictions:
    """Every method raises StoreUnavailable when PostgreSQL does not answer.

    :param pool: connections of the service
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def put(self, model: str, predictions: Iterable[Prediction], at: Micros) -> None:
        """Keep what a model says now; nothing is kept twice while it looks at the same numbers."""
        rows = [
            {
                "course": each.course_id,
                "student": UUID(bytes=each.student),
                "at": from_micros(at),
                "model": model,
                "hash": each.features_hash,
                "probability": each.probability,
                "reasons": Jsonb(each.reasons),
            }
            for each in predictions
        ]
        with translate_errors("Predictions"), self._pool.connection() as connection:
            connection.cursor().executemany(QUERIES["put_prediction"], rows)

    def note_ends(self, course_id: str, ends: Sequence[KnownEnd]) -> int:
        """What became of learners of a course; returns how many predictions are now known to be right or wrong."""
        values = {
            "course": course_id,
            "students": [UUID(bytes=each.student) for each in ends],
            "outcomes": [each.lost for each in ends],
            "days": [each.known_on for each in ends],
        }
        with translate_errors("Predictions"), self._pool.connection() as connection:
            return connection.execute(QUERIES["put_outcomes"], values).rowcount

    def judge(
        self, course_id: str, student: bytes, verdict: TeacherVerdict, because: str, account: str, at: Micros
    ) -> None:
        """Somebody says what they think of the newest prediction.

        :raises RequestError: ``reason_missing``, ``reason_too_long``
        """
        because = because.strip()
        if verdict is TeacherVerdict.WRONG and not because:
            raise RequestError("reason_missing", "Say why it is wrong.")
        if len(because) > LONGEST_REASON:
            raise RequestError("reason_too_long", f"A reason has at most {LONGEST_REASON} characters.")
        values = {
            "course": course_id,
            "student": UUID(bytes=student),
            "at": from_micros(at),
            "verdict": verdict.value,
            "because": because,
            "account": account,
        }
        with translate_errors("Predictions"), self._pool.connection() as connection:
            connection.execute(QUERIES["put_verdict"], values)

    def prune(self, before: Micros) -> int:
        """Let go of what was said before a moment; returns how many rows went."""
        with translate_errors("Predictions"), self._pool.connection() as connection:
            row = connection.execute(QUERIES["prune_predictions"], {"before": from_micros(before)}).fetchone()
        return int(row[0]) if row else 0

    def forget(self, students: Collection[bytes]) -> int:
        """Take students who no longer agree out of what was said; returns how many rows went."""
        values = {"students": [UUID(bytes=each) for each in students]}
        with translate_errors("Predictions"), self._pool.connection() as connection:
            row = connection.execute(QUERIES["forget_predictions"], values).fetchone()
        return int(row[0]) if row else 0
