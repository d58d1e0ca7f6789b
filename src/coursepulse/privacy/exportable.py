"""Export of a student's data: every store that holds data about students implements this port."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from coursepulse.privacy.descriptions import COLUMNS, UNDESCRIBED
from coursepulse.privacy.erasable import DataSubject


class ExportTable(NamedTuple):
    """One table of an export.

    :param name: of its files, without a suffix
    :param description: what it is and why it is held, in a sentence
    :param rows: may be many; read once
    """

    name: str
    description: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


class Exportable(Protocol):
    """Holds data about students and can export it."""

    def export(self, who: DataSubject) -> Iterator[ExportTable]:
        """Everything held about a student, table by table."""


class ExportedTable(NamedTuple):
    """A table as it was written to the archive."""

    name: str
    description: str
    columns: Sequence[str]
    rows: int


def describe(column: str) -> str:
    """What a column means. A missing description must not stop an export."""
    return COLUMNS.get(column, UNDESCRIBED)
