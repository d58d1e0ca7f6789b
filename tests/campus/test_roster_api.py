"""The roster and the consents over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

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


def test_consents_keep_their_history(http: httpx.Client) -> None:
    for _ in range(2):
        http.put("/v1/consents", json=[consent(granted=False, day=9), consent(granted=True, day=2)])
    record = http.get("/v1/consents/ann").json()
    assert record["current"] == {"analytics": False}
    assert [row["granted"] for row in record["history"]] == [True, False]


def test_a_consent_holds_at_the_door_within_a_second(http: httpx.Client) -> None:
    reasons = []
    for number, granted in enumerate([True, False]):
        http.put("/v1/consents", json=[consent(granted=granted, day=3 + number)]).raise_for_status()
        time.sleep(1.0)
        answer = http.post("/v1/events", json=[play(number)]).json()
        reasons.append([row["reason"] for row in answer["rejected"]])
    assert reasons == [[], ["no_consent"]]


@pytest.mark.parametrize("path", ["/v1/roster/people", "/v1/roster/courses", "/v1/consents"])
def test_a_body_that_is_no_array_is_a_bad_request(http: httpx.Client, path: str) -> None:
    answer = http.put(path, json={"external_id": "ann"})
    assert (answer.status_code, answer.json()["code"]) == (400, "not_an_array")


@pytest.mark.parametrize(("key", "status"), [("", 401), ("wrong", 403), (POOR_KEY, 403)])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/roster/people"),
        ("PUT", "/v1/roster/courses"),
        ("PUT", "/v1/consents"),
        ("GET", "/v1/roster/people?ids=ann"),
        ("GET", "/v1/consents/ann"),
    ],
)
def test_the_roster_is_only_for_its_scope(
    campus: Campus, key: str, status: int, method: str, path: str
) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    assert httpx.request(method, campus.url + path, headers=headers, content=b"[]").status_code == status
