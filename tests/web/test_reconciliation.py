"""The learning platform's own file beside what is known here, over a running server."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

import httpx
import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.campus.reconciliation import (
    Difference,
    DifferenceCause,
    DifferenceKind,
    Here,
    SheetComparison,
    There,
)
from coursepulse.compliance.reconciliation import Reconciled
from coursepulse.formats.lms_sheet import read_sheet
from coursepulse.web.reconciliation.service import describe
from tests.support.browsing import post_form, sign_in, token_of
from tests.support.pages import PASSWORD, Pages, study
from tests.support.server import wait_until

pytestmark = pytest.mark.slow

COURSE, PAGE = "reconciled-101", "/admin/reconciliation"
#: Of each what goes on here: the number says how well they did, see :func:`study`.
ANN, BEN, CY, DEE, EVE = students = [f"reconciled-{name}" for name in ("ann", "ben", "cy", "dee", "eve")]

SHEET = (
    "SIS User ID,course_id,role,status,Final Score\n"
    f"{ANN},{COURSE},student,active,100\n"
    f"{BEN},{COURSE},student,completed,50\n"
    f"{CY},{COURSE},student,deleted,\n"
    f"=cmd|' /C calc'!A0,{COURSE},student,active,\n"
    f"teacher,{COURSE},teacher,active,\n"
    "reconciled-ann,no-such-course,student,active,\n"
    f"{EVE},{COURSE},student,active,\n"
)


@pytest.fixture(scope="module")
def reconciled(pages: Pages) -> Pages:
    """Four students of a course of our own; Eve's enrolment is refused."""
    sender = pages.sender
    sender.http.put("/v1/roster/courses", json=[{"course_id": COURSE}]).raise_for_status()
    sender.agree(*students)
    sender.send(*(event for n, who in enumerate((ANN, BEN, CY, DEE)) for event in study(who, n, COURSE)))
    broken = study(EVE, 0, COURSE)[0] | {"timestamp": "soon"}
    sender.http.post("/v1/events", json=[broken])
    sender.settle()
    wait_until(lambda: len(sender.metric("course_students", course=COURSE)) == 4)
    return pages


@pytest.fixture
def report(reconciled: Pages) -> dict[str, Any]:
    """What a key with the scope `read` is told."""
    told: dict[str, Any] = ask(reconciled).json()
    return told


def ask(pages: Pages, **params: str) -> httpx.Response:
    return pages.sender.http.post("/v1/reconciliation", content=SHEET, params=params).raise_for_status()


def test_everybody_who_differs_is_listed_with_the_cause(report: dict[str, Any]) -> None:
    found = {(each["student"], each["course_id"], each["kind"], each["cause"]) for each in report["listed"]}
    assert found == {
        (BEN, COURSE, "other_state", "completion_not_sent"),
        (BEN, COURSE, "other_grade", "other_rule"),
        (CY, COURSE, "other_state", "end_not_sent"),
        ("=cmd|' /C calc'!A0", COURSE, "missing_here", "unknown_person"),
        (EVE, COURSE, "missing_here", "event_refused"),
        (ANN, "no-such-course", "missing_here", "unknown_course"),
        # The roster does not name Dee.
        (reconciled_id(report), COURSE, "missing_there", "not_in_file"),
    }
    assert (report["rows"], report["skipped"], report["differences"]) == (6, 1, 7)
    ben = next(each for each in report["listed"] if each["kind"] == "other_grade")
    assert (ben["line"], ben["there_grade"], ben["here_grade"], ben["here_state"]) == (3, 50, 97, "enrolled")
    assert report["columns"]["student"] == "sis user id"
    assert sum(each["students"] for each in report["counts"]) == 7


def reconciled_id(report: dict[str, Any]) -> str:
    found = next(each["student"] for each in report["listed"] if each["kind"] == "missing_there")
    return str(UUID(found))


def test_the_file_of_differences_has_no_formula(reconciled: Pages) -> None:
    answer = ask(reconciled, format="csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["student"] for row in rows if "cmd" in row["student"]} == {"'=cmd|' /C calc'!A0"}
    assert all(row["sentence"] for row in rows)


def upload(pages: Pages, body: bytes, **fields: str) -> httpx.Response:
    token = token_of(pages.get(PAGE).text)
    return pages.admin.post(PAGE, data={"form_token": token} | fields, files={"file": ("grades.csv", body)})


def test_the_page_says_who_differs_and_why(reconciled: Pages) -> None:
    html = upload(reconciled, SHEET.encode()).raise_for_status().text
    assert "6 rows were read and 1 left out" in html
    assert "The platform says completed, and sent no course_complete." in html
    assert "=cmd|&#39; /C calc" in html
    assert upload(reconciled, SHEET.encode(), form="json").json()["rows"] == 6


@pytest.mark.parametrize(("opened", "grade"), [(frozenset(), None), (frozenset({b"b" * 16}), 97.0)])
def test_what_is_in_a_record_is_shown_only_to_those_who_opened_it(
    opened: frozenset[bytes], grade: float | None
) -> None:
    there = There(b"b" * 16, "c", "ben", 2, None, 50.0)
    here = Here(b"b" * 16, "c", gone=False, completed=False, grade=97.0)
    kind, cause = DifferenceKind.OTHER_GRADE, DifferenceCause.OTHER_RULE
    comparison = SheetComparison(1, [Difference(kind, cause, b"b" * 16, "c", there, here)], [])
    found = Reconciled(read_sheet(b"id\nben\n"), comparison, "id", ["c"], {})
    viewer = Viewer(role=Role.ADMIN, subject="account:ada", opened=opened)
    (listed,) = describe(found, viewer).listed
    assert (listed.there_grade, listed.here_grade) == (50.0, grade)
    assert (listed.here_state is None) == (grade is None)


def test_each_student_who_is_listed_can_see_it(reconciled: Pages, report: dict[str, Any]) -> None:
    found = reconciled.sender.http.get(
        "/v1/audit", params={"tag": "reconciliation:student:read", "student": BEN, "limit": 1}
    ).raise_for_status()
    (entry,) = found.json()["entries"]
    assert entry["detail"] == f"course={COURSE}"
    assert report["rows"] == 6


def test_a_course_may_be_named_in_the_form(reconciled: Pages) -> None:
    sheet = "id,grade\n" + "".join(f"{who},1\n" for who in (ANN, BEN, CY, DEE))
    assert "No column names the course" in upload(reconciled, sheet.encode()).text
    assert "U+0000" in upload(reconciled, sheet.encode(), course="a\0b").text
    report = upload(reconciled, sheet.encode(), course=COURSE, form="json").json()
    assert {each["kind"] for each in report["listed"]} == {"other_grade"}
    assert len(report["listed"]) == 4


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "has no rows"),
        (b"name;grade\nAda;1\n", "No column names the student"),
        (b"id,course\n\xe9,maths\n", "Line 2 is not UTF-8 text"),
        (b"PK\x03\x04", "Excel workbook"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_above_the_form(reconciled: Pages, body: bytes, words: str) -> None:
    answer = upload(reconciled, body)
    assert answer.status_code == 400
    assert words in answer.text
    assert 'type="file"' in answer.text


def test_a_hundred_megabytes_are_refused_at_the_limit(reconciled: Pages) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"a,b\n" * (1 << 18)

    try:
        answer = reconciled.sender.http.post("/v1/reconciliation", content=endless())
    except httpx.WriteError:
        answer = None  # it hung up before everything was sent
    assert read < 100 or answer is not None
    if answer is not None:
        assert answer.status_code == 413
        assert "more than 20 MB" in answer.text


def test_only_administrators_and_reading_keys_may(reconciled: Pages) -> None:
    for role in ("student", "instructor", "manager", "auditor"):
        with closing(sign_in(reconciled.url, role, PASSWORD)) as http:
            assert http.get(PAGE).status_code == 403
            assert http.post("/v1/reconciliation", content=SHEET).status_code == 403
    assert httpx.post(f"{reconciled.url}/v1/reconciliation", content=SHEET).status_code == 401
    foreign = httpx.post(f"{reconciled.url}{PAGE}", files={"file": SHEET.encode()})
    assert foreign.status_code in (401, 403)
    # A form that another page sent has no token of ours.
    answer = reconciled.admin.post(PAGE, data={"form_token": "x" * 80}, files={"file": SHEET.encode()})
    assert answer.status_code == 403
    assert post_form(reconciled.admin, PAGE).status_code == 415
