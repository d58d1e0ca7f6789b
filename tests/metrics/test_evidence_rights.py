"""Who may see what a number is made of, what the trail says of it, and how it is told over HTTP."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from coursepulse.access.viewer import Role, Viewer
from coursepulse.audit.port import Search
from coursepulse.collect.keys import Key, KeyRing
from coursepulse.dashboards.evidence import describe
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.kit.settings import Settings
from coursepulse.metrics.catalog import LOOKS_AT_STUDENTS
from coursepulse.metrics.evidence.answer import Explained, Wanted
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.query import Query
from coursepulse.metrics.rights import Rights
from coursepulse.web.http.app import build
from coursepulse.web.metrics import evidence_api
from tests.metrics.small_course import ANN, BEN, COURSE, CY, DEE, TEAM
from tests.metrics.test_queries_course import world
from tests.support.campus_world import World
from tests.support.services import wire

__all__ = ["world"]

STUDENT = Viewer(role=Role.STUDENT, subject="ann", student_id=ANN)
TEACHER = Viewer(role=Role.INSTRUCTOR, subject="tom", course_ids=frozenset({COURSE}))
STRANGER = Viewer(role=Role.INSTRUCTOR, subject="eve", course_ids=frozenset({"art"}))
SENDER = Viewer(role=Role.SERVICE, subject="key", scopes=frozenset({"ingest"}))
READER = Viewer(role=Role.SERVICE, subject="key", scopes=frozenset({"read"}))
ADMIN = Viewer(role=Role.ADMIN, subject="root")
MANAGER = Viewer(role=Role.MANAGER, subject="rosa", organisation_id="acme", team_ids=frozenset({TEAM}))
AUDITOR = Viewer(role=Role.AUDITOR, subject="vera")

OWN = Query(metric="student_summary", student=ANN)
BENS = Query(metric="student_courses", student=BEN, course=COURSE)
CLASS = Query(metric="course_summary", course=COURSE)
PLATFORM = Query(metric="platform_summary")

SEEN = [
    (STUDENT, OWN, "time_spent", None),
    (STUDENT, OWN, "consistency", Why.FORMULA),
    (TEACHER, BENS, "time_spent", None),
    (TEACHER, CLASS, "time_spent", None),
    (TEACHER, CLASS, "learners_enrolled", None),
    (READER, OWN, "time_spent", None),
    (READER, CLASS, "time_spent", None),
    (READER, PLATFORM, "events", None),
    (READER, PLATFORM, "active_learners", Why.EVERYBODY),
    (ADMIN, CLASS, "time_spent", Why.SMALL_GROUPS),
    (ADMIN, PLATFORM, "events", Why.SMALL_GROUPS),
    (ADMIN, Query(metric="team_summary", team=TEAM), "time_spent", Why.SMALL_GROUPS),
    (MANAGER, Query(metric="team_summary", team=TEAM), "time_spent", Why.SMALL_GROUPS),
]


@pytest.mark.parametrize(("viewer", "query", "column", "why"), SEEN)
def test_seen(world: World, viewer: Viewer, query: Query, column: str, why: Why | None) -> None:
    explained = explain(world, viewer, query, column)
    assert explained.why is why
    assert bool(explained.items) == (why is None)


DENIED = [
    (STUDENT, Query(metric="student_summary", student=BEN)),
    (STUDENT, CLASS),
    (STUDENT, PLATFORM),
    (TEACHER, OWN),
    (TEACHER, Query(metric="student_courses", student=CY, course=COURSE)),
    (TEACHER, PLATFORM),
    (STRANGER, CLASS),
    (STRANGER, BENS),
    (ADMIN, OWN),
    (MANAGER, OWN),
    (AUDITOR, OWN),
    (SENDER, CLASS),
]


@pytest.mark.parametrize(("viewer", "query"), DENIED)
def test_denied_and_written_down(
    world: World, monkeypatch: pytest.MonkeyPatch, viewer: Viewer, query: Query
) -> None:
    monkeypatch.setattr("coursepulse.metrics.evidence.answer.gather", None)  # nothing is read
    with pytest.raises(RequestError) as caught:
        explain(world, viewer, query, "time_spent")
    assert (caught.value.code, caught.value.status) == ("forbidden", 403)
    [latest, *_] = world.trail.find(Search(actor=viewer.subject), 1)
    assert latest.entry.tag.endswith(":refused")
    assert latest.entry.detail.startswith(f"evidence:{query.metric}.time_spent ")


def test_a_number_of_a_class_names_no_more_than_its_list(world: World) -> None:
    listed = {row["student_id"] for row in world.ask("course_students", viewer=TEACHER, course=COURSE)}
    explained = explain(world, TEACHER, CLASS, "time_spent")
    assert {item["student_id"] for item in explained.items} <= listed
    assert world.uuid(CY) not in listed
    assert explained.total == explained.value


def test_if_one_may_not_be_seen_nobody_is_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def all_but_the_first(*asked: Any) -> list[bool]:
        return [number > 0 for number in range(len(asked[4]))]

    monkeypatch.setattr(Rights, "visible", all_but_the_first)
    explained = explain(world, TEACHER, CLASS, "learners_enrolled")
    assert (explained.why, explained.items, explained.total) == (Why.PEOPLE, (), None)


def test_a_look_at_a_record_is_written_down(world: World) -> None:
    explain(world, TEACHER, BENS, "score_pct")
    [latest] = world.trail.find(Search(actor="tom"), 1)
    assert latest.entry.tag == "metrics:student:read"
    assert latest.entry.detail.startswith("evidence:student_courses.score_pct ")


def test_a_number_of_a_list_is_looked_up_in_the_record_of_its_student(world: World) -> None:
    query = Query(metric="course_students", course=COURSE)
    wanted = Wanted("time_spent", {"student_id": to_text(BEN)})
    explained = world.metrics.explain(query, wanted, TEACHER)
    assert (explained.metric.slug, explained.total) == ("student_courses", explained.value)
    [record, listed] = world.trail.find(Search(actor="tom"), 2)
    assert (record.entry.tag, listed.entry.tag) == ("metrics:student:read", "metrics:course:read")
    assert record.entry.detail.startswith("evidence:student_courses.time_spent ")


def test_a_number_with_its_people_is_a_look_at_each_of_them(world: World) -> None:
    with world.pool.connection() as connection:
        connection.execute("INSERT INTO course_members VALUES (%s, %s)", [to_text(DEE), COURSE])
    for column in ("learners_enrolled", "time_spent"):
        explain(world, TEACHER, CLASS, column)
    details = [
        link.entry.detail.split(" ")[0] for link in world.trail.accesses(to_text(DEE), LOOKS_AT_STUDENTS, 2)
    ]
    assert details == ["evidence:course_summary.time_spent", "evidence:course_summary.learners_enrolled"]


def test_a_result_is_explained_without_consent_and_behaviour_is_not(world: World) -> None:
    """Results rest on contract: the teacher sees the number in a list, and so what it is made of."""
    listed = Query(metric="course_not_agreed", course=COURSE)
    world.clickhouse.insert("not_agreed", [(str(world.uuid(ANN)), 31, 0)])
    try:
        score = world.metrics.explain(listed, Wanted("score_pct", {"student_id": to_text(ANN)}), TEACHER)
        record = Query(metric="student_courses", student=ANN, course=COURSE)
        time = explain(world, TEACHER, record, "time_spent")
    finally:
        world.clickhouse.insert("not_agreed", [(str(world.uuid(ANN)), 32, 1)])
    assert (score.why, score.value, score.total) == (None, 80, 80)
    assert [item["assessment_id"] for item in score.items] == ["q1"]
    assert "80" in describe(score, "student_courses", {"column": "score_pct"}).summary
    assert (time.why, time.value, time.items) == (Why.NOTHING, None, ())
    assert "consent" in describe(time, "student_courses", {"column": "time_spent"}).summary


def explain(world: World, viewer: Viewer, query: Query, column: str) -> Explained:
    return world.metrics.explain(query, Wanted(column, {}), viewer)


@pytest.fixture(scope="module")
def http(world: World) -> Iterator[httpx.Client]:
    keys = KeyRing([("reads", Key("reads", frozenset({"read"})))])
    collector = SimpleNamespace(keys=keys, admit=lambda _: None)
    services = wire(settings=Settings(), clock=lambda: world.now, collector=collector, metrics=world.metrics)
    with TestClient(build(services, evidence_api.routes)) as client:
        client.headers["Authorization"] = "Bearer reads"
        yield client


def ask(http: httpx.Client, metric: str, **params: str) -> dict[str, Any]:
    answer: dict[str, Any] = (
        http.get(f"/v1/metrics/{metric}/evidence", params=params).raise_for_status().json()
    )
    return answer


def test_sessions_and_gaps_add_up_over_http(http: httpx.Client) -> None:
    told = ask(http, "student_summary", student="ann", column="time_spent")
    assert (told["value"], told["rule"], told["opens"], told["why"]) == (760, "sum", True, None)
    assert sum(item["micros"] for item in told["items"]) == 760 * 10**6
    first = told["items"][0]
    within = ask(http, "student_summary", student="ann", column="time_spent", item=first["item"])
    assert sum(gap["micros"] for gap in within["items"]) == first["micros"]
    assert within["value"] == first["time"]
    assert within["items"][1] == {
        "at": "2026-03-02T09:04:00Z",
        "event_type": "video_play",
        "kind": "video",
        "item_id": "v1",
        "title": "What is a set?",
        "gap": 60.0,
        "next": "video_pause",
        "task": "video",
        "time": 60.0,
        "micros": 60_000_000,
    }


def test_stretches_of_a_video_over_http(http: httpx.Client) -> None:
    told = ask(
        http,
        "student_videos",
        student="ann",
        column="watched_pct",
        course_id=COURSE,
        video_id="v1",
    )
    assert [(item["start"], item["end"], item["times"]) for item in told["items"]] == [
        (0, 30, 1),
        (30, 60, 2),
        (60, 70, 1),
    ]
    assert told["items"][1]["days"] == ["2026-03-02", "2026-03-03"]
    assert (told["parts"], told["value"], told["total"]) == ([70, 100], 70, 70)


def test_the_best_attempt_over_http(http: httpx.Client) -> None:
    told = ask(http, "student_assessments", student="ann", column="score_pct", assessment_id="q1")
    assert [(item["attempt"], item["score_pct"], item["best"]) for item in told["items"]] == [(1, 80, True)]


def test_csv_has_the_items_of_json(http: httpx.Client) -> None:
    params = {"course": COURSE, "column": "score_pct"}
    told = ask(http, "course_summary", **params)
    answer = http.get("/v1/metrics/course_summary/evidence", params={**params, "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["name"] for row in rows] == [item["name"] for item in told["items"]]
    assert told["value"] == float(sum(Fraction(row["score_pct"]) for row in rows) / len(rows))


REFUSED = [
    ("nothing", {"column": "x"}, 404, "unknown_metric"),
    ("course_summary", {"course": COURSE}, 400, "invalid_request"),
    ("course_summary", {"course": COURSE, "column": "title"}, 404, "unknown_column"),
    ("course_summary", {"column": "time_spent"}, 400, "missing_parameter"),
    ("course_summary", {"course": COURSE, "column": "time_spent", "sort": "name"}, 400, "unused_parameter"),
    ("course_lessons", {"course": COURSE, "column": "started"}, 400, "ambiguous_row"),
    ("course_lessons", {"course": COURSE, "column": "started", "lesson_id": "l9"}, 404, "unknown_row"),
    ("student_summary", {"student": "ann", "column": "time_spent", "item": "x"}, 404, "unknown_item"),
    ("student_summary", {"student": "ann", "column": "days_active", "item": "x"}, 404, "unknown_item"),
]


@pytest.mark.parametrize(("name", "params", "status", "code"), REFUSED)
def test_refused(http: httpx.Client, name: str, params: dict[str, str], status: int, code: str) -> None:
    answer = http.get(f"/v1/metrics/{name}/evidence", params=params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_session_outlives_its_events(world: World, http: httpx.Client) -> None:
    session = ask(http, "student_summary", student="ann", column="time_spent")["items"][0]
    world.clickhouse.command("TRUNCATE TABLE events")
    within = ask(http, "student_summary", student="ann", column="time_spent", item=session["item"])
    assert (within["why"], within["items"], within["value"]) == ("events_gone", [], session["time"])


def test_what_does_not_make_the_number_is_not_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rollups follow each other: number and items may be read at two moments, and then none of it is shown."""
    monkeypatch.setattr("coursepulse.metrics.run.PAUSES", ())
    world.clickhouse.command("DELETE FROM session_parts WHERE day = '2026-03-02'")
    explained = explain(world, STUDENT, OWN, "time_spent")
    assert (explained.why, explained.items, explained.value) == (Why.MOVED, (), 760)
