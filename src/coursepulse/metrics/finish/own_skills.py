"""What one student has reached of each skill."""

from __future__ import annotations

from collections import defaultdict

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.skills import skill_level
from coursepulse.metrics.finish import mastery
from coursepulse.metrics.query import Query

#: The queries behind it.
WORK, NEEDS, SCORES = "own_skill_work", "own_needs", "student_assessments"

#: Of a skill without an answer.
_UNKNOWN: Row = {"mastery": None, "mastery_low": None, "mastery_high": None, "answers": 0}


def list_skills(found: QueryRows, query: Query) -> list[Row]:
    """One row per skill that the student's courses test or job roles need; of one course, what that tests."""
    needed = {row["skill"]: row["level"] for row in found[NEEDS]}
    tested: dict[str, list[Row]] = defaultdict(list)
    for row in found[WORK]:
        tested[row["skill"]].append(row)
    mastered = mastery.mastered(found, query)
    return [
        _row(skill, len(tested[skill]), scored(skill, found), needed.get(skill))
        | mastered.get(skill, _UNKNOWN)
        for skill in sorted({*tested, *(() if query.course else needed)})
    ]


def scored(skill: str, found: QueryRows) -> list[Row]:
    """The quizzes and assignments of a skill that the student has a score in."""
    work = {(row["course_id"], row["assessment_id"]) for row in found[WORK] if row["skill"] == skill}
    return [
        row
        for row in found[SCORES]
        if (row["course_id"], row["assessment_id"]) in work and row["score_pct"] is not None
    ]


def _row(skill: str, tests: int, results: list[Row], level: float | None) -> Row:
    return {
        "skill": skill,
        "reached": skill_level(row["score_pct"] for row in results),
        "results": len(results),
        "tests": tests,
        "level": level,
    }
