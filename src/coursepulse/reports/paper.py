"""A page as it goes on paper: values and ready-made words. The template arranges them, and computes nothing."""

from __future__ import annotations

from datetime import datetime

import msgspec


class PaperFact(msgspec.Struct, frozen=True):
    """Something to know, by name."""

    name: str
    value: str


class PaperFigure(msgspec.Struct, frozen=True):
    """A headline number.

    :param note: the comparison with the period before, or what else to know
    """

    name: str
    value: str
    note: str = ""


class PaperColumn(msgspec.Struct, frozen=True):
    """A column of a table.

    :param number: its values stand at the end of their cells
    :param share: how much of the width it takes beside the others; 0 for as much as its words need
    """

    name: str
    number: bool
    share: int = 0


class PaperTable(msgspec.Struct, frozen=True):
    """Rows in words.

    :param cut: the sentence that says how many rows are left out; empty when none are
    """

    columns: list[PaperColumn]
    rows: list[list[str]]
    cut: str = ""


class PaperCard(msgspec.Struct, frozen=True, kw_only=True):
    """One card.

    :param says: what stands out
    :param chart: SVG; empty where there is none
    :param notes: what to know about its numbers
    :param foot: its period, and by which definitions it was made
    """

    title: str
    about: str
    says: str = ""
    chart: str = ""
    figures: list[PaperFigure] = []
    facts: list[PaperFact] = []
    table: PaperTable | None = None
    notes: list[str] = []
    foot: str = ""


class PaperSection(msgspec.Struct, frozen=True):
    """Cards about one team or course; without a name where the page is about one thing."""

    name: str
    cards: list[PaperCard]


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """One page.

    :param language: an HTML ``lang``
    :param direction: ``ltr`` or ``rtl``
    :param facts: period, filters, time zone, how fresh, who made it and for whom
    :param foot: what stands at the bottom of each page
    :param numbering: what stands beside it; knows ``{page}`` and ``{pages}``
    :param wide: lies on its side, because tables have many columns
    """

    title: str
    lead: str
    language: str
    direction: str
    facts: list[PaperFact]
    sections: list[PaperSection]
    foot: str
    numbering: str
    made_at: datetime
    wide: bool = False
