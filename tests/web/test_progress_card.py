"""The card of a student's courses: what nobody can know is not shown as nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.format import show
from coursepulse.dashboards.reader import Rows
from coursepulse.metrics.metric import Unit
from coursepulse.web.http.render import templates


def row(course: str, completion: float | None) -> dict[str, Any]:
    lessons = 0 if completion is None else 10
    return {
        "course_id": course,
        "title": course,
        "completion_pct": completion,
        "lessons_completed": 0,
        "total_lessons": lessons,
        "time_spent": 0.0,
        "url": "",
    }


def read(rows: Rows) -> Rows:
    reader = SimpleNamespace(subject=SimpleNamespace(student=UUID(int=1).bytes), rows=lambda _: rows)
    card = all_cards()["student_courses"]
    return card.view.read(card, cast(Any, reader))


def test_a_course_without_known_lessons_has_no_share_and_stands_with_those_just_begun() -> None:
    rows = [row("done", 100.0), row("unknown", None), row("half", 50.0)]
    found = read(rows)
    assert [(each["course_id"], each["completion_pct"]) for each in found] == [
        ("half", 50.0),
        ("unknown", None),
        ("done", 100.0),
    ]
    assert show(found[1]["completion_pct"], Unit.PERCENT) == "–"


def test_where_the_lessons_of_a_course_are_unknown_no_total_is_made_up() -> None:
    rows = [row("unknown", None) | {"lessons_completed": done, "total_lessons": done} for done in (1, 2)]
    shown = SimpleNamespace(rows=read(rows), linked=False, own=True, why=lambda *_: "")
    html = templates().get_template("cards/progress.html").render(shown=shown)
    assert "1 lesson completed, total unknown" in html
    assert "2 lessons completed, total unknown" in html
    assert " of " not in html
