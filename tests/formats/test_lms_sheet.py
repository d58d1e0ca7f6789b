"""Exports of learning platforms as they come: whatever they are, they are read or it is said why not."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.formats.lms_sheet import SheetFault, SheetState, read_sheet

MOODLE = (
    '"First name","Last name","ID number","Email address","Course total (Real)","Course total (Percentage)"\r\n'
    '"Ada","Lovelace","a1","Ada@Example.org","17.0","85,00 %"\r\n'
    '"Bo","Ek","b2","bo@example.org","-","-"\r\n'
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Final Score\n"
    "    Points Possible,,,,,(read only)\n"
    '"Lovelace, Ada",101,a1,ada,Maths 1,85.2\n'
)
CANVAS_ENROLMENTS = (
    "course_id,user_id,role,section_id,status\n"
    "maths,a1,student,s1,active\nmaths,b2,StudentEnrollment,s1,deleted\nmaths,t1,teacher,s1,active\n"
)
EXCEL = "\ufeffstudent_id;course;Status;Grade\r\na1;maths;Completed;90,5\r\n"


def test_a_moodle_grade_export() -> None:
    sheet = read_sheet(MOODLE.encode())
    ada, bo = sheet.rows
    assert ada.ids == {"id number": "a1", "email address": "Ada@Example.org"}
    assert (ada.line, ada.course, ada.state, ada.grade) == (2, "", None, 85.0)
    assert bo.grade is None
    assert sheet.columns == {"grade": "Course total (Percentage)"}


def test_a_canvas_gradebook() -> None:
    sheet = read_sheet(CANVAS.encode())
    (ada,) = sheet.rows
    assert ada.ids == {"sis user id": "a1", "sis login id": "ada", "id": "101"}
    assert ada.grade == 85.2
    assert sheet.skipped == 1


def test_canvas_enrolments_without_teachers() -> None:
    sheet = read_sheet(CANVAS_ENROLMENTS.encode())
    assert [(row.ids["user id"], row.course, row.state) for row in sheet.rows] == [
        ("a1", "maths", SheetState.ENROLLED),
        ("b2", "maths", SheetState.ENDED),
    ]
    assert sheet.skipped == 1


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_a_file_of_excel(coding: str) -> None:
    text = EXCEL if coding == "utf-8" else EXCEL.removeprefix("\ufeff").replace(";", "\t")
    (row,) = read_sheet(text.encode(coding)).rows
    assert (row.ids, row.course, row.state, row.grade) == (
        {"student id": "a1"},
        "maths",
        SheetState.COMPLETED,
        90.5,
    )


def test_an_open_quotation_mark_is_named_where_it_is_and_swallows_nobody() -> None:
    with pytest.raises(SheetFault) as caught:
        read_sheet(b'student_id,grade\nann,80\n"ben,70\ncy,60\ndee,50\n')
    assert (caught.value.kind, caught.value.values) == ("broken", {"line": 3})


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"student_id,course\n", "empty"),
        (b",,,\n", "empty"),
        (b"PK\x03\x04rest of a workbook", "workbook"),
        ("student_id,grade\na1,1\nJos\u00e9,2".encode("latin-1"), "encoding"),
        (b"student_id\na\0b\n", "encoding"),
        (b"\xff\xfe\x00", "encoding"),
        (b"name,grade\nAda,1\n", "no_student"),
        (b'student_id\n"' + b"a" * 200_000, "broken"),
    ],
)
def test_what_cannot_be_read_says_why(body: bytes, fault: str) -> None:
    with pytest.raises(SheetFault) as caught:
        read_sheet(body)
    assert caught.value.kind == fault


def test_a_wrong_encoding_names_the_line() -> None:
    with pytest.raises(SheetFault) as caught:
        read_sheet(b"student_id\na1\n\xe9\n")
    assert caught.value.values == {"line": 3}


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(SheetFault) as caught:
        read_sheet(b"id\n" + b"a\n" * 200_001)
    assert caught.value.kind == "too_many_rows"


def test_what_nobody_knows_is_counted_and_not_guessed() -> None:
    sheet = read_sheet(b"id,status,grade\n1,sleeping,B+\n2,sleeping,90\n3,active,=1+1\n")
    assert dict(sheet.unread) == {
        ("state", "sleeping"): 2,
        ("grade", "B+"): 1,
        ("grade", "=1+1"): 1,
    }
    assert [row.grade for row in sheet.rows] == [None, 90, None]


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: ("id,grade\n" + text).encode()))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        sheet = read_sheet(body)
    except SheetFault:
        return
    assert all(row.ids and row.line > 1 for row in sheet.rows)


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9).filter(str.strip)


@given(st.lists(st.tuples(cells, st.integers(0, 100)), min_size=1, max_size=6), st.sampled_from(",;\t"))
def test_what_was_written_is_read(rows: list[tuple[str, int]], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([("ID number", "grade"), *rows])
    sheet = read_sheet(out.getvalue().encode())
    assert [(row.ids["id number"], row.grade) for row in sheet.rows] == [
        (name.strip(), grade) for name, grade in rows
    ]
