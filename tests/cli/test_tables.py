"""What commands print: names come from platforms and people, and a terminal obeys what it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

import coursepulse.cli
from coursepulse.cli.tables import print_lines, print_rows, printable, unitless

MARKUP = "[/x] [bold]B[/bold]"
OBEYED = "\x1b[2J\x1b]0;pwn\x07 \u202egnp"
COLUMNS = unitless("id", "name")


@pytest.mark.parametrize("width", ["200", "30"], ids=["wide", "narrow"])
@pytest.mark.parametrize("text", [MARKUP, OBEYED])
def test_names_in_tables_are_shown_and_never_obeyed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    print_rows(text, COLUMNS, [{"id": "1", "name": text}])
    shown = capsys.readouterr().out
    assert printable(text).split()[0] in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_names_in_lines_are_shown_and_never_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines([MARKUP, OBEYED])
    assert capsys.readouterr().out == MARKUP + "\n\\x1b[2J\\x1b]0;pwn\\x07 \\u202egnp\n"


def test_letters_of_every_script_stay_as_they_are() -> None:
    name = "Zoë Ärmel, 李雷, عمر, नमस्ते, 👩\u200d🏫\nsecond line"
    assert printable(name) == name


def test_a_narrow_terminal_cuts_no_id(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    key = "22f3a09e-ccc2-4862-9c61-69f909b79bc5"
    columns = unitless("id", "name", "kind", "receiver", "course")
    print_rows(
        "Webhooks", columns, [dict.fromkeys(("name", "kind", "receiver", "course"), "x") | {"id": key}]
    )
    shown = capsys.readouterr().out
    assert key in shown
    # No column of units where nothing has one.
    assert "┬──┐" not in shown


def test_nothing_but_these_modules_knows_the_library_of_tables() -> None:
    """So that no command prints an answer of the server in any other way."""
    folder = Path(coursepulse.cli.__file__).parent
    users = {file.name for file in folder.glob("*.py") if "rich.table" in file.read_text("utf-8")}
    assert users == {"tables.py"}
