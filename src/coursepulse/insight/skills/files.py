"""Answers out of CSV files."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from coursepulse.definitions.mastery.answers import AnswerRows, Ints
from coursepulse.kit.errors import CoursepulseError

#: A name: of a student or a skill, or of both skill and question.
T = TypeVar("T", str, tuple[str, str])

COLUMNS = ("student", "order", "item", "skill", "correct")

_VERDICTS = {"1": 1.0, "0": 0.0, "true": 1.0, "false": 0.0, "1.0": 1.0, "0.0": 0.0}


class BadAnswers(CoursepulseError):
    """A file of answers cannot be read."""


class AnswerFile(NamedTuple):
    """Answers with the names behind their codes.

    :param items: skill and question of each code: a question that stands under two skills is two
    """

    answers: AnswerRows
    students: list[str]
    items: list[tuple[str, str]]
    skills: list[str]

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many students, questions and skills there are."""
        return len(self.students), len(self.items), len(self.skills)


def read_answers(path: Path) -> AnswerFile:
    """The answers of a file, or of all CSV files of a folder.

    :raises BadAnswers: with the line, when something is missing or is no answer
    """
    paths = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not paths:
        raise BadAnswers(f"{path} has no CSV files.")
    columns = _AnswerTable()
    for each in paths:
        _read_file(each, columns)
    if not columns.right:
        raise BadAnswers(f"{path} has no answers.")
    return columns.close()


class _AnswerTable:
    """Collects rows as codes: a million answers as text would take a gigabyte."""

    def __init__(self) -> None:
        self.students: dict[str, int] = {}
        self.items: dict[tuple[str, str], int] = {}
        self.skills: dict[str, int] = {}
        self.codes = array("q")
        self.at, self.right = array("d"), array("d")

    def add(self, student: str, item: str, skill: str, at: float, right: float) -> None:
        """Takes one row in."""
        self.codes.append(self.students.setdefault(student, len(self.students)))
        self.codes.append(self.items.setdefault((skill, item), len(self.items)))
        self.codes.append(self.skills.setdefault(skill, len(self.skills)))
        self.at.append(at)
        self.right.append(right)

    def close(self) -> AnswerFile:
        """Everything taken in, with codes by name: the order of the rows shall change nothing."""
        codes = np.frombuffer(self.codes, dtype=np.int64).reshape(-1, 3).T
        students, items, skills = _sort(self.students), _sort(self.items), _sort(self.skills)
        at, right = np.array(self.at), np.array(self.right)
        answers = AnswerRows(
            students.place[codes[0]],
            items.place[codes[1]],
            skills.place[codes[2]],
            at,
            right,
            np.ones(len(at)),
        )
        answers = answers.pick(np.lexsort(answers[::-1]))
        return AnswerFile(answers, students.names, items.names, skills.names)


class _Sorted(NamedTuple, Generic[T]):
    """Names in their order, and the place of each code in it."""

    names: list[T]
    place: Ints


def _sort(codes: dict[T, int]) -> _Sorted[T]:
    names = sorted(codes)
    place = np.empty(len(names), dtype=np.int64)
    place[[codes[name] for name in names]] = np.arange(len(names))
    return _Sorted(names, place)


def _read_file(path: Path, columns: _AnswerTable) -> None:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            _read_rows(path, csv.reader(file, strict=True), columns)
    except OSError as failed:
        raise BadAnswers(f"{path} cannot be opened: {failed.strerror}.") from failed
    except UnicodeDecodeError as failed:
        raise BadAnswers(f"{path} is not UTF-8: byte {failed.start}.") from failed


def _read_rows(path: Path, rows: Iterator[list[str]], columns: _AnswerTable) -> None:
    line = _AnswerLines(path, rows)
    places = _find_columns(line, next(line, []))
    for row in line:
        if row:
            _read_row(line, row, places, columns)


class _AnswerLines:
    """Rows, and the line that the last one ended on."""

    def __init__(self, path: Path, rows: Iterator[list[str]]) -> None:
        self._path, self._rows = path, rows

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        try:
            return next(self._rows)
        except csv.Error as failed:
            raise self.refuse(f"{failed}") from failed

    def refuse(self, why: str) -> BadAnswers:
        """What to raise about this line."""
        return BadAnswers(f"{self._path}, line {getattr(self._rows, 'line_num', 0)}: {why}.")


def _find_columns(line: _AnswerLines, head: list[str]) -> list[int]:
    names = [name.strip().lower() for name in head]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise line.refuse(f"the columns {', '.join(COLUMNS)} are needed, and {', '.join(missing)} is missing")
    return [names.index(name) for name in COLUMNS]


def _read_row(line: _AnswerLines, row: list[str], places: list[int], columns: _AnswerTable) -> None:
    if len(row) <= max(places):
        raise line.refuse(f"only {len(row)} columns")
    student, order, item, skill, correct = (row[place].strip() for place in places)
    if not student or not item:
        raise line.refuse("student and item must not be empty")
    right = _VERDICTS.get(correct.lower())
    if right is None:
        raise line.refuse(f"correct must be 0 or 1, not {correct!r}")
    columns.add(student, item, skill, _read_order(order, line.refuse), right)


def _read_order(text: str, refuse: Callable[[str], BadAnswers]) -> float:
    """A number, or a date and time, in days."""
    try:
        number = float(text)
    except ValueError:
        number = _read_moment(text, refuse)
    if not isfinite(number):
        raise refuse(f"order must be a number or a date and time, not {text!r}")
    return number


def _read_moment(text: str, refuse: Callable[[str], BadAnswers]) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise refuse(f"order must be a number or a date and time, not {text!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() / 86400
