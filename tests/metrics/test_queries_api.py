"""The metrics as callers get them: rights, parameters, JSON, CSV and the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from litestar.testing import TestClient
from typer.main import get_command
from typer.testing import CliRunner

from coursepulse.access.viewer import Role, Viewer
from coursepulse.campus.seats import Budget, SeatPool
from coursepulse.campus.trainings import Training
from coursepulse.cli.main import app
from coursepulse.cli.metrics import show
from coursepulse.collect.keys import Key, KeyRing
from coursepulse.kit.errors import RequestError, SettingError
from coursepulse.kit.settings import Settings
from coursepulse.metrics.catalog import METRICS, find_metric
from coursepulse.metrics.metric import Param, Unit
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table, to_csv
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.company import CompanyStore
from coursepulse.web.http.app import build
from coursepulse.web.metrics import api as metrics_api
from tests.metrics.small_course import ANN, BEN, COURSE, CY, TEAM
from tests.metrics.test_now import Live
from tests.metrics.test_queries_course import world
from tests.support.campus_world import World, pseudonym
from tests.support.services import wire

__all__ = ["world"]

STUDENT = Viewer(role=Role.STUDENT, subject="ann", student_id=ANN)
TEACHER = Viewer(role=Role.INSTRUCTOR, subject="tom", course_ids=frozenset({COURSE}))
STRANGER = Viewer(role=Role.INSTRUCTOR, subject="eve", course_ids=frozenset({"art"}))
SENDER = Viewer(role=Role.SERVICE, subject="key", scopes=frozenset({"ingest"}))


@pytest.fixture(scope="module")
def http(world: World) -> Iterator[httpx.Client]:
    keys = KeyRing(
        [("reads", Key("reads", frozenset({"read"}))), ("sends", Key("sends", frozenset({"ingest"})))]
    )
    collector = SimpleNamespace(keys=keys, admit=lambda _: None)
    world.fill_boards()
    fill_company(world)
    live = Live(world)
    live.send(ANN, "video_play", video_id="intro", position=0.0, duration=60.0)
    services = wire(settings=Settings(), clock=lambda: world.now, collector=collector, metrics=live.metrics)
    with TestClient(build(services, metrics_api.routes)) as client:
        client.headers["Authorization"] = "Bearer reads"
        yield client


def fill_company(world: World) -> None:
    """What the company of the small course expects of its team."""
    company = CompanyStore(world.pool, cast(Pseudonyms, SimpleNamespace(of=pseudonym)))
    company.put_trainings([Training(course_id=COURSE, team_id=TEAM, due_on=date(2026, 3, 20))])
    company.put_seats([SeatPool(pool_id="pool", organisation_id="acme", team_id=TEAM, bought=5)])
    year = date(2026, 1, 1), date(2026, 12, 31)
    budget = Budget(
        budget_id="year",
        organisation_id="acme",
        team_id=TEAM,
        currency="EUR",
        amount=Decimal(100),
        starts_on=year[0],
        ends_on=year[1],
    )
    company.put_budgets([budget])


ALLOWED = [
    (STUDENT, Query(metric="student_summary", student=ANN)),
    (TEACHER, Query(metric="course_students", course=COURSE)),
    (TEACHER, Query(metric="student_videos", student=BEN, course=COURSE)),
    (TEACHER, Query(metric="clicks", course=COURSE)),
]


@pytest.mark.parametrize(("viewer", "query"), ALLOWED)
def test_allowed(world: World, viewer: Viewer, query: Query) -> None:
    assert world.metrics.run(query, viewer).rows


DENIED = [
    (STUDENT, Query(metric="student_summary", student=BEN)),
    (STUDENT, Query(metric="student_summary")),
    (STUDENT, Query(metric="course_summary", course=COURSE)),
    (STUDENT, Query(metric="platform_summary")),
    (TEACHER, Query(metric="course_summary", course="art")),
    (TEACHER, Query(metric="course_summary")),
    (TEACHER, Query(metric="student_summary", student=ANN)),
    (TEACHER, Query(metric="student_summary", student=CY, course=COURSE)),
    (TEACHER, Query(metric="student_summary", student=b"nobody".ljust(16, b"\0"), course=COURSE)),
    (TEACHER, Query(metric="clicks")),
    (STRANGER, Query(metric="student_summary", student=ANN, course=COURSE)),
    (SENDER, Query(metric="platform_summary")),
    (STUDENT, Query(metric="team_summary", team=TEAM)),
    (TEACHER, Query(metric="team_members", team=TEAM)),
    (SENDER, Query(metric="team_members", team=TEAM)),
]


@pytest.mark.parametrize(("viewer", "query"), DENIED)
def test_denied_without_a_word_about_why(world: World, viewer: Viewer, query: Query) -> None:
    with pytest.raises(RequestError) as caught:
        world.metrics.run(query, viewer)
    assert (caught.value.code, caught.value.status, str(caught.value)) == (
        "forbidden",
        403,
        "You may not see this.",
    )


def test_the_catalog(http: httpx.Client) -> None:
    metrics = {metric["name"]: metric for metric in http.get("/v1/metrics").json()["metrics"]}
    assert metrics["video_dropoff"]["needs"] == ["course", "video"]
    assert metrics["course_summary"]["comparable"] is True
    assert "time_spent" in metrics["course_students"]["explained"]
    assert "engagement_score" not in metrics["course_students"]["explained"]


def test_an_answer(http: httpx.Client) -> None:
    answer = http.get("/v1/metrics/course_summary", params={"course": COURSE}).json()
    assert (answer["from"], answer["to"]) == ("2026-02-10", "2026-03-10")
    assert answer["latest_data_at"] == "2026-03-09T09:00:00Z"
    assert answer["definition"] == {"section": "Active", "version": "v2"}
    assert [column["name"] for column in answer["columns"]] == list(answer["rows"][0])
    assert (answer["rows"][0]["time_spent"], answer["previous"][0]["time_spent"]) == (1460, 0)


@pytest.mark.parametrize("student", ["ann", str(World.uuid(ANN))])
def test_a_student_by_either_id(http: httpx.Client, student: str) -> None:
    answer = http.get("/v1/metrics/student_summary", params={"student": student}).json()
    assert answer["rows"][0]["time_spent"] == 760


def test_a_uuid_is_a_pseudonym_when_somebody_has_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zoe is on the roster and has not begun; the other is how a platform names somebody."""
    monkeypatch.setattr(world.metrics, "_pseudonym", lambda text: text.encode()[:16])
    world.name(("zoe-who-waits", "Zoe"))
    zoe, own = World.pseudonym("zoe-who-waits"), "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    assert world.metrics.identify(str(World.uuid(zoe))) == zoe
    assert world.metrics.identify(str(World.uuid(ANN))) == ANN
    assert world.metrics.identify(own) == own.encode()[:16]


@pytest.mark.parametrize("name", ["course_students", "course_risk", "course_daily", "course_assessments"])
def test_csv_has_the_rows_of_json(http: httpx.Client, name: str) -> None:
    params = {"course": COURSE}
    answer = http.get(f"/v1/metrics/{name}", params=params).json()
    text = http.get(f"/v1/metrics/{name}", params=params | {"format": "csv"})
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(text.text)))
    assert rows == [{key: in_csv(value) for key, value in row.items()} for row in answer["rows"]]
    assert rows


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        (name, column.name)
        for name, metric in METRICS.items()
        for column in metric.columns
        if column.unit is Unit.FLAG
    ],
)
def test_yes_and_no_are_said_alike_everywhere(http: httpx.Client, name: str, flag: str) -> None:
    known = {"student": "ann", "course": COURSE, "team": TEAM}
    params = {str(param): known[param] for param in METRICS[name].parameters if param in known}
    rows = http.get(f"/v1/metrics/{name}", params=params).json()["rows"]
    assert rows
    assert {type(row[flag]) for row in rows} <= {bool, type(None)}
    text = http.get(f"/v1/metrics/{name}", params=params | {"format": "csv"}).text
    assert {row[flag] for row in csv.DictReader(io.StringIO(text))} <= {"true", "false", ""}


def in_csv(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, (bool, list)) else str(value)


def test_csv_holds_no_formula() -> None:
    day = date(2026, 3, 1)
    table = Table("x", ("name", "change"), (("=1+1", -1.5),), day, day, None, "v1")
    assert to_csv(table) == "name,change\r\n'=1+1,-1.5\r\n"


REFUSED = [
    ("nothing", {}, 404, "unknown_metric"),
    ("course_summary", {}, 400, "missing_parameter"),
    ("video_dropoff", {"course": COURSE}, 400, "missing_parameter"),
    ("course_summary", {"course": COURSE, "from": "yesterday"}, 400, "invalid_date"),
    ("course_summary", {"course": COURSE, "from": "2026-03-05", "to": "2026-03-05"}, 400, "invalid_period"),
    ("course_summary", {"course": COURSE, "student": "ann"}, 400, "unused_parameter"),
    ("team_summary", {}, 400, "missing_parameter"),
    ("team_members", {"team": TEAM, "course": COURSE}, 400, "unused_parameter"),
    ("course_summary", {"course": COURSE, "team": TEAM}, 400, "unused_parameter"),
    ("course_students", {"course": COURSE, "sort": "reasons"}, 400, "invalid_sort"),
    ("course_summary", {"course": COURSE, "as_of": "9000-01-01"}, 400, "invalid_as_of"),
    ("course_summary", {"course": COURSE, "as_of": "2026-03-02T12:00:00Z"}, 400, "as_of_too_fine"),
    ("course_now", {"course": COURSE, "as_of": "2026-03-02"}, 400, "as_of_unknown"),
    ("course_students", {"course": COURSE, "limit": "0"}, 400, "invalid_request"),
]


def test_a_program_may_ask_before_anything_has_happened_in_a_course(http: httpx.Client) -> None:
    answer = http.get("/v1/metrics/course_lessons", params={"course": "made-up"})
    assert (answer.status_code, answer.json()["rows"]) == (200, [])


@pytest.mark.parametrize(("name", "params", "status", "code"), REFUSED)
def test_refused(http: httpx.Client, name: str, params: dict[str, str], status: int, code: str) -> None:
    answer = http.get(f"/v1/metrics/{name}", params=params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


#: Days at both ends of the calendar, and whether they make a period.
ENDS = [
    ({"to": "0001-01-01"}, False),
    ({"to": "0001-01-20"}, False),
    ({"from": "0001-01-01", "to": "0001-01-02"}, False),
    ({"to": "1970-01-01"}, False),
    ({"to": "1970-01-02"}, True),
    ({"from": "0001-01-01"}, True),
    ({"from": "0001-01-01", "to": "9999-12-31"}, True),
    ({"from": "1970-01-01", "to": "1970-01-02"}, True),
    ({"to": "9999-12-31"}, True),
    ({"from": "2149-05-31", "to": "9999-12-31"}, True),
    ({"from": "9999-12-31", "to": "9999-12-31"}, False),
    ({"from": "9999-12-30", "to": "9999-12-31"}, False),
]

#: What is private no key is told.
DATED = {name: metric for name, metric in METRICS.items() if Param.TO in metric.takes and not metric.private}


@pytest.mark.long
@pytest.mark.parametrize("name", DATED)
def test_days_at_the_ends_of_the_calendar(http: httpx.Client, name: str) -> None:
    known = {Param.COURSE: COURSE, Param.STUDENT: "ann", Param.VIDEO: "v1", Param.TEAM: TEAM}
    needed = {str(param): known[param] for param in DATED[name].needs}
    for days, fits in ENDS:
        if "from" in days and Param.FROM not in DATED[name].takes:
            continue
        answer = http.get(f"/v1/metrics/{name}", params=needed | days)
        assert (answer.status_code, answer.json().get("code")) in (
            [(200, None)] if fits else [(400, "invalid_period")]
        ), days


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name, metric in DATED.items() if metric.group])
def test_days_at_the_ends_for_those_who_may_not_see_the_people(world: World, name: str) -> None:
    bound = Viewer(role=Role.ADMIN, subject="admin")
    known = {"course": COURSE, "video": "v1", "team": TEAM}
    needed: dict[str, Any] = {str(param): known[param] for param in DATED[name].needs}
    for days, fits in ENDS:
        if not fits or ("from" in days and Param.FROM not in DATED[name].takes):
            continue
        start, end = (date.fromisoformat(days[day]) if day in days else None for day in ("from", "to"))
        assert world.metrics.run(Query(metric=name, start=start, end=end, **needed), bound).small_group


def test_a_day_before_the_first_is_said(http: httpx.Client) -> None:
    answer = http.get("/v1/metrics/course_summary", params={"course": COURSE, "to": "0001-01-20"}).json()
    assert answer["sentence"] == "`to` (0001-01-20) must lie after 1970-01-01, the first possible day."


@pytest.mark.parametrize(("header", "status"), [("", 401), ("Bearer wrong", 403), ("Bearer sends", 403)])
def test_a_key_that_may_not_read(http: httpx.Client, header: str, status: int) -> None:
    for path in ("/v1/metrics", "/v1/metrics/clicks"):
        assert http.get(path, headers={"Authorization": header}).status_code == status


def test_the_command_prints_csv_and_json(http: httpx.Client, capsys: pytest.CaptureFixture[str]) -> None:
    show(http, "clicks", {}, "csv")
    assert capsys.readouterr().out.splitlines() == [
        "course_id,title,clicks,learners",
        "maths,Mathematics,15,3",
    ]
    show(http, "clicks", {}, "json")
    assert json.loads(capsys.readouterr().out)["rows"][0]["clicks"] == 15


def test_a_team_over_http_and_on_the_command_line(
    http: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = http.get("/v1/metrics/team_members", params={"team": TEAM, "sort": "name", "limit": "2"}).json()
    assert ([row["name"] for row in answer["rows"]], answer["total"]) == (["", ""], 4)
    show(http, "team_summary", {"team": TEAM}, "csv")
    assert capsys.readouterr().out.splitlines()[1] == "crew,crew,4,1,0,3,1460.0,3,0,25.0,65.0,3,2"


def test_the_command_prints_tables(http: httpx.Client, capsys: pytest.CaptureFixture[str]) -> None:
    show(http, "clicks", {}, "table")
    assert "Mathematics" in capsys.readouterr().out
    show(http, None, {}, "table")
    assert "student_summary" in capsys.readouterr().out


def test_the_command_prints_the_list_in_every_form(
    http: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    show(http, None, {}, "csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    show(http, None, {}, "json")
    assert [row["name"] for row in rows] == [each["name"] for each in json.loads(capsys.readouterr().out)]
    [retention] = [row for row in rows if row["name"] == "retention"]
    assert (retention["needs"], retention["takes"]) == ("", "from to step")


@pytest.mark.parametrize("width", ["60", "400"])
def test_a_table_without_rows_has_its_title(
    http: httpx.Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    show(http, "course_daily", {"course": COURSE, "to": "2020-01-02"}, "table")
    assert capsys.readouterr().out.startswith("course_daily, 2019-12-05 to 2020-01-02: no rows\n")


def test_the_command_says_what_the_student_did_not_agree_to(
    http: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    sentence = "No suggestions are made without consent to personal suggestions.\n"
    show(http, "student_steps", {"student": "ann"}, "table")
    assert sentence in capsys.readouterr().out
    show(http, "student_steps", {"student": "ann"}, "csv")
    out, error = capsys.readouterr()
    assert (out.splitlines(), error) == (
        ["course_id,title,advice,kind,item_id,item,due_at,length,url"],
        sentence,
    )


def test_the_command_has_an_option_for_every_parameter() -> None:
    command = cast(Any, get_command(app)).commands["metrics"]
    options = {option for each in command.params for option in each.opts}
    taken = {f"--{param}" for metric in METRICS.values() for param in metric.parameters}
    assert taken <= options


def test_the_command_asks_as_of_a_past_day(http: httpx.Client, capsys: pytest.CaptureFixture[str]) -> None:
    show(http, "course_summary", {"course": COURSE, "as_of": "2026-03-02"}, "json")
    assert json.loads(capsys.readouterr().out)["to"] == "2026-03-03"


def test_an_option_needs_a_metric_to_be_for() -> None:
    with pytest.raises(SettingError, match="--course needs the name of a metric"):
        CliRunner().invoke(app, ["metrics", "--course", "maths"], catch_exceptions=False)


@pytest.mark.parametrize("width", ["60", "400"])
def test_the_command_prints_every_word_however_narrow_the_terminal(
    http: httpx.Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    show(http, "course_summary", {"course": COURSE}, "table")
    printed = capsys.readouterr().out
    assert all(name in printed for name in find_metric("course_summary").names)
    assert "…" not in printed


def test_the_command_repeats_what_the_server_says(http: httpx.Client) -> None:
    with pytest.raises(SettingError, match="`course_summary` needs `course`"):
        show(http, "course_summary", {}, "table")
