"""Metrics about what job roles need and what members have reached: one by one, and added up by need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.skills import SkillState, course_level, skill_level, skill_state
from coursepulse.metrics.finish.teams import fingerprint
from coursepulse.metrics.query import Query
from coursepulse.privacy.small_groups import UNSEEN

#: The queries behind it: on the rollups, and of the roster.
LEARNERS, PROGRESS, SCORES = "team_learners", "team_progress", "team_scores"
ROLES, NEEDS, WORK = "roles", "needs", "skill_work"


class _Reached(NamedTuple):
    student_id: UUID
    need: Row
    level: float | None
    state: SkillState


def list_members(found: QueryRows, _: Query) -> list[Row]:
    """One row per member and need of the member's role."""
    return [
        {
            "student_id": each.student_id,
            "role": each.need["role"],
            "need": each.need["need"],
            "skill_state": each.state.value,
            "level": each.need["level"],
            "reached": each.level,
            "gap": max(0.0, each.need["level"] - (each.level or 0)),
        }
        for each in _judge(found)
    ]


def list_reached(found: QueryRows) -> list[Row]:
    """One row per member and need of the member's role, by what tells the need."""
    return [
        {
            "student_id": each.student_id,
            "profile_id": each.need["profile_id"],
            "skill": each.need["skill"],
            "course_id": each.need["course_id"],
            "state": each.state.value,
            "reached": each.level,
        }
        for each in _judge(found)
    ]


def add_up(found: QueryRows, query: Query) -> list[Row]:
    """One row per role and need."""
    needs: dict[tuple[str, ...], list[_Reached]] = {_key(row): [] for row in found[NEEDS]}
    for each in _judge(found):
        needs[_key(each.need)].append(each)
    rows = {_key(row): row for row in found[NEEDS]}
    return [_need(query, rows[key], people) for key, people in sorted(needs.items())]


def _key(need: Row) -> tuple[str, ...]:
    return need["profile_id"], need["skill"], need["course_id"]


def _judge(found: QueryRows) -> Iterator[_Reached]:
    members = {row["student_id"] for row in found[LEARNERS]}
    progress = {(row["student_id"], row["course_id"]): row for row in found[PROGRESS]}
    scores = {
        (row["student_id"], row["course_id"], row["assessment_id"]): row["score"] for row in found[SCORES]
    }
    for role in found[ROLES]:
        student = role["student_id"]
        for need in found[NEEDS]:
            if student in members and need["profile_id"] == role["profile_id"]:
                level = _level(found[WORK], need, student, progress, scores)
                yield _Reached(student, need, level, skill_state(level, need["level"]))


def _level(
    work: Sequence[Row],
    need: Row,
    student: UUID,
    progress: dict[tuple[UUID, str], Row],
    scores: dict[tuple[UUID, str, str], float],
) -> float | None:
    """What a member has reached of a skill or a course, in per cent."""
    if need["skill"]:
        tried = (
            (student, row["course_id"], row["assessment_id"]) for row in work if row["skill"] == need["skill"]
        )
        return skill_level(scores[each] for each in tried if each in scores)
    row = progress.get((student, need["course_id"]), {})
    return course_level(bool(row.get("declared")), len(row.get("completed", ())), row.get("total") or 0)


def _need(query: Query, need: Row, people: Sequence[_Reached]) -> Row:
    states = [each.state for each in people]
    return {
        "team_id": query.team,
        "profile_id": need["profile_id"],
        "skill": need["skill"],
        "course_id": need["course_id"],
        "roster": fingerprint(each.student_id for each in people),
        UNSEEN: len(people),
        "role": need["role"],
        "need": need["need"],
        "level": need["level"],
        "people": len(people),
        **{state.value: states.count(state) for state in SkillState},
        "met_pct": 100 * states.count(SkillState.MET) / len(people) if people else None,
    }
