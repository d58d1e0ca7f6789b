"""Handing a student everything that is held about them: everything that holds something can do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from coursepulse.privacy.descriptions import COLUMNS, UNDESCRIBED
from coursepulse.privacy.erasable import DataSubject


class ExportTable(NamedTuple):
    """One table of an archive.

    :param name: of its files, without a suffix
    :param description: what it is and why it is held, in a sentence
    :param rows: may be many; read once
    """

    name: str
    description: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


class Exportable(Protocol):
    """Holds something about students and can hand it over."""

    def export(self, who: DataSubject) -> Iterator[ExportTable]:
        """Everything held about a student, a table at a time."""


class ExportedTable(NamedTuple):
    """A table as it went into the archive."""

    name: str
    description: str
    columns: Sequence[str]
    rows: int


def describe(column: str) -> str:
    """What a column means. An archive is owed to its student, also where a word for a column is missing."""
    return COLUMNS.get(column, UNDESCRIBED)
