"""The dashboards in a real Superset, which ``make test-superset`` installs in an environment of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pytest
from typer.testing import CliRunner

from coursepulse.cli.main import app
from coursepulse.metrics.metric import Unit
from coursepulse.superset.charts import DASHBOARDS, SupersetChart, SupersetDashboard
from coursepulse.superset.datasets import course_key
from tests.superset.real import PASSWORD, Dashboards, RealSuperset, ask, data_of
from tests.support.browsing import sign_in
from tests.support.server import Platform, platform

pytestmark = pytest.mark.superset

NOW = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
OWN, OTHER, SMALL = "own", "other", "small"
LEARNERS = {OWN: 14, OTHER: 16, SMALL: 3}

#: Every chart with the dashboard that it is on.
CHARTS = [(dashboard, chart) for dashboard in DASHBOARDS for chart in dashboard.charts]


class Stage(NamedTuple):
    """A server, a Superset beside it, and people who look."""

    server: Platform
    superset: RealSuperset
    user: httpx.Client
    admin: httpx.Client
    placed: Dashboards

    def token(self, login: str) -> str:
        """What the command prints."""
        done = self.command("guest-token", login)
        assert done.startswith("ey"), done
        return done.strip()

    def command(self, *words: str) -> str:
        """``coursepulse superset``, as somebody types it."""
        where = ["--url", self.superset.url, "--password", PASSWORD]
        data = ["--data", str(self.server.data)] if words[0] == "guest-token" else []
        done = CliRunner().invoke(app, ["superset", *words, *where, *data])
        return done.output if done.exception is None else f"{done.exception}"


def event(student: str, course: str, kind: str, days: int, **more: str) -> dict[str, Any]:
    return {
        "event_id": f"{student} {course} {kind} {days}",
        "event_type": kind,
        "timestamp": (NOW - timedelta(days=days)).isoformat(),
        "student_id": student,
        "session_id": f"{student} {days}",
        "context": {"course_id": course} | more,
        "payload": {"score": 80} if kind == "quiz_submit" else {},
    }


def begin(server: Platform) -> None:
    """Three courses and their teachers; one student of the own course did not agree."""
    people = [{"external_id": f"teacher-of-{course}", "role": "instructor"} for course in LEARNERS]
    server.http.put("/v1/roster/people", json=people).raise_for_status()
    begun = (NOW - timedelta(days=10)).date().isoformat()
    courses = [
        {"course_id": course, "title": f"The {course} course", "starts_on": begun} for course in LEARNERS
    ]
    server.http.put("/v1/roster/courses", json=courses).raise_for_status()
    teaching = [{"course_id": course, "external_id": f"teacher-of-{course}"} for course in LEARNERS]
    server.http.put("/v1/roster/teaching", json=teaching).raise_for_status()
    students = {course: [f"{course}-{n}" for n in range(many)] for course, many in LEARNERS.items()}
    server.agree(*(student for each in students.values() for student in each))
    students[OWN] += [f"shy-{n}" for n in range(20)]
    for course, many in students.items():
        for student in many:
            server.send(
                event(student, course, "course_enroll", 9),
                event(student, course, "lesson_start", 8, lesson_id="l1"),
                event(student, course, "lesson_complete", 7, lesson_id="l1"),
                event(student, course, "quiz_submit", 6, assessment_id="q1"),
            )
    server.settle()
    for login, role, more in (
        ("teacher", "instructor", {"person": f"teacher-of-{OWN}", "reason": "Teaches the own course."}),
        ("boss", "admin", {}),
        ("learner", "student", {"person": f"{OWN}-1", "reason": "Asked to be let in by herself."}),
    ):
        account = {"login_name": login, "role": role, "password": PASSWORD} | more
        server.http.post("/v1/accounts", json=account).raise_for_status()


def renew(server: Platform) -> None:
    done = CliRunner().invoke(app, ["jobs", "run", "superset", "--data", str(server.data)])
    assert "ready for Superset" in done.output, done.output


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with platform(tmp_path_factory.mktemp("server"), superset="on") as server:
        begin(server)
        renew(server)
        real = RealSuperset(tmp_path_factory.mktemp("superset"), server.data)
        real.prepare()
        with (
            real.running(),
            real.user() as user,
            closing(sign_in(server.server.url, "boss", PASSWORD)) as admin,
        ):
            where = ["--url", real.url, "--password", PASSWORD, "--database-url", real.reads]
            for _ in range(2):  # the second time is an upgrade
                done = CliRunner().invoke(app, ["superset", "install", *where])
                assert done.exit_code == 0, (done.output, done.exception)
            yield Stage(server, real, user, admin, Dashboards(user))


def test_everything_was_imported_once(stage: Stage) -> None:
    assert stage.placed.charts.keys() == {chart.title for _, chart in CHARTS}
    assert len(stage.placed.charts) == len(CHARTS)
    assert set(stage.placed.dashboards) == {each.slug for each in DASHBOARDS}


@pytest.mark.parametrize(("dashboard", "chart"), CHARTS, ids=lambda each: each.name)
def test_each_chart_has_the_numbers_of_the_api(
    stage: Stage, dashboard: SupersetDashboard, chart: SupersetChart
) -> None:
    rows = data_of(ask(stage.user, stage.placed.question(chart.title, dashboard.name)))
    shown = sorted(([_round(row[label]) for label in chart.labels] for row in rows), key=str)
    assert shown == sorted(_asked(stage, chart), key=str)
    assert shown or chart.name == "course_videos"


def _asked(stage: Stage, chart: SupersetChart) -> Iterator[list[object]]:
    """The same numbers, asked of the API by an administrator."""
    dataset, only = chart.dataset, dict(chart.only)
    for course in LEARNERS if dataset.by_course else ("",):
        wish = {"course": course} if course else {}
        if dataset.days:
            wish["from"] = (datetime.now(UTC) - timedelta(days=dataset.days - 1)).date().isoformat()
        if "step" in only:
            wish["step"] = str(only["step"])
        answer = stage.admin.get(f"/v1/metrics/{dataset.metric}", params=wish).raise_for_status().json()
        for row in answer["rows"]:
            if "hidden" not in only or row["suppressed"] == only["hidden"]:
                yield [_number(chart, name, row[name]) for name in chart.numbers]


def _number(chart: SupersetChart, name: str, value: float | None) -> object:
    unit = next(each.unit for each in chart.dataset.columns if each.name == name)
    return _round(value / 3600 if unit is Unit.SECONDS and value is not None else value)


def _round(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6)


def test_small_groups_and_students_without_consent_are_in_no_number(stage: Stage) -> None:
    rows = data_of(ask(stage.user, stage.placed.question("In 28 days", "course")))
    found = {row["course"].rpartition("(")[2].rstrip(")"): row for row in rows}
    assert found[SMALL]["Active learners"] is None
    # 14 agreed, and 20 did not: rounded to fives, the others would show.
    assert found[OWN]["Active learners"] in (10, 15)
    days = data_of(ask(stage.user, stage.placed.question("Active learners by day", "course")))
    assert {row["course"].rpartition("(")[2].rstrip(")") for row in days} == {OWN, OTHER}


def test_a_teachers_guest_sees_the_own_course_and_nothing_else(stage: Stage) -> None:
    with stage.superset.guest(stage.token("teacher")) as guest:
        for chart in next(each for each in DASHBOARDS if each.by_course).charts:
            rows = data_of(ask(guest, stage.placed.question(chart.title, "course")))
            assert {row["course"] for row in rows} <= {f"The {OWN} course ({OWN})"}, chart.title
            assert rows or chart.name == "course_videos"
        # The others' dashboards, and their charts, also as if they were on the own one.
        for dashboard in ("platform", "retention"):
            number = stage.placed.dashboards[f"coursepulse-{dashboard}"]
            assert guest.get(f"/api/v1/dashboard/{number}").status_code in (403, 404)
        for dashboard in ("platform", "course"):
            refused = ask(guest, stage.placed.question("Courses in 28 days", dashboard))
            assert refused.status_code == 403, refused.text


@pytest.mark.parametrize(
    "where",
    [
        f"course_key = '{course_key(OTHER)}'",
        "1 = 1 OR shown_to = 'platform'",
        "1 = 1) OR (1 = 1",
        "1 = 1 -- ",
        "course_key IN (SELECT course_key FROM superset.courses)",
    ],
)
def test_no_filter_of_ones_own_leads_out_of_the_rule(stage: Stage, where: str) -> None:
    with stage.superset.guest(stage.token("teacher")) as guest:
        question = stage.placed.question("In 28 days", "course", extras={"where": where, "having": ""})
        answer = ask(guest, question)
        if answer.is_success:
            assert {row["course"] for row in data_of(answer)} <= {f"The {OWN} course ({OWN})"}


def test_a_question_of_ones_own_stays_within_the_rule_and_no_sql_is_taken(stage: Stage) -> None:
    with stage.superset.guest(stage.token("teacher")) as guest:
        changed = stage.placed.question("In 28 days", "course", columns=["course_key", "shown_to"])
        rows = data_of(ask(guest, changed))
        assert {(row["course_key"], row["shown_to"]) for row in rows} == {(course_key(OWN), "teachers")}
        wish = {"database_id": stage.placed.databases["coursepulse"], "sql": "SELECT * FROM superset.courses"}
        assert guest.post("/api/v1/sqllab/execute/", json=wish).status_code in (400, 401, 403)


def test_a_right_that_ends_is_not_in_the_next_token(stage: Stage) -> None:
    path, row = "/v1/roster/teaching", {"course_id": OWN, "external_id": f"teacher-of-{OWN}"}
    yesterday = (NOW - timedelta(days=2)).date().isoformat()
    stage.server.http.put(path, json=[row | {"ends_on": yesterday}]).raise_for_status()
    try:
        with stage.superset.guest(stage.token("teacher")) as guest:
            assert data_of(ask(guest, stage.placed.question("In 28 days", "course"))) == []
    finally:
        stage.server.http.put(path, json=[row]).raise_for_status()


def test_others_get_no_token(stage: Stage) -> None:
    assert "Superset shows nothing to people with this role." in stage.command("guest-token", "learner")
    assert stage.token("boss")


def test_superset_signs_no_token_without_our_rule(stage: Stage) -> None:
    number = stage.placed.dashboards["coursepulse-course"]
    csrf = stage.user.get("/api/v1/security/csrf_token/").json()["result"]
    for rules in ([], [{"clause": "1 = 1"}], [{"clause": "shown_to = 'platform'", "dataset": 1}]):
        wish = {
            "user": {"username": "x"},
            "resources": [{"type": "dashboard", "id": str(number)}],
            "rls": rules,
        }
        answer = stage.user.post(
            "/api/v1/security/guest_token/",
            json=wish,
            headers={"X-CSRFToken": csrf, "Referer": stage.superset.url},
        )
        assert answer.status_code == 400, answer.text
