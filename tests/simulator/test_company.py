"""What a manager reads about the simulated company is what really happened there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from coursepulse.definitions.trainings import CertificateState, certificate_state
from coursepulse.events.decode import decode
from coursepulse.kit.clock import to_micros
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.simulator.campus import SimulatedCampus
from coursepulse.store.postgres.company import CompanyStore
from coursepulse.store.postgres.connect import open_pool
from tests.reference.catalog import CourseCatalog
from tests.support.campus_world import World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server
from tests.support.vectors import to_event

NOW = datetime(2026, 4, 15, 16, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def campus() -> SimulatedCampus:
    return SimulatedCampus.make(students=100, courses=3, days=50, now=to_micros(NOW))


@pytest.fixture(scope="module")
def world(campus: SimulatedCampus, clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    """The drills of the company, and what the roster says of it."""
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, to_micros(NOW))
        drills = campus.company.courses()
        lessons = {each.course_id: tuple(part.lesson_id for part in each.lessons) for each in drills}
        world.know(CourseCatalog(lessons=lessons))
        world.title("courses", *((each.course_id, each.title, None, None) for each in drills))
        for team in campus.teams():
            world.team(team.team_id, team.organisation_id, *team.members)
        store = CompanyStore(pool, cast(Pseudonyms, SimpleNamespace(of=pseudonym)))
        store.put_trainings(campus.trainings())
        store.put_certificates(campus.certificates())
        sent = decode(f"[{','.join(text for _, text in campus.company.events)}]".encode()).sent
        world.take_in([to_event(each) for each in sent])
        yield world
        world.trail.close()


def test_the_numbers_of_training_are_the_ground_truth(campus: SimulatedCampus, world: World) -> None:
    """But for the member of the first team who is exempt from the second drill, and the one with more time."""
    exempt = {row.external_id for row in campus.trainings() if row.status == "withdrawn"}
    for team in campus.teams():
        rows = {row["course_id"]: row for row in world.ask("team_training", team=team.team_id)}
        assert len(rows) == len(campus.company.drilled)
        for drilled in campus.company.drilled:
            row = rows[drilled.drill.course_id]
            members = set(team.members) - (exempt if drilled.drill.due > 0 else set())
            assert row["assigned"] == len(members)
            assert row["done"] == len(members & drilled.done.keys())
            assert row["overdue"] == len(drilled.overdue(members, NOW.date()))
            assert row["not_begun"] == len(members - drilled.begun)


def test_who_did_what_when_is_the_ground_truth(campus: SimulatedCampus, world: World) -> None:
    (team, _), (late, _) = campus.teams(), campus.company.drilled
    rows = [
        row
        for row in world.ask("team_training_members", team=team.team_id)
        if row["course_id"] == late.drill.course_id
    ]
    done = {row["student_id"].bytes: row["done_on"] for row in rows if row["done_on"]}
    assert done == {pseudonym(who): day for who, day in late.done.items() if who in team.members}
    states = {row["state"] for row in rows}
    assert {"overdue", "done"} <= states
    assert all(
        (row["state"] == "done_late") == (row["done_on"] > late.due_on) for row in rows if row["done_on"]
    )


def test_the_certificates_are_those_of_the_roster(campus: SimulatedCampus, world: World) -> None:
    (team, _) = campus.teams()
    for row in world.ask("team_certificates", team=team.team_id):
        held = [each for each in campus.certificates() if each.certificate_id == row["certificate_id"]]
        states = [certificate_state(each.expires_on, NOW.date()) for each in held]
        assert {state: row[state] for state in CertificateState} == {
            state: states.count(state) for state in CertificateState
        }
