"""The cards of what goes on right now, in words."""

from __future__ import annotations

from typing import Any

import pytest

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.reader import Rows
from coursepulse.dashboards.special.now import _tell_place, _tell_progress
from coursepulse.web.dashboards.shown import sort_rows

VIDEO: dict[str, Any] = {"kind": "video", "resume_at": 760.0}
QUIZ: dict[str, Any] = {"kind": "quiz", "handed_in_at": None, "correct": 4, "questions": 5}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (VIDEO, "Continue at 12:40."),
        (VIDEO | {"resume_at": 0.0}, "Seen to the end."),
        (VIDEO | {"resume_at": None}, "The player does not report its position."),
        (QUIZ, "4 of 5 right so far."),
        (QUIZ | {"handed_in_at": "2026-03-09"}, "Handed in. 4 of 5 right."),
    ],
)
def test_a_student_reads_how_far_they_are(row: dict[str, Any], words: str) -> None:
    assert _tell_progress(row) == words


@pytest.mark.parametrize(
    ("kind", "title", "device", "words"),
    [
        ("video", "Limits", "mobile", ("Video: Limits", "Phone")),
        ("quiz", "", "tablet", ("Quiz: id-1", "Tablet")),
        ("lesson", "Sets", "", ("Lesson: Sets", "")),
        ("course", "", "desktop", ("In the course", "Desktop")),
    ],
)
def test_a_teacher_reads_where_somebody_is(
    kind: str, title: str, device: str, words: tuple[str, str]
) -> None:
    row = _tell_place({"kind": kind, "title": title, "item_id": "id-1", "device": device, "stuck": ""})
    assert (row["place"], row["device"], row["stuck"]) == (*words, "")


def test_a_teacher_reads_who_is_stuck() -> None:
    row = {
        "kind": "quiz",
        "title": "Sets",
        "item_id": "q",
        "device": "",
        "stuck": "rewound_passage stuck_on_skill",
    }
    assert _tell_place(row)["stuck"] == "Rewinding the same passage, Stuck on a skill"


def test_who_is_stuck_stands_on_top_and_then_who_came_last() -> None:
    rows: Rows = [
        {"name": name, "stuck": stuck}
        for name, stuck in (("Ann", ""), ("Ben", "Stuck on a skill"), ("Cy", ""))
    ]
    usual = all_cards()["course_now"].sort_orders[0]
    assert [row["name"] for row in sort_rows(rows, usual)] == ["Ben", "Ann", "Cy"]


def test_the_table_of_who_is_in_begins_with_the_name() -> None:
    names = [column.name for column in all_cards()["course_now"].table_columns]
    assert names == ["name", "place", "stuck", "since", "last_activity_at", "device"]
