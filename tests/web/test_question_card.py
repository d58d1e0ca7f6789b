"""The card of questions: people read the quiz and the place in it, programs the platform's id."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from coursepulse.dashboards.catalog import all_cards

CARD = all_cards()["course_questions"]


def row(quiz: str, question: str) -> dict[str, Any]:
    numbers = {"answered": 5, "first_try_pct": 20.0}
    return {"assessment_id": quiz, "question_id": question, "title": f"Quiz {quiz}"} | numbers


def test_questions_are_called_by_their_quiz_and_their_place_in_it() -> None:
    rows = [row("a", "code-102-q06-10"), row("b", "code-102-q07-1"), row("a", "code-102-q06-8")]
    reader = SimpleNamespace(rows=lambda _: rows)
    read = CARD.view.read(CARD, cast(Any, reader))
    assert [each["title"] for each in read] == [
        "Quiz a, question 2",
        "Quiz b, question 1",
        "Quiz a, question 1",
    ]
    assert [each["question_id"] for each in read] == [each["question_id"] for each in rows]


def test_the_platform_s_id_is_in_files_and_not_on_the_page() -> None:
    assert "question_id" in [each.name for each in CARD.columns]
    assert "question_id" not in [each.name for each in CARD.table_columns]
