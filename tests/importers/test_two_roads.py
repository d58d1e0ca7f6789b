"""The same clicks as lines of the tracking log and as statements of event-routing-backends: the same events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from coursepulse.events.event import Event
from coursepulse.importers.run import run_import
from coursepulse.importers.statements import JsonFiles, openedx_files, xapi_files
from tests.importers.local_destination import local_destination

COURSE = "course-v1:Org+C1+2026"
LMS = "https://lms.example"
ADL, VIDEO = "http://adlnet.gov/expapi", "https://w3id.org/xapi/video"
OPENEDX = "https://w3id.org/xapi/openedx"
RESOURCE = "http://id.tincanapi.com/activitytype/resource"


class Click(NamedTuple):
    """One thing that a learner did, told twice.

    :param event: what the line says
    :param verb: of the statement
    """

    name: str
    event: dict[str, Any]
    verb: str
    thing: dict[str, Any]
    result: dict[str, Any] | None = None
    source: str = "browser"


def block(kind: str, name: str) -> str:
    return f"block-v1:Org+C1+2026+type@{kind}+block@{name}"


def place(kind: str, name: str, activity: str, **more: Any) -> dict[str, Any]:
    return {"id": f"{LMS}/xblock/{block(kind, name)}", "definition": {"type": activity}, **more}


def at(**times: Any) -> dict[str, Any]:
    return {
        "extensions": {f"{VIDEO}/extensions/{name.replace('_', '-')}": value for name, value in times.items()}
    }


FILM = place("video", "v1", f"{VIDEO}/activity-type/video")
SECTION = place("sequential", "s1", RESOURCE)
EXAM = {"id": block("sequential", "e1"), "definition": {"type": f"{OPENEDX}/activity/timed-assessment"}}
WHOLE = {"id": f"{LMS}/course/{COURSE}", "definition": {"type": f"{ADL}/activities/course"}}
PROBLEM = place(
    "problem",
    "p1",
    f"{ADL}/activities/cmi.interaction",
) | {
    "definition": {
        "type": f"{ADL}/activities/cmi.interaction",
        "extensions": {"http://id.tincanapi.com/extension/attempt-id": 2},
    }
}


def film(**fields: Any) -> dict[str, Any]:
    return {"id": "v1", "code": "html5", "duration": 300, **fields}


CLICKS = [
    Click("edx.course.enrollment.activated", {"course_id": COURSE, "user_id": 42, "mode": "audit"},
          f"{ADL}/verbs/registered", WHOLE, source="server"),
    Click("seq_goto", {"id": block("sequential", "s1"), "old": 1, "new": 2},
          "https://w3id.org/xapi/dod-isd/verbs/navigated", SECTION),
    Click("play_video", film(currentTime=0), f"{VIDEO}/verbs/played", FILM, at(time="PT0S")),
    Click("speed_change_video", film(currentTime=10, old_speed="1.0", new_speed="2.0"),
          f"{ADL}/verbs/interacted", FILM, {"extensions": {f"{OPENEDX}/extension/speed-to": "2.0x"}}),
    Click("seek_video", film(old_time=20, new_time=280.5), f"{VIDEO}/verbs/seeked", FILM,
          at(time_from="PT20S", time_to="PT4M40.5S")),
    Click("complete_video", film(currentTime=296), f"{ADL}/verbs/completed", FILM, at(time="PT4M56S")),
    Click("stop_video", film(currentTime=300), f"{VIDEO}/verbs/terminated", FILM, at(time="PT5M")),
    Click("problem_check",
          {"problem_id": block("problem", "p1"), "attempts": 2, "grade": 1, "max_grade": 2, "success": "incorrect",
           "correct_map": {"p1": {"correctness": "incorrect"}}},
          "https://w3id.org/xapi/acrossx/verbs/evaluated", PROBLEM,
          {"success": False, "score": {"raw": 1, "min": 0, "max": 2, "scaled": 0.5}}, source="server"),
    Click("edx.completion.block_completion.changed",
          {"course_id": COURSE, "user_id": 42, "block_id": block("html", "h1"), "completion": 1.0},
          f"{ADL}/verbs/progressed", place("html", "h1", RESOURCE), {"completion": True}, source="server"),
    Click("edx.completion_aggregator.completion.sequential",
          {"course_id": COURSE, "user_id": 42, "block_id": block("sequential", "s1"), "percent": 1.0},
          f"{ADL}/verbs/progressed", SECTION, {"completion": True}, source="server"),
    Click("edx.grades.subsection.grade_calculated",
          {"course_id": COURSE, "user_id": 42, "block_id": block("sequential", "s1"),
           "weighted_total_earned": 3, "weighted_total_possible": 4},
          "http://id.tincanapi.com/verb/earned", SECTION,
          {"score": {"raw": 3, "min": 0, "max": 4, "scaled": 0.75}}, source="server"),
    Click("edx.special_exam.timed.attempt.created",
          {"exam_content_id": block("sequential", "e1"), "attempt_id": 1, "attempt_user_id": 42},
          f"{ADL}/verbs/initialized", EXAM, source="server"),
    Click("edx.special_exam.timed.attempt.submitted",
          {"exam_content_id": block("sequential", "e1"), "attempt_id": 1, "attempt_user_id": 42},
          f"{ADL}/verbs/terminated", EXAM, source="server"),
    Click("edx.course.grade.now_failed", {"course_id": COURSE, "user_id": 42}, f"{ADL}/verbs/failed", WHOLE,
          source="server"),
    Click("edx.course.grade.now_passed", {"course_id": COURSE, "user_id": 42}, f"{ADL}/verbs/passed", WHOLE,
          source="server"),
    Click("edx.course.enrollment.deactivated", {"course_id": COURSE, "user_id": 42, "mode": "audit"},
          f"{ADL}/verbs/unregistered", WHOLE, source="server"),
]  # fmt: skip


def line(click: Click, minute: int) -> dict[str, Any]:
    return {
        "username": "ada",
        "session": "s",
        "event_source": click.source,
        "event_type": click.name,
        "name": click.name,
        "context": {"user_id": 42, "course_id": "course-v1%3AOrg%2BC1%2B2026", "path": "/event"},
        "time": f"2026-11-16T10:{minute:02}:00.250000+00:00",
        "page": None,
        "event": json.dumps(click.event) if click.source == "browser" else click.event,
    }


def statement(click: Click, minute: int) -> dict[str, Any]:
    return {
        "id": f"0f0e0d0c-0000-4000-8000-{minute:012}",
        "actor": {"account": {"homePage": LMS, "name": "42"}},
        "verb": {"id": click.verb},
        "object": click.thing,
        "result": click.result or {},
        "timestamp": f"2026-11-16T10:{minute:02}:00.250Z",
        "context": {
            "extensions": {f"{OPENEDX}/extensions/session-id": "s", f"{VIDEO}/extensions/length": "PT5M"},
            "contextActivities": {"parent": [WHOLE]},
        },
    }


def events_of(folder: Path, files: JsonFiles) -> list[Event]:
    folder.mkdir()
    with local_destination(folder) as destination:
        receipt = run_import(files, destination, folder)
        assert not receipt.rejected
        return destination.events()


def told(event: Event) -> tuple[Any, ...]:
    """All that a number may depend on: an event of a platform's own counts by its moment alone."""
    named = (event.course_id, event.student_id, event.session_id, event.at)
    if event.event_type.startswith("x_"):
        return ("x_", *named)
    places = (event.video_id, event.assessment_id)
    lesson = event.lesson_id if event.event_type.startswith("lesson_") else ""
    # The statement of a change of speed says no place, and where it was follows from the clock.
    position = None if event.event_type == "video_rate_change" else event.position
    player = (position, event.position_to, event.rate)
    return (event.event_type, *named, *places, lesson, *player, event.score, event.passed, event.attempt)


def test_the_same_clicks_make_the_same_events_on_both_roads(tmp_path: Path) -> None:
    log, statements = tmp_path / "tracking.log", tmp_path / "statements.json"
    log.write_text("\n".join(json.dumps(line(click, minute)) for minute, click in enumerate(CLICKS)))
    statements.write_text(
        "\n".join(json.dumps(statement(click, minute)) for minute, click in enumerate(CLICKS))
    )
    raw = events_of(tmp_path / "raw", openedx_files([log]))
    stated = events_of(tmp_path / "stated", xapi_files([statements]))
    assert sorted(map(repr, map(told, raw))) == sorted(map(repr, map(told, stated)))
    assert {event.course_id for event in raw} == {COURSE}
    assert len(raw) == len(CLICKS) + 1, "a checked problem is answered and handed in"
