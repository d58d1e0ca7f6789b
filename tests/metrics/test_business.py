"""Revenue is exact, and courses are compared fairly: against a reference, in any order and with duplicates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import fmean, variance
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.access.viewer import Role, Viewer
from coursepulse.definitions.intervals import mean_interval, wilson
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, MINUTE, to_micros
from coursepulse.kit.ids import NIL, to_bytes
from coursepulse.metrics.evidence.answer import Wanted
from coursepulse.metrics.query import Query
from coursepulse.store.postgres.connect import open_pool
from tests.metrics.rollup_rows import empty_tables
from tests.reference.business import RevenueKey, RevenueSums, add_payments
from tests.support.campus_world import ADMIN, World
from tests.support.clickhouse import migrated_database
from tests.support.long import examples
from tests.support.postgres import Server

pytestmark = pytest.mark.slow

START = to_micros(datetime(2026, 1, 29, tzinfo=UTC))
FIRST, AFTER = date(2026, 1, 30), date(2026, 3, 3)
STAFF = to_bytes("staff", "student")


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, START + 60 * DAY)
        world.enrol_people({}, [STAFF])
        yield world


payments = st.lists(
    st.builds(
        lambda number, kind, day, who, course, currency, amount: Event(
            to_bytes(f"p{number}", "event"),
            kind,
            START + day * DAY + number * MINUTE,
            who,
            NIL,
            course,
            amount=amount,
            currency=currency,
        ),
        st.integers(0, 999),
        st.sampled_from(["payment_completed", "payment_completed", "payment_refunded", "course_enroll"]),
        st.integers(0, 36),
        st.sampled_from([to_bytes("ann", "student"), to_bytes("ben", "student"), STAFF]),
        st.sampled_from(["art", "maths", ""]),
        st.sampled_from(["EUR", "USD", "JPY"]),
        # Cents, thirds of a cent as some currencies have them, and more than a float of cents could add up.
        st.sampled_from([100, 199_900, 1, 3333, 10_000_000_000_000]) | st.integers(0, 10**9),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda event: event.event_id,
)


def read(world: World, metric: str, **wish: Any) -> list[dict[str, Any]]:
    return world.ask(metric, start=FIRST, end=AFTER, **wish)


def sums_of(row: dict[str, Any]) -> RevenueSums:
    paid, refunded = (Decimal(repr(row[name])) for name in ("paid", "refunded"))
    return RevenueSums(row["payments"], row["refunds"], paid, refunded)


@examples(20)
@given(log=payments, data=st.data())
def test_revenue_is_exact_in_any_order(world: World, log: list[Event], data: st.DataObject) -> None:
    empty_tables(world.clickhouse)
    world.enrol_people({}, [STAFF])
    again = data.draw(st.lists(st.sampled_from(log), max_size=3))
    world.take_in(data.draw(st.permutations(log + again)))
    expected, rows = add_payments(log, FIRST, AFTER, {STAFF}), read(world, "revenue")
    found = {RevenueKey(row["month"], row["currency"], row["course_id"]): row for row in rows}
    assert {key: sums_of(row) for key, row in found.items()} == expected
    assert all(Decimal(repr(row["net"])) == expected[key].net for key, row in found.items())
    by_currency = {row["currency"]: sums_of(row) for row in read(world, "revenue_by_currency")}
    for currency, sums in by_currency.items():
        parts = [each for key, each in expected.items() if key.currency == currency]
        assert (sums.payments, sums.refunds) == (
            sum(each.payments for each in parts),
            sum(each.refunds for each in parts),
        )
        assert sums.net == sum(each.net for each in parts)
    assert set(by_currency) == {key.currency for key in expected}
    prove(world, data, rows)


def prove(world: World, data: st.DataObject, rows: list[dict[str, Any]]) -> None:
    """The items behind a number make exactly the number."""
    if not rows:
        return
    row, column = data.draw(st.sampled_from(rows)), data.draw(st.sampled_from(["net", "paid", "refunds"]))
    keys = {name: str(row[name]) for name in ("month", "currency", "course_id")}
    query = Query(metric="revenue", start=FIRST, end=AFTER)
    explained = world.metrics.explain(query, Wanted(column, keys), ADMIN)
    assert explained.total == explained.value == row[column]
    assert sum(item["refunds"] for item in explained.items) == row["refunds"]


def test_a_refund_belongs_to_its_own_month_and_may_leave_less_than_nothing(world: World) -> None:
    empty_tables(world.clickhouse)
    world.take_in([pay("a", "payment_completed", 1, 199_900), pay("b", "payment_refunded", 4, 199_900)])
    assert [(row["month"], row["net"]) for row in read(world, "revenue")] == [
        (date(2026, 2, 1), -19.99),
        (date(2026, 1, 1), 19.99),
    ]


def test_an_administrator_sees_exact_sums_of_a_few(world: World) -> None:
    empty_tables(world.clickhouse)
    world.take_in([pay("a", "payment_completed", 1, 199_900)])
    clerk = Viewer(role=Role.ADMIN, subject="account:clerk")
    assert [row["net"] for row in read(world, "revenue", viewer=clerk)] == [19.99]


def pay(event_id: str, kind: str, day: int, amount: int) -> Event:
    ann = to_bytes("ann", "student")
    return Event(
        to_bytes(event_id, "event"), kind, START + day * DAY, ann, NIL, "art", amount=amount, currency="EUR"
    )


classes = st.fixed_dictionaries(
    {
        course: st.tuples(st.sampled_from([19, 20, 25]), st.integers(0, 19), st.sampled_from([0, 19, 20]))
        for course in ("art", "maths")
    }
)


@examples(6)
@given(drawn=classes, data=st.data())
def test_courses_are_ranked_by_their_bounds(
    world: World, drawn: dict[str, tuple[int, int, int]], data: st.DataObject
) -> None:
    empty_tables(world.clickhouse)
    scores = {
        (course, learner): float(learner * 7 % 101)
        for course, (learners, _, scored) in drawn.items()
        for learner in range(min(learners, scored))
    }
    log = [event for course, each in drawn.items() for event in attend(course, *each[:2], scores)]
    world.take_in(data.draw(st.permutations(log)))
    expected: list[Any] = []
    for course, (learners, completed, _) in drawn.items():
        if learners < 20:
            continue
        known = [score for (where, _), score in scores.items() if where == course]
        bounds = mean_interval(fmean(known), variance(known), len(known)) if len(known) >= 20 else None
        expected.append((course, learners, completed, *wilson(completed, learners), len(known), bounds))
    rows = world.ask("course_ranks")
    found = [
        (
            row["course_id"],
            row["learners"],
            row["completed"],
            pytest.approx(row["completed_low"]),
            pytest.approx(row["completed_high"]),
            row["scored"],
            None if row["score_low"] is None else pytest.approx((row["score_low"], row["score_high"])),
        )
        for row in rows
    ]
    assert sorted(expected, key=lambda row: (-row[3], row[0])) == found


def attend(
    course: str, learners: int, completed: int, scores: dict[tuple[str, int], float]
) -> Iterator[Event]:
    for learner in range(learners):
        student, at = to_bytes(f"{course}{learner}", "student"), START + learner * MINUTE

        def happens(
            kind: str, after: timedelta, student: bytes = student, at: int = at, **more: Any
        ) -> Event:
            name = to_bytes(f"{kind}{student.hex()}", "event")
            return Event(name, kind, at + int(after.total_seconds() * 1e6), student, NIL, course, **more)

        yield happens("course_enroll", timedelta())
        if (course, learner) in scores:
            score = scores[course, learner]
            yield happens("quiz_submit", timedelta(hours=1), assessment_id="q1", score=score)
        if learner < completed:
            yield happens("course_complete", timedelta(days=1))
