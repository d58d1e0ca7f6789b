"""From facts to a champion that predicts, explains exactly what it says, and is kept with those it was made of."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from coursepulse.insight import scoring as scoring_module
from coursepulse.insight.drift_watch import DriftWatch
from coursepulse.insight.facts import COLUMNS, FactsExtent, StudyFacts
from coursepulse.insight.fairness import RosterGroups, read_attributes
from coursepulse.insight.models_kept import KeptModel, ModelsKept
from coursepulse.insight.predictions import Prediction, Predictions
from coursepulse.insight.registry import FileRegistry
from coursepulse.insight.risk.labels import Horizon
from coursepulse.insight.risk.models import ExtraMissing
from coursepulse.insight.scoring import Scoring
from coursepulse.insight.training import RiskTraining, terms_of
from coursepulse.insight.upkeep import Upkeep
from coursepulse.kit.clock import DAY, HOUR, SECOND, to_micros
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

    def extent(self) -> FactsExtent:
        day = self.facts.activity["day"].max()
        return FactsExtent(day if isinstance(day, date) else None, self.facts.activity.height, 600)

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


def enlist(pool: Pool, campus: Campus) -> None:
    """Every other learner belongs to each of two organisations."""
    students = sorted(campus.facts.enrolments["student"].unique())
    people = [(UUID(bytes=each), str(n), ("north", "south")[n % 2]) for n, each in enumerate(students)]
    with pool.connection() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO organisations VALUES ('north', ''), ('south', '')")
        cursor.executemany(
            "INSERT INTO people (student_id, external_id, organisation_id) VALUES (%s, %s, %s)", people
        )


def test_a_champion_is_trained_scores_and_is_kept_with_its_students(
    pool: Pool, campus: Campus, tmp_path: Path
) -> None:
    kept, registry, predictions = ModelsKept(pool), FileRegistry(tmp_path), Predictions(pool)
    scoring = Scoring(campus, kept, registry, predictions, clock)
    groups = RosterGroups(pool, read_attributes("organisation"))
    enlist(pool, campus)
    training = RiskTraining(
        campus, kept, registry, clock, Horizon(), Upkeep(pool), scoring.renew, groups=groups
    )
    said = training.run()
    [model] = kept.all()
    assert {tuple(each[:2]) for each in model.card["by_group"]} == {
        ("organisation", "north"),
        ("organisation", "south"),
    }
    assert not {"organisation", "team", "time_zone"} & set(model.card["features"])
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


@pytest.mark.long
def test_only_courses_of_touched_learners_are_scored_again(
    pool: Pool, campus: Campus, tmp_path: Path
) -> None:
    kept, registry, predictions = ModelsKept(pool), FileRegistry(tmp_path), Predictions(pool)
    scoring = Scoring(campus, kept, registry, predictions, clock)
    scoring.turn()
    assert rows(pool, "SELECT count(*) FROM risk_predictions") == [(0,)]
    RiskTraining(campus, kept, registry, clock, Horizon(), Upkeep(pool), scoring.renew).run()
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
    RiskTraining(campus, kept, registry, clock, Horizon(), Upkeep(pool)).run()
    Scoring(campus, kept, registry, predictions, clock).turn()
    over = START["one-2031A"] + YEAR + timedelta(days=LENGTH + 2)
    Scoring(campus, kept, registry, predictions, lambda: clock(over)).turn()
    found = rows(pool, "SELECT outcome, count(*) FROM risk_predictions GROUP BY outcome")
    assert {outcome for outcome, _ in found} == {True, False}


def test_without_history_the_rule_stays_alone(pool: Pool, tmp_path: Path) -> None:
    campus, kept = Campus(4), ModelsKept(pool)
    said = RiskTraining(campus, kept, FileRegistry(tmp_path), clock, Horizon(), Upkeep(pool)).run()
    assert "at least 50 rows" in said
    assert kept.all() == []


@pytest.mark.long
def test_a_model_is_trained_once_a_week(pool: Pool, campus: Campus, tmp_path: Path) -> None:
    kept = ModelsKept(pool)
    now = [clock()]
    training = RiskTraining(campus, kept, FileRegistry(tmp_path), lambda: now[0], Horizon(), Upkeep(pool))
    assert training.run_if_due() == ""
    now[0] += HOUR
    assert training.run_if_due()
    assert training.run_if_due() == ""
    later = RiskTraining(
        campus,
        kept,
        FileRegistry(tmp_path),
        lambda: clock(TODAY + timedelta(days=9)),
        Horizon(),
        Upkeep(pool),
    )
    assert later.run_if_due()
    newest, first = kept.all()
    assert "no better than the champion" in newest.why
    assert (newest.shown, first.champion) == (False, True)


def test_too_little_to_learn_from_is_looked_at_again_soon(pool: Pool, tmp_path: Path) -> None:
    """But while history is still being loaded, nothing is made of the part that is there."""
    campus, now, waiting = Campus(4), [clock()], [60]
    training = RiskTraining(
        campus,
        ModelsKept(pool),
        FileRegistry(tmp_path),
        lambda: now[0],
        Horizon(),
        Upkeep(pool),
        waiting=lambda: waiting[0],
    )
    whole = campus.facts
    campus.facts = replace(whole, activity=whole.activity.filter(pl.col("day") < TODAY - timedelta(days=20)))
    assert training.run_if_due() == ""
    campus.facts = whole
    assert training.run_if_due() == "", "days have come in that are long over"
    waiting[0] = 61
    assert training.run_if_due() == "", "of more than a tenth of the learners the numbers are behind"
    waiting[0] = 60
    assert "at least 50 rows" in training.run_if_due()
    assert training.run_if_due() == ""
    campus.facts = replace(whole, activity=pl.concat([whole.activity] * 2))
    assert training.run_if_due() == "", "more than twice as much has come in at once"
    assert "at least 50 rows" in training.run_if_due(), "a tenth more to learn from is worth another attempt"
    now[0] += 10 * SECOND
    assert "at least 50 rows" in training.run_if_due()


def test_a_course_that_is_over_without_anybody_to_learn_from_is_none(pool: Pool, tmp_path: Path) -> None:
    empty = Campus(4)
    late = (pl.lit(TODAY) - timedelta(days=1)).alias("registered")
    empty.facts = replace(empty.facts, enrolments=empty.facts.enrolments.with_columns(late))
    training = RiskTraining(empty, ModelsKept(pool), FileRegistry(tmp_path), clock, Horizon(), Upkeep(pool))
    assert training.run() == "Nobody has learned anything yet."


def test_somebody_who_asks_gets_a_training_at_the_next_turn(pool: Pool, tmp_path: Path) -> None:
    upkeep, now = Upkeep(pool), clock()
    training = RiskTraining(
        Campus(4), ModelsKept(pool), FileRegistry(tmp_path), lambda: now, Horizon(), upkeep
    )
    assert training.run_if_due() == ""
    upkeep.ask("admin", now + 1)
    assert upkeep.read().waiting
    now += 2
    assert training.run_if_due() == upkeep.read().told != ""
    assert not upkeep.read().waiting
    assert training.run_if_due() == ""


def test_why_nobody_is_scored_is_told_once_and_that_it_is_over(
    pool: Pool, campus: Campus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, registry, upkeep = ModelsKept(pool), FileRegistry(tmp_path), Upkeep(pool)
    RiskTraining(campus, kept, registry, clock, Horizon(), upkeep).run()
    told: list[str] = []
    scoring = Scoring(campus, kept, registry, Predictions(pool), clock, told.append)

    def refuse(*_: object) -> None:
        raise ExtraMissing

    with monkeypatch.context() as without:
        without.setattr(scoring_module, "open_model", refuse)
        assert [scoring.turn(), scoring.turn()] == ["", ""]
    assert told == [scoring.trouble]
    assert "coursepulse[insight]" in scoring.trouble
    assert "predictions by" in scoring.turn()
    assert [told[1:], scoring.trouble] == [[""], ""]


def test_what_was_said_long_ago_goes_and_what_is_newer_stays(pool: Pool) -> None:
    kept, predictions = ModelsKept(pool), Predictions(pool)
    kept.note(KeptModel("m-1", clock(), TODAY, True, "", {}), [])
    for days in (401, 399):
        one = Prediction("old", to_bytes(f"{days}", "student"), 0.4, b"", {})
        predictions.put("m-1", [one], clock() - days * DAY)
    assert predictions.prune(clock() - 400 * DAY) == 1
    assert rows(pool, "SELECT count(*) FROM risk_predictions") == [(1,)]


def test_courses_that_begin_within_three_weeks_are_of_one_term() -> None:
    first = date(2026, 9, 1)
    starts = [first + timedelta(days=days) for days in (0, 3, 20, 21, 30, 42)]
    assert [(term - first).days for term in terms_of(starts).values()] == [0, 0, 0, 21, 21, 42]


@pytest.mark.long
def test_a_refused_model_is_tried_again_when_there_is_more_to_learn_from(
    pool: Pool, campus: Campus, tmp_path: Path
) -> None:
    kept, now = ModelsKept(pool), [clock()]
    training = RiskTraining(campus, kept, FileRegistry(tmp_path), lambda: now[0], Horizon(), Upkeep(pool))
    kept.note(KeptModel("20320101-000000-1", now[0], TODAY, False, "too little", {"rows": 100_000}), [])
    for _ in range(2):
        assert training.run_if_due() == ""
        now[0] += HOUR
    now[0] += HOUR
    kept.note(KeptModel("20320101-000000-2", now[0], TODAY, False, "too little", {"rows": 100}), [])
    assert "predicts from now on" in training.run_if_due()
    now[0] += HOUR
    assert training.run_if_due() == ""


@pytest.mark.long
def test_drift_is_measured_a_week_after_the_training(pool: Pool, campus: Campus, tmp_path: Path) -> None:
    kept, registry, upkeep, now = ModelsKept(pool), FileRegistry(tmp_path), Upkeep(pool), [clock()]
    RiskTraining(campus, kept, registry, lambda: now[0], Horizon(), upkeep).run()
    watch = DriftWatch(campus, kept, registry, upkeep, lambda: now[0])
    assert watch.run_if_due() == ""
    now[0] += 7 * DAY
    assert "features have drifted" in watch.run_if_due()
    assert watch.run_if_due() == ""
    [model] = kept.all()
    usual = upkeep.drift(model.model)
    assert usual is not None
    assert usual.rows_seen >= 100
    # From now on nobody hands anything in.
    campus_without = Campus()
    campus_without.facts = replace(campus.facts, results=campus.facts.results.clear())
    now[0] += 7 * DAY
    DriftWatch(campus_without, kept, registry, upkeep, lambda: now[0]).run_if_due()
    worse = upkeep.drift(model.model)
    assert worse is not None
    assert worse.features["missed_share"] > max(0.25, usual.features["missed_share"])
