"""Courses and blocks of Open edX: one name each, whichever way they are written."""

from __future__ import annotations

from typing import Any

import pytest

from coursepulse.formats.openedx import from_line
from coursepulse.formats.openedx.places import block_of, canonical_course, course_of_block, lesson_of

COURSE = "course-v1:Org+C.1+2026"


@pytest.mark.parametrize(
    "spelled",
    [
        COURSE,
        f" {COURSE}\n",
        "course-v1:Org C.1 2026",
        "course-v1: Org+C.1+2026",
        "course-v1:Org + C.1 + 2026",
        "COURSE-V1:Org+C.1+2026",
        "course-v1%3AOrg%2BC.1%2B2026",
        "course-v1:Org%2BC.1%2B2026",
        "course-v1:Org%20C.1%202026",
        "course-v1%253AOrg%252BC.1%252B2026",
        f"{COURSE}/",
        f"{COURSE}+branch@draft-branch",
        f"{COURSE}+branch@published-branch+version@0123",
        f"https://lms.example/courses/{COURSE}/courseware/",
        "Org+C.1+2026",
        "block-v1:Org+C.1+2026+type@sequential+block@s1",
        "block-v1:Org C.1 2026 type@sequential block@s1",
        "asset-v1:Org+C.1+2026+type@asset+block@notes.pdf",
    ],
)
def test_a_course_has_one_name(spelled: str) -> None:
    assert canonical_course(spelled) == COURSE


@pytest.mark.parametrize(
    ("spelled", "course"),
    [
        ("Org/C.1/2026", "Org/C.1/2026"),
        ("Org%2FC.1%2F2026", "Org/C.1/2026"),
        ("/Org/C.1/2026/", "Org/C.1/2026"),
        ("slashes:Org+C.1+2026", "Org/C.1/2026"),
        ("i4x://Org/C.1/course/2026", "Org/C.1/2026"),
        ("i4x://Org/C.1/video/abc", ""),
        ("ccx-v1:Org+C.1+2026+ccx@1", "ccx-v1:Org+C.1+2026+ccx@1"),
        ("ccx-block-v1:Org+C.1+2026+ccx@1+type@video+block@v", "ccx-v1:Org+C.1+2026+ccx@1"),
        ("", ""),
        ("100%", "100%"),
    ],
)
def test_another_course_stays_another(spelled: str, course: str) -> None:
    assert canonical_course(spelled) == course


def test_what_is_no_block_names_no_course() -> None:
    assert course_of_block("0b9e") == ""
    assert course_of_block("i4x-Org-C1-video-abc") == ""


@pytest.mark.parametrize(
    "spelled",
    [
        "block-v1:Org+C.1+2026+type@sequential+block@s1",
        "block-v1: Org+C.1+2026+type@sequential+block@s1",
        "block-v1:Org C.1 2026 type@sequential block@s1",
        "block-v1%3AOrg%2BC.1%2B2026%2Btype%40sequential%2Bblock%40s1",
        "s1",
    ],
)
def test_a_block_has_one_name(spelled: str) -> None:
    assert block_of(spelled) == "s1"


@pytest.mark.parametrize(
    ("address", "lesson"),
    [
        ("/courses/course-v1:O+C+R/jump_to/block-v1:O+C+R+type@sequential+block@s1", "s1"),
        ("/courses/O/C/R/jump_to/i4x://O/C/sequential/s1", "i4x-O-C-sequential-s1"),
        ("/courses/course-v1:O+C+R/jump_to/block-v1:O+C+R+type@vertical+block@u1", ""),
        ("/courses/course-v1%3AO%2BC%2BR/courseware/week1/s1/", "s1"),
        ("/learning/course/course-v1:O+C+R/block-v1:O+C+R+type@sequential+block@s1/x", "s1"),
    ],
)
def test_a_lesson_is_found_in_an_address(address: str, lesson: str) -> None:
    assert lesson_of(f"https://lms.example{address}") == lesson


LINE: dict[str, Any] = {
    "username": "ada",
    "event_type": "seq_next",
    "event_source": "browser",
    "session": "s",
    "host": "lms.example",
    "page": "https://lms.example/x",
    "context": {"user_id": 42, "course_id": "course-v1:O+C+R", "path": "/event"},
    "time": "2024-03-04T10:00:00+00:00",
    "event": {"id": "unit", "old": 1},
}


@pytest.mark.parametrize(
    "changed",
    [
        {"context": LINE["context"] | {"course_id": "course-v1:O+D+R"}},
        {"context": LINE["context"] | {"path": "/other"}},
        {"context": LINE["context"] | {"user_id": 43}},
        {"event": {"id": "unit", "old": 2}},
        {"event_source": "server"},
        {"host": "other.example"},
        {"page": "https://lms.example/y"},
        {"session": "t"},
        {"time": "2024-03-04T10:00:00.000001+00:00"},
    ],
    ids=str,
)
def test_two_lines_that_differ_are_two_events(changed: dict[str, Any]) -> None:
    lines = [LINE, LINE | changed, dict(reversed(LINE.items()))]
    first, other, same = map(id_of, lines)
    assert first != other
    assert first == same, "the order of the fields says nothing"


def id_of(line: dict[str, Any]) -> str:
    found = from_line(line)
    assert isinstance(found, list)
    return found[0].event_id
