"""The card of a student's courses: what nobody can know is not shown as nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from coursepulse.access.viewer import Role
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


def pace(course: str, state: str, **more: Any) -> dict[str, Any]:
    usual = {"lessons_left": 4, "finish_from": None, "finish_to": None, "next_due_at": None, "item": ""}
    return {"course_id": course, "pace": state} | usual | more


def read(rows: Rows, *paces: dict[str, Any], role: Role = Role.STUDENT, outside: float = 0.0) -> Rows:
    reader = SimpleNamespace(
        viewer=SimpleNamespace(role=role),
        subject=SimpleNamespace(student=UUID(int=1).bytes),
        rows=lambda metric: [{"time_outside": outside}] if metric == "student_summary" else rows,
        rows_if_shared=lambda _: paces,
    )
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


def test_time_outside_any_course_stands_last() -> None:
    found = read([row("half", 50.0) | {"time_spent": 3600.0}], outside=600.0)
    assert [(each["title"], each["time_spent"]) for each in found] == [
        ("half", 3600.0),
        ("Outside any course", 600.0),
    ]
    shown = SimpleNamespace(rows=found, linked=True, own=True, why=lambda *_: "")
    html = templates().get_template("cards/progress.html").render(shown=shown)
    assert "10\u00a0min" in html.partition("Outside any course")[2]
    assert len(read([row("half", 50.0)])) == 1


def test_the_finish_is_a_range_and_it_is_said_where_there_is_none() -> None:
    soon = {"finish_from": date(2026, 3, 12), "finish_to": date(2026, 5, 2)}
    due = {"next_due_at": datetime(2026, 3, 10, 9, tzinfo=UTC), "item": "Quiz on sets"}
    paces = [pace("paced", "estimated", **soon, **due), pace("begun", "too_early"), pace("done", "completed")]
    rows = [row("paced", 50.0), row("begun", 10.0), row("done", 100.0), row("elsewhere", 5.0)]
    told = {each["course_id"]: (each["finish"], each["due"]) for each in read(rows, *paces)}
    assert told == {
        "paced": (
            "Likely finish at this pace: Mar 12\u2009–\u2009May 2, 2026",
            "Next due: Quiz on sets, Mar 10, 2026, 09:00 UTC",
        ),
        "begun": ("Not enough to say yet when this course will be finished", ""),
        "done": ("", ""),
        "elsewhere": ("", ""),
    }


def test_without_a_catalog_nothing_is_said_of_the_finish() -> None:
    [found] = read([row("unknown", None)], pace("unknown", "too_early", lessons_left=None))
    assert found["finish"] == ""


def test_a_course_leads_only_those_on_who_may_see_the_student_in_it() -> None:
    leads = {role: bool(read([row("a", 50.0)], role=role)[0]["href"]) for role in Role}
    assert leads[Role.STUDENT]
    assert leads[Role.INSTRUCTOR]
    assert not leads[Role.MANAGER]
