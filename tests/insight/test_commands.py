"""What the commands about models say: a table of answers of the server, and the words for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from coursepulse.cli import checks
from coursepulse.cli import insight as commands
from coursepulse.cli.main import app
from coursepulse.client.local_server import Server
from coursepulse.kit.errors import CoursepulseError, SettingError
from coursepulse.kit.settings import Settings

HERE = Server("http://127.0.0.1:1", "key")


class Scripted:
    """Answers in turn, and the last one for ever; notes what was asked."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers, self.asked = list(answers), list[str]()

    def __call__(self, server: Server, method: str, path: str) -> dict[str, Any]:
        assert server is HERE
        self.asked.append(f"{method} {path}")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, Scripted]]:
    """Runs a command of ``insight`` against scripted answers."""

    def run(words: str, *answers: dict[str, Any]) -> tuple[str, Scripted]:
        script = Scripted(*answers)
        monkeypatch.setattr(commands, "with_server", lambda _, action: action(HERE))
        monkeypatch.setattr(commands, "ask_json", script)
        monkeypatch.setattr(commands, "_LOOK", 0.0)
        done = CliRunner().invoke(app, ["insight", *words.split()])
        if isinstance(done.exception, CoursepulseError):
            raise done.exception
        return done.output, script

    return run


ROW = {
    "course_id": "maths",
    "probability_pct": 71.4,
    "before_pct": 52.0,
    "known_pct": 88.0,
    "shares": [["silent", 12.0, 0.9], ["earned", 0.75, -0.4], ["gone_feature", None, -0.1]],
    "model": "20310602-120000-2",
    "predicted_at": "2031-06-02T12:30:00+00:00",
}


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ({}, "71 % likely not to complete the course (high risk, 52 % a week before)"),
        ({"before_pct": None}, "71 % likely not to complete the course (high risk)"),
        ({"probability_pct": 20.0, "before_pct": None}, "20 % likely not to complete the course (some risk)"),
        ({"probability_pct": 19.0, "before_pct": None}, "19 % likely not to complete the course (low risk)"),
    ],
)
def test_explain_says_how_likely_and_why(
    run: Callable[..., tuple[str, Scripted]], change: dict[str, Any], first: str
) -> None:
    said, script = run("explain s-1 maths/1", {"rows": [ROW | change]})
    lines = said.splitlines()
    assert lines[0] == first
    assert [line.split()[0] for line in lines[1:4]] == ["for", "against", "against"]
    assert "12" in lines[1]
    assert "75" in lines[2]
    assert lines[3].endswith("gone_feature")
    assert lines[4:] == [
        "88 % of what the model looks at is known",
        "by model 20310602-120000-2, since 2031-06-02 12:30",
    ]
    assert script.asked == ["GET /v1/metrics/student_prediction?student=s-1&course=maths%2F1"]


def test_explain_gives_programs_the_row_as_it_is(run: Callable[..., tuple[str, Scripted]]) -> None:
    said, _ = run("explain s-1 maths --json", {"rows": [ROW]})
    assert json.loads(said) == ROW


def test_explain_says_why_there_is_nothing_to_explain(run: Callable[..., tuple[str, Scripted]]) -> None:
    with pytest.raises(SettingError, match="none is shown, there is not enough information, or the student"):
        run("explain s-1 maths", {"rows": []})


BEFORE = {"waiting": False, "trained_at": None, "told": "", "models": [{"model": "m-0"}]}
ASKED = BEFORE | {"waiting": True}
DONE = {
    "waiting": False,
    "trained_at": "2031-06-02T12:30:00+00:00",
    "told": "Model 1 predicts from now on.",
    "models": [{"model": "m-1"}, {"model": "m-0"}],
}
LOOK = "GET /v1/models"


@pytest.mark.parametrize(
    ("words", "answers", "said", "looks"),
    [
        ("train", (BEFORE, ASKED, ASKED, DONE), "Model 1 predicts from now on.\n", 2),
        ("train", (BEFORE, DONE), "Model 1 predicts from now on.\n", 0),
        ("train --no-wait", (BEFORE, ASKED), "A training has been asked for.\n", 0),
        ("train --no-wait", (BEFORE, DONE), "Model 1 predicts from now on.\n", 0),
    ],
)
def test_train_waits_until_it_has_ended_unless_told_not_to(
    run: Callable[..., tuple[str, Scripted]],
    words: str,
    answers: tuple[dict[str, Any], ...],
    said: str,
    looks: int,
) -> None:
    output, script = run(words, *answers)
    assert output == said
    assert script.asked == [LOOK, "POST /v1/models/training", *[LOOK] * looks]


def test_a_training_that_makes_no_model_fails(run: Callable[..., tuple[str, Scripted]]) -> None:
    with pytest.raises(CoursepulseError, match=r"^No model was trained: Nobody has learned anything yet\.$"):
        run("train", BEFORE, ASKED, BEFORE | {"told": "Nobody has learned anything yet."})


def test_train_gives_programs_what_came_of_it(run: Callable[..., tuple[str, Scripted]]) -> None:
    output, _ = run("train --json", BEFORE, ASKED, DONE)
    assert json.loads(output) == {name: DONE[name] for name in ("waiting", "trained_at", "told")}


CHAMPION = {"model": "m-2", "champion": True, "since": "2031-06-01T08:00:00+00:00"}
OLDER = {"model": "m-1", "champion": False, "since": None}


@pytest.mark.parametrize(
    ("models", "trained", "said"),
    [
        ([], {"trained_at": None, "told": ""}, "the rule is shown alone"),
        ([OLDER], {"trained_at": None, "told": ""}, "the rule is shown alone"),
        ([OLDER, CHAMPION], {"trained_at": None, "told": ""}, "m-2 predicts since 2031-06-01 08:00"),
        (
            [CHAMPION],
            {"trained_at": "2031-06-02T12:30:00+00:00", "told": "Too few rows."},
            "m-2 predicts since 2031-06-01 08:00; last training 2031-06-02 12:30: Too few rows.",
        ),
    ],
)
def test_doctor_says_which_model_predicts(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    models: list[dict[str, Any]],
    trained: dict[str, Any],
    said: str,
) -> None:
    answer_doctor(monkeypatch, {"trouble": "", "models": models, **trained})
    assert checks.check_models(Settings(data=tmp_path)) == said


def test_doctor_fails_where_nobody_is_scored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer_doctor(monkeypatch, {"trouble": "the extra is missing", "models": [CHAMPION], "trained_at": None})
    with pytest.raises(SettingError, match="Nobody is scored: the extra is missing"):
        checks.check_models(Settings(data=tmp_path))


def test_doctor_knows_nothing_of_models_without_a_server(tmp_path: Path) -> None:
    assert checks.check_models(Settings(data=tmp_path)) == "known while the server runs"


def answer_doctor(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]) -> None:
    monkeypatch.setattr(checks, "find", lambda _: HERE)
    monkeypatch.setattr(checks, "local_key", lambda _: HERE.key)
    monkeypatch.setattr(checks, "Server", lambda *_: HERE)
    monkeypatch.setattr(checks, "ask_json", Scripted(answer))
