"""The sentences about messages are made of bounds that the cards do not show."""

from __future__ import annotations

from typing import Any, cast

import pytest

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.reader import MetricReader
from coursepulse.privacy.small_groups import SUPPRESSED


class OneMessage:
    """A reader of one row, whose numbers are all three."""

    def __init__(self, row: dict[str, Any]) -> None:
        self._row = row

    def rows(self, _: str) -> list[dict[str, Any]]:
        return [self._row]


@pytest.mark.parametrize(
    ("slug", "said"),
    [("course_messages", "of those written to came back"), ("course_interventions", "too unlike to compare")],
)
def test_the_sentence_about_messages_knows_the_interval(slug: str, said: str) -> None:
    card = all_cards()[slug]
    row = {each.name: 3.0 if each.unit.counts else "inactive" for each in card.source.columns}
    (shown,) = card.view.read(card, cast("MetricReader", OneMessage(row | {SUPPRESSED: False})))
    assert said in shown["verdict"]
