"""Groups that study alike are found where the simulated students differ in their habits, and only there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import polars as pl
import pytest

from coursepulse.definitions.patterns import Patterns
from coursepulse.kit.clock import to_micros
from coursepulse.metrics.finish import habits
from coursepulse.simulator.campus import SimulatedCampus
from coursepulse.simulator.learner import STEADY, SimulatedLearner
from coursepulse.store.postgres.connect import open_pool
from tests.reference.catalog import CourseCatalog
from tests.simulator.test_truth import counting, take
from tests.support.campus_world import World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

pytestmark = pytest.mark.long

NOW = datetime(2026, 4, 15, 16, 30, tzinfo=UTC)
WEEKS: dict[str, Any] = {"start": date(2026, 3, 19), "end": date(2026, 4, 16)}

Change = Callable[[SimulatedLearner], SimulatedLearner]


def as_they_are(learner: SimulatedLearner) -> SimulatedLearner:
    return learner


def like_all_others(learner: SimulatedLearner) -> SimulatedLearner:
    """One way of studying for all, within which people differ as much as ever."""
    hour = Random(learner.external_id).gauss(STEADY.hour, 1.2)
    return learner._replace(persona=STEADY, rate=1.0, hour=hour)


def make_campus(change: Change) -> SimulatedCampus:
    campus = SimulatedCampus.make(seed=9, students=420, courses=1, days=32, now=to_micros(NOW))
    cast = campus._cast._replace(learners=[change(each) for each in campus._cast.learners])
    return SimulatedCampus(cast, cast.days, to_micros(NOW) // 1000)


@contextmanager
def taken_in(campus: SimulatedCampus, url: str, server: Server) -> Iterator[World]:
    with migrated_database(url) as client, server.database() as dsn, open_pool(dsn, 2) as pool:
        world = World(client, pool, to_micros(NOW))
        lessons = {each.course_id: tuple(unit.lesson_id for unit in each.units) for each in campus.offerings}
        world.know(CourseCatalog(lessons=lessons))
        people = counting(campus)
        zones = {pseudonym(each.external_id): each.time_zone for each in campus.people()}
        world.enrol_people({who: zone for who, zone in zones.items() if who in map(pseudonym, people)})
        world.take_in([event for body in campus.history() for event in take(body, people)])
        yield world
        world.trail.close()


class Divided:
    """Does as ``divide`` does, and keeps who is in which group: answers do not tell."""

    def __init__(self) -> None:
        self._divide = habits.divide
        self.groups: dict[bytes, int] = {}

    def __call__(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...], Patterns | None]:
        known, names, found = self._divide(rows)
        group = found.group.tolist() if found else [-1] * known.height
        self.groups = dict(zip(known["student_id"], group, strict=True))
        return known, names, found


@pytest.fixture
def divided(monkeypatch: pytest.MonkeyPatch) -> Divided:
    made = Divided()
    monkeypatch.setattr(habits, "divide", made)
    return made


def ask(campus: SimulatedCampus, url: str, server: Server) -> list[dict[str, Any]]:
    with taken_in(campus, url, server) as world:
        return world.ask("course_patterns", course=campus.offerings[0].course_id, **WEEKS)


def test_the_habits_of_the_simulated_students_are_found(
    clickhouse_url: str, postgres_server: Server, divided: Divided
) -> None:
    campus = make_campus(as_they_are)
    rows = ask(campus, clickhouse_url, postgres_server)
    personas = {pseudonym(each.external_id): each.persona for each in campus.truth().learners}
    found = {
        "excelling": find(rows, "days_a_week.more", "speed.more"),
        "crammer": find(rows, "days_a_week.less", "time_a_day.more"),
    }
    for persona, row in found.items():
        known = {who for who in divided.groups if personas[who] == persona}
        groups = Counter(divided.groups.values())
        (number,) = (group for group, size in groups.items() if size == row["learners"])
        together = {who for who in known if divided.groups[who] == number}
        assert len(together) > 0.65 * len(known) > 20
        assert len(together) / row["learners"] > 1.7 * len(known) / groups.total()


def find(rows: list[dict[str, Any]], *traits: str) -> dict[str, Any]:
    (row,) = (row for row in rows if set(traits) <= set(row["traits"]))
    return row


def test_where_all_have_the_same_way_of_studying_no_group_is_shown(
    clickhouse_url: str, postgres_server: Server, divided: Divided
) -> None:
    assert ask(make_campus(like_all_others), clickhouse_url, postgres_server) == []
    assert len(divided.groups) > 200
