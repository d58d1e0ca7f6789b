"""What an evaluation of the model of skills says, as values for JSON."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import TypeAlias

import numpy as np

from coursepulse.definitions.mastery.answers import Floats, line_up
from coursepulse.definitions.mastery.filter import follow
from coursepulse.definitions.mastery.measure import Mastery, answered, measure
from coursepulse.definitions.mastery.model import Fit
from coursepulse.insight.protocols.protocol import Evaluation, Wishes
from coursepulse.insight.skills.calibrate import fit
from coursepulse.insight.skills.evaluate import Foretold, auc, calibration_error, foretell, log_loss
from coursepulse.insight.skills.files import AnswerFile, read_answers
from coursepulse.insight.skills.prerequisites import find_orders
from coursepulse.insight.skills.questions import describe, first_answers, fit_rasch

#: What JSON is made of.
Value: TypeAlias = "float | int | str | list[dict[str, Value]] | dict[str, Value] | None"

#: There is nothing to choose.
_NO_WISHES = Wishes()

#: From how many answers before on the figures are said separately.
_STEPS = (0, 5, 10, 20, 50, 100)

#: Above this chance a skill counts as mastered when skills are put in order.
_MASTERED = 0.5


def evaluate_skills(path: Path, _: Wishes = _NO_WISHES) -> Evaluation:
    """Fits the model to a file, and says how well it foretells.

    :raises BadAnswers: when the file cannot be read
    """
    file = read_answers(path)
    fitted = fit(file.answers, file.sizes)
    found = foretell(file.answers, fitted, file.sizes)
    return Evaluation(
        "skills", _about(file, fitted), _rows(found, file.answers.right), _details(file, fitted, found)
    )


def _about(file: AnswerFile, fitted: Fit) -> dict[str, Value]:
    students, items, skills = file.sizes
    habits: dict[str, Value] = {name: float(value) for name, value in fitted.habits._asdict().items()}
    return {
        "answers": len(file.answers.right),
        "students": students,
        "items": items,
        "skills": skills,
        "model": habits,
    }


def _rows(found: Foretold, right: Floats) -> list[dict[str, Value]]:
    """All answers, and those after so many others of the same student."""
    rows: list[dict[str, Value]] = []
    for fewest in _STEPS:
        part = found.seen >= fewest
        if part.any():
            figures = _figures(found.chance[part], right[part])
            rows.append({"answers_before": fewest, "answers": int(part.sum()), **figures})
    return rows


def _details(file: AnswerFile, fitted: Fit, found: Foretold) -> dict[str, Value]:
    line, right = line_up(file.answers), file.answers.right
    beliefs = follow(line, fitted.items, fitted.habits, len(file.students)).state
    reached = measure(line, beliefs, fitted, answered(file.answers))
    pairs = list(zip(line.student_of.tolist(), line.skill_of.tolist(), strict=True))
    counts = np.bincount(line.pair, minlength=line.pairs)
    return {
        "by_question_alone": {"auc": auc(found.plain, right), "log_loss": log_loss(found.plain, right)},
        "reliability": _reliability(found.chance, right),
        "questions": _questions(file, fitted),
        "prerequisites": _orders(file, pairs, reached),
        "mastery": _mastery(file, pairs, reached, counts.tolist()),
    }


def _figures(chance: Floats, right: Floats) -> dict[str, Value]:
    return {
        "auc": auc(chance, right),
        "ece": calibration_error(chance, right),
        "brier": float(((chance - right) ** 2).mean()) if len(right) else None,
        "log_loss": log_loss(chance, right) if len(right) else None,
    }


def _reliability(chance: Floats, right: Floats) -> list[dict[str, Value]]:
    """Foretold and came true, tenth by tenth."""
    place = np.minimum((chance * 10).astype(np.int64), 9)
    return [
        {
            "from": tenth / 10,
            "answers": int(part.sum()),
            "foretold": float(chance[part].mean()),
            "right": float(right[part].mean()),
        }
        for tenth in range(10)
        if (part := place == tenth).any()
    ]


def _questions(file: AnswerFile, fitted: Fit) -> list[dict[str, Value]]:
    firsts = first_answers(file.answers)
    counted = describe(firsts, len(file.items))
    rasch_difficulty, rasch_error = _rasch_by_skill(file)
    return [
        {
            "skill": skill,
            "item": item,
            "answered": int(counted.answered[code]),
            "right": float(counted.right[code]) / max(int(counted.answered[code]), 1),
            "item_rest_correlation": _number(counted.correlation[code]),
            "rasch_difficulty": _number(rasch_difficulty[code]),
            "rasch_error": _number(rasch_error[code]),
            "difficulty": float(fitted.items.difficulty[code]),
            "difficulty_error": float(np.sqrt(fitted.items.difficulty_var[code])),
            "slope": float(fitted.items.slope[code]),
            "slope_error": float(fitted.items.slope[code] * np.sqrt(fitted.items.slope_var[code])),
        }
        for code, (skill, item) in enumerate(file.items)
    ]


def _rasch_by_skill(file: AnswerFile) -> tuple[Floats, Floats]:
    """The model of Rasch asks for one ability, so it is fitted skill by skill."""
    firsts = first_answers(file.answers)
    difficulty, error = np.full(len(file.items), np.nan), np.full(len(file.items), np.nan)
    for skill in range(len(file.skills)):
        part = firsts.pick(firsts.skill == skill)
        codes, place = np.unique(part.item, return_inverse=True)
        found = fit_rasch(part._replace(item=place), len(codes))
        difficulty[codes], error[codes] = found.difficulty, found.error
    return difficulty, error


def _orders(file: AnswerFile, pairs: list[tuple[int, int]], reached: Mastery) -> list[dict[str, Value]]:
    """Of up to fifty skills: more would take long, and nobody could read them."""
    if len(file.skills) > 50:
        return []
    mastered = np.full((len(file.students), len(file.skills)), np.nan)
    students, skills = (np.array(each) for each in zip(*pairs, strict=True))
    mastered[students, skills] = reached.mastery > _MASTERED
    return [
        {
            "before": file.skills[order.before],
            "after": file.skills[order.after],
            "stability": order.stability,
            "students": order.people,
        }
        for order in find_orders(mastered)
    ]


def _mastery(
    file: AnswerFile, pairs: list[tuple[int, int]], reached: Mastery, counts: list[int]
) -> list[dict[str, Value]]:
    columns = [column.tolist() for column in reached]
    return [
        {
            "student": file.students[student],
            "skill": file.skills[skill],
            "answers": count,
            "ability": ability,
            "deviation": deviation,
            "mastery": mastery,
            "low": low,
            "high": high,
            "expected": expected,
        }
        for (student, skill), count, ability, deviation, mastery, low, high, expected, _, _ in zip(
            pairs, counts, *columns, strict=True
        )
    ]


def _number(value: np.float64) -> float | None:
    return None if isnan(value) else float(value)
