"""Caliper envelopes through the collector."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from coursepulse.importers.run import run_import
from coursepulse.importers.statements import caliper_files
from tests.importers.local_destination import local_destination

SECTION = {"id": "https://lms.example/sections/1", "type": "CourseSection", "name": "Algebra"}
ADA = {"id": "https://lms.example/users/7", "type": "Person", "name": "Ada"}
QUIZ = {"id": "https://lms.example/quizzes/1", "type": "Assessment"}
ATTEMPT = {
    "id": "https://lms.example/attempts/1",
    "type": "Attempt",
    "assignee": ADA["id"],
    "assignable": QUIZ["id"],
    "count": 1,
}


def event(number: int, kind: str, action: str, thing: Any, **changed: Any) -> dict[str, Any]:
    return {
        "@context": "http://purl.imsglobal.org/ctx/caliper/v1p2",
        "id": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        "type": kind,
        "actor": ADA,
        "action": action,
        "object": thing,
        "eventTime": f"2026-11-16T10:00:{number:02d}.000Z",
        "group": SECTION,
        "session": "https://lms.example/sessions/1",
    } | changed


GRADED = event(
    1,
    "GradeEvent",
    "Graded",
    ATTEMPT,
    actor={"id": "https://lms.example", "type": "SoftwareApplication"},
    generated={"id": "s", "type": "Score", "scoreGiven": 8, "maxScore": 10},
)
EVENTS = [
    GRADED,
    event(2, "AssessmentEvent", "Submitted", QUIZ, generated=ATTEMPT),
    event(
        3, "MediaEvent", "Started", {"id": "v", "type": "VideoObject", "name": "Intro", "duration": "PT5M"}
    ),
    {"@context": "http://purl.imsglobal.org/ctx/caliper/v1p2", **ADA},
    event(5, "ViewEvent", "Viewed", {"id": "d", "type": "Document"}, actor=SECTION, session=None),
]


def envelope(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "sensor": "https://lms.example/sensors/1",
        "sendTime": "2026-11-16T11:00:00.000Z",
        "dataVersion": "http://purl.imsglobal.org/ctx/caliper/v1p2",
        "data": events,
    }


def test_an_envelope_is_sorted_into_events_skipped_ones_and_dead_letters(tmp_path: Path) -> None:
    path = tmp_path / "caliper.json"
    path.write_text(json.dumps(envelope(EVENTS), indent=2))
    with local_destination(tmp_path) as destination:
        receipt = run_import(caliper_files([path]), destination, tmp_path)
        assert (receipt.read, receipt.accepted) == (5, 3)
        assert receipt.skipped_kinds == {"anonymous": {"ViewEvent Viewed": 1}}
        (dead_letter,) = destination.dead_letters()
        assert dead_letter.event_id == "4 in element 1 of caliper.json"
        assert "`Person` describes an entity" in dead_letter.sentence
        assert b"Algebra" not in dead_letter.body, "nothing of its neighbours"
        assert [(person.external_id, person.name) for person in destination.rows["/v1/roster/people"]] == [
            (ADA["id"], "Ada")
        ]
        assert [course.title for course in destination.rows["/v1/roster/courses"]] == ["Algebra"]
        again = run_import(caliper_files([path]), destination, tmp_path)
        assert again.duplicates == 3


def test_a_grade_that_names_its_quiz_by_the_id_is_one_of_a_quiz_whatever_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "caliper.json"
    path.write_text(json.dumps([GRADED]))
    with local_destination(tmp_path) as destination:
        run_import(caliper_files([path]), destination, tmp_path)
        assert Counter(each.event_type for each in destination.events()) == {"assignment_graded": 1}
    path.write_text("\n".join(json.dumps(envelope([each])) for each in EVENTS[:2]))
    (tmp_path / "second").mkdir()
    with local_destination(tmp_path / "second") as destination:
        run_import(caliper_files([path]), destination, tmp_path)
        assert Counter(each.event_type for each in destination.events()) == {"quiz_submit": 2}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "content", [envelope(EVENTS[1:3]), [envelope(EVENTS[1:2]), envelope(EVENTS[2:3])], EVENTS[1:3]]
)
def test_files_of_every_form(tmp_path: Path, content: Any, indent: int | None) -> None:
    path = tmp_path / "caliper.json"
    path.write_text(json.dumps(content, indent=indent))
    outcomes = [record.outcome for record in caliper_files([path]).records()]
    assert [len(each) for each in outcomes if isinstance(each, list)] == [1, 1]
