"""What a number is made of makes exactly that number, whatever happened and in whatever order it was heard of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice

import msgspec
import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.evidence import MOST, describe
from coursepulse.dashboards.text import say
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, from_micros
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.evidence.answer import Explained, Wanted
from coursepulse.metrics.evidence.proof import ItemRule, Proof, Same, Why
from coursepulse.metrics.metric import Metric, Param, Scope
from coursepulse.metrics.query import Query
from coursepulse.store.postgres.connect import Pool, open_pool
from tests.metrics import small_course
from tests.metrics.rollup_rows import empty_tables
from tests.metrics.small_course import ANN, COURSE, TEAM, expect_things
from tests.support.campus_world import ADMIN, World
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import CATALOG, COURSES, START, STUDENTS, event_logs
from tests.support.long import examples
from tests.support.postgres import Server

pytestmark = pytest.mark.slow

#: Ann, who alone is shown what is private.
OWN = Viewer(role=Role.STUDENT, subject="ann", student_id=ANN)


def proven(metric: Metric) -> list[str]:
    """The numbers of a metric that have evidence."""
    return [name for name in metric.names if isinstance(metric.evidence_of(name), Proof)]


def numbers(*scopes: Scope) -> list[tuple[str, str]]:
    return [
        (slug, name) for slug, metric in METRICS.items() if metric.scope in scopes for name in proven(metric)
    ]


STUDENT_NUMBERS = numbers(Scope.STUDENT)
OTHER_NUMBERS = numbers(Scope.COURSE, Scope.VIDEO, Scope.PLATFORM)
TEAM_NUMBERS = numbers(Scope.TEAM)


@pytest.fixture(scope="module")
def client(clickhouse_url: str) -> Iterator[Client]:
    with migrated_database(clickhouse_url) as client:
        yield client


@pytest.fixture(scope="module")
def shared_pool(postgres_server: Server) -> Iterator[Pool]:
    with postgres_server.database() as url, open_pool(url, 2) as pool:
        yield pool


@examples(9)
@given(log=event_logs(), data=st.data())
def test_the_items_make_the_number(
    client: Client, shared_pool: Pool, log: list[Event], data: st.DataObject
) -> None:
    world = fill(client, shared_pool, log, data)
    student = data.draw(st.sampled_from(sorted({event.student_id for event in log})))
    end = from_micros(START + data.draw(st.integers(1, 4)) * DAY).date()
    for slug, column in data.draw(
        st.lists(st.sampled_from(STUDENT_NUMBERS), min_size=12, max_size=12, unique=True)
    ):
        viewer = msgspec.structs.replace(OWN, student_id=student) if METRICS[slug].private else ADMIN
        query = Query(metric=slug, student=student, end=end)
        for explained in explain_rows(world, query, column, viewer):
            check(explained)
            if explained.opens and explained.items:
                keys, item = keys_of(explained), data.draw(st.sampled_from(explained.items))
                check(world.metrics.explain(query, Wanted(column, keys, item["item"]), viewer))


@examples(9)
@given(log=event_logs(), data=st.data())
def test_the_rows_of_people_days_and_courses_make_the_number(
    client: Client, shared_pool: Pool, log: list[Event], data: st.DataObject
) -> None:
    world = fill(client, shared_pool, log, data)
    end = from_micros(START + data.draw(st.integers(1, 4)) * DAY).date()
    for slug, column in data.draw(
        st.lists(st.sampled_from(OTHER_NUMBERS), min_size=12, max_size=12, unique=True)
    ):
        query = about(slug, course=data.draw(st.sampled_from(COURSES[:2])), end=end)
        for explained in explain_rows(world, query, column):
            check(explained)


@examples(4)
@given(log=event_logs(), data=st.data())
def test_the_rows_of_members_make_the_number(
    client: Client, shared_pool: Pool, log: list[Event], data: st.DataObject
) -> None:
    world = fill(client, shared_pool, log, data)
    world.team(TEAM, "acme", "ann", "bob", "cal")
    expect_things(world, "c1")
    end = from_micros(START + data.draw(st.integers(1, 4)) * DAY).date()
    for slug, column in data.draw(
        st.lists(st.sampled_from(TEAM_NUMBERS), min_size=8, max_size=8, unique=True)
    ):
        for explained in explain_rows(world, about(slug, course="", end=end), column):
            check(explained)
            assert len(explained.items) <= 3


def about(slug: str, course: str, end: date | None = None) -> Query:
    """A question about a course, as far as the metric is about one."""
    metric = METRICS[slug]
    return Query(
        metric=slug,
        course=course if Param.COURSE in metric.parameters else "",
        video="v1" if Param.VIDEO in metric.parameters else "",
        team=TEAM if Param.TEAM in metric.needs else "",
        end=end if Param.TO in metric.takes else None,
    )


def check(explained: Explained) -> None:
    assert explained.why in (None, Why.NOTHING)
    assert explained.total == explained.value


def check_page(explained: Explained) -> None:
    """The page has a row for each item, and one that adds up what stands above."""
    sheet = describe(explained, explained.metric.slug, {"column": explained.column.name})
    assert len(sheet.rows) == len(explained.items)
    assert len(sheet.totals) == (len(sheet.columns) if explained.items else 0)
    assert not explained.items or any(sheet.totals[1:]) or len(sheet.columns) == 1
    assert sheet.summary
    assert len(sheet.neighbours) == sum(column.unit.counts for column in explained.metric.columns) - 1


@pytest.fixture(scope="module")
def maths(client: Client, shared_pool: Pool) -> World:
    empty_tables(client)
    world = World(client, shared_pool, 0)
    small_course.fill(world)
    expect_things(world, COURSE)
    return world


@pytest.mark.parametrize(("slug", "column"), STUDENT_NUMBERS)
def test_every_number_of_a_student_has_items(maths: World, slug: str, column: str) -> None:
    viewer = OWN if METRICS[slug].private else ADMIN
    for explained in explain_rows(maths, Query(metric=slug, student=ANN), column, viewer):
        check(explained)
        assert bool(explained.items) == bool(explained.value)
        check_page(explained)


@pytest.mark.parametrize(("slug", "column"), OTHER_NUMBERS)
def test_every_number_of_a_course_and_the_platform_has_rows(maths: World, slug: str, column: str) -> None:
    # Of a video that is two dozen five seconds: a few say it.
    for explained in islice(explain_rows(maths, about(slug, COURSE), column), 2):
        check(explained)
        assert not explained.value or explained.items
        check_page(explained)


@pytest.mark.parametrize(("slug", "column"), TEAM_NUMBERS)
def test_every_number_of_a_team_has_its_members(maths: World, slug: str, column: str) -> None:
    explained = list(explain_rows(maths, about(slug, ""), column))
    assert explained
    for each in explained:
        check(each)
        assert bool(each.items) == bool(each.value) or each.rule in (ItemRule.MEAN, ItemRule.SHARE)
        assert {name for name in each.row if each.rule} >= {column}
        check_page(each)


SAME_NUMBERS = [
    (slug, name, same)
    for slug, metric in METRICS.items()
    for name, same in metric.evidence.items()
    if isinstance(same, Same)
]


@pytest.mark.parametrize(("slug", "column", "same"), SAME_NUMBERS)
def test_a_number_of_a_list_is_the_one_that_is_explained(
    maths: World, slug: str, column: str, same: Same
) -> None:
    metric = METRICS[slug]
    query = Query(
        metric=slug,
        course=COURSE if Param.COURSE in metric.needs else "",
        team=TEAM if Param.TEAM in metric.needs else "",
    )
    for row in maths.metrics.run(query, ADMIN).records()[:1]:
        keys = {each.name: str(row[each.name]) for each in metric.keys}
        explained = maths.metrics.explain(query, Wanted(column, keys), ADMIN)
        assert explained.metric.slug == same.metric
        assert explained.value == pytest.approx(row[column])
        check(explained)


def fill(client: Client, pool: Pool, log: list[Event], data: st.DataObject) -> World:
    """The log in any order, in up to three batches, some of it twice, in an empty world."""
    empty_tables(client)
    world = World(client, pool, START + 5 * DAY)
    world.enrol_people(dict(zip(STUDENTS, ("UTC", "Asia/Kathmandu", "America/Los_Angeles"), strict=True)))
    world.know(CATALOG)
    again = data.draw(st.lists(st.sampled_from(log), max_size=3))
    events = data.draw(st.permutations(log + again))
    at = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=2)))
    for start, end in zip([0, *at], [*at, len(events)], strict=True):
        if start < end:
            world.take_in(events[start:end])
    return world


def test_a_long_table_is_cut_and_its_last_row_is_not(maths: World) -> None:
    query = Query(metric="course_summary", course=COURSE)
    [explained] = explain_rows(maths, query, "time_spent")
    many = explained._replace(items=[*explained.items] * 300)
    few, cut = (describe(each, query.metric, {}) for each in (explained, many))
    assert (few.cut, few.totals) == ("", cut.totals)
    assert len(cut.rows) == MOST
    assert f"{MOST} of {len(many.items)}" in cut.cut


@pytest.mark.parametrize("why", Why)
def test_every_reason_for_no_items_has_a_sentence(maths: World, why: Why) -> None:
    query = Query(metric="student_summary", student=ANN)
    [explained] = explain_rows(maths, query, "consistency")
    assert describe(explained._replace(why=why), "student_summary", {}).summary == say(f"evidence.none.{why}")


def explain_rows(world: World, query: Query, column: str, viewer: Viewer = ADMIN) -> Iterator[Explained]:
    """A number of a metric in each of its rows."""
    metric = METRICS[query.metric]
    for row in world.metrics.run(query, viewer).records():
        keys = {each.name: str(row[each.name]) for each in metric.keys}
        yield world.metrics.explain(query, Wanted(column, keys), viewer)


def keys_of(explained: Explained) -> dict[str, str]:
    """What tells the row of a number from others."""
    return {each.name: str(explained.row[each.name]) for each in explained.metric.keys}
