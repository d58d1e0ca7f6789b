"""What follows the pipeline, turn by turn: nothing that a stop has cut off is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, cast
from uuid import UUID

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.profiles import Profiles
from coursepulse.aggregates.rollups import Rollups
from coursepulse.jobs import followers as follow
from coursepulse.jobs.followers import PlatformFollower, ProfileFollower
from coursepulse.kit.clock import DAY, HOUR, Micros, to_micros
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.stream.changed_keys import ChangedKeys
from tests.metrics.small_course import ANN, BEN, BENS_REST, COURSE, CY, DEE, NOW, SAM, events, fill
from tests.support.campus_world import World

EVERYBODY = {ANN, BEN, CY, DEE, SAM}


class FollowerHarness:
    """A campus, and what follows its pipeline since the last start; each turn is taken by hand."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.start()

    def start(self) -> None:
        """A new process: what was remembered is gone."""
        world, self.changed_keys = self.world, ChangedKeys()
        profiles = Profiles(lambda: world.clickhouse, world.pool, lambda: world.now)
        self.profiles = ProfileFollower(
            profiles, PostgresRawStore(world.pool), self.changed_keys, lambda: world.now
        )
        self.days = PlatformFollower(Rollups(world.clickhouse), self.changed_keys)

    def made(self) -> dict[bytes, Micros]:
        """Who has a profile, and when it was made."""
        rows = self.rows("SELECT student_id, updated_at FROM student_analytics_profiles")
        return {student.bytes: to_micros(at) for student, at in rows}

    def platform(self) -> list[tuple[date, int]]:
        """How many learned on each day, as far as the platform-wide rows say."""
        query = "SELECT day, active_students FROM platform_days FINAL ORDER BY day"
        return [(day, active) for day, active in self.world.clickhouse.query(query).result_rows]

    def members(self) -> set[bytes]:
        return {student.bytes for (student,) in self.rows("SELECT student_id FROM course_members")}

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.world.pool.connection() as connection:
            return connection.execute(query.encode(), values).fetchall()


@pytest.fixture
def harness(clickhouse: Client, pool: Pool) -> FollowerHarness:
    world = World(clickhouse, pool, to_micros(NOW))
    fill(world)
    return FollowerHarness(world)


def test_profiles_that_a_stop_cut_off_are_made_after_the_start(harness: FollowerHarness) -> None:
    harness.profiles.refresh()
    assert set(harness.made()) == EVERYBODY
    assert harness.members() == {ANN, BEN, DEE}
    assert harness.rows("SELECT DISTINCT course_id FROM course_members") == [(COURSE,)]


def test_after_a_start_only_what_is_older_than_its_days_is_made_again(harness: FollowerHarness) -> None:
    harness.profiles.refresh()
    before = harness.world.now
    harness.world.now += HOUR
    harness.world.take_in(events(BENS_REST))
    harness.start()
    harness.profiles.refresh()
    assert harness.made() == dict.fromkeys(EVERYBODY, before) | {BEN: harness.world.now}
    query = "SELECT completed_courses FROM student_analytics_profiles WHERE student_id = %s"
    assert harness.rows(query, UUID(bytes=BEN)) == [(1,)]


def test_the_touched_are_renewed_when_their_learners_are(harness: FollowerHarness) -> None:
    harness.profiles.refresh()
    before = harness.world.now
    harness.world.now += HOUR
    harness.changed_keys.followed([(COURSE, ANN), ("", CY)])
    harness.profiles.refresh()
    assert harness.made() == dict.fromkeys(EVERYBODY, before) | dict.fromkeys([ANN, CY], harness.world.now)


def test_no_profile_is_made_of_learners_whom_the_last_run_left_undone(harness: FollowerHarness) -> None:
    learners = "UPDATE pipeline_positions SET position = position + %s WHERE name = 'learners' RETURNING 1"
    harness.rows(learners, -1)
    harness.start()
    harness.profiles.refresh()
    assert harness.made() == {}
    harness.rows(learners, 1)
    harness.profiles.refresh()
    assert set(harness.made()) == EVERYBODY


def test_a_search_that_is_cut_off_goes_on(harness: FollowerHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "SOME", 2)
    harness.profiles.refresh()
    first = set(harness.made())
    assert len(first) == 2
    harness.world.now += HOUR
    harness.start()
    harness.profiles.refresh()
    harness.profiles.refresh()
    made = harness.made()
    assert set(made) == EVERYBODY
    assert {student for student, at in made.items() if at < harness.world.now} == first


def test_on_a_new_day_the_silent_are_judged_again_as_the_metrics_do(harness: FollowerHarness) -> None:
    harness.profiles.refresh()
    harness.world.now += 20 * DAY
    harness.profiles.refresh()
    assert harness.made() == dict.fromkeys(EVERYBODY, harness.world.now)
    query = "SELECT at_risk_score FROM student_analytics_profiles WHERE student_id = %s"
    [(kept,)] = harness.rows(query, UUID(bytes=ANN))
    [row] = harness.world.ask("student_risk", student=ANN)
    assert kept == row["risk_score"] > 0


def test_the_search_of_a_new_day_begins_while_that_of_the_old_one_goes_on(
    harness: FollowerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "SOME", 3)
    harness.profiles.refresh()
    harness.world.now += DAY
    harness.profiles.refresh()
    harness.profiles.refresh()
    assert harness.made() == dict.fromkeys(EVERYBODY, harness.world.now)


class Interrupted:
    """A pool, and something that happens right before a connection is used to write."""

    def __init__(self, pool: Pool, meanwhile: Callable[[], object]) -> None:
        self.pool, self.meanwhile, self.wrote = pool, meanwhile, False

    @contextmanager
    def connection(self) -> Iterator[Any]:
        with self.pool.connection() as connection:
            yield Interruption(self, connection)


class Interruption:
    """One of its connections; only writing takes a transaction."""

    def __init__(self, of: Interrupted, connection: Any) -> None:
        self._of, self._connection = of, connection

    def __getattr__(self, name: str) -> Any:
        if name == "transaction" and not self._of.wrote:
            self._of.wrote = True
            self._of.meanwhile()
        return getattr(self._connection, name)


def test_no_profile_is_left_of_a_student_who_disagrees_while_it_is_made(harness: FollowerHarness) -> None:
    def disagree() -> None:
        harness.world.clickhouse.insert("not_agreed", [(str(UUID(bytes=ANN)), 1, 0)])

    pool = Interrupted(harness.world.pool, disagree)
    profiles = Profiles(lambda: harness.world.clickhouse, cast(Pool, pool), lambda: harness.world.now)
    profiles.refresh([ANN, BEN], 1)
    assert pool.wrote
    assert set(harness.made()) == {BEN}


def test_a_rebuild_makes_every_profile_and_drops_those_of_nobody(harness: FollowerHarness) -> None:
    stranger = UUID(int=7)
    harness.rows(
        "INSERT INTO student_analytics_profiles (student_id, updated_at) VALUES (%s, now()) RETURNING 1",
        stranger,
    )
    harness.rows("INSERT INTO course_members VALUES (%s, %s) RETURNING 1", stranger, COURSE)
    profiles = Profiles(lambda: harness.world.clickhouse, harness.world.pool, lambda: harness.world.now)
    profiles.rebuild(9)
    assert set(harness.made()) == EVERYBODY
    assert harness.members() == {ANN, BEN, DEE}
    harness.world.now += HOUR
    harness.profiles.refresh()
    assert harness.world.now not in harness.made().values()


#: The days of the small course and who learned on them; the test account counts nowhere.
LEARNED = [(1, 0), (2, 3), (3, 1), (5, 0), (9, 1)]


def days(*numbers: int) -> list[tuple[date, int]]:
    return [(date(2026, 3, day), active) for day, active in LEARNED if day in numbers]


def test_platform_days_that_a_stop_cut_off_are_made_after_the_start_the_newest_first(
    harness: FollowerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "SOME_DAYS", 2)
    harness.days.refresh()
    assert harness.platform() == days(5, 9)
    harness.days.refresh()
    harness.days.refresh()
    assert harness.platform() == days(1, 2, 3, 5, 9)


def test_a_consent_whose_days_a_stop_cut_off_counts_after_the_start(harness: FollowerHarness) -> None:
    harness.days.refresh()
    harness.world.clickhouse.insert("not_agreed", [(str(UUID(bytes=ANN)), 1, 0)])
    harness.start()
    harness.days.refresh()
    assert dict(harness.platform())[date(2026, 3, 9)] == 0
