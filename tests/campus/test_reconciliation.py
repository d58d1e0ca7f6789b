"""Who differs between a file and what is known here, and why: whatever the order of either side."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.campus.reconciliation import (
    DifferenceCause,
    DifferenceKind,
    Here,
    KnownFacts,
    There,
    compare,
)
from coursepulse.formats.lms_sheet import SheetState

ANN = b"ann".ljust(16, b"\0")
FACTS = KnownFacts(courses={"maths"}, people={ANN}, left_out=set(), not_agreed=set(), refused=set())


def there(state: SheetState | None = SheetState.ENROLLED, grade: float | None = None, line: int = 2) -> There:
    return There(ANN, "maths", "ann", line, state, grade)


def here(grade: float | None = None, *, gone: bool = False, completed: bool = False) -> Here:
    return Here(ANN, "maths", gone, completed, grade)


@pytest.mark.parametrize(
    ("told", "known", "facts", "found"),
    [
        (there(), here(), {}, None),
        (there(SheetState.ENDED), None, {}, None),
        (there(SheetState.ENDED), here(gone=True), {}, None),
        (there(SheetState.ENROLLED), here(gone=True, completed=True), {}, None),
        (there(grade=80), here(80.5), {}, None),
        (there(), here(80), {}, None),
        (None, here(gone=True), {}, None),
        (None, here(completed=True), {}, None),
        (None, here(), {}, ("missing_there", "not_in_file")),
        (there(), None, {}, ("missing_here", "enrolment_not_sent")),
        (there(), None, {"courses": set()}, ("missing_here", "unknown_course")),
        (there(), None, {"people": set()}, ("missing_here", "unknown_person")),
        (there(), None, {"left_out": {ANN}, "courses": set()}, ("missing_here", "left_out")),
        (there(), None, {"not_agreed": {ANN}}, ("missing_here", "not_agreed")),
        (there(), None, {"refused": {(ANN, "maths")}}, ("missing_here", "event_refused")),
        (there(), here(gone=True), {}, ("other_state", "ended_here")),
        (there(SheetState.ENDED), here(), {}, ("other_state", "end_not_sent")),
        (there(SheetState.COMPLETED), here(), {}, ("other_state", "completion_not_sent")),
        (
            there(SheetState.COMPLETED),
            here(),
            {"refused": {(ANN, "maths")}},
            ("other_state", "event_refused"),
        ),
        (there(grade=80), here(), {}, ("other_grade", "grade_not_sent")),
        (there(grade=80), here(80.6), {}, ("other_grade", "other_rule")),
    ],
)
def test_each_difference_has_its_cause(
    told: There | None, known: Here | None, facts: dict[str, Any], found: tuple[str, str] | None
) -> None:
    result = compare([told] if told else [], [known] if known else [], FACTS._replace(**facts))
    assert [(each.kind, each.cause) for each in result.differences] == ([found] if found else [])


def test_the_last_of_several_lines_counts_and_those_that_said_otherwise_are_named() -> None:
    lines = [there(grade=10, line=2), there(grade=80, line=9), there(grade=80, line=5)]
    result = compare(lines, [here(80)], FACTS)
    assert (result.differences, result.repeated, result.compared) == ([], [2], 1)


students = st.sampled_from([name.ljust(16, b"\0") for name in (b"a", b"b", b"c")])
courses = st.sampled_from(["maths", "art"])
grades = st.none() | st.integers(0, 3).map(float)
files = st.lists(
    st.builds(
        There,
        students,
        courses,
        st.just("x"),
        st.integers(2, 99),
        st.none() | st.sampled_from(SheetState),
        grades,
    ),
    max_size=6,
    unique_by=lambda row: row.line,
)
known = st.lists(
    st.builds(Here, students, courses, st.booleans(), st.booleans(), grades),
    max_size=5,
    unique_by=lambda row: (row.student, row.course),
)


@given(files, known, st.data())
def test_the_order_of_either_side_changes_nothing(
    sheet: list[There], rows: list[Here], data: st.DataObject
) -> None:
    result = compare(sheet, rows, FACTS)
    assert compare(data.draw(st.permutations(sheet)), data.draw(st.permutations(rows)), FACTS) == result
    assert {each.kind for each in result.differences} <= set(DifferenceKind)
    assert {each.cause for each in result.differences} <= set(DifferenceCause)
    assert sum(result.counts.values()) == len(result.differences)
