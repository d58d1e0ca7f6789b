"""xAPI statements through the collector."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from coursepulse.importers import run
from coursepulse.importers.run import run_import
from coursepulse.importers.state import State
from coursepulse.importers.statements import xapi_files
from tests.importers.local_destination import LocalDestination, local_destination, notes
from tests.importers.real_data import STATEMENTS, needs_statements

VIDEO = "https://w3id.org/xapi/video"


def statement(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "id": f"statement-{number}",
        "actor": {"account": {"name": f"learner-{number % 7}"}, "name": f"Learner {number % 7}"},
        "verb": {"id": f"{VIDEO}/verbs/paused"},
        "object": {
            "id": "video-1",
            "definition": {"type": f"{VIDEO}/activity-type/video", "name": {"en": "Hello"}},
        },
        "context": {
            "extensions": {f"{VIDEO}/extensions/length": 100 + number % 3},
            "contextActivities": {"parent": [{"id": "course-1", "definition": {"type": "a/course"}}]},
        },
        "timestamp": f"2024-03-04T10:{number // 60 % 60:02}:{number % 60:02}Z",
        **changed,
    }


def write(path: Path, statements: list[Any]) -> Path:
    path.write_text("\n".join(json.dumps(each) for each in statements))
    return path


def test_every_statement_arrives_and_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "statements.json", [statement(number) for number in range(100)])
    with local_destination(tmp_path) as destination:
        receipt = run_import(xapi_files([path]), destination, tmp_path)
        assert (receipt.read, receipt.events, receipt.accepted, receipt.duplicates) == (100, 100, 100, 0)
        assert (receipt.students, receipt.courses, receipt.consents) == (7, 1, 7)
        assert len(destination.events()) == 100


def test_people_and_courses_are_made_known(tmp_path: Path) -> None:
    path = write(tmp_path / "statements.json", [statement(number) for number in range(10)])
    with local_destination(tmp_path) as destination:
        run_import(xapi_files([path]), destination, tmp_path)
        names = {person.external_id: person.name for person in destination.rows["/v1/roster/people"]}
        assert names["learner-3"] == "Learner 3"
        (course,) = destination.rows["/v1/roster/courses"]
        assert [(video.title, video.duration_s) for video in course.videos] == [("Hello", 102.0)]


def test_without_a_roster_only_consents_are_sent(tmp_path: Path) -> None:
    path = write(tmp_path / "statements.json", [statement(1)])
    with local_destination(tmp_path) as destination:
        run_import(xapi_files([path]), destination, tmp_path, roster=False)
        assert list(destination.rows) == ["/v1/consents"]


def test_consent_is_dated_to_the_first_event_so_that_a_withdrawal_stays_one(tmp_path: Path) -> None:
    path = write(tmp_path / "statements.json", [statement(14), statement(7)])
    with local_destination(tmp_path) as destination:
        run_import(xapi_files([path]), destination, tmp_path)
        (row,) = destination.rows["/v1/consents"]
        assert (row.source, row.at.isoformat()) == ("import", "2024-03-04T10:00:07+00:00")


def test_without_consent_behaviour_is_refused_and_what_needs_none_is_kept(tmp_path: Path) -> None:
    course = {"id": "course-1", "definition": {"type": "a/course"}}
    enrolled = statement(2, verb={"id": "a/registered"}, object=course)
    path = write(tmp_path / "statements.json", [statement(1), enrolled])
    with local_destination(tmp_path) as destination:
        receipt = run_import(xapi_files([path]), destination, tmp_path, consent=False)
        assert (receipt.accepted, receipt.consents, receipt.rejected) == (1, 0, {"no_consent": 1})
        assert [event.event_type for event in destination.events()] == ["course_enroll"]


@pytest.mark.parametrize("usual", [5.0, 0.0])
def test_a_consent_that_takes_long_loses_no_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usual: float
) -> None:
    monkeypatch.setattr(run, "_CONSENT_TAKES", usual)
    path = write(tmp_path / "statements.json", [statement(number) for number in range(10)])
    with local_destination(tmp_path) as destination:
        destination.consents_take = 2
        receipt = run_import(xapi_files([path]), destination, tmp_path)
        assert (receipt.accepted, receipt.rejected, destination.sent) == (10, {}, 3)


def test_students_who_withdrew_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_CONSENT_TAKES", 0.3)
    path = write(tmp_path / "statements.json", [statement(number) for number in range(7 * 600)])
    with local_destination(tmp_path) as destination:
        destination.withdrawn = {"learner-3"}
        receipt = run_import(xapi_files([path]), destination, tmp_path)
        assert (receipt.accepted, receipt.rejected) == (6 * 600, {"no_consent": 600})
        # Only the first of three batches was tried again, and the server was asked once.
        assert (destination.sent <= 3 + 3, destination.asked) == (True, 1)


def test_broken_records_become_dead_letters_with_their_place(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [statement(1), {"id": "x"}, statement(2)])
    path.write_text(path.read_text() + "\n{cut off")
    with local_destination(tmp_path) as destination:
        receipt = run_import(xapi_files([path]), destination, tmp_path)
        assert (receipt.read, receipt.accepted) == (4, 2)
        assert receipt.rejected == {"missing_field": 1, "malformed": 1}
        assert [dead_letter.event_id for dead_letter in destination.dead_letters()] == [
            "line 2 of a.json",
            "line 4 of a.json",
        ]
        assert destination.dead_letters()[1].body == b"{cut off"
        assert [refusal.place for refusal in receipt.refusals] == ["line 2 of a.json", "line 4 of a.json"]


def test_events_that_the_collector_refuses_are_named_by_their_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [statement(1), statement(2, timestamp="9999-01-01T00:00:00Z")])
    with local_destination(tmp_path) as destination:
        receipt = run_import(xapi_files([path]), destination, tmp_path)
        assert [(each.place, each.reason) for each in receipt.refusals] == [
            ("line 2 of a.json", "timestamp_in_future")
        ]


@pytest.mark.parametrize("wrap", [lambda all_: all_, lambda all_: {"statements": all_, "more": ""}])
def test_arrays_and_answers_of_record_stores_are_read(tmp_path: Path, wrap: Any) -> None:
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(json.dumps(wrap([statement(number) for number in range(30)])).encode()))
    with local_destination(tmp_path) as destination:
        assert run_import(xapi_files([path]), destination, tmp_path).accepted == 30


def scored(number: int, percent: int, **changed: Any) -> dict[str, Any]:
    return statement(
        number,
        verb={"id": "a/scored"},
        object={"id": "quiz-1", "definition": {"type": "a/assessment"}},
        result={"score": {"scaled": percent / 100}},
        **changed,
    )


def voiding(number: int, identifier: str) -> dict[str, Any]:
    target = {"objectType": "StatementRef", "id": identifier}
    return statement(number, verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object=target)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_voided_statement_is_gone_in_whatever_order_and_file(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    identifier = "0f0e0d0c-0000-4000-8000-00000000aaaa"
    wanted = [scored(1, 10, id=identifier), voiding(2, identifier.upper()), scored(3, 90)]
    paths = [write(tmp_path / f"{place}.json", [wanted[number]]) for place, number in enumerate(order)]
    with local_destination(tmp_path) as destination:
        receipt = run_import(xapi_files(paths), destination, tmp_path)
        assert [event.score for event in destination.events()] == [90]
        assert receipt.skipped_kinds == {"removed": {"scored": 1, "voided": 1}}
        assert identifier in destination.taken_back, "an import before may have sent it"


def test_what_an_import_before_has_voided_does_not_come_in(tmp_path: Path) -> None:
    first = write(tmp_path / "first.json", [voiding(1, "statement-2")])
    later = write(tmp_path / "later.json", [scored(2, 10), scored(3, 90)])
    with local_destination(tmp_path) as destination:
        run_import(xapi_files([first], notes(tmp_path)), destination, tmp_path)
        run_import(xapi_files([later], notes(tmp_path)), destination, tmp_path)
        assert [event.score for event in destination.events()] == [90]


def test_an_import_that_was_interrupted_begins_anew_when_others_have_voided_something_since(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "a.json", [scored(1, 10), voiding(2, "statement-9")])
    other = write(tmp_path / "b.json", [voiding(3, "statement-1")])
    before = xapi_files([path], notes(tmp_path)).fingerprint
    assert xapi_files([path], notes(tmp_path)).fingerprint == before
    with local_destination(tmp_path) as destination:
        run_import(xapi_files([path], notes(tmp_path)), destination, tmp_path)
        assert xapi_files([path], notes(tmp_path)).fingerprint == before
        run_import(xapi_files([other], notes(tmp_path)), destination, tmp_path)
    assert xapi_files([path], notes(tmp_path)).fingerprint != before


def registered(number: int, registration: str, **changed: Any) -> dict[str, Any]:
    actor = {"account": {"name": "ann"}}
    context = statement(number)["context"] | {"registration": registration}
    return scored(number, number, actor=actor, context=context, **changed)


def test_attempts_keep_their_numbers_over_imports(tmp_path: Path) -> None:
    first = write(tmp_path / "first.json", [registered(2, "r2"), registered(1, "r1")])
    later = write(tmp_path / "later.json", [registered(0, "r0"), registered(3, "r2"), registered(4, "r3")])
    with local_destination(tmp_path) as destination:
        for path in (first, later, first):
            run_import(xapi_files([path], notes(tmp_path)), destination, tmp_path)
        assert {(event.score, event.attempt) for event in destination.events()} == {
            (1, 1),
            (2, 2),
            (0, 3),
            (3, 2),
            (4, 4),
        }
    assert b"ann" not in (tmp_path / "statements.json").read_bytes()


def account(number: int, home: str) -> dict[str, Any]:
    return statement(number, actor={"account": {"homePage": home, "name": "1"}})


@pytest.mark.parametrize(
    ("home", "students"),
    [("", {"1", "https://b.example#1"}), ("https://b.example/", {"1", "https://a.example#1"})],
)
def test_user_1_of_two_systems_is_two_people(tmp_path: Path, home: str, students: set[str]) -> None:
    pages = ["https://a.example/", "https://b.example", "https://A.example"]
    path = write(tmp_path / "a.json", [account(number, page) for number, page in enumerate(pages)])
    later = write(tmp_path / "b.json", [account(number, "https://b.example") for number in range(9, 19)])
    with local_destination(tmp_path) as destination:
        run_import(xapi_files([path], notes(tmp_path), home), destination, tmp_path)
        run_import(xapi_files([later], notes(tmp_path)), destination, tmp_path)
        people = destination.rows["/v1/roster/people"]
        assert {person.external_id for person in people} == students


def test_an_interrupted_import_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = write(tmp_path / "statements.json", [{}, *(statement(number) for number in range(7000))])
    with local_destination(tmp_path) as destination:
        destination.fail_after = 2
        with pytest.raises(ConnectionError):
            run_import(xapi_files([path]), destination, tmp_path)
        destination.fail_after = None
        receipt = run_import(xapi_files([path]), destination, tmp_path)
        assert (receipt.read, receipt.resumed, receipt.accepted, receipt.duplicates) == (7001, 4000, 3000, 0)
        assert (len(destination.dead_letters()), len(destination.rows["/v1/roster/people"])) == (1, 7)
        assert len({event.event_id for event in destination.events()}) == len(destination.events()) == 7000
        assert run_import(xapi_files([path]), destination, tmp_path).duplicates == 7000


def test_another_file_does_not_go_on_where_the_first_one_stopped(tmp_path: Path) -> None:
    one = xapi_files([write(tmp_path / "one.json", [statement(1)])])
    other = xapi_files([write(tmp_path / "other.json", [statement(2)])])
    copy = xapi_files([write(tmp_path / "copy.json", [statement(1)])])
    State(tmp_path, one.fingerprint).save(1)
    assert [State(tmp_path, each.fingerprint).load() for each in (one, other, copy)] == [1, 0, 1]


def test_large_files_that_differ_at_their_end_are_told_apart(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_bytes(b" " * 1_000_000 + b"1")
    other.write_bytes(b" " * 1_000_000 + b"2")
    assert xapi_files([one]).fingerprint != xapi_files([other]).fingerprint


@pytest.mark.long
@needs_statements
def test_the_real_file_gives_22_000_events_whatever_the_order_and_the_number_of_times(
    tmp_path: Path,
) -> None:
    lines = gzip.decompress(STATEMENTS.read_bytes()).splitlines()
    random.Random(7).shuffle(lines)
    shuffled = tmp_path / "shuffled.json"
    shuffled.write_bytes(b"\n".join(lines))
    with local_destination(tmp_path) as destination:
        first = run_import(xapi_files([STATEMENTS]), destination, tmp_path)
        assert (first.read, first.accepted, first.rejected, first.duplicates) == (22_000, 22_000, {}, 0)
        assert (first.students, first.courses) == (1452, 2)
        second = run_import(xapi_files([shuffled]), destination, tmp_path)
        assert (second.accepted, second.duplicates) == (22_000, 22_000)
        assert count_ids(destination) == 22_000
        assert sum(len(course.videos) for course in destination.rows["/v1/roster/courses"][-2:]) == 10


def count_ids(destination: LocalDestination) -> int:
    return len({event.event_id for event in destination.events()})
