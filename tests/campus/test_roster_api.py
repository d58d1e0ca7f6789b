"""The roster and the consents over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from coursepulse.audit.port import Search
from coursepulse.kit.clock import to_micros
from coursepulse.store.postgres.connect import Pool
from tests.support.campus import KEY, POOR_KEY, Campus, listening

NOW = to_micros(datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.fixture
def campus(pool: Pool, tmp_path: Path) -> Iterator[Campus]:
    with listening(pool, tmp_path, lambda: NOW) as campus:
        yield campus


@pytest.fixture
def http(campus: Campus) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=campus.url, headers={"Authorization": f"Bearer {KEY}"}) as http:
        yield http


def consent(granted: bool, day: int) -> dict[str, Any]:
    return {
        "external_id": "ann",
        "purpose": "analytics",
        "granted": granted,
        "at": f"2026-02-{day:02d}T00:00:00Z",
    }


def play(number: int) -> dict[str, Any]:
    return {
        "event_id": str(number),
        "event_type": "video_play",
        "timestamp": "2026-03-01T11:00:00Z",
        "student_id": "ann",
    }


def test_a_bad_row_does_not_fail_its_neighbours(http: httpx.Client) -> None:
    rows = [{"external_id": "ann", "name": "Ann"}, {"external_id": "bo", "time_zone": "Mars/Base"}]
    answer = http.put("/v1/roster/people", json=rows).raise_for_status().json()
    assert answer["accepted"] == 1
    assert [(row["index"], row["reason"], row["path"]) for row in answer["rejected"]] == [
        (1, "unknown_time_zone", "$.time_zone")
    ]
    found = http.get("/v1/roster/people", params={"ids": ["ann", "bo"]}).raise_for_status().json()
    assert [(person["external_id"], person["name"]) for person in found] == [("ann", "Ann")]
    assert found[0]["student_id"] != "ann"


def test_a_course_reaches_the_catalog(http: httpx.Client, campus: Campus) -> None:
    course = {"course_id": "c", "lessons": [{"lesson_id": "l"}], "instructors": ["ada"]}
    assert http.put("/v1/roster/courses", json=[course, course]).json() == {"accepted": 2, "rejected": []}
    assert campus.catalogs[-1].lessons == [("c", "l", 0)]


def send(http: httpx.Client, part: str, *rows: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = http.put(f"/v1/roster/{part}", json=list(rows)).raise_for_status().json()
    return answer


ACCEPTED = {"accepted": 1, "rejected": []}

#: One good row for each part, in an order in which nothing is unknown.
ROWS: dict[str, dict[str, Any]] = {
    "organisations": {"organisation_id": "acme", "name": "Acme"},
    "people": {"external_id": "ann", "organisation_id": "acme"},
    "teams": {"team_id": "sales", "organisation_id": "acme", "managers": ["mia"], "members": ["ann", "ann"]},
    "courses": {
        "course_id": "c",
        "lessons": [{"lesson_id": "l", "skills": ["sets", "logic"]}],
        "assessments": [{"assessment_id": "q", "skills": ["sets"]}],
    },
    "enrolments": {"course_id": "c", "external_id": "ann", "status": "active", "starts_on": "2026-01-01"},
    "teaching": {"course_id": "c", "external_id": "ada", "ends_on": "2026-12-31"},
    "trainings": {"course_id": "c", "external_id": "ann", "organisation_id": "acme", "due_on": "2026-04-01"},
    "certificates": {
        "external_id": "ann",
        "organisation_id": "acme",
        "certificate_id": "first-aid",
        "issued_on": "2024-05-02",
        "expires_on": "2026-05-01",
    },
    "profiles": {
        "profile_id": "lead",
        "organisation_id": "acme",
        "needs": [{"skill": "sets", "level": 70}, {"course_id": "c", "level": 100}],
        "people": ["ann", "ann"],
    },
    "seats": {"pool_id": "p", "organisation_id": "acme", "team_id": "sales", "bought": 9, "assigned": 4},
    "budgets": {
        "budget_id": "b",
        "organisation_id": "acme",
        "currency": "EUR",
        "amount": "1200.50",
        "spent": 900,
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
    },
}


def stored(pool: Pool) -> list[Any]:
    """Everything on the roster."""
    tables = {
        "organisations": "*",
        "teams": "*",
        "team_people": "team_id, student_id, manages",
        "people": "external_id, organisation_id",
        "lessons": "lesson_id, skills",
        "assessments": "assessment_id, skills",
        "enrolments": "*",
        "teaching": "*",
        "person_trainings": "*",
        "certificates": "*",
        "target_needs": "*",
        "target_people": "*",
        "seat_pools": "*",
        "budgets": "*",
    }
    with pool.connection() as connection:
        return [
            connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2".encode()).fetchall()
            for table, columns in tables.items()
        ]


def test_sending_a_roster_again_changes_nothing(http: httpx.Client, pool: Pool) -> None:
    assert [send(http, part, row) for part, row in ROWS.items()] == [ACCEPTED] * len(ROWS)
    first = stored(pool)
    assert all(first)
    assert [send(http, part, row, row)["accepted"] for part, row in ROWS.items()] == [2] * len(ROWS)
    assert stored(pool) == first


def test_skills_are_kept(http: httpx.Client, pool: Pool) -> None:
    send(http, "courses", ROWS["courses"])
    assert stored(pool)[4:6] == [[("l", ["sets", "logic"])], [("q", ["sets"])]]


def test_only_the_people_table_knows_external_ids(http: httpx.Client, pool: Pool) -> None:
    marked = {
        "people": {"external_id": "secret-1"},
        "organisations": ROWS["organisations"],
        "teams": ROWS["teams"] | {"managers": ["secret-1"], "members": ["secret-2"]},
        "courses": ROWS["courses"] | {"instructors": ["secret-3"]},
        "enrolments": ROWS["enrolments"] | {"external_id": "secret-4"},
        "teaching": ROWS["teaching"] | {"external_id": "secret-5"},
        "trainings": ROWS["trainings"] | {"external_id": "secret-6"},
        "certificates": ROWS["certificates"] | {"external_id": "secret-7"},
        "profiles": ROWS["profiles"] | {"people": ["secret-8"]},
    }
    for part, row in marked.items():
        assert send(http, part, row) == ACCEPTED
    assert str(stored(pool)).count("secret-") == 1


UNKNOWN = [
    ("people", {"external_id": "bo", "organisation_id": "nowhere"}, "organisation"),
    ("teams", {"team_id": "t", "organisation_id": "nowhere"}, "organisation"),
    ("enrolments", {"course_id": "nowhere", "external_id": "ann"}, "course"),
    ("teaching", {"course_id": "nowhere", "external_id": "ada"}, "course"),
    ("trainings", {"course_id": "nowhere", "team_id": "sales"}, "course"),
    ("trainings", {"course_id": "c", "team_id": "nowhere"}, "team"),
    ("certificates", ROWS["certificates"] | {"organisation_id": "nowhere"}, "organisation"),
    ("certificates", ROWS["certificates"] | {"course_id": "nowhere"}, "course"),
    ("profiles", {"profile_id": "p", "organisation_id": "nowhere"}, "organisation"),
    ("seats", ROWS["seats"] | {"team_id": "nowhere"}, "team"),
    ("budgets", ROWS["budgets"] | {"team_id": "nowhere"}, "team"),
]


@pytest.mark.parametrize(("part", "row", "what"), UNKNOWN, ids=[f"{case[0]} {case[2]}" for case in UNKNOWN])
def test_a_row_that_names_something_unknown(
    http: httpx.Client, part: str, row: dict[str, Any], what: str
) -> None:
    for each, good in ROWS.items():
        send(http, each, good)
    answer = send(http, part, {}, row, ROWS[part])
    assert answer["accepted"] == 1
    assert [(each["index"], each["reason"], each["path"]) for each in answer["rejected"]] == [
        (0, "missing_field", f"$.{next(iter(row))}"),
        (1, f"unknown_{what}", f"$.{what}_id"),
    ]
    sentence = f"`nowhere` is not a known {what}; send the {what} first."
    assert answer["rejected"][1]["sentence"] == sentence


@pytest.mark.parametrize("part", ["courses", "enrolments", "teaching"])
def test_nothing_ends_before_it_starts(http: httpx.Client, part: str) -> None:
    dates = {"starts_on": "2026-02-02", "ends_on": "2026-02-01"}
    (verdict,) = send(http, part, ROWS[part] | dates)["rejected"]
    assert (verdict["reason"], verdict["path"]) == ("ends_before_start", "$.ends_on")


#: Parts of the roster, what a good row says in another way, and the verdict on that.
BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("trainings", {"team_id": "sales"}, "one_of_two", "$"),
    ("trainings", {"external_id": "", "organisation_id": ""}, "one_of_two", "$"),
    ("trainings", {"organisation_id": ""}, "missing_field", "$.organisation_id"),
    ("trainings", {"assigned_on": "2026-04-02"}, "ends_before_start", "$.due_on"),
    ("certificates", {"issued_on": "2026-05-02"}, "ends_before_start", "$.expires_on"),
    ("profiles", {"needs": [{"level": 50}]}, "one_of_two", "$.needs[0]"),
    ("profiles", {"needs": [{"skill": "s", "level": 101}]}, "invalid_value", "$.needs[0].level"),
    ("profiles", {"needs": [{"skill": "s", "level": 1}] * 2}, "duplicate_id", "$.needs[1]"),
    ("seats", {"assigned": 10}, "more_than_there_are", "$.assigned"),
    ("seats", {"activated": 5}, "more_than_there_are", "$.activated"),
    ("seats", {"used": 1}, "more_than_there_are", "$.used"),
    ("seats", {"starts_on": "2026-02-02", "ends_on": "2026-02-01"}, "ends_before_start", "$.ends_on"),
    ("budgets", {"amount": -1}, "invalid_value", "$.amount"),
    ("budgets", {"spent": "NaN"}, "invalid_value", "$.spent"),
    ("budgets", {"currency": "euro"}, "invalid_value", "$.currency"),
    ("budgets", {"currency": "QQQ"}, "invalid_value", "$.currency"),
    ("budgets", {"ends_on": "2025-12-31"}, "ends_before_start", "$.ends_on"),
]


@pytest.mark.parametrize(("part", "said", "reason", "path"), BAD)
def test_what_cannot_be_is_refused(
    http: httpx.Client, part: str, said: dict[str, Any], reason: str, path: str
) -> None:
    for each, good in ROWS.items():
        send(http, each, good)
    answer = send(http, part, ROWS[part] | said, ROWS[part])
    assert answer["accepted"] == 1
    assert [(row["reason"], row["path"]) for row in answer["rejected"]] == [(reason, path)]


def test_a_training_of_a_team_and_one_of_a_person_are_two(http: httpx.Client, pool: Pool) -> None:
    for each, good in ROWS.items():
        send(http, each, good)
    team = {"course_id": "c", "team_id": "sales", "due_on": "2026-03-01", "mandatory": False}
    assert send(http, "trainings", team, team | {"due_on": "2026-03-15"})["accepted"] == 2
    with pool.connection() as connection:
        teams = connection.execute("SELECT team_id, due_on::text, mandatory FROM team_trainings").fetchall()
        people = connection.execute("SELECT due_on::text, mandatory FROM person_trainings").fetchall()
    assert (teams, people) == ([("sales", "2026-03-15", False)], [("2026-04-01", True)])


def test_a_course_can_change_without_its_parts(http: httpx.Client, campus: Campus) -> None:
    send(http, "courses", ROWS["courses"])
    changed = [{"course_id": "c", "title": "New"}]
    http.put("/v1/roster/courses", params={"parts": "keep"}, json=changed).raise_for_status()
    assert campus.catalogs[-1].lessons == [("c", "l", 0)]
    http.put("/v1/roster/courses", json=changed).raise_for_status()
    assert campus.catalogs[-1].lessons == []


def test_every_change_stands_in_the_trail(http: httpx.Client, campus: Campus) -> None:
    for part, row in ROWS.items():
        send(http, part, row)
    send(http, "people", {})
    told = [link.entry for link in campus.trail.stream(Search())]
    entries = [entry for entry in told if entry.tag != "roster:person:granted"]
    assert [entry.tag for entry in entries] == [f"roster:{part}:changed" for part in ROWS]
    granted = [entry for entry in told if entry not in entries]
    assert {entry.actor for entry in granted} == {"key:all"}
    assert all(entry.subject and entry.detail.startswith(("teaches=c", "leads=")) for entry in granted)
    assert {(entry.actor, entry.detail) for entry in entries} == {("key:all", "rows=1")}


def test_consents_keep_their_history(http: httpx.Client) -> None:
    for _ in range(2):
        http.put("/v1/consents", json=[consent(granted=False, day=9), consent(granted=True, day=2)])
    record = http.get("/v1/consents/ann").json()
    assert record["current"] == {"analytics": False}
    assert [row["granted"] for row in record["history"]] == [True, False]


def test_a_consent_holds_at_the_collector_within_a_second(http: httpx.Client) -> None:
    reasons = []
    for number, granted in enumerate([True, False]):
        http.put("/v1/consents", json=[consent(granted=granted, day=3 + number)]).raise_for_status()
        time.sleep(1.0)
        answer = http.post("/v1/events", json=[play(number)]).json()
        reasons.append([row["reason"] for row in answer["rejected"]])
    assert reasons == [[], ["no_consent"]]


def test_a_body_that_is_no_array_is_a_bad_request(http: httpx.Client) -> None:
    for path in [*(f"/v1/roster/{part}" for part in ROWS), "/v1/consents"]:
        answer = http.put(path, json={"external_id": "ann"})
        assert (answer.status_code, answer.json()["code"]) == (400, "not_an_array"), path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("PUT", f"/v1/roster/{part}") for part in ROWS),
        ("PUT", "/v1/consents"),
        ("GET", "/v1/roster/people?ids=ann"),
        ("GET", "/v1/consents/ann"),
    ],
)
def test_the_roster_is_only_for_its_scope(campus: Campus, method: str, path: str) -> None:
    for key, status in [("", 401), ("wrong", 403), (POOR_KEY, 403)]:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        answer = httpx.request(method, campus.url + path, headers=headers, content=b"[]")
        assert answer.status_code == status, key
