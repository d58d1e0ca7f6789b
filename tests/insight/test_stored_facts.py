"""Facts from the stores against facts made of the same events one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import example, given

from coursepulse.aggregates.readers import RollupReader
from coursepulse.events.event import Event
from coursepulse.events.taxonomy import names
from coursepulse.insight.facts import StudyFacts
from coursepulse.insight.stored_facts import FACT_QUERIES, StoredFacts
from coursepulse.kit.clock import DAY, utc_date
from coursepulse.kit.ids import to_text
from coursepulse.store.postgres.connect import open_pool
from tests.metrics.rollup_rows import empty_tables
from tests.metrics.small_course import ANN, BEN, CATALOG, COURSE, CY, SAM, events
from tests.reference.facts import FactRows, gather_facts
from tests.support.campus_world import World
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import CATALOG as HOSTILE_CATALOG
from tests.support.event_logs import START, event_logs
from tests.support.long import examples
from tests.support.postgres import Server

pytestmark = pytest.mark.slow

COURSES = ("c1", "c2", COURSE)
LATE = date(2030, 1, 1)


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        yield World(client, pool, START)


def read(world: World, day: date = LATE, *, students: tuple[bytes, ...] = ()) -> StudyFacts:
    reader = RollupReader(lambda: world.clickhouse, FACT_QUERIES)
    return StoredFacts(reader, world.pool).read(COURSES, day, students)


def rows(frame: pl.DataFrame, *without: str) -> set[tuple[object, ...]]:
    return set(frame.drop("known", *without).iter_rows())


def plain(facts: StudyFacts) -> FactRows:
    return FactRows(
        rows(facts.enrolments, "attempts_before", "credits"),
        rows(facts.endings),
        rows(facts.activity),
        rows(facts.results, "banked"),
        rows(facts.done),
    )


def begin(world: World, log: list[Event]) -> None:
    empty_tables(world.clickhouse)
    world.clickhouse.command("TRUNCATE TABLE not_agreed")
    world.enrol_people({})
    world.know(HOSTILE_CATALOG)
    world.take_in(log)


@examples(12)
@given(log=event_logs())
@example(log=events())
def test_facts_are_those_of_the_events(world: World, log: list[Event]) -> None:
    begin(world, log)
    assert plain(read(world)) == gather_facts(log, HOSTILE_CATALOG)


def test_how_much_is_known_is_counted_in_days_on_which_somebody_learned(world: World) -> None:
    stored = StoredFacts(RollupReader(lambda: world.clickhouse, FACT_QUERIES), world.pool)
    empty_tables(world.clickhouse)
    assert stored.extent() == (None, 0, 0)
    log = list(events())
    begin(world, log)
    learned = [
        (utc_date(event.at), event.student_id, event.course_id)
        for event in log
        if event.event_type in names(learning=True)
    ]
    found = stored.extent()
    assert (found.newest, found.days) == (max(day for day, *_ in learned), len(set(learned)))
    assert found.learners > 0


@examples(4)
@given(log=event_logs())
def test_what_was_known_on_a_day_is_one_filter(world: World, log: list[Event]) -> None:
    begin(world, log)
    day = utc_date(START + DAY)
    known = plain(read(world).known_at(day))
    assert known == plain(read(world, day))
    # What was played over midnight counts to both days, so activity of a day may need an event of the next.
    by_then = gather_facts([event for event in log if event.at < START + 2 * DAY], HOSTILE_CATALOG)
    assert known._replace(activity=set()) == by_then._replace(activity=set())


def test_nobody_who_did_not_agree_and_no_test_account(world: World) -> None:
    begin(world, events())
    world.enrol_people({}, [SAM])
    world.clickhouse.insert("not_agreed", [(to_text(BEN), 1, 0)])
    facts = read(world)
    for frame in (facts.enrolments, facts.activity, facts.results):
        assert {ANN} <= set(frame["student"]) <= {ANN, CY, world.pseudonym("dee")}


def test_only_those_who_are_asked_about(world: World) -> None:
    begin(world, events())
    assert set(read(world, students=(ANN,)).activity["student"]) == {ANN}


def test_who_has_not_completed_a_course_by_its_last_day_failed(world: World) -> None:
    begin(world, events())
    world.know(CATALOG)
    world.title("courses", (COURSE, "Mathematics", date(2026, 3, 1), date(2026, 3, 20)))
    endings = set(read(world, date(2026, 3, 21)).endings.rows())
    over, known = date(2026, 3, 20), date(2026, 3, 21)
    assert (ANN, COURSE, over, "failed", known) in endings
    assert (CY, COURSE, date(2026, 3, 5), "withdrew", date(2026, 3, 5)) in endings
    assert (CY, COURSE, over, "failed", known) not in endings
    assert read(world, over).endings.filter(kind="failed").is_empty()
    assert known - over == timedelta(days=1)


def test_a_course_that_never_ends_is_self_paced_whatever_its_first_day(world: World) -> None:
    begin(world, events())
    world.know(CATALOG)
    world.title("courses", (COURSE, "Mathematics", date(2026, 3, 1), None))
    [course] = read(world).courses.filter(course=COURSE).to_dicts()
    assert (course["start"], course["end"]) == (None, None)
