"""The archive of everything held about a student, fetched from a running server."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest

from coursepulse.privacy.descriptions import COLUMNS, UNDESCRIBED
from coursepulse.privacy.exportable import ExportedTable
from coursepulse.privacy.summary import write_readme
from tests.privacy.test_erasure import finish
from tests.support.pages import COURSE as PAGES
from tests.support.pages import study
from tests.support.server import Platform, wait_until

STUDENT = "export-1"

#: Where only the roster knows the student.
COURSE = "export-101"


@pytest.fixture(scope="module")
def archive(running_server: Platform) -> zipfile.ZipFile:
    sender = running_server
    person = {"external_id": STUDENT, "name": "=Formula, Ann", "email": "ann@export.example"}
    sender.http.put("/v1/roster/people", json=[person]).raise_for_status()
    course = {"course_id": COURSE, "title": "Exports"}
    sender.http.put("/v1/roster/courses", json=[course]).raise_for_status()
    enrolment = {"course_id": COURSE, "external_id": STUDENT, "starts_on": "2026-01-01"}
    assert sender.http.put("/v1/roster/enrolments", json=[enrolment]).json()["accepted"] == 1
    sender.agree(STUDENT)
    sender.send(*study(STUDENT, 0))
    sender.send(
        {
            "event_id": "odd",
            "event_type": "no_such_type",
            "student_id": STUDENT,
            "timestamp": "2026-01-01T00:00:00Z",
        }
    )
    sender.settle()
    wait_until(lambda: bool(sender.metric("student_courses", student=STUDENT)))
    asked = sender.http.post("/v1/privacy/exports", json={"student": STUDENT}).raise_for_status().json()
    assert finish(sender, asked["request_id"])["kind"] == "export"
    answer = sender.http.get(f"/v1/privacy/exports/{asked['request_id']}/archive").raise_for_status()
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


def rows(archive: zipfile.ZipFile, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(archive.read(f"{table}.json"))
    return found


def test_the_student_finds_who_fetched_it(running_server: Platform, archive: zipfile.ZipFile) -> None:
    asked = {"student": STUDENT, "tag": "privacy:archive:read"}
    found = running_server.http.get("/v1/audit", params=asked).raise_for_status().json()["entries"]
    assert [entry["actor"].partition(":")[0] for entry in found] == ["key"]
    assert archive.namelist()


def test_everything_held_is_in_it(archive: zipfile.ZipFile) -> None:
    assert rows(archive, "person")[0]["email"] == "ann@export.example"
    assert [row["purpose"] for row in rows(archive, "consents")] == ["analytics"]
    assert len(rows(archive, "events")) == 8
    assert {row["event_type"] for row in rows(archive, "enrolments")} == {"course_enroll"}
    assert [row["course_id"] for row in rows(archive, "enrolments")] == [PAGES]
    assert [row["course_id"] for row in rows(archive, "roster_enrolments")] == [COURSE]
    assert len(rows(archive, "video_watch")) == 1
    assert len(rows(archive, "refused_events")) == 1
    for table in ("quiz_answers", "session_parts", "student_course_days", "students", "privacy_requests"):
        assert rows(archive, table), table


def test_nothing_in_it_hides_something_else_of_the_same_name(archive: zipfile.ZipFile) -> None:
    assert len(archive.namelist()) == len(set(archive.namelist()))


def test_its_files_are_of_today_and_packed(archive: zipfile.ZipFile) -> None:
    assert min(entry.date_time for entry in archive.infolist()) > (2026, 1, 1)
    assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_DEFLATED}


def test_csv_and_json_say_the_same(archive: zipfile.ZipFile) -> None:
    for name in (name.removesuffix(".json") for name in archive.namelist() if name.endswith(".json")):
        plain = list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode(), newline="")))
        assert len(plain) == len(rows(archive, name)), name


def test_no_spreadsheet_runs_a_name(archive: zipfile.ZipFile) -> None:
    assert b"'=Formula" in archive.read("person.csv")


def test_every_column_is_described(archive: zipfile.ZipFile) -> None:
    readme = archive.read("README.md").decode()
    for name in (name for name in archive.namelist() if name.endswith(".csv")):
        for column in next(csv.reader(io.StringIO(archive.read(name).decode()))):
            assert f"`{column}`: {COLUMNS[column]}" in readme
    assert "ann@export.example" in archive.read("summary.html").decode()


def test_an_unknown_archive_is_not_there(running_server: Platform) -> None:
    answer = running_server.http.get("/v1/privacy/exports/00000000-0000-4000-8000-000000000000/archive")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_archive")


def test_a_column_without_words_keeps_nobody_from_an_archive() -> None:
    table = ExportedTable("somewhere", "Something.", ("at", "made_since"), 1)
    assert f"`made_since`: {UNDESCRIBED}" in write_readme([table], datetime(2026, 1, 1, tzinfo=UTC))
