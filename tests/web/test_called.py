"""People are shown words and days, and not the names of the code or the ids of a platform."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.language import speaking
from coursepulse.dashboards.period import Period
from coursepulse.dashboards.reader import CardSubject, MetricReader
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table

BEGUN = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)


class Rows:
    """Answers with one row."""

    def __init__(self, card: Card, row: dict[str, Any]) -> None:
        self.names = card.source.names
        self.row = dict.fromkeys(self.names) | row

    def run(self, query: Query, viewer: Viewer, *, export: bool = False) -> Table:
        return Table(
            metric=query.metric,
            columns=self.names,
            rows=(tuple(self.row[name] for name in self.names),),
            start=BEGUN.date(),
            end=date(2026, 3, 5),
            latest_data_at=None,
            definition_version="1",
        )


def read(slug: str, **row: Any) -> dict[str, Any]:
    card = all_cards()[slug]
    period = Period(BEGUN.date(), BEGUN.date())
    viewer = Viewer(role=Role.ADMIN, subject="ada")
    reader = MetricReader(Rows(card, row), viewer, CardSubject(course="c"), period)
    (found,) = card.view.read(card, reader)
    return found


def test_a_thread_is_called_by_its_day_and_files_keep_its_id() -> None:
    for slug in ("course_threads", "course_waiting"):
        more = {"student_id": b"1" * 16, "name": "Ann"} if slug == "course_waiting" else {}
        row = read(slug, thread_id="t-7f", begun_at=BEGUN, **more)
        assert (row["thread"], row["thread_id"]) == ("Thread of Mar 4, 2026", "t-7f")
        card = all_cards()[slug]
        assert "thread" in [each.name for each in card.table_columns]
        assert "thread_id" not in [each.name for each in card.table_columns]
        assert "thread_id" in [each.name for each in card.columns]
        # The metric sorts the list, and it knows no words.
        assert "thread" not in [way.lstrip("-") for way in card.sort_orders]


@pytest.mark.parametrize(
    ("slug", "column", "name", "words"),
    [
        ("system_jobs", "job", "academic_records", "Keep academic records"),
        ("system_jobs", "job", "sign-in failures", "Delete old failed sign-ins"),
        ("system_jobs", "job", "a_new_job", "a new job"),
        ("system_freshness", "name", "served", "All numbers"),
        ("system_freshness", "name", "raw", "Events in the database"),
    ],
)
def test_parts_of_the_system_are_called_by_what_they_do(
    slug: str, column: str, name: str, words: str
) -> None:
    assert read(slug, **{column: name})[column] == words
    if words != "a new job":
        with speaking("de"):
            assert read(slug, **{column: name})[column] not in (words, name)
