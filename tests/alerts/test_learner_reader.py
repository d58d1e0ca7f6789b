"""What the rules about learners look at, against the Python reference and in one small course."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import assume, given
from hypothesis import strategies as st

from coursepulse.aggregates.readers import RollupReader
from coursepulse.alerts import classes as classes_module
from coursepulse.alerts.classes import QUERIES, Classes
from coursepulse.alerts.facts import WEEKS, LearnerFacts
from coursepulse.alerts.learner_reader import LearnerReader
from coursepulse.definitions.risk import RiskInputs
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, MINUTE, Micros, to_micros, utc_date
from coursepulse.store.postgres.connect import Pool, open_pool
from tests.metrics.rollup_rows import empty_tables
from tests.metrics.small_course import ANN, BEN, BENS_REST, COURSE, CY, DEE, NOW, SAM, events, fill
from tests.reference.course_day import CourseDay, unite_parts
from tests.reference.enrolment import Listed
from tests.reference.parts import parts
from tests.reference.risk_inputs import gather_inputs
from tests.support.campus_world import World
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import CATALOG, START, STUDENTS, event_logs
from tests.support.long import examples
from tests.support.postgres import Server


class Reading:
    """Reads facts as of the world's present; ``over`` are courses that have ended."""

    def __init__(self, world: World) -> None:
        self.world, self.over, self.changed = world, list[str](), list[str]()
        rollups = RollupReader(lambda: world.clickhouse, QUERIES)
        self.classes = Classes(rollups, self._ended, self.changed.append)
        self.reader = LearnerReader(rollups, self.classes)

    def _ended(self, courses: list[str], day: date) -> list[str]:
        return [course for course in courses if course in self.over]

    def read(self, *students: bytes, course: str = COURSE) -> dict[bytes, LearnerFacts]:
        learners = [(course, student) for student in students]
        return {each.student_id: each for each in self.reader.read(learners, self.world.now)}


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        yield World(client, pool, START)


@pytest.fixture
def reading(clickhouse: Client, pool: Pool) -> Reading:
    world = World(clickhouse, pool, to_micros(NOW))
    fill(world)
    return Reading(world)


@examples(20)
@given(log=event_logs(), later=st.sampled_from([1, 5, 9, 20, 40]))
def test_learners_are_seen_as_the_reference_sees_them(world: World, log: list[Event], later: int) -> None:
    log = [event for event in log if event.course_id == "c1"]
    assume(log)
    empty_tables(world.clickhouse)
    world.enrol_people({})
    world.know(CATALOG)
    world.take_in(log)
    world.now = max(event.at for event in log) + later * DAY
    found = Reading(world).read(*STUDENTS, course="c1")
    wanted = gather_inputs(log, CATALOG, "c1", world.now)
    assert {student: rounded(facts.inputs) for student, facts in found.items()} == {
        student: rounded(inputs) for student, inputs in wanted.items()
    }
    days = unite_parts(list(parts(log).values())).values()
    for student, facts in found.items():
        assert facts.weeks == pytest.approx(weeks(student, list(days), world.now))
        assert len(facts.overdue) == facts.inputs.missed


def rounded(inputs: RiskInputs) -> dict[str, object]:
    """A mark between two learners is a sum of fractions, whose last digit depends on who adds."""
    facts = msgspec.structs.asdict(inputs)
    return {name: round(fact, 9) if isinstance(fact, float) else fact for name, fact in facts.items()}


def weeks(student: bytes, days: list[CourseDay], now: Micros) -> list[float]:
    """Seconds in each of the last weeks of seven days, the newest first."""
    sums = [0.0] * WEEKS
    for day in days:
        week = (utc_date(now) - day.day).days // 7
        if day.student_id == student and week < WEEKS:
            sums[week] += (day.time_video + day.time_quiz + day.time_reading) / 1e6
    return sums


def test_who_is_not_to_be_told_of_has_no_facts(reading: Reading) -> None:
    everybody = (ANN, BEN, CY, DEE, SAM)
    # Cy has left, Sam is a test account.
    assert set(reading.read(*everybody)) == {ANN, BEN, DEE}
    reading.world.clickhouse.insert("not_agreed", [(str(UUID(bytes=ANN)), 1, 0)])
    assert set(reading.read(*everybody)) == {BEN, DEE}


def test_only_who_was_asked_for_is_read(reading: Reading) -> None:
    assert set(reading.read(BEN)) == {BEN}
    assert reading.read(BEN, course="history") == {}
    learners = [(COURSE, ANN), ("history", BEN)]
    assert [each.student_id for each in reading.reader.read(learners, reading.world.now)] == [ANN]


def test_work_that_is_overdue_is_named_with_its_date(reading: Reading) -> None:
    facts = reading.read(ANN, BEN, DEE)
    due = to_micros(datetime(2026, 3, 6, tzinfo=UTC))
    assert {student: each.overdue for student, each in facts.items()} == {
        ANN: (),
        BEN: (),
        DEE: (("q1", due),),
    }
    assert facts[ANN].joined_at == to_micros(datetime(2026, 3, 1, 10, tzinfo=UTC))
    assert facts[ANN].last_learned_at == to_micros(datetime(2026, 3, 9, 9, tzinfo=UTC))
    assert facts[DEE].last_learned_at is None


def test_a_class_is_everybody_who_is_in_it_and_agreed(reading: Reading) -> None:
    mates = reading.read(ANN)[ANN].classmates
    # Ben learned on the day before those seven.
    assert (mates.learners, mates.active) == (3, 1)
    own = [reading.read(student)[student].weeks for student in (ANN, BEN)]
    assert mates.weeks == pytest.approx([sum(each) for each in zip(*own, strict=True)])
    assert mates.weeks[0] > 0


def test_a_class_is_read_again_after_some_minutes_and_on_a_new_day(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classes_module, "FEWEST", 3)
    before = reading.read(BEN)[BEN]
    reading.world.take_in(events(BENS_REST))
    reading.world.now += MINUTE
    after = reading.read(BEN)[BEN]
    # His own row is always new; what he is compared with may be a few minutes old.
    assert (before.inputs.progress, after.inputs.progress) == (25.0, 100.0)
    assert after.inputs.completed
    assert after.inputs.progress_p50 == before.inputs.progress_p50
    reading.world.now += 4 * MINUTE
    assert reading.read(BEN)[BEN].inputs.progress_p50 != before.inputs.progress_p50


def test_when_what_holds_for_a_whole_class_changes_all_of_it_is_to_be_judged(reading: Reading) -> None:
    reading.read(ANN)
    reading.world.now += 5 * MINUTE
    reading.read(ANN)
    assert reading.changed == []
    reading.over.append(COURSE)
    reading.world.now += 5 * MINUTE
    assert reading.read(ANN)[ANN].inputs.over
    assert reading.changed == [COURSE]


def test_all_who_ever_were_in_a_course_are_found_until_it_is_over(reading: Reading) -> None:
    lee = bytes([9]) * 16
    reading.world.list_learners({(lee, "history"): Listed(NOW.date(), NOW.date(), None)})
    now = reading.world.now
    everybody = reading.reader.everybody([COURSE, "history"], now)
    assert set(everybody) == {(COURSE, student) for student in (ANN, BEN, CY, DEE, SAM)} | {("history", lee)}
    reading.over.append(COURSE)
    assert reading.reader.everybody([COURSE, "history"], now) == [("history", lee)]


def test_courses_are_read_together_however_many_there_are(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(classes_module, "_SOME", 2)
    monkeypatch.setattr(classes_module, "FEWEST", 0)
    ended = reading._ended

    def note(courses: list[str], day: date) -> list[str]:
        asked.append(courses)
        return ended(courses, day)

    monkeypatch.setattr(reading.classes, "_ended", note)
    learners = [(course, ANN) for course in ("art", COURSE, "history")]
    assert [each.course_id for each in reading.reader.read(learners, reading.world.now)] == [COURSE]
    assert asked == [["art", "history"], [COURSE]]
    # To renew a class takes it from nobody who is about to use it.
    reading.classes.renew([COURSE], reading.world.now)
    assert set(reading.read(ANN)) == {ANN}
    assert len(asked) == 3
