"""From facts to a champion that predicts, explains exactly what it says, and is kept with those it was made of."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from coursepulse.insight.facts import COLUMNS, StudyFacts
from coursepulse.insight.models_kept import ModelsKept
from coursepulse.insight.predictions import Predictions
from coursepulse.insight.registry import FileRegistry
from coursepulse.insight.risk.labels import Horizon
from coursepulse.insight.scoring import Scoring
from coursepulse.insight.training import RiskTraining
from coursepulse.kit.clock import SECOND, to_micros
from coursepulse.kit.ids import to_bytes
from coursepulse.store.postgres.connect import Pool
from tests.insight.synthetic import LENGTH, START, make_facts

#: A second campus is the first one a year later: two of its courses are over, and one goes on.
YEAR = timedelta(days=364)
GOING_ON = "one-2031A later"
TODAY = START["one-2031A"] + YEAR + timedelta(days=60)


class Campus:
    """Synthetic facts as the stores give them: pseudonyms are bytes."""

    def __init__(self, students: int = 250) -> None:
        made, later = make_facts(3, students), make_facts(4, students)
        frames = {name: (getattr(made, name), _a_year_on(getattr(later, name))) for name in COLUMNS}
        self.facts = StudyFacts(**{name: _pseudonymous(pl.concat(both)) for name, both in frames.items()})
        self.asked: list[set[str]] = []

    def courses(self) -> dict[str, int]:
        return dict.fromkeys(self.facts.courses["course"], 150)

    def read(self, courses: Collection[str], day: date, students: Sequence[bytes] = ()) -> StudyFacts:
        self.asked.append(set(courses))
        return self.facts.in_courses(pl.Series(sorted(courses))).known_at(day)


def _a_year_on(frame: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in ("course", "student", "assessment", "item") if name in frame.columns]
    return frame.with_columns(pl.col(pl.Date) + YEAR, *(pl.col(name) + " later" for name in names))


def _pseudonymous(frame: pl.DataFrame) -> pl.DataFrame:
    if "student" not in frame.columns:
        return frame
    ids = [to_bytes(each, "student") for each in frame["student"]]
    return frame.with_columns(pl.Series("student", ids, pl.Binary))


@pytest.fixture(scope="module")
def campus() -> Campus:
    return Campus()


def clock(day: date = TODAY) -> int:
    return to_micros(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def rows(pool: Pool, sql: str) -> list[tuple[Any, ...]]:
    with pool.connection() as connection:
        return connection.execute(sql.encode()).fetchall()


def test_a_champion_is_trained_scores_and_is_kept_with_its_students(
    pool: Pool, campus: Campus, tmp_path: Path
) -> None:
    kept, registry, predictions = ModelsKept(pool), FileRegistry(tmp_path), Predictions(pool)
    scoring = Scoring(campus, kept, registry, predictions, clock)
    said = RiskTraining(campus, kept, registry, clock, Horizon(), scoring.renew).run()
    [model] = kept.all()
    assert said == f"Model {model.model} predicts from now on.", said
    assert model.champion
    assert model.card["ruling"]["gain"][1] > 0
    trained = {UUID(bytes=each) for each in campus.facts.enrolments["student"].unique()}
    assert {student for (student,) in rows(pool, "SELECT student_id FROM risk_model_students")} <= trained

    scoring.turn()
    found = rows(pool, "SELECT course_id, probability, reasons FROM risk_predictions")
    assert {course for course, *_ in found} == {GOING_ON}
    for _, probability, reasons in found:
        total = sum(share for *_, share in reasons["shares"]) + reasons["rest"] + reasons["base"]
        assert 1 / (1 + math.exp(-total)) == pytest.approx(probability, abs=1e-5)
    assert json.dumps(model.card)


def test_only_courses_of_touched_learners_are_scored_again(
    pool: Pool, campus: Campus, tmp_path: Path
) -> None:
    kept, registry, predictions = ModelsKept(pool), FileRegistry(tmp_path), Predictions(pool)
    scoring = Scoring(campus, kept, registry, predictions, clock)
    scoring.turn()
    assert rows(pool, "SELECT count(*) FROM risk_predictions") == [(0,)]
    RiskTraining(campus, kept, registry, clock, Horizon(), scoring.renew).run()
    scoring.turn()
    campus.asked.clear()
    scoring.note_learners([(GOING_ON, b"x" * 16)])
    scoring.turn()
    scoring.turn()
    assert campus.asked == [{GOING_ON}]


@pytest.mark.long
def test_what_became_of_learners_is_put_beside_what_was_said(
    pool: Pool, campus: Campus, tmp_path: Path
) -> None:
    kept, registry, predictions = ModelsKept(pool), FileRegistry(tmp_path), Predictions(pool)
    RiskTraining(campus, kept, registry, clock, Horizon()).run()
    Scoring(campus, kept, registry, predictions, clock).turn()
    over = START["one-2031A"] + YEAR + timedelta(days=LENGTH + 2)
    Scoring(campus, kept, registry, predictions, lambda: clock(over)).turn()
    found = rows(pool, "SELECT outcome, count(*) FROM risk_predictions GROUP BY outcome")
    assert {outcome for outcome, _ in found} == {True, False}


def test_without_history_the_rule_stays_alone(pool: Pool, tmp_path: Path) -> None:
    campus, kept = Campus(4), ModelsKept(pool)
    said = RiskTraining(campus, kept, FileRegistry(tmp_path), clock, Horizon()).run()
    assert "at least 50 rows" in said
    assert kept.all() == []


@pytest.mark.long
def test_a_model_is_trained_once_a_week(pool: Pool, campus: Campus, tmp_path: Path) -> None:
    kept = ModelsKept(pool)
    training = RiskTraining(campus, kept, FileRegistry(tmp_path), clock, Horizon())
    assert training.run_if_due()
    assert training.run_if_due() == ""
    later = RiskTraining(
        campus, kept, FileRegistry(tmp_path), lambda: clock(TODAY + timedelta(days=8)), Horizon()
    )
    assert later.run_if_due()
    newest, first = kept.all()
    assert "no better than the champion" in newest.why
    assert (newest.shown, first.champion) == (False, True)


def test_too_little_to_learn_from_is_looked_at_again_soon(pool: Pool, tmp_path: Path) -> None:
    now = [clock()]
    training = RiskTraining(Campus(4), ModelsKept(pool), FileRegistry(tmp_path), lambda: now[0], Horizon())
    assert training.run_if_due()
    now[0] += 29 * SECOND
    assert training.run_if_due() == ""
    now[0] += SECOND
    assert training.run_if_due()
