"""A ClickHouse that is reached over HTTP gives the answers of the one in the process, and may go away and come back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.access.viewer import Role, Viewer
from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.rollups import Rollups
from coursepulse.bench.gateway import Gateway
from coursepulse.campus.catalog import CampusCatalog, StudentRow
from coursepulse.kit.errors import StoreRejected, StoreUnavailable
from coursepulse.kit.ids import to_text
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.metric import Metric, Param
from coursepulse.privacy.erasable import DataSubject, ErasureMode
from coursepulse.store.clickhouse.connect import migrate, open_clickhouse, translate_errors
from coursepulse.store.clickhouse.dimensions import Dimensions
from coursepulse.store.clickhouse.erasure import ClickhouseErasure
from coursepulse.store.clickhouse.exports import ClickhouseExport
from coursepulse.store.postgres.connect import open_pool
from tests.metrics.rollup_rows import plain, snapshot
from tests.metrics.small_course import ANN, BEN, COURSE, TEAM, events, fill
from tests.support.campus_world import ADMIN, KEY, World
from tests.support.clickhouse import migrated_database
from tests.support.long import LONG
from tests.support.pages import study
from tests.support.postgres import Server
from tests.support.server import platform, wait_until

pytestmark = pytest.mark.slow

#: The course of :func:`study`.
PAGES = "pages-101"

#: Day partitions of the small course.
DAYS = [date(2026, 3, 1) + timedelta(days=n) for n in range(10)]


@pytest.fixture(scope="module")
def worlds(
    request: pytest.FixtureRequest, clickhouse_url: str, gateway: Gateway, postgres_server: Server
) -> Iterator[list[World]]:
    """The same course with ClickHouse in this process, with one over HTTP, and in the long run with a cluster too."""
    places = [(clickhouse_url, ""), (gateway.url(), "")]
    if LONG:
        places.append((request.getfixturevalue("cluster_gateway").url(), "campus"))
    with ExitStack() as stack:
        made = []
        for url, cluster in places:
            client = stack.enter_context(migrated_database(url, cluster))
            pool = stack.enter_context(open_pool(stack.enter_context(postgres_server.database()), 2))
            made.append(World(client, pool, 0))
            fill(made[-1])
            made[-1].fill_boards()
        yield made


@pytest.fixture
def clients(clickhouse_url: str, gateway: Gateway) -> Iterator[list[Client]]:
    """An empty, migrated database here and there."""
    with migrated_database(clickhouse_url) as here, migrated_database(gateway.url()) as there:
        yield [here, there]


@pytest.fixture(params=[pytest.param(each, marks=pytest.mark.long) for each in ("server", "cluster")])
def pair(request: pytest.FixtureRequest, clickhouse_url: str) -> Iterator[list[Client]]:
    """An empty, migrated database here and there, or on a cluster."""
    cluster = request.param == "cluster"
    gateway: Gateway = request.getfixturevalue("cluster_gateway" if cluster else "gateway")
    spread = migrated_database(gateway.url(), "campus" if cluster else "")
    with migrated_database(clickhouse_url) as here, spread as there:
        yield [here, there]


def take_in(client: Client) -> None:
    """The small course in two batches, and the learners behind it."""
    log = events()
    rollups, learners = Rollups(client), LearnerRollups(client)
    for version, batch in enumerate((log[::2], log[1::2]), start=1):
        rollups.refresh(batch, version)
        learners.refresh({(event.course_id, event.student_id) for event in batch}, version)
        learners.refresh_catalog(version)


def itself(client: Client) -> Client:
    return client


def wish(metric: Metric) -> dict[str, Any]:
    """A question that the small course has an answer to."""
    known = {Param.COURSE: COURSE, Param.STUDENT: ANN, Param.VIDEO: "v1", Param.TEAM: TEAM}
    return {str(param): known[param] for param in metric.parameters if param in known}


@pytest.mark.long
@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_every_metric_answers_alike(worlds: list[World], metric: Metric) -> None:
    # Administrators see no leaderboard, and nobody but the student what is private.
    herself = Viewer(role=Role.STUDENT, subject="account:ann", student_id=ANN)
    viewer = herself if metric.private else KEY if metric.board else ADMIN
    here, *elsewhere = (world.ask(metric.slug, viewer=viewer, **wish(metric)) for world in worlds)
    assert elsewhere == [here] * len(elsewhere)


def test_rollups_are_alike_and_so_are_they_when_rebuilt(pair: list[Client]) -> None:
    here, there = pair
    take_in(here)
    take_in(there)
    before = snapshot(here)
    assert before["session_parts"]
    assert before["learner_courses"]
    assert snapshot(there) == before
    Rollups(there).rebuild(DAYS, 9)
    LearnerRollups(there).rebuild(9)
    assert snapshot(there) == before


def test_a_statement_that_changes_rows_has_changed_them_when_it_returns(clients: list[Client]) -> None:
    rollups = Rollups(clients[1])
    rollups.refresh(events(), 1)
    clients[1].command("TRUNCATE TABLE events")
    rollups.rebuild(DAYS, 2)
    assert clients[1].query("SELECT count() FROM session_parts").result_rows == [(0,)]


def test_the_campus_is_published_and_taken_back(pair: list[Client]) -> None:
    students = [StudentRow(ANN, "Europe/Rome", False, False), StudentRow(BEN, "UTC", False, True)]
    found = []
    for client in pair:
        dimensions = Dimensions(partial(itself, client))
        for known in (students, students[:1]):
            dimensions.replace(CampusCatalog(known, [], [], []))
        asked = "SELECT * EXCEPT (version) FROM students FINAL ORDER BY ALL"
        found.append(
            (
                client.query(asked).result_rows,
                client.query("SELECT * FROM time_zones FINAL ORDER BY ALL").result_rows,
            )
        )
    assert found[0] == found[1]
    assert len(found[1][0]) == 1


@pytest.mark.parametrize("mode", ErasureMode)
def test_a_student_is_erased(pair: list[Client], mode: ErasureMode) -> None:
    who = DataSubject(student=ANN, replacement=b"r" * 16, salt="s", external_id="ann")
    receipts = []
    for client in pair:
        take_in(client)
        receipts.append(ClickhouseErasure(client).erase(who, mode))
    assert receipts[0] == receipts[1]
    assert snapshot(pair[0]) == snapshot(pair[1])
    left = "SELECT count() FROM events WHERE student_id = {student:UUID}"
    assert pair[1].query(left, parameters={"student": to_text(ANN)}).result_rows == [(0,)]


def test_an_erasure_ends_what_an_earlier_attempt_has_left_behind(pair: list[Client]) -> None:
    who = DataSubject(student=ANN, replacement=b"r" * 16, salt="s", external_id="ann")
    stuck = "DELETE WHERE throwIf(student_id NOT IN (SELECT student_id FROM erasing)) = 0"
    for client in pair:
        take_in(client)
        client.command(f"ALTER TABLE student_days {stuck}", settings={"mutations_sync": 0})
        ClickhouseErasure(client).erase(who, ErasureMode.ANONYMISE)
        left = "SELECT count() FROM student_days WHERE student_id = {student:UUID}"
        assert client.query(left, parameters={"student": to_text(ANN)}).result_rows == [(0,)]
        assert client.query("SELECT count() FROM student_days FINAL").result_rows[0][0] > 0


def test_a_student_takes_everything_along(pair: list[Client]) -> None:
    who = DataSubject(student=ANN, replacement=b"r" * 16, salt="s")
    taken = []
    for client in pair:
        take_in(client)
        taken.append(
            [(table.name, plain(list(table.rows))) for table in ClickhouseExport(client).export(who)]
        )
    assert taken[0] == taken[1]
    assert dict(taken[1])["session_parts"]


def test_threads_ask_at_the_same_time_with_one_client(clients: list[Client]) -> None:
    asked = ["SELECT sum(sleepEachRow(0.1)) FROM numbers(3)"] * 4
    with ThreadPoolExecutor(4) as threads:
        answers = [found.result_rows for found in threads.map(clients[1].query, asked)]
    assert answers == [[(0,)]] * 4


def test_rows_are_to_blame_for_what_does_not_fit_and_for_nothing_else(clients: list[Client]) -> None:
    clients[1].command("CREATE TABLE strict (id UUID) ENGINE = MergeTree ORDER BY id")
    with pytest.raises(StoreRejected), translate_errors():
        clients[1].command("INSERT INTO strict VALUES ('x')")
    with pytest.raises(StoreUnavailable), translate_errors():
        clients[1].query("SELECT * FROM nowhere")


def test_a_server_that_goes_away_is_an_outage_and_then_work_goes_on(gateway: Gateway) -> None:
    client = open_clickhouse(gateway.url(), 512)
    client.command("CREATE DATABASE away")
    client.database = "away"
    migrate(client)
    log = events()
    rollups = Rollups(client)
    rollups.refresh(log[:12], 1)
    gateway.stop()
    with pytest.raises(StoreUnavailable):
        rollups.refresh(log[12:], 2)
    gateway.start()
    rollups.refresh(log[12:], 2)
    found = {row[0] for row in client.query("SELECT event_id FROM events").result_rows}
    assert found == {UUID(bytes=event.event_id) for event in log}
    before = snapshot(client)
    rollups.rebuild(DAYS, 9)
    assert snapshot(client) == before


@pytest.mark.long
def test_a_running_server_collects_through_the_outage_and_catches_up(
    gateway: Gateway, tmp_path: Path
) -> None:
    with platform(tmp_path, clickhouse=gateway.url()) as sender:
        sender.agree("ann", "ben")
        sender.send(*study("ann", 0))
        sender.settle()
        gateway.stop()
        assert sender.send(*study("ben", 1))["accepted"] == len(study("ben", 1))
        wait_until(lambda: sender.http.get("/v1/health").json()["status"] == "degraded")
        assert sender.http.get("/v1/metrics/clicks", params={"course": PAGES}).status_code == 503
        gateway.start()
        sender.settle()
        assert sender.metric("course_summary", course=PAGES)[0]["learners_enrolled"] == 2


@pytest.mark.parametrize(
    ("database", "password", "said"),
    [("default", "wrong", "password is incorrect"), ("nowhere", "a password", "nowhere")],
)
def test_a_wrong_password_or_database_is_said_in_one_line(
    gateway: Gateway, database: str, password: str, said: str
) -> None:
    with pytest.raises(StoreUnavailable, match=said) as caught:
        open_clickhouse(gateway.url(database, password), 512)
    assert "COURSEPULSE_CLICKHOUSE at 127.0.0.1" in str(caught.value)
    assert "a password" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_large_team_is_asked_for_in_parts_that_a_server_takes(worlds: list[World]) -> None:
    members = ["ann", "ben", *(f"member-{number}" for number in range(4998))]
    answers = []
    for world in worlds:
        world.team("large", "acme", *members)
        answers.append([world.ask(metric, team="large") for metric in ("team_summary", "team_members")])
    here, *elsewhere = answers
    assert elsewhere == [here] * len(elsewhere)
    assert (here[0][0]["members"], here[0][0]["active_members"], len(here[1])) == (5000, 2, 5000)
