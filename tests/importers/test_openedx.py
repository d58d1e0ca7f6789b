"""Tracking logs through the collector."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from coursepulse.importers.run import run_import
from coursepulse.importers.statements import openedx_files
from coursepulse.kit.errors import RequestError
from tests.importers.local_destination import local_destination
from tests.reference.attempts import find_results

COURSE = "course-v1:demo+101+2024"


def line(event_type: str, event: Any, user: int | None = 42, **changed: Any) -> str:
    record = {
        "username": "ada",
        "event_type": event_type,
        "event_source": "server",
        "session": "s",
        "context": {"user_id": user, "course_id": COURSE},
        "time": "2024-03-04T10:00:00+00:00",
        "event": event,
        **changed,
    }
    return json.dumps(record)


LOG = [
    line("edx.course.enrollment.activated", {"course_id": COURSE, "user_id": 42, "mode": "audit"}),
    line("play_video", json.dumps({"id": "v", "currentTime": 1, "duration": 60}), event_source="browser"),
    line("play_video", '{"id": "v", "curr', event_source="browser"),
    line("problem_check", {"problem_id": "p", "grade": 1, "max_grade": 1, "correct_map": {"q": {}}}),
    line("/heartbeat", {}),
    line("seq_next", {"id": "x"}, user=None),
    "half a line",
]


def test_a_log_is_sorted_into_events_skipped_lines_and_dead_letters(tmp_path: Path) -> None:
    plain, packed = tmp_path / "tracking.log", tmp_path / "tracking.log.gz"
    plain.write_text("\n".join(LOG))
    packed.write_bytes(gzip.compress(line("seq_next", {"id": "intro"}).encode()))
    with local_destination(tmp_path) as destination:
        receipt = run_import(openedx_files([plain, packed]), destination, tmp_path)
        assert (receipt.read, receipt.events, receipt.accepted) == (8, 5, 5)
        assert receipt.skipped == {"not_mapped": 1, "anonymous": 1}
        assert receipt.rejected == {"malformed": 2}
        assert [dead_letter.event_id for dead_letter in destination.dead_letters()] == [
            "line 3 of tracking.log",
            "line 7 of tracking.log",
        ]
        assert Counter(event.event_type for event in destination.events()) == {
            "course_enroll": 1,
            "video_play": 1,
            "quiz_answer": 1,
            "quiz_submit": 1,
            "lesson_start": 1,
        }
        assert [person.name for person in destination.rows["/v1/roster/people"]] == ["ada"]


def test_of_a_file_that_is_cut_off_everything_before_the_cut_is_in(tmp_path: Path) -> None:
    path = tmp_path / "tracking.log.gz"
    lines = [line("seq_next", {"id": f"unit-{number}"}) for number in range(1500)]
    path.write_bytes(gzip.compress("\n".join(lines).encode())[:-400])
    with local_destination(tmp_path) as destination:
        with pytest.raises(RequestError, match=r"tracking\.log\.gz is damaged or cut off"):
            run_import(openedx_files([path]), destination, tmp_path)
        assert 500 < len(destination.events()) < 1500
        path.write_bytes(gzip.compress("\n".join(lines).encode()))
        run_import(openedx_files([path]), destination, tmp_path)
        assert len({event.event_id for event in destination.events()}) == 1500


def test_importing_a_log_again_makes_no_new_event(tmp_path: Path) -> None:
    path = tmp_path / "tracking.log"
    path.write_text("\n".join(LOG))
    with local_destination(tmp_path) as destination:
        run_import(openedx_files([path]), destination, tmp_path)
        again = run_import(openedx_files([path]), destination, tmp_path)
        assert (again.accepted, again.duplicates) == (4, 4)


def checked(attempt: int, grade: int) -> str:
    event = {"problem_id": "p", "attempts": attempt, "grade": grade, "max_grade": 10, "correct_map": {}}
    return line("problem_check", event, time=f"2024-03-04T10:0{attempt}:00+00:00")


@pytest.mark.parametrize(
    ("name", "said", "score"),
    [
        ("score_overridden", {"weighted_earned": 2, "weighted_possible": 10}, 20.0),
        ("rescored", {"new_weighted_earned": 5, "new_weighted_possible": 10}, 50.0),
        ("state_deleted", {}, None),
    ],
)
def test_what_the_gradebook_says_stands_for_all_attempts(
    tmp_path: Path, name: str, said: dict[str, Any], score: float | None
) -> None:
    regraded = {"problem_id": "p", "user_id": "42", "course_id": COURSE, **said}
    other = line("problem_check", {"problem_id": "p", "attempts": 4, "grade": 9, "max_grade": 10}, user=43)
    regrade = line(f"edx.grades.problem.{name}", regraded, user=7, time="2024-03-04T12:00:00+00:00")
    lines = [regrade, checked(2, 3), other, checked(1, 8)]
    with local_destination(tmp_path) as destination:
        for number, each in enumerate(lines):  # one import each, and the last first: neither decides
            path = tmp_path / f"tracking{number}.log"
            path.write_text(each)
            run_import(openedx_files([path]), destination, tmp_path)
        events = destination.events()
    others = {event.student_id for event in events if event.attempt == 4}
    own, theirs = (
        find_results([event for event in events if (event.student_id in others) is foreign], "quiz_submit")
        for foreign in (False, True)
    )
    assert [each.score for each in own] == [score]
    assert [each.score for each in theirs] == [90.0], "somebody else's stays"
