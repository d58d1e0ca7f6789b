"""Moodle's tables, as various programs export them, through the collector."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coursepulse.campus.people import PlatformRole
from coursepulse.importers.moodle import MoodleFiles
from coursepulse.importers.receipt import ImportReceipt
from coursepulse.importers.run import run_import
from coursepulse.kit.clock import MINUTE
from coursepulse.kit.errors import RequestError
from tests.importers.local_destination import LocalDestination, local_destination, notes
from tests.reference.attempts import find_attempts, find_results
from tests.reference.order import in_order
from tests.reference.sessions import split_sessions

NOON = 1764590400  # 2025-12-01 12:00 UTC

LOG_COLUMNS = (
    *("id", "eventname", "component", "action", "target", "objecttable", "objectid", "crud", "edulevel"),
    *("contextid", "contextlevel", "contextinstanceid", "userid", "courseid", "relateduserid", "anonymous"),
    *("other", "timecreated", "origin", "ip", "realuserid"),
)


def log_row(number: int, event: str, at: int, **changed: Any) -> dict[str, Any]:
    row = dict.fromkeys(LOG_COLUMNS) | {
        "id": number,
        "eventname": event,
        "contextlevel": 70,
        "contextinstanceid": 57,
        "userid": 5,
        "courseid": 3,
        "anonymous": 0,
        "timecreated": NOON + at,
        "origin": "web",
    }
    return row | changed


def quiz_row(number: int, action: str, at: int, attempt: int) -> dict[str, Any]:
    thing = {"objecttable": "quiz_attempts", "objectid": attempt, "relateduserid": 5}
    other = json.dumps({"submitterid": "5", "quizid": "4"})
    return log_row(number, rf"\mod_quiz\event\{action}", at, other=other, **thing)


LOG = [
    log_row(1, r"\core\event\user_loggedin", 0, contextlevel=10, contextinstanceid=0, courseid=0, objectid=5),
    log_row(2, r"\core\event\course_viewed", 60, contextlevel=50, contextinstanceid=3),
    quiz_row(3, "attempt_started", 120, 81),
    quiz_row(4, "attempt_submitted", 720, 81),
    log_row(5, r"\mod_page\event\course_module_viewed", 780, contextinstanceid=59, objecttable="page"),
    log_row(6, r"\core\event\message_sent", 790, contextlevel=30),
    log_row(7, r"\core\event\message_sent", 791, contextlevel=30),
    log_row(8, r"\core\event\course_viewed", 800, contextlevel=50, userid=1),
    log_row(9, r"\core\event\course_viewed", 5000, contextlevel=50, contextinstanceid=3),
]
TABLES: dict[str, list[dict[str, Any]]] = {
    "quiz": [
        {
            "id": 4,
            "course": 3,
            "name": "Fractions",
            "timeclose": NOON + 86400,
            "sumgrades": "20.00000",
            "grade": "10.0",
        }
    ],
    "quiz_attempts": [
        {
            "id": 81,
            "quiz": 4,
            "userid": 5,
            "attempt": 1,
            "preview": 0,
            "state": "finished",
            "timestart": NOON + 120,
            "timefinish": NOON + 720,
            "sumgrades": "15.00000",
        }
    ],
    "user_enrolments": [
        {
            "id": 90,
            "status": 0,
            "enrolid": 31,
            "userid": 5,
            "timestart": 0,
            "timeend": 0,
            "timecreated": NOON - 86400,
            "timemodified": NOON - 86400,
        }
    ],
    "enrol": [{"id": 31, "enrol": "manual", "courseid": 3}],
    "course": [
        {
            "id": 1,
            "fullname": "Our site",
            "shortname": "site",
            "startdate": 0,
            "enddate": 0,
        },
        {
            "id": 3,
            "fullname": "Algebra",
            "shortname": "ALG",
            "startdate": 1763938800,  # 2025-11-24 00:00 in Berlin
            "enddate": 0,
        },
    ],
    "modules": [{"id": 1, "name": "assign"}, {"id": 15, "name": "page"}, {"id": 16, "name": "quiz"}],
    "course_modules": [
        {"id": 57, "course": 3, "module": 16, "instance": 4, "visible": 1, "completion": 2},
        {"id": 58, "course": 3, "module": 1, "instance": 6, "visible": 1, "completion": 2},
        {"id": 59, "course": 3, "module": 15, "instance": 2, "visible": 1, "completion": 2},
        {"id": 60, "course": 3, "module": 15, "instance": 3, "visible": 1, "completion": 1},
        {"id": 61, "course": 3, "module": 15, "instance": 4, "visible": 1, "completion": 0},
        {"id": 62, "course": 3, "module": 15, "instance": 5, "visible": 0, "completion": 2},
    ],
    "course_sections": [
        {"id": 1, "course": 3, "section": 1, "sequence": "57,59"},
        {"id": 2, "course": 3, "section": 0, "sequence": "60,58"},
    ],
    "page": [{"id": 2, "course": 3, "name": "Halves"}, {"id": 3, "course": 3, "name": "Welcome"}],
    "assign": [{"id": 6, "course": 3, "name": "Essay", "duedate": NOON + 3600}],
    "user": [
        {"id": 5, "username": "mina", "firstname": "Mina", "lastname": "Arslan", "timezone": "99"},
        {"id": 8, "username": "tom", "firstname": "Tom", "lastname": "Reiter", "timezone": "Europe/Vienna"},
    ],
    "role": [
        {"id": 3, "shortname": "editingteacher", "archetype": ""},
        {"id": 5, "shortname": "student", "archetype": ""},
    ],
    "role_assignments": [
        {"roleid": 5, "contextid": 20, "userid": 5},
        {"roleid": 3, "contextid": 20, "userid": 8},
    ],
}


def write_csv(path: Path, rows: Sequence[dict[str, Any]], null: str = "") -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(rows[0])
        writer.writerows([null if value is None else value for value in row.values()] for row in rows)


def write_tables(folder: Path, prefix: str = "mdl_", **changed: list[dict[str, Any]]) -> Path:
    folder.mkdir()
    for table, rows in ({"logstore_standard_log": LOG} | TABLES | changed).items():
        write_csv(folder / f"{prefix}{table}.csv", rows)
    return folder


def imported(destination: LocalDestination, folder: Path, *paths: Path) -> ImportReceipt:
    return run_import(MoodleFiles(paths, notes(folder / "imports")), destination, folder / "imports")


def distinct(destination: LocalDestination) -> list[Any]:
    return in_order(destination.events())


def test_a_folder_of_tables_is_read_and_the_receipt_names_what_it_skipped(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "dump")
    with local_destination(tmp_path) as destination:
        receipt = imported(destination, tmp_path, folder)
        assert (receipt.read, receipt.accepted, receipt.rejected) == (11, 9, {})
        assert receipt.skipped_kinds == {
            "not_mapped": {r"\core\event\message_sent": 2},
            "anonymous": {r"\core\event\course_viewed": 1},
        }
        first = len(distinct(destination))
        imported(destination, tmp_path, folder)
        assert len(distinct(destination)) == first == 8, "the attempt begins once, whatever the source"


def test_the_log_and_the_table_of_one_attempt_make_one_attempt(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "dump")
    with local_destination(tmp_path) as destination:
        imported(destination, tmp_path, folder / "mdl_logstore_standard_log.csv")
        imported(destination, tmp_path, folder)
        (attempt,) = find_attempts(distinct(destination), "quiz_start", "quiz_submit")
        (result,) = find_results(distinct(destination), "quiz_submit")
        assert (attempt.assessment_id, attempt.attempt) == ("57", 1)
        assert (result.assessment_id, result.score) == ("57", 75.0)


def test_tables_that_come_later_without_the_modules_find_the_quiz_of_the_log(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "dump")
    with local_destination(tmp_path) as destination:
        imported(destination, tmp_path, folder / "mdl_logstore_standard_log.csv")
        imported(destination, tmp_path, folder / "mdl_quiz_attempts.csv", folder / "mdl_quiz.csv")
        (result,) = find_results(distinct(destination), "quiz_submit")
        assert (result.assessment_id, result.score) == ("57", 75.0)


def test_a_silence_cuts_the_sessions_that_moodle_does_not_tell(tmp_path: Path) -> None:
    path = tmp_path / "logstore_standard_log.csv"
    write_csv(path, LOG)
    with local_destination(tmp_path) as destination:
        imported(destination, tmp_path, path)
        sessions = split_sessions(distinct(destination))
        assert [len(each) for each in sessions] == [5, 1]
        assert (sessions[0][-1].at - sessions[0][0].at) // MINUTE == 13


def test_attempts_go_on_being_counted_in_a_later_import(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    write_csv(first, LOG)
    write_csv(
        second, [quiz_row(20, "attempt_started", 9000, 95), quiz_row(21, "attempt_submitted", 9100, 95)]
    )
    with local_destination(tmp_path) as destination:
        imported(destination, tmp_path, first)
        imported(destination, tmp_path, second)
        found = find_attempts(distinct(destination), "quiz_start", "quiz_submit")
        assert [each.attempt for each in found] == [1, 2]


def test_what_the_tables_know_of_courses_and_people_goes_into_the_roster(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "dump")
    source = MoodleFiles([folder], time_zone="Europe/Berlin")
    (course,) = source.courses()
    assert (course.course_id, course.title, str(course.starts_on)) == ("3", "Algebra", "2025-11-24")
    assert [(lesson.lesson_id, lesson.title) for lesson in course.lessons] == [
        ("60", "Welcome"),
        ("59", "Halves"),
    ]
    assert [(work.assessment_id, work.title, work.kind, work.due_at) for work in course.assessments] == [
        ("57", "Fractions", "quiz", datetime(2025, 12, 2, 12, tzinfo=UTC)),
        ("58", "Essay", "assignment", datetime(2025, 12, 1, 13, tzinfo=UTC)),
    ]
    mina, tom = source.person("5"), source.person("8")
    assert (mina.name, mina.time_zone, mina.role) == ("Mina Arslan", "Europe/Berlin", PlatformRole.STUDENT)
    assert (tom.time_zone, tom.role) == ("Europe/Vienna", PlatformRole.INSTRUCTOR)


def comma(rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([rows[0].keys(), *(row.values() for row in rows)])
    return text.getvalue()


def semicolons_and_words_for_gaps(rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerows([rows[0].keys()])
    writer.writerows([["NULL" if each is None else each for each in row.values()] for row in rows])
    return text.getvalue()


def escaped(rows: Sequence[dict[str, Any]]) -> str:
    lines = [",".join(f'"{column}"' for column in rows[0])]
    for row in rows:
        fields = [r"\N" if each is None else _quoted(str(each)) for each in row.values()]
        lines.append(",".join(fields))
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def tabs(rows: Sequence[dict[str, Any]]) -> str:
    fields = [
        [r"\N" if each is None else str(each).replace("\\", "\\\\") for each in row.values()] for row in rows
    ]
    return "".join("\t".join(line) + "\n" for line in [list(rows[0]), *fields])


def json_lines(rows: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def json_of_phpmyadmin(rows: Sequence[dict[str, Any]]) -> str:
    texts = [{key: None if value is None else str(value) for key, value in row.items()} for row in rows]
    parts = [{"type": "header", "version": "5.2"}, {"type": "database", "name": "moodle"}]
    return json.dumps([*parts, {"type": "table", "name": "mdl_logstore_standard_log", "data": texts}])


FORMS = {
    "comma.csv": comma,
    "semicolons.csv": semicolons_and_words_for_gaps,
    "escaped.csv": escaped,
    "tabs.tsv": tabs,
    "lines.jsonl": json_lines,
    "phpmyadmin.json": json_of_phpmyadmin,
}


@pytest.mark.parametrize("name", FORMS)
def test_every_program_that_exports_the_log_gives_the_same_events(tmp_path: Path, name: str) -> None:
    serialised = log_row(
        10, r"\mod_forum\event\post_created", 5100, other='a:1:{s:12:"discussionid";s:2:"15";}'
    )
    rows = [*LOG, serialised]
    plain = tmp_path / "plain.csv"
    write_csv(plain, rows)
    path = tmp_path / name
    path.write_text(FORMS[name](rows))
    assert events_of(path) == events_of(plain)
    assert Counter(event.event_type for event in events_of(path))["forum_reply"] == 1
    assert events_of(path)[-1].payload == {"thread_id": "15"}


def events_of(path: Path) -> list[Any]:
    outcomes = [record.outcome for record in MoodleFiles([path]).records()]
    return [event for outcome in outcomes if isinstance(outcome, list) for event in outcome]


def test_grades_and_their_columns_may_stand_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    write_csv(
        path,
        [
            {
                "userid": 5,
                "itemid": 21,
                "itemtype": "mod",
                "itemmodule": "assign",
                "iteminstance": 6,
                "courseid": 3,
                "grademin": "20.0",
                "grademax": "70.0",
                "finalgrade": "45.0",
                "timemodified": NOON,
            }
        ],
    )
    (event,) = events_of(path)
    assert (event.event_type, event.context.assessment_id) == ("assignment_graded", "assign-6")
    assert event.payload == {"score": 25.0, "max_score": 50.0}


def refusal(*paths: Path, time_zone: str = "UTC", language: str = "") -> str:
    with pytest.raises(RequestError) as caught:
        MoodleFiles(paths, time_zone=time_zone, language=language)
    return str(caught.value)


def test_what_cannot_be_read_is_said_in_one_sentence(tmp_path: Path) -> None:
    grades, letter, log = (
        tmp_path / "grade_grades.csv",
        tmp_path / "letter.csv",
        tmp_path / "mdl_quiz.csv",
    )
    write_csv(grades, [{"itemid": 1, "userid": 5, "finalgrade": "3"}])
    write_csv(letter, [{"dear": "Moodle"}])
    write_csv(log, [{"id": 1, "name": "x"}])
    (tmp_path / "empty").mkdir()
    assert refusal(grades) == "grade_grades.csv needs the table grade_items."
    assert refusal(letter) == "letter.csv is not a Moodle table that can be imported."
    assert refusal(log) == "mdl_quiz.csv has no column course, sumgrades."
    assert refusal(tmp_path / "none") == f"There is no {tmp_path / 'none'}."
    assert refusal(tmp_path / "empty").startswith("None of the files is a Moodle log")
    write_csv(tmp_path / "log.csv", LOG)
    assert refusal(tmp_path / "log.csv", time_zone="Middle/Earth").startswith("`Middle/Earth` is not an IANA")


def test_a_row_that_is_too_short_is_refused_alone(tmp_path: Path) -> None:
    path = tmp_path / "logstore_standard_log.csv"
    write_csv(path, LOG[:2])
    path.write_text(path.read_text() + "10,broken\n")
    with local_destination(tmp_path) as destination:
        receipt = imported(destination, tmp_path, path)
        assert (receipt.accepted, receipt.rejected) == (2, {"invalid_value": 1})
        assert [dead_letter.event_id for dead_letter in destination.dead_letters()] == [
            "line 4 of logstore_standard_log.csv"
        ]


ENGLISH = "Time,User full name,Affected user,Event context,Component,Event name,Description,Origin,IP address"
GERMAN = (
    "Zeit,Vollständiger Name,Betroffene/r Nutzer/in,Ereigniskontext,Komponente,Ereignisname,Beschreibung,"
    "Herkunft,IP-Adresse"
)


def write_report(path: Path, *rows: tuple[str, str], header: str = ENGLISH) -> Path:
    with path.open("w", newline="") as file:
        file.write(header + "\n")
        writer = csv.writer(file)
        for time, description in rows:
            writer.writerow(
                [time, "Mina Arslan", "-", "x", "x", "Something", description, "web", "192.0.2.7"]
            )
    return path


def says(text: str, user: int = 5) -> str:
    return f"The user with id '{user}' {text}"


VISIT = says("viewed the course with id '3'.")
QUIZ = "for the quiz with course module id '57'."


def test_a_report_gives_what_the_log_gives(tmp_path: Path) -> None:
    path = write_report(
        tmp_path / "logs_ALG_20261129-1405.csv",
        ("29/11/26, 14:30", says(f"has submitted the attempt with id '95' {QUIZ}")),
        ("29/11/26, 14:20", says(f"has started the attempt with id '95' {QUIZ}")),
        ("29/11/26, 14:10", says(f"has submitted the attempt with id '81' {QUIZ}")),
        ("29/11/26, 14:05", says(f"has started the attempt with id '81' {QUIZ}")),
        ("29/11/26, 14:04", VISIT),
        ("29/11/26, 14:04", VISIT),
        ("29/11/26, 14:03", says("viewed the log report for the course with id '3'.")),
    )
    with local_destination(tmp_path) as destination:
        receipt = imported(destination, tmp_path, path)
        assert receipt.skipped_kinds == {"not_mapped": {"Something": 1}}
        imported(destination, tmp_path, path)
        events = distinct(destination)
        assert len(events) == 6, "two looks in one minute are two"
        found = find_attempts(events, "quiz_start", "quiz_submit")
        assert [(each.assessment_id, each.attempt) for each in found] == [("57", 1), ("57", 2)]
        assert {event.course_id for event in events} == {"3"}, "that of the rows that tell it"
        assert [person.name for person in destination.rows["/v1/roster/people"]][:1] == ["Mina Arslan"]


def test_enrolments_of_a_report_are_told_apart_without_their_rows(tmp_path: Path) -> None:
    join = "enrolled the user with id '{}' using the enrolment method 'manual' in the course with id '3'."
    rows = [("29/11/26, 14:05", says(join.format(user), user=2)) for user in (5, 6)]
    events = events_of(write_report(tmp_path / "log.csv", *rows))
    assert [event.student_id for event in events] == ["5", "6"]
    assert len({event.event_id for event in events}) == 2


def test_a_german_report_is_known_by_its_columns(tmp_path: Path) -> None:
    path = write_report(tmp_path / "log.csv", ("29.11.26, 14:05", VISIT), header=GERMAN)
    source = MoodleFiles([path], time_zone="Europe/Berlin")
    (record,) = source.records()
    assert isinstance(record.outcome, list)
    assert record.outcome[0].timestamp == datetime(2026, 11, 29, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "time",
    [
        "11/29/26, 14:05",
        "29.11.26",
        "29 Nov, 14:05",
        "31/02/26, 14:05",
        "29. Dezember 2026, 14:05",
        "29/11/26, 25:05",
        "",
    ],
)
def test_a_date_that_is_none_in_its_language_refuses_the_report(tmp_path: Path, time: str) -> None:
    path = write_report(tmp_path / "log.csv", ("29/11/26, 14:05", VISIT), (time, VISIT))
    assert refusal(path) == (
        f"line 3 of log.csv: `{time}` is not a date of a report in English; --language selects another: en, en_us, de."
    )


def test_a_language_that_is_not_that_of_the_report_is_refused(tmp_path: Path) -> None:
    path = write_report(tmp_path / "log.csv", ("29.11.26, 14:05", VISIT), header=GERMAN)
    french = write_report(
        tmp_path / "journal.csv",
        ("29/11/26, 14:05", VISIT),
        header="Heure,Nom complet,x,x,x,x,Détails,Origine,IP",
    )
    assert refusal(path, language="en") == "log.csv is not in English: its columns are in German."
    assert (
        refusal(path, language="fr")
        == "`fr` is not a supported report language; choose one of en, en_us, de."
    )
    assert refusal(french) == (
        "journal.csv is a log report in an unsupported language: download it in one of en, en_us, de."
    )


def test_a_report_that_does_not_tell_its_course_needs_to_be_told(tmp_path: Path) -> None:
    page = says("viewed the 'page' activity with course module id '59'.")
    path = write_report(tmp_path / "log.csv", ("29/11/26, 14:05", page))
    assert refusal(path) == "log.csv does not contain the id of its course: add --course ID."
    (record,) = MoodleFiles([path], course="7").records()
    assert isinstance(record.outcome, list)
    assert record.outcome[0].context.course_id == "7"


def test_a_report_of_the_site_tells_each_course_by_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    page = says("viewed the 'page' activity with course module id '59'.")
    rows = [("ALG", VISIT), ("ALG", page), ("-", says("has logged in.")), ("GEO", page)]
    content = [f'{course},"29/11/26, 14:05",Mina,-,x,x,x,"{text}",web,::1' for course, text in rows]
    path.write_text("\n".join([f"Course,{ENGLISH}", *content]) + "\n")
    with local_destination(tmp_path) as destination:
        receipt = imported(destination, tmp_path, path)
        assert receipt.refusals[0].sentence == "No row contains the id of the course `GEO`."
        assert [event.course_id for event in destination.events()] == ["3", "3", ""]
