"""Whole packages of OneRoster: who is not in a bulk file is un-enrolled, unless the file may have been cut off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from coursepulse.cli.imports import run_oneroster
from coursepulse.kit.errors import RequestError
from coursepulse.store.postgres.connect import Pool
from tests.importers.test_oneroster import NOW, School, Table, pack
from tests.support.campus import KEY, listening

YESTERDAY = date(2026, 2, 28)

#: Nine students and a teacher in one class: ten that hold.
PEOPLE = [f"s{number}" for number in range(9)]


@pytest.fixture
def school(pool: Pool, tmp_path: Path) -> Iterator[School]:
    (tmp_path / "server").mkdir()
    with listening(pool, tmp_path / "server", lambda: NOW) as campus:
        yield School(campus.url, pool)


def person(name: str, role: str = "student") -> dict[str, str]:
    return {"sourcedId": name, "username": f"login-{name}", "role": role}


def place(name: str, role: str = "student", **more: str) -> dict[str, str]:
    return {"sourcedId": f"e-{name}", "classSourcedId": "7a", "userSourcedId": name, "role": role} | more


def class_of(
    folder: Path, *students: str, mode: str = "bulk", teacher: bool = True, **changed: Table
) -> Path:
    """A package with these students in the class."""
    users = [*map(person, students), *([person("tom", "teacher")] if teacher else [])]
    places = [*map(place, students), *([place("tom", "teacher")] if teacher else [])]
    tables = {"users": users, "enrollments": places} | changed
    return pack(folder, "1.1", mode, **tables)


def present(school: School) -> set[str]:
    return {name for _, name, status, _ in school.enrolments if status == "active"}


def test_who_is_not_in_a_bulk_file_is_un_enrolled(school: School, tmp_path: Path) -> None:
    assert school.take(class_of(tmp_path / "one", *PEOPLE)).ended == 0
    receipt = school.take(class_of(tmp_path / "two", *PEOPLE[1:]))
    assert receipt.ended == 1
    assert present(school) == set(PEOPLE[1:])
    assert school.select("SELECT count(*) FROM people") == [(10,)], "people are not removed"
    assert school.take(class_of(tmp_path / "three", *PEOPLE[1:])).ended == 0
    assert school.take(class_of(tmp_path / "four", *PEOPLE)).ended == 0
    assert present(school) == set(PEOPLE), "who comes back is there again"


def test_who_is_not_named_teaches_no_longer(school: School, tmp_path: Path) -> None:
    school.take(class_of(tmp_path / "one", *PEOPLE))
    assert school.take(class_of(tmp_path / "two", *PEOPLE, teacher=False)).ended == 1
    assert school.teaching == [("7a", "tom", YESTERDAY)]
    assert present(school) == set(PEOPLE)


def test_a_delta_ends_nobody_whom_it_does_not_name(school: School, tmp_path: Path) -> None:
    school.take(class_of(tmp_path / "one", *PEOPLE))
    assert school.take(class_of(tmp_path / "two", PEOPLE[0], mode="delta")).ended == 0
    assert present(school) == set(PEOPLE)


def test_a_file_that_was_cut_off_changes_nothing(school: School, tmp_path: Path) -> None:
    school.take(class_of(tmp_path / "one", *PEOPLE))
    half = class_of(tmp_path / "half", "new", *PEOPLE[4:])
    with pytest.raises(RequestError, match=r"4 of 10 .* more than 20%.*--force") as refused:
        school.take(half)
    assert refused.value.code == "too_many_missing"
    assert present(school) == set(PEOPLE)
    assert school.select("SELECT FROM people WHERE external_id = 'new'") == []
    assert school.take(half, force=True).ended == 4
    assert present(school) == {"new", *PEOPLE[4:]}


def test_a_fifth_may_end(school: School, tmp_path: Path) -> None:
    school.take(class_of(tmp_path / "one", *PEOPLE))
    assert school.take(class_of(tmp_path / "two", *PEOPLE[2:])).ended == 2


def test_what_others_said_stays(school: School, tmp_path: Path) -> None:
    school.take(class_of(tmp_path / "one", *PEOPLE))
    school.take(class_of(tmp_path / "district", "far-1", "far-2", teacher=False), source="district")
    rows = [{"course_id": "7a", "external_id": name} for name in ("by-hand", PEOPLE[0])]
    bearer = {"Authorization": f"Bearer {KEY}"}
    httpx.put(f"{school.url}/v1/roster/enrolments", json=rows, headers=bearer).raise_for_status()
    receipt = school.take(class_of(tmp_path / "two", *PEOPLE[2:]))
    assert receipt.ended == 1, "the platform has said since that the first one is there"
    active = "SELECT count(*) FROM enrolments WHERE status = 'active'"
    assert school.select(active) == [(len(PEOPLE) - 2 + len(["far-1", "far-2", "by-hand", PEOPLE[0]]),)]


def test_a_row_that_is_refused_is_in_the_file_all_the_same(school: School, tmp_path: Path) -> None:
    school.take(class_of(tmp_path / "one", *PEOPLE))
    places = [*map(place, PEOPLE[1:]), place(PEOPLE[0], beginDate="soon"), place("tom", "teacher")]
    receipt = school.take(class_of(tmp_path / "two", *PEOPLE, enrollments=places))
    assert (receipt.rejected, receipt.ended) == ({"invalid_value": 1}, 0)
    assert present(school) == set(PEOPLE)


def test_a_row_that_names_nobody_may_be_about_anybody(school: School, tmp_path: Path) -> None:
    school.take(class_of(tmp_path / "one", *PEOPLE))
    users = [*map(person, PEOPLE[1:]), {"sourcedId": "", "username": "who"}, person("tom", "teacher")]
    broken = class_of(tmp_path / "two", *PEOPLE[1:], users=users)
    with pytest.raises(RequestError, match=r"1 rows of .* do not identify a person") as refused:
        school.take(broken)
    assert refused.value.code == "nameless_rows"
    assert present(school) == set(PEOPLE)
    assert school.take(broken, force=True).ended == 1


def test_without_all_enrolments_the_people_decide(school: School, tmp_path: Path) -> None:
    """`users` is whole and `enrollments` says what changed: who is no longer there leaves every class."""
    school.take(class_of(tmp_path / "one", *PEOPLE))
    users = [*map(person, [*PEOPLE[1:], "new"])]
    two = pack(tmp_path / "two", users=users, enrollments=[place("new")])
    manifest = two / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("file.enrollments,bulk", "file.enrollments,delta"))
    assert school.take(two).ended == 2
    assert present(school) == {"new", *PEOPLE[1:]}
    assert school.teaching == [("7a", "tom", YESTERDAY)]


def test_who_changes_from_student_to_teacher_is_enrolled_no_longer(school: School, tmp_path: Path) -> None:
    school.take(class_of(tmp_path / "one", *PEOPLE))
    users = [*map(person, PEOPLE[1:]), person(PEOPLE[0], "teacher"), person("tom", "teacher")]
    places = [*map(place, PEOPLE[1:]), place(PEOPLE[0], "teacher"), place("tom", "teacher")]
    assert school.take(class_of(tmp_path / "two", users=users, enrollments=places)).ended == 1
    assert present(school) == set(PEOPLE[1:])
    assert ("7a", PEOPLE[0], None) in school.teaching


def test_the_command_says_how_many_ended(
    school: School, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wish: dict[str, Any] = {"id_column": "username", "time_zone": "UTC"}
    run_oneroster(class_of(tmp_path / "one", *PEOPLE), school.url, KEY, **wish)
    run_oneroster(class_of(tmp_path / "two", *PEOPLE[1:]), school.url, KEY, **wish)
    assert "ended, because the package does not name them: 1" in capsys.readouterr().out


def test_a_delivery_is_named_whole_or_not_at_all(school: School) -> None:
    bearer = {"Authorization": f"Bearer {KEY}"}
    for path in ("/v1/roster/enrolments?source=x", "/v1/roster/seen", "/v1/roster/seen?source=x"):
        answer = httpx.put(school.url + path, json=[{"course_id": "7a", "external_id": "x"}], headers=bearer)
        assert (answer.status_code, answer.json()["code"]) == (400, "half_a_delivery")
