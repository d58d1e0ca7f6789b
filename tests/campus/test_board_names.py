"""Which names students may choose for leaderboards, and which two are the same."""

from __future__ import annotations

import pytest

from coursepulse.campus.board_names import LONGEST, NameTrouble, fold_name, read_name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Comet", "Comet"),
        ("  Comet   of 1986 ", "Comet of 1986"),
        ("Ｃｏｍｅｔ", "Comet"),
        ("Łucja-Zoë", "Łucja-Zoë"),
        ("学生一号", "学生一号"),
        ("नमस्ते", "नमस्ते"),
        ("R2-D2 ★", "R2-D2 ★"),
        ("x" * LONGEST, "x" * LONGEST),
    ],
)
def test_a_name_is_shown_as_it_was_chosen(text: str, shown: str) -> None:
    assert read_name(text) == shown


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("", NameTrouble.LENGTH),
        ("x", NameTrouble.LENGTH),
        ("x" * (LONGEST + 1), NameTrouble.LENGTH),
        ("two\nlines", NameTrouble.CHARACTERS),
        ("tab\tbed", NameTrouble.CHARACTERS),
        ("null\0", NameTrouble.CHARACTERS),
        ("right\u202eto left", NameTrouble.CHARACTERS),
        ("zero\u200bwidth", NameTrouble.CHARACTERS),
        ("line\u2028separator", NameTrouble.CHARACTERS),
        ("private\ue000use", NameTrouble.CHARACTERS),
        ("ann@example.org", NameTrouble.ADDRESS),
        ("ann＠example", NameTrouble.ADDRESS),
        ("★★★", NameTrouble.EMPTY),
        ("...", NameTrouble.EMPTY),
        ("Z" + "\u0335\u0336\u0337\u0338\u0339" + "algo", NameTrouble.MARKS),
    ],
)
def test_what_cannot_be_a_name(text: str, trouble: NameTrouble) -> None:
    assert read_name(text) is trouble


@pytest.mark.parametrize(("one", "other"), [("Zoe", "Ζoe"), ("Zoe", "ZОЕ"), ("Max", "Мах"), ("Nina", "Νina")])
def test_letters_of_another_script_make_no_other_name(one: str, other: str) -> None:
    assert one != other
    assert fold_name(one) == fold_name(other)


def test_names_of_one_script_stay_apart() -> None:
    names = ("Анна", "Иван", "Сергей", "Ольга", "Δήμητρα", "Γιώργος", "Νίκος", "Max", "Zoe", "Anna")
    assert len({fold_name(name) for name in names}) == len(names)
    assert fold_name("АННА") == fold_name("анна")


def test_names_that_look_the_same_are_the_same() -> None:
    same = {fold_name(name) for name in ("Comet", "COMET", "co met", "C.o.m.e.t!", "Ｃｏｍｅｔ")}
    assert same == {"comet"}
    assert len({fold_name(name) for name in ("Comet", "Comet 2", "Comët")}) == 3
