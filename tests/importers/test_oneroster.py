"""OneRoster packages, as folders and ZIP files, into a real roster over HTTP."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from coursepulse.cli.imports import run_oneroster
from coursepulse.formats.oneroster import COLUMNS, FileMode, columns_of, kind_of, list_of, read_manifest
from coursepulse.formats.outcome import Refused
from coursepulse.importers.http import open_destination
from coursepulse.importers.oneroster import RosterImportReceipt, import_roster
from coursepulse.importers.oneroster_rows import Book
from coursepulse.kit.clock import to_micros
from coursepulse.kit.errors import RequestError
from coursepulse.store.postgres.connect import Pool
from tests.support.campus import KEY, listening

NOW = to_micros(datetime(2026, 3, 1, 12, tzinfo=UTC))
TODAY = date(2026, 3, 1)

Table = list[dict[str, str]]

SCHOOL: dict[str, Table] = {
    "orgs": [{"sourcedId": "north", "name": "North School"}],
    "academicSessions": [
        {"sourcedId": "autumn", "startDate": "2025-09-01", "endDate": "2026-02-01"},
        {"sourcedId": "spring", "startDate": "2026-02-01", "endDate": "2026-07-01"},
    ],
    "courses": [{"sourcedId": "maths", "title": "Mathematics"}],
    "users": [
        {"sourcedId": "u1", "username": "ann", "givenName": "Ann", "familyName": "Lee", "email": "a@b.org"},
        {"sourcedId": "u2", "username": "bo"},
        {"sourcedId": "u3", "username": "tom", "role": "teacher"},
        {"sourcedId": "u4", "username": "aide", "role": "aide"},
        {"sourcedId": "u5", "username": "boss", "role": "administrator"},
        {"sourcedId": "u6", "username": "mum", "role": "guardian"},
    ],
    "classes": [
        {
            "sourcedId": "7a",
            "title": "7a maths",
            "courseSourcedId": "maths",
            "termSourcedIds": "autumn,spring",
        },
        {"sourcedId": "7b", "title": "", "courseSourcedId": "maths", "termSourcedIds": "spring"},
    ],
    "enrollments": [
        {"sourcedId": "e1", "classSourcedId": "7a", "userSourcedId": "u1", "role": "student"},
        {"sourcedId": "e2", "classSourcedId": "7a", "userSourcedId": "u2", "endDate": "2026-02-15"},
        {"sourcedId": "e3", "classSourcedId": "7a", "userSourcedId": "u3", "role": "teacher"},
        {"sourcedId": "e4", "classSourcedId": "7a", "userSourcedId": "u4", "role": "aide"},
    ],
}
USUAL = {"role": "student", "orgSourcedIds": "north", "primaryOrgSourcedId": "north"}


def tables_of(version: str, **changed: Table) -> dict[str, Table]:
    """The school in one of the versions: 1.2 keeps roles in a file of their own."""
    tables = {name: [USUAL | row for row in rows] for name, rows in (SCHOOL | changed).items()}
    if version == "1.2" and "roles" not in changed:
        tables["roles"] = [
            {
                "userSourcedId": row["sourcedId"],
                "roleType": "primary",
                "role": row["role"],
                "orgSourcedId": "north",
            }
            for row in tables["users"]
        ]
    return tables


def pack(folder: Path, version: str = "1.1", mode: str = "bulk", **changed: Table) -> Path:
    """A package in ``folder``."""
    folder.mkdir(exist_ok=True)
    tables = tables_of(version, **changed)
    manifest = [("manifest.version", "1.0"), ("oneroster.version", version)]
    manifest += [
        (f"file.{name}", mode if name in tables else "absent") for name in (*COLUMNS, "demographics")
    ]
    (folder / "manifest.csv").write_text(_csv([["propertyName", "value"], *manifest]))
    for name, rows in tables.items():
        columns = [*columns_of(version, name), "status", "beginDate", "dateLastModified"]
        columns += ["endDate"] * ("endDate" not in columns)
        lines = [[row.get(column, "") for column in columns] for row in rows]
        (folder / f"{name}.csv").write_text(_csv([columns, *lines]), "utf-8-sig")
    return folder


def _csv(rows: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


class School:
    """A server with a roster."""

    def __init__(self, url: str, pool: Pool) -> None:
        self.url, self._pool = url, pool

    def take(
        self, path: Path, id_column: str = "sourcedId", time_zone: str = "UTC", **wish: Any
    ) -> RosterImportReceipt:
        with open_destination(self.url, KEY) as destination:
            return import_roster(
                path, destination, id_column=id_column, time_zone=time_zone, clock=lambda: NOW, **wish
            )

    def select(self, sql: str) -> list[tuple[Any, ...]]:
        with self._pool.connection() as connection:
            return connection.execute(sql.encode()).fetchall()

    @property
    def enrolments(self) -> list[tuple[Any, ...]]:
        return self.select(
            "SELECT course_id, external_id, status, ends_on "
            "FROM enrolments JOIN people USING (student_id) ORDER BY 1, 2"
        )

    @property
    def teaching(self) -> list[tuple[Any, ...]]:
        return self.select(
            "SELECT course_id, external_id, ends_on FROM teaching JOIN people ON student_id = teacher_id ORDER BY 1, 2"
        )


@pytest.fixture
def school(pool: Pool, tmp_path: Path) -> Iterator[School]:
    (tmp_path / "server").mkdir()
    with listening(pool, tmp_path / "server", lambda: NOW) as campus:
        yield School(campus.url, pool)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_school_arrives(school: School, tmp_path: Path, version: str) -> None:
    package = pack(tmp_path / "package", version)
    receipt = school.take(package, id_column="username", time_zone="Europe/Berlin")
    assert (receipt.version, receipt.refusals) == (version, [])
    assert receipt.accepted == {"organisations": 1, "people": 5, "courses": 2, "enrolments": 2, "teaching": 1}
    assert receipt.skipped == {"not_mapped": 2}
    people = "SELECT external_id, name, email, time_zone, is_staff, organisation_id FROM people ORDER BY 1"
    assert school.select(people) == [
        ("aide", "", "", "Europe/Berlin", True, "north"),
        ("ann", "Ann Lee", "a@b.org", "Europe/Berlin", False, "north"),
        ("bo", "", "", "Europe/Berlin", False, "north"),
        ("boss", "", "", "Europe/Berlin", True, "north"),
        ("tom", "", "", "Europe/Berlin", True, "north"),
    ]
    # The day after the last is written in the files, the last one here.
    assert school.select("SELECT course_id, title, starts_on, ends_on FROM courses ORDER BY 1") == [
        ("7a", "7a maths", date(2025, 9, 1), date(2026, 6, 30)),
        ("7b", "Mathematics", date(2026, 2, 1), date(2026, 6, 30)),
    ]
    assert school.enrolments == [("7a", "ann", "active", None), ("7a", "bo", "active", date(2026, 2, 14))]
    assert school.teaching == [("7a", "tom", None)]


@pytest.mark.parametrize("inner", ["", "export/"])
def test_a_zip_file_is_as_good_as_a_folder(school: School, tmp_path: Path, inner: str) -> None:
    package = pack(tmp_path / "package")
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in package.iterdir():
            zipped.write(file, inner + file.name)
    assert school.take(archive).accepted == school.take(package).accepted
    assert len(school.enrolments) == 2


def test_what_is_taken_out_ends(school: School, tmp_path: Path) -> None:
    school.take(pack(tmp_path / "package"))
    gone = {"status": "tobedeleted"}
    users = [SCHOOL["users"][0] | gone, *SCHOOL["users"][1:]]
    classes = [SCHOOL["classes"][0], SCHOOL["classes"][1] | gone]
    enrollments = [SCHOOL["enrollments"][0], *(row | gone for row in SCHOOL["enrollments"][1:])]
    delta = pack(tmp_path / "delta", mode="delta", users=users, classes=classes, enrollments=enrollments)
    assert school.take(delta).refusals == []
    assert [row[2] for row in school.enrolments] == ["ended", "ended"]
    assert school.teaching == [("7a", "u3", date(2026, 2, 28))]
    ((ends_on,),) = school.select("SELECT ends_on FROM courses WHERE course_id = '7b'")
    assert ends_on == date(2026, 2, 28)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_who_left_and_came_back_is_there(school: School, tmp_path: Path, order: tuple[int, int]) -> None:
    row = SCHOOL["enrollments"][0]
    rows = [row, row | {"sourcedId": "e9", "status": "tobedeleted"}]
    school.take(pack(tmp_path / "package", enrollments=[rows[place] for place in order]))
    assert school.enrolments == [("7a", "u1", "active", None)]


def test_parts_of_a_course_stay(school: School, tmp_path: Path) -> None:
    school.select("INSERT INTO courses VALUES ('7a', 'Old') RETURNING 1")
    school.select("INSERT INTO lessons VALUES ('7a', 'l1', 'Sets', 1) RETURNING 1")
    school.take(pack(tmp_path / "package"))
    assert school.select("SELECT lesson_id FROM lessons") == [("l1",)]


def test_people_known_from_before_may_be_enrolled_by_a_delta(school: School, tmp_path: Path) -> None:
    school.take(pack(tmp_path / "package"))
    row = {"sourcedId": "e9", "classSourcedId": "7b", "userSourcedId": "u2", "role": "student"}
    school.take(pack(tmp_path / "delta", mode="delta", users=[], classes=[], enrollments=[row]))
    assert ("7b", "u2", "active", None) in school.enrolments


BROKEN: list[tuple[str, dict[str, str], str, str]] = [
    ("users", {"sourcedId": ""}, "missing_field", "$.sourcedId"),
    ("users", {"sourcedId": "u9", "username": "x", "role": "wizard"}, "invalid_value", "$.role"),
    ("users", {"sourcedId": "u9", "username": "x", "email": "nonsense"}, "invalid_value", "$.email"),
    (
        "users",
        {"sourcedId": "u9", "username": "x", "orgSourcedIds": "moon"},
        "unknown_organisation",
        "$.organisation_id",
    ),
    ("classes", {"sourcedId": "9z", "termSourcedIds": "never"}, "invalid_value", "$.termSourcedIds"),
    ("academicSessions", {"sourcedId": "s", "startDate": "soon"}, "invalid_value", "$.startDate"),
    ("academicSessions", {"sourcedId": "s", "endDate": "0001-01-01"}, "invalid_value", "$.startDate"),
    (
        "enrollments",
        {"sourcedId": "e", "classSourcedId": "7a", "userSourcedId": "u99"},
        "invalid_value",
        "$.userSourcedId",
    ),
    (
        "enrollments",
        {"sourcedId": "e", "classSourcedId": "9z", "userSourcedId": "u1"},
        "unknown_course",
        "$.course_id",
    ),
]


def test_bad_rows_are_named_by_file_and_line(school: School, tmp_path: Path) -> None:
    tables: dict[str, Table] = {table: [*rows] for table, rows in SCHOOL.items()}
    expected = set()
    for table, row, reason, path in BROKEN:
        tables[table].append(row)
        expected.add((f"line {len(tables[table]) + 1} of {table}.csv", reason, path))
    receipt = school.take(pack(tmp_path / "package", "1.1", "bulk", **tables))
    assert {(each.place, each.reason, each.path) for each in receipt.refusals} == expected
    assert receipt.rejected.total() == len(BROKEN)
    assert len(school.enrolments) == 2, "their neighbours are there"


@pytest.mark.parametrize(
    ("table", "column", "word"),
    [
        ("users", "role", "Student"),
        ("users", "status", "ToBeDeleted"),
        ("users", "status", "deleted"),
        ("roles", "roleType", "Primary"),
        ("enrollments", "role", "STUDENT"),
        ("enrollments", "status", "Active"),
        ("classes", "status", "TOBEDELETED"),
    ],
)
def test_capitals_make_another_word(table: str, column: str, word: str) -> None:
    book = Book(date(2026, 11, 16), "sourcedId", "UTC", FileMode.BULK)
    filled = dict.fromkeys((*columns_of("1.1", table), "status", "roleType"), "")
    row = filled | {"sourcedId": "x", "userSourcedId": "x", "role": "student", column: word}
    refused = book.take(table, row)
    assert isinstance(refused, Refused)
    assert f"`{word}`" in refused.sentence


def test_a_row_that_is_cut_off(school: School, tmp_path: Path) -> None:
    package = pack(tmp_path / "package")
    with (package / "orgs.csv").open("a") as file:
        file.write("south\r\n")
    assert [refusal.sentence for refusal in school.take(package).refusals] == ["The row is too short."]


def test_a_user_without_a_role_in_1_2(school: School, tmp_path: Path) -> None:
    roles = [{"userSourcedId": "u1", "roleType": "primary", "role": "student", "orgSourcedId": "north"}]
    receipt = school.take(pack(tmp_path / "package", "1.2", roles=roles))
    assert receipt.accepted["people"] == 1
    assert {refusal.path for refusal in receipt.refusals} >= {"$.role"}


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (lambda folder: (folder / "manifest.csv").unlink(), "no_such_file"),
        (lambda folder: (folder / "users.csv").unlink(), "no_such_file"),
        (lambda folder: (folder / "users.csv").write_text("sourcedId,username\r\n"), "wrong_table"),
        (lambda folder: (folder / "manifest.csv").write_text("oneroster.version,1.0\r\n"), "wrong_table"),
        (
            lambda folder: (folder / "manifest.csv").write_text("oneroster.version,1.1\r\nfile.orgs,some"),
            "wrong_table",
        ),
    ],
)
def test_a_package_that_cannot_be_read(tmp_path: Path, break_it: Any, code: str) -> None:
    package = pack(tmp_path / "package")
    break_it(package)
    with open_destination("http://127.0.0.1:1", KEY) as destination, pytest.raises(RequestError) as refused:
        import_roster(package, destination)
    assert refused.value.code == code


def test_a_damaged_zip_file(tmp_path: Path) -> None:
    (tmp_path / "package.zip").write_bytes(b"PK\x03\x04 and then nothing")
    with open_destination("http://127.0.0.1:1", KEY) as destination, pytest.raises(RequestError) as refused:
        import_roster(tmp_path / "package.zip", destination)
    assert refused.value.code == "broken_file"


def test_programs_get_one_line_of_json(
    school: School, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = pack(tmp_path / "package")
    for as_json in (True, False):
        run_oneroster(package, school.url, KEY, id_column="sourcedId", time_zone="UTC", as_json=as_json)
    line, *words = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["format"], found["version"], found["accepted"]["people"]) == ("oneroster", "1.1", 5)
    assert words[0].startswith("16 rows read (OneRoster 1.1), accepted 1 organisations, 5 people,")
    assert words[1:] == ["skipped not_mapped: 2"]


def test_every_file_has_a_rule() -> None:
    assert all(hasattr(Book, f"_take_{table}") for table in COLUMNS)


def test_words_of_oneroster() -> None:
    assert list_of(" a, b ,,") == ["a", "b"]
    assert kind_of("ext:mascot") == "other"
    modes = read_manifest({"oneroster.version": "1.2", "file.users": "Bulk"}).modes
    assert (modes["users"], modes["orgs"]) == (FileMode.BULK, FileMode.ABSENT)
