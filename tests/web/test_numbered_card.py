"""What the catalog does not know has a number, and no id is shown to people."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.reader import Rows


def read(card_slug: str, rows: Rows) -> Rows:
    card = all_cards()[card_slug]
    return card.view.read(card, cast(Any, SimpleNamespace(rows=lambda _: rows)))


def test_an_exercise_is_called_by_its_title_or_its_number() -> None:
    usual: dict[str, Any] = {"learners": 5, "attempts": 5, "first_try_pct": 50.0, "solved": 3}
    titles = {"q06-10": "q06-10", "q06-8": "q06-8", "q07": "Sets of sets"}
    rows = [usual | {"interactive_id": each, "title": title} for each, title in titles.items()]
    found = read("course_exercises", rows)
    assert [row["title"] for row in found] == ["Exercise 2", "Exercise 1", "Sets of sets"]
    assert [row["interactive_id"] for row in found] == list(titles), "programs still get the ids"
    shown = [column.name for column in all_cards()["course_exercises"].table_columns]
    assert (shown[0], "interactive_id" in shown) == ("title", False)


def test_live_classes_are_counted_as_they_began() -> None:
    usual: dict[str, Any] = {
        "attended": 1,
        "stay": None,
        "took_part": 0,
        "took_part_pct": None,
        "interactions": 0,
    }
    rows = [
        usual | {"live_session_id": each, "title": each, "began_at": at}
        for each, at in (("b", "2026-03-01"), ("a", "2026-03-08"), ("c", None))
    ]
    assert [row["title"] for row in read("course_live", rows)] == [
        "Live class 1",
        "Live class 2",
        "Live class 3",
    ]
