"""How well the model of skills foretells answers whose truth is known, and that nothing hangs on the order of rows."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from coursepulse.cli.main import app
from coursepulse.definitions.mastery.answers import Floats, line_up
from coursepulse.definitions.mastery.filter import follow
from coursepulse.definitions.mastery.measure import Mastery, answered, measure
from coursepulse.definitions.mastery.model import Fit
from coursepulse.insight.protocols.skills import evaluate_skills
from coursepulse.insight.skills.calibrate import fit
from coursepulse.insight.skills.evaluate import auc, calibration_error, foretell
from coursepulse.insight.skills.files import BadAnswers, read_answers
from tests.support.answers import Shape, Simulated, Truth, foretell_best, simulate, write_csv

#: Twenty answers a skill.
SHAPE = Shape(students=400, skills=3, items=15, answers=60)

SIZES = (SHAPE.students, SHAPE.skills * SHAPE.items, SHAPE.skills)

#: Where a lucky guess hides what people know, not even an observer who knows the questions finds more.
LEAST = dict.fromkeys(Truth, 0.85) | {Truth.GUESSING: 0.78, Truth.KNOWN_OR_NOT: 0.8}


def reach(simulated: Simulated, fitted: Fit) -> tuple[Mastery, Floats]:
    """What the model says of everybody after all answers, and what is true."""
    line = line_up(simulated.answers)
    found = measure(
        line, follow(line, fitted.items, fitted.habits, SIZES[0]).state, fitted, answered(simulated.answers)
    )
    return found, simulated.ability[line.student_of, line.skill_of]


@pytest.mark.parametrize(
    "truth",
    [pytest.param(each, marks=() if each is Truth.LEARNING else pytest.mark.long) for each in Truth],
)
def test_foretells_like_one_who_knows_the_questions(truth: Truth) -> None:
    simulated = simulate(truth, SHAPE)
    right = simulated.answers.right
    fitted = fit(simulated.answers, SIZES)
    chance = foretell(simulated.answers, fitted, SIZES).chance
    best, found = auc(foretell_best(truth, simulated), right), auc(chance, right)
    assert best is not None
    assert found is not None
    assert found > best - 0.01
    assert calibration_error(chance, right) < 0.02
    reached, true = reach(simulated, fitted)
    assert np.corrcoef(reached.mastery, true)[0, 1] > LEAST[truth]


def test_says_how_sure_it_is() -> None:
    simulated = simulate(Truth.RASCH, SHAPE)
    reached, true = reach(simulated, fit(simulated.answers, SIZES))
    inside = np.abs(reached.ability - true) < 1.96 * reached.deviation
    assert 0.92 < inside.mean() < 0.98
    assert np.corrcoef(reached.ability, true)[0, 1] > 0.85


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    plain, mixed = tmp_path / "plain.csv", tmp_path / "mixed.csv"
    write_csv(simulate(Truth.LEARNING, Shape(students=40, skills=2, items=5, answers=20)), plain)
    head, *rows = plain.read_text(encoding="utf-8").splitlines()
    random.Random(3).shuffle(rows)
    mixed.write_text("\n".join([head, *rows]), encoding="utf-8")
    assert evaluate_skills(plain) == evaluate_skills(mixed)


def test_an_answer_is_foretold_without_itself_or_later_ones() -> None:
    simulated = simulate(Truth.RASCH, Shape(students=30, skills=2, items=5, answers=20))
    fitted = fit(simulated.answers, (30, 10, 2))
    other = simulated.answers._replace(right=simulated.answers.right.copy())
    mine = other.student == 7
    other.right[mine & (other.at >= 12)] = 1 - other.right[mine & (other.at >= 12)]
    before = mine & (other.at <= 12)
    first, second = (foretell(each, fitted, (30, 10, 2)).chance for each in (simulated.answers, other))
    assert first[before].tolist() == second[before].tolist()
    assert first[mine & ~before].tolist() != second[mine & ~before].tolist()


@pytest.mark.parametrize(
    "rows",
    [
        ["ann,1,q1,adding,1"],
        [f"s{n},1,q1,adding,1" for n in range(20)],
        [f"s{n},{at},q1,adding,{(n + at) % 2}" for n in range(10) for at in range(5)],
        [f"ann,{at},q{at % 7},,{at % 2}" for at in range(50)],
        [f"s{n},2026-03-0{at}T10:00:00Z,q{at},adding,{n % 2}" for n in range(4) for at in range(1, 6)],
    ],
    ids=["one answer", "everybody right", "one question", "one student, no skill", "moments"],
)
def test_few_answers_are_enough_for_careful_figures(tmp_path: Path, rows: list[str]) -> None:
    path = tmp_path / "few.csv"
    path.write_text("\n".join(["student,order,item,skill,correct", *rows]), encoding="utf-8")
    found = evaluate_skills(tmp_path)
    mastery = found.details["mastery"]
    assert found.about["answers"] == len(rows)
    for row in mastery:
        low, middle, high = (row[name] for name in ("low", "mastery", "high"))
        assert isinstance(low, float)
        assert isinstance(middle, float)
        assert isinstance(high, float)
        assert 0 < low < middle < high < 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 0: the columns student, order, item, skill, correct are needed"),
        (
            "student,order,item,skill\n",
            "line 1: the columns student, order, item, skill, correct are needed, and correct",
        ),
        ("student,order,item,skill,correct\n", "has no answers"),
        (
            "student,order,item,skill,correct\na,1,q,k,1\na,2,q,k,maybe\n",
            "line 3: correct must be 0 or 1, not 'maybe'",
        ),
        ("student,order,item,skill,correct\na,1,q,k\n", "line 2: only 4 columns"),
        (
            "student,order,item,skill,correct\na,soon,q,k,1\n",
            "line 2: order must be a number or a date and time",
        ),
        (
            "student,order,item,skill,correct\na,inf,q,k,1\n",
            "line 2: order must be a number or a date and time",
        ),
        ("student,order,item,skill,correct\n,1,q,k,1\n", "line 2: student and item must not be empty"),
        ('student,order,item,skill,correct\na,1,q,k,1\n"a,1,q,k,1\n', "line 3: unexpected end of data"),
    ],
)
def test_what_is_no_answer_is_named_by_its_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadAnswers, match=says.replace("(", r"\(")):
        read_answers(path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_bytes(b"student,order,item,skill,correct\n\xff\xfe,1,q,k,1\n")
    with pytest.raises(BadAnswers, match="is not UTF-8"):
        read_answers(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(BadAnswers, match="has no CSV files"):
        read_answers(empty)
    with pytest.raises(BadAnswers, match="cannot be opened"):
        read_answers(tmp_path / "missing.csv")


@pytest.mark.long
def test_a_million_answers_take_less_than_a_minute(tmp_path: Path) -> None:
    from time import process_time

    path = tmp_path / "many.csv"
    write_csv(simulate(Truth.RASCH, Shape(students=12_500)), path)
    began = process_time()
    assert evaluate_skills(path).about["answers"] == 1_000_000
    assert process_time() - began < 60


def test_the_command_measures_a_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    write_csv(simulate(Truth.RASCH, Shape(students=20, skills=2, items=4, answers=10)), path)
    words = ["insight", "evaluate", "--data", str(path), "--protocol", "skills"]
    found = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert found["about"]["answers"] == 200
    assert [row["answers_before"] for row in found["rows"]] == [0, 5]
    assert {"answers_before", "answers", "auc", "ece"} <= found["rows"][0].keys()
    assert {"mastery", "questions", "prerequisites"} <= found["details"].keys()
    plain = CliRunner().invoke(app, words)
    assert "answers_before" in plain.stdout
