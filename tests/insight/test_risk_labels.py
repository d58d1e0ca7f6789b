"""What counts as lost, in courses with and without dates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from coursepulse.insight.facts import COLUMNS, StudyFacts
from coursepulse.insight.features import StudyMoment
from coursepulse.insight.risk.labels import Horizon, outcomes
from tests.insight.synthetic import Row, make_frames

DAY = date(2030, 3, 1)


def facts(
    course: Row, *, active: dict[str, list[int]], endings: dict[str, list[tuple[int, str]]]
) -> StudyFacts:
    """One course; days count from :data:`DAY`."""
    rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    known = DAY - timedelta(days=100)
    rows["courses"] = [{"course": "c", "known": known, **course}]
    for student, days in active.items():
        who: Row = {"student": student, "course": "c"}
        rows["enrolments"].append({**who, "registered": known, "known": known})
        for each in days:
            on = DAY + timedelta(days=each)
            rows["activity"].append({**who, "day": on, "kind": "lesson", "count": 1, "known": on})
        for after, kind in endings.get(student, []):
            on = DAY + timedelta(days=after)
            rows["endings"].append({**who, "day": on, "kind": kind, "known": on})
    return make_frames(rows)


def lost(of: StudyFacts, until: int = 400, horizon: Horizon | None = None) -> dict[str, bool]:
    learners = StudyMoment(of, DAY).learners
    found = outcomes(of, learners, DAY, DAY + timedelta(days=until), horizon or Horizon())
    return dict(found.select("student", "lost").iter_rows())


def test_self_paced_silence_is_measured_by_the_own_rhythm() -> None:
    active = {
        "daily": [*range(-10, 30)],  # then silent for 27 days, with a gap of 1
        "monthly": [-60, -30, 0, 30],  # as silent, with a gap of 30
        "finished": [-3, -2, -1],
        "never": [],
        "left": [*range(-9, 57)],
        "busy": [*range(-9, 57)],
    }
    endings = {"finished": [(5, "passed")], "left": [(50, "withdrew")]}
    of = facts({}, active=active, endings=endings)
    assert lost(of) == {
        "daily": True,
        "monthly": False,
        "finished": False,
        "never": True,
        "left": True,
        "busy": False,
    }
    assert lost(of, horizon=Horizon(k=40))["daily"] is False


def test_what_happens_after_the_horizon_changes_nothing() -> None:
    of = facts({}, active={"late": [-2, -1, 0, 57, 58, 59]}, endings={"late": [(60, "passed")]})
    assert lost(of) == {"late": True}


def test_self_paced_outcomes_are_known_when_the_horizon_has_passed() -> None:
    of = facts({}, active={"one": [-1]}, endings={})
    assert lost(of, until=55) == {}
    assert lost(of, until=56) == {"one": True}


@pytest.mark.parametrize(
    ("endings", "expected"),
    [
        ([(10, "withdrew")], {"one": True}),
        ([(90, "failed")], {"one": True}),
        ([(90, "passed")], {"one": False}),
        ([(10, "withdrew"), (90, "passed")], {"one": False}),
        ([], {}),
    ],
)
def test_dated_courses_go_by_how_it_ended(endings: list[tuple[int, str]], expected: dict[str, bool]) -> None:
    course: Row = {"start": DAY - timedelta(days=30), "end": DAY + timedelta(days=90)}
    assert lost(facts(course, active={"one": []}, endings={"one": endings})) == expected
