"""What models said, and what becomes of it: kept once per look, judged, forgotten."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from coursepulse.insight.models_kept import KeptModel, ModelsKept
from coursepulse.insight.predictions import KnownEnd, Prediction, Predictions, TeacherVerdict
from coursepulse.kit.clock import DAY
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_bytes
from coursepulse.privacy.erasable import DataSubject, ErasureMode
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.erasure import PostgresErasure

ANN, BEN = to_bytes("ann", "student"), to_bytes("ben", "student")
COURSE = "predicted"
NOW = 1_772_323_200_000_000


def model(name: str, at: int = NOW, *, shown: bool = True) -> KeptModel:
    return KeptModel(
        name, at, date(2026, 3, 1), shown, "" if shown else "no better than the rule", {"auc": 0.8}
    )


def said(student: bytes, probability: float, numbers: bytes = b"same") -> Prediction:
    return Prediction(COURSE, student, probability, numbers, {"silent": [9.0, 0.4]})


def rows(pool: Pool, sql: str) -> list[tuple[Any, ...]]:
    with pool.connection() as connection:
        return connection.execute(sql.encode()).fetchall()


def test_a_prediction_is_kept_once_while_nothing_changes(pool: Pool) -> None:
    ModelsKept(pool).note(model("m1"), [ANN])
    predictions = Predictions(pool)
    predictions.put("m1", [said(ANN, 0.5)], NOW)
    predictions.put("m1", [said(ANN, 0.5)], NOW + 1)
    predictions.put("m1", [said(ANN, 0.75, b"more")], NOW + 2)
    found = rows(pool, "SELECT model, probability FROM risk_predictions ORDER BY predicted_at")
    assert found == [("m1", 0.5), ("m1", 0.75)]


def test_what_came_of_it_counts_for_what_was_said_before(pool: Pool) -> None:
    ModelsKept(pool).note(model("m1"), [ANN])
    predictions = Predictions(pool)
    predictions.put("m1", [said(ANN, 0.5), said(BEN, 0.1)], NOW)
    predictions.put("m1", [said(ANN, 0.9, b"after")], NOW + 40 * DAY)
    assert predictions.note_ends(COURSE, [KnownEnd(ANN, True, date(2026, 3, 20))]) == 1
    found = rows(pool, "SELECT probability, outcome FROM risk_predictions ORDER BY probability")
    assert found == [(pytest.approx(0.1), None), (0.5, True), (pytest.approx(0.9), None)]


def test_the_model_before_comes_back_and_then_none(pool: Pool) -> None:
    kept = ModelsKept(pool)
    for name, at, shown in (("m1", NOW, True), ("m2", NOW + 1, False), ("m3", NOW + 2, True)):
        kept.note(model(name, at, shown=shown), [ANN])
    kept.crown("m3", NOW + 3)
    back = kept.roll_back(NOW + 4, "admin")
    assert back is not None
    assert (back.model, back.champion) == ("m1", True)
    assert [(each.model, each.champion) for each in kept.all()] == [
        ("m3", False),
        ("m2", False),
        ("m1", True),
    ]
    assert kept.roll_back(NOW + 5, "admin") is None
    assert kept.champion() is None


def test_a_verdict_says_what_was_shown_and_why_it_is_wrong(pool: Pool) -> None:
    ModelsKept(pool).note(model("m1"), [ANN])
    predictions = Predictions(pool)
    predictions.put("m1", [said(ANN, 0.5)], NOW)
    predictions.judge(COURSE, ANN, TeacherVerdict.WRONG, " ill for a week ", "account:tea", NOW + 1)
    predictions.judge(COURSE, BEN, TeacherVerdict.DISMISSED, "", "account:tea", NOW + 1)
    found = rows(pool, "SELECT verdict, because, probability, model FROM risk_verdicts ORDER BY verdict DESC")
    assert found == [("wrong", "ill for a week", 0.5, "m1"), ("dismissed", "", None, "")]
    with pytest.raises(RequestError, match="Say why"):
        predictions.judge(COURSE, ANN, TeacherVerdict.WRONG, "  ", "account:tea", NOW + 2)
    assert ModelsKept(pool).verdicts() == {"m1": {"wrong": 1}, "": {"dismissed": 1}}


def test_who_no_longer_agrees_is_forgotten(pool: Pool) -> None:
    ModelsKept(pool).note(model("m1"), [ANN])
    predictions = Predictions(pool)
    predictions.put("m1", [said(ANN, 0.5), said(BEN, 0.1)], NOW)
    predictions.judge(COURSE, ANN, TeacherVerdict.CONFIRMED, "", "account:tea", NOW)
    assert predictions.forget([ANN]) == 2
    assert rows(pool, "SELECT student_id FROM risk_predictions") == [(UUID(bytes=BEN),)]


@pytest.mark.parametrize("mode", list(ErasureMode))
def test_an_erasure_says_which_models_were_trained_with_the_student(pool: Pool, mode: ErasureMode) -> None:
    kept = ModelsKept(pool)
    kept.note(model("m1"), [ANN, BEN])
    kept.note(model("m2", NOW + 1), [BEN])
    kept.note(model("m3", NOW + 2), [ANN])
    Predictions(pool).put("m1", [said(ANN, 0.5)], NOW)
    who = DataSubject(student=ANN, replacement=to_bytes("nobody", "student"), salt="s")
    receipt = {line.store: line for line in PostgresErasure(pool, UUID(int=1)).erase(who, mode)}
    assert receipt["PostgreSQL risk_predictions"].rows == 1
    assert receipt["PostgreSQL risk_model_students"].note.endswith(": m1, m3")
    assert rows(pool, "SELECT count(*) FROM risk_predictions") == [(0,)]
    assert rows(pool, "SELECT DISTINCT student_id FROM risk_model_students") == [(UUID(bytes=BEN),)]
