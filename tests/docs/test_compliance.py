"""Every file and test that the compliance page names as a proof exists, and no rule it must cover is missing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/reference/compliance.md").read_text()
NAMED = re.findall(r"`([\w./-]+\.(?:py|sql|lock)|Makefile)(?:::(\w+))?`", TEXT)

GDPR = (
    *("5", "6", "7", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22"),
    "25",
    "28",
    "30",
    "32",
)
FERPA = tuple(f"99.{n}" for n in (3, 7, 10, 12, 20, 30, 31, 32, 33, 35))
SOC = (
    *(f"CC6.{n}" for n in range(1, 9)),
    *(f"CC7.{n}" for n in range(1, 5)),
    "CC8.1",
    "A1.2",
    "C1.1",
    "C1.2",
)


def first_cells(heading: str) -> str:
    """What the rows of a section begin with."""
    section = TEXT.split(f"\n## {heading}")[1].split("\n## ")[0]
    return " ".join(re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE))


@pytest.mark.parametrize(("file", "test"), NAMED, ids=lambda value: value or "whole")
def test_what_is_named_exists(file: str, test: str) -> None:
    path = next((each for each in (ROOT / file, ROOT / "src/coursepulse" / file) if each.exists()), None)
    assert path, file
    if test:
        functions = {
            each.name for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.FunctionDef)
        }
        assert test in functions


def test_proofs_are_many() -> None:
    assert sum(file.startswith("tests/") for file, _ in NAMED) > 40


@pytest.mark.parametrize(
    ("heading", "rules"),
    [
        ("GDPR", (*GDPR, "33", "34", "35")),
        ("FERPA", FERPA),
        ("SOC 2", (*SOC, *(f"P{n}" for n in range(1, 9)))),
    ],
)
def test_every_rule_has_a_row(heading: str, rules: tuple[str, ...]) -> None:
    cells = first_cells(heading)
    for rule in rules:
        assert re.search(rf"(?<![\w.]){re.escape(rule)}(?!\d)", cells), rule
