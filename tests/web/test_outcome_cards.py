"""The sentences of outcomes are made of bounds that the cards do not show."""

from __future__ import annotations

from typing import Any, cast

import pytest

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.special.outcomes import OutcomeTable

CARDS = [card for card in all_cards().values() if isinstance(card.view, OutcomeTable)]


class OneRow:
    """Answers every question with one row in which every number is 40, and the difference lies above 0."""

    def __init__(self, row: Record) -> None:
        self._row = row

    def rows(self, metric: str) -> Rows:
        return [self._row]

    page = rows


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.slug)
def test_a_sentence_says_the_bounds_that_have_no_column(card: Any) -> None:
    row: Record = {column.name: 40.0 for column in card.source.columns} | {
        "part": "2026-03",
        "title": "Maths",
    }
    (told,) = card.view.read(card, cast("MetricReader", OneRow(row | {"course_id": "maths"})))
    assert "+40" in told["verdict"]
    assert set(told) == {column.name for column in card.columns}
