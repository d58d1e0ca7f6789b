"""Metrics about training that an organisation has assigned: member by member, and added up by course."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.trainings import TrainingState, completion_day, training_state
from coursepulse.metrics.finish.teams import fingerprint
from coursepulse.metrics.query import Query
from coursepulse.privacy.small_groups import UNSEEN

#: The queries behind it: on the rollups, and of the roster.
LEARNERS, PROGRESS = "team_learners", "team_progress"
OF_TEAM, OF_PEOPLE = "team_trainings", "person_trainings"

_DONE = frozenset({TrainingState.DONE, TrainingState.DONE_LATE})


class Assigned(NamedTuple):
    """One member who has to take one course."""

    course_id: str
    student_id: UUID
    mandatory: bool
    assigned_on: date | None
    due_on: date | None
    done_on: date | None
    state: TrainingState
    begun: bool
    completion_pct: float | None

    @property
    def is_done(self) -> bool:
        """Whether it is done, in time or late."""
        return self.state in _DONE


def list_members(found: QueryRows, query: Query) -> list[Row]:
    """One row per member and course."""
    return [
        {
            "student_id": each.student_id,
            "course_id": each.course_id,
            "state": each.state.value,
            "due_on": each.due_on,
            "days_left": (each.due_on - query.judged_on).days
            if each.due_on and each.state not in _DONE
            else None,
            "mandatory": each.mandatory,
            "assigned_on": each.assigned_on,
            "done_on": each.done_on,
            "completion_pct": each.completion_pct,
        }
        for each in judge(found, query)
    ]


def add_up(found: QueryRows, query: Query) -> list[Row]:
    """One row per course."""
    team = {row["course_id"]: row for row in found[OF_TEAM]}
    assigned = sorted(judge(found, query), key=attrgetter("course_id"))
    by_course = {course: list(rows) for course, rows in groupby(assigned, attrgetter("course_id"))}
    return [
        _course(query, course, team.get(course), by_course.get(course, []))
        for course in sorted(team.keys() | by_course.keys())
    ]


def judge(found: QueryRows, query: Query) -> Iterator[Assigned]:
    """Everybody among the learners who has to take something, and how far they are."""
    members = {row["student_id"] for row in found[LEARNERS]}
    progress = {(row["student_id"], row["course_id"]): row for row in found[PROGRESS]}
    wanted = {(member, row["course_id"]): row for row in found[OF_TEAM] for member in members}
    # The row of a person is more precise, also where it says that the person need not.
    wanted |= {(row["student_id"], row["course_id"]): row for row in found[OF_PEOPLE]}
    for (student, course), row in wanted.items():
        if student in members and row.get("holds", True):
            yield _judge(student, course, row, progress.get((student, course), {}), query.judged_on)


def _judge(student: UUID, course: str, row: Row, reached: Row, today: date) -> Assigned:
    lessons, total = reached.get("completed", ()), reached.get("total") or None
    done_on = completion_day(reached.get("declared", ()), lessons, total, row["counts_from"])
    return Assigned(
        course,
        student,
        row["mandatory"],
        row["assigned_on"],
        row["due_on"],
        done_on,
        training_state(row["due_on"], done_on, today),
        bool(done_on or reached.get("begun")),
        100 * len(lessons) / total if total else None if reached else 0.0,
    )


def _course(query: Query, course: str, team: Row | None, assigned: Sequence[Assigned]) -> Row:
    states = [each.state for each in assigned]
    done = sum(state in _DONE for state in states)
    return {
        "team_id": query.team,
        "course_id": course,
        "roster": fingerprint(each.student_id for each in assigned),
        UNSEEN: len(assigned),
        "mandatory": team["mandatory"] if team else any(each.mandatory for each in assigned),
        "due_on": team["due_on"] if team else None,
        "assigned": len(assigned),
        "done": done,
        "overdue": states.count(TrainingState.OVERDUE),
        "due_soon": states.count(TrainingState.DUE_SOON),
        "not_begun": sum(not each.begun for each in assigned),
        "done_pct": 100 * done / len(assigned) if assigned else None,
    }
