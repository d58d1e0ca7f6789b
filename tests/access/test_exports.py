"""Who may carry rows about a student away as a file, and who may only look."""

from __future__ import annotations

from datetime import date

import pytest

from coursepulse.access.viewer import EVERYONE, Role, Viewer
from coursepulse.campus.enrolments import Status
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.query import Query
from tests.access.faculty import Faculty
from tests.metrics.small_course import BEN, COURSE

WHOLE = Query(metric="student_summary", student=BEN)
IN_COURSE = Query(metric="student_summary", student=BEN, course=COURSE)

OPENED = frozenset({BEN})
TEACHES = frozenset({COURSE})

CASES = [
    (Viewer(role=Role.STUDENT, subject="account:ben", student_id=BEN), WHOLE, True),
    (Viewer(role=Role.INSTRUCTOR, subject="account:tom", course_ids=TEACHES), IN_COURSE, True),
    (Viewer(role=Role.INSTRUCTOR, subject="account:tom", opened=OPENED), WHOLE, False),
    (Viewer(role=Role.INSTRUCTOR, subject="account:tom", opened=OPENED), IN_COURSE, False),
    (Viewer(role=Role.ADMIN, subject="account:root", opened=OPENED), WHOLE, True),
    (Viewer(role=Role.ADMIN, subject="account:root", opened=EVERYONE), WHOLE, True),
    (Viewer(role=Role.SERVICE, subject="key:app", scopes=frozenset({"read"})), WHOLE, True),
]


@pytest.mark.parametrize(("viewer", "query", "exports"), CASES)
def test_a_file_asks_for_a_right_of_its_own(
    faculty: Faculty, viewer: Viewer, query: Query, exports: bool
) -> None:
    metrics = faculty.world.metrics
    assert metrics.run(query, viewer).exportable == exports
    if exports:
        assert metrics.run(query, viewer, export=True).rows
        return
    with pytest.raises(RequestError) as refused:
        metrics.run(query, viewer, export=True)
    assert refused.value.code == "forbidden"


def test_the_file_of_a_class_leaves_out_whom_one_may_only_look_at(faculty: Faculty) -> None:
    looks = Viewer(role=Role.INSTRUCTOR, subject="account:tom", course_ids=TEACHES, opened=OPENED)
    faculty.enrol("ben", Status.ENDED)
    query = Query(metric="course_engagement", course=COURSE, end=date(2026, 3, 9))
    metrics = faculty.world.metrics
    seen, carried = (
        {row["student_id"].bytes for row in metrics.run(query, looks, export=export).records()}
        for export in (False, True)
    )
    assert BEN in seen
    assert seen - carried == {BEN}
