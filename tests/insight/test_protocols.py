"""Evaluations on files, as the command line runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coursepulse.cli.main import app
from coursepulse.insight.protocols import PROTOCOLS, Wishes, evaluate
from coursepulse.insight.risk import models
from coursepulse.kit.errors import CoursepulseError
from tests.insight.test_oulad import REAL, needs_oulad

#: What the model must reach on a later intake than it has learned from, without clicks: AUC by day.
AUC = {28: 0.73, 56: 0.79, 112: 0.85}
ECE = 0.03


@needs_oulad
@pytest.mark.long
def test_risk_on_a_later_intake() -> None:
    wishes = Wishes(("2013B", "2013J"), ("2014B",), tuple(AUC))
    found = evaluate("risk", REAL, wishes)
    assert not found.about["clicks"]
    students = {row["day"]: row["students"] for row in found.rows}
    assert students == {28: 6509, 56: 6210, 112: 5836}
    for row in found.rows:
        assert row["auc"] >= AUC[row["day"]], row
        assert row["ece"] <= ECE, row
        assert row["gain_low"] > 0, row


@needs_oulad
@pytest.mark.long
def test_risk_on_one_course_with_clicks() -> None:
    arguments = [
        "--data",
        str(REAL),
        "--train",
        "BBB-2013B",
        "--test",
        "BBB-2013J",
        "--days",
        "112",
        "--json",
    ]
    done = CliRunner().invoke(app, ["insight", "evaluate", *arguments])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["about"]["clicks"]
    assert found["rows"][0]["auc"] >= 0.875
    assert {"by_course", "by_group", "gate", "reliability"} <= set(found["details"])


def test_a_protocol_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(CoursepulseError, match=", ".join(PROTOCOLS)):
        evaluate("luck", tmp_path, Wishes())
    with pytest.raises(CoursepulseError, match="no folder"):
        evaluate("risk", tmp_path / "nowhere", Wishes())


@needs_oulad
def test_a_presentation_that_is_none() -> None:
    with pytest.raises(CoursepulseError, match="2031X"):
        evaluate("risk", REAL, Wishes(test=("2031X",)))


def test_without_the_extra_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lightgbm", None)
    with pytest.raises(CoursepulseError, match=r"coursepulse\[insight\]"):
        models.read_scorer("boosted", "tree").log_odds(None)  # type: ignore[arg-type]
