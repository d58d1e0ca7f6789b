"""What a message says to one student: placeholders are filled in, and what is not known is left out."""

from __future__ import annotations

import pytest

from coursepulse.campus.message_templates import MessageText, first_name, unknown_places

TEXT = MessageText(
    "{course}: {next_work}",
    "Hello {first_name},\n\n{next_work} is due on {next_due}.\nWrite to me, {first_name}.\n{ } {Not} {1}",
)


def test_placeholders_are_filled_in() -> None:
    known = {"first_name": "Ann", "course": "Maths", "next_work": "Quiz {3}", "next_due": "Friday"}
    assert TEXT.fill(known) == MessageText(
        "Maths: Quiz {3}",
        "Hello Ann,\n\nQuiz {3} is due on Friday.\nWrite to me, Ann.\n{ } {Not} {1}",
    )


def test_a_line_with_something_unknown_is_left_out() -> None:
    told = TEXT.fill({"first_name": "Ann", "course": "Maths", "next_work": "", "next_due": ""})
    assert told == MessageText("Maths:", "Hello Ann,\n\nWrite to me, Ann.\n{ } {Not} {1}")


def test_placeholders_that_do_not_exist_are_named() -> None:
    assert unknown_places([TEXT]) == []
    assert unknown_places([MessageText("{frist_name}", "{course} {name}")]) == ["frist_name"]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ann Lee", "Ann"),
        ("Lee, Ann Marie", "Ann"),
        ("Ann", "Ann"),
        ("سارة القحطاني", "سارة"),
        ("Lee,", ""),
        ("", ""),
    ],
)
def test_the_first_name(name: str, first: str) -> None:
    assert first_name(name) == first
