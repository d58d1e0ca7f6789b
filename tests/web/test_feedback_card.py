"""The card of results: what came of each piece of work, and the questions to look at again."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from coursepulse.dashboards.catalog import all_cards

CARD = all_cards()["student_feedback"]
AT = datetime(2026, 3, 2, tzinfo=UTC)


def work(name: str, *, passed: bool | None, handed_in: datetime | None = AT) -> dict[str, Any]:
    numbers = {"kind": "quiz", "score_pct": 50.0, "last_pct": 40.0, "attempts": 1, "pass_mark": 60.0}
    return {
        "course_id": "c",
        "assessment_id": name,
        "title": name,
        "passed": passed,
        "handed_in_at": handed_in,
        "due_at": None,
    } | numbers


def answer(quiz: str, number: int, *, right: bool) -> dict[str, Any]:
    return {"course_id": "c", "assessment_id": quiz, "number": number, "last_right": right}


def test_it_says_what_came_of_each_and_which_questions_were_wrong() -> None:
    works = [
        work("z open", passed=None, handed_in=None),
        work("b failed", passed=False),
        work("a waiting", passed=None),
        work("c passed", passed=True),
    ]
    answers = [answer("b failed", 1, right=True), answer("b failed", 2, right=False)]
    answers.append(answer("c passed", 7, right=False))
    reader = SimpleNamespace(rows=lambda _: works, rows_if_shared=lambda _: answers)
    rows = CARD.view.read(CARD, cast(Any, reader))
    assert [(row["title"], row["result"], row["wrong"]) for row in rows] == [
        ("a waiting", "handed_in", []),
        ("b failed", "not_passed", ["Question 2"]),
        ("c passed", "passed", ["Question 7"]),
        ("z open", "not_started", []),
    ]


def test_who_may_not_see_single_answers_sees_the_results_alone() -> None:
    reader = SimpleNamespace(rows=lambda _: [work("q", passed=False)], rows_if_shared=lambda _: [])
    assert CARD.view.read(CARD, cast(Any, reader))[0]["wrong"] == []
