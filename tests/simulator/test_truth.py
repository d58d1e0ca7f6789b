"""What the dashboards say of the simulated campus is what is true of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import pytest

from coursepulse.alerts.written import WrittenMessages
from coursepulse.events.decode import decode
from coursepulse.events.event import Event
from coursepulse.kit.clock import to_micros
from coursepulse.simulator.campus import SimulatedCampus
from coursepulse.simulator.truth import TrueCourse, TrueLearner, Truth
from coursepulse.store.postgres.connect import open_pool
from tests.reference.catalog import CourseCatalog
from tests.support.campus_world import World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server
from tests.support.vectors import to_event

pytestmark = pytest.mark.long

NOW = datetime(2026, 4, 15, 16, 30, tzinfo=UTC)
TOMORROW = date(2026, 4, 16)


class Measured(NamedTuple):
    """The campus, and the product that has taken it in."""

    campus: SimulatedCampus
    truth: Truth
    world: World
    events: list[Event]

    @property
    def learners(self) -> list[TrueLearner]:
        """Those who count: they agreed, and are no test accounts."""
        return [each for each in self.truth.learners if each.external_id in counting(self.campus)]

    @property
    def first(self) -> date:
        return self.truth.begin - timedelta(days=30)

    def ask(self, metric: str, **wish: Any) -> list[dict[str, Any]]:
        return self.world.ask(metric, start=self.first, end=TOMORROW, **wish)

    def changed(self) -> list[TrueCourse]:
        return [course for course in self.truth.courses if course.changed_on]


def counting(campus: SimulatedCampus) -> set[str]:
    agreed = {row.external_id for row in campus.consents() if row.purpose == "analytics" and row.granted}
    return agreed & {
        each.external_id for each in campus.people() if each.role == "student" and not each.is_test
    }


def take(body: bytes, people: set[str]) -> Iterator[Event]:
    """The events of those who count, as the collector keeps them."""
    for sent in decode(body).sent:
        if sent.envelope.student_id in people:
            yield msgspec.structs.replace(to_event(sent), country=sent.envelope.country)


@pytest.fixture(scope="module")
def measured(clickhouse_url: str, postgres_server: Server) -> Iterator[Measured]:
    campus = SimulatedCampus.make(seed=9, students=260, courses=4, days=70, now=to_micros(NOW))
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, to_micros(NOW))
        world.know(
            CourseCatalog(
                lessons={
                    each.course_id: tuple(unit.lesson_id for unit in each.units) for each in campus.offerings
                }
            )
        )
        for course in campus.courses():
            world.title("courses", (course.course_id, course.title, course.starts_on, course.ends_on))
        for course in campus.courses():
            world.title(
                "course_changes",
                *((course.course_id, *msgspec.structs.astuple(each)) for each in course.changes),
            )
        people = counting(campus)
        events = [event for body in campus.history() for event in take(body, people)]
        world.take_in(events)
        truth = campus.truth()
        notes = WrittenMessages(pool)
        for each in truth.messages:
            if each.written_at and each.written_at <= NOW:
                notes.note(
                    [(pseudonym(each.external_id), each.course_id)], "teacher", to_micros(each.written_at)
                )
        yield Measured(campus, truth, world, list({event.event_id: event for event in events}.values()))
        world.trail.close()


def test_enrolments(measured: Measured) -> None:
    told = Counter(
        enrolment.course_id
        for learner in measured.learners
        for enrolment in learner.enrolments
        if enrolment.enrolled_at < NOW
    )
    for course, number in told.items():
        (everybody, *_) = measured.ask("course_outcomes", course=course)
        assert everybody["enrolled"] == number
    (row,) = measured.ask("platform_summary")
    drills = {drill.drill.course_id for drill in measured.campus.company.drilled}
    in_company = {
        (e.student_id, e.course_id)
        for e in measured.events
        if e.event_type == "course_enroll" and e.course_id in drills
    }
    assert row["enrolments"] == told.total() + len(in_company)


def test_revenue_net_of_refunds(measured: Measured) -> None:
    """What was paid is in the truth; who got it back is known from the events alone."""
    prices = {course.course_id: course.price for course in measured.truth.courses}
    paid = sum(
        prices[enrolment.course_id]
        for learner in measured.learners
        for enrolment in learner.enrolments
        if enrolment.paid and enrolment.enrolled_at < NOW
    )
    back = sum(prices[event.course_id] for event in measured.events if event.event_type == "payment_refunded")
    rows = measured.ask("revenue_by_currency")
    assert paid > back > 0
    assert (sum(row["paid"] for row in rows), sum(row["net"] for row in rows)) == (paid, paid - back)


def test_countries(measured: Measured) -> None:
    homes = {pseudonym(each.external_id): each.country for each in measured.truth.learners}
    active = {event.student_id for event in measured.events if event.session_id != bytes(16)}
    expected = Counter(homes[who] for who in active)
    found = {row["country"]: row["active_learners"] for row in measured.ask("countries")}
    assert {country: found.get(country) for country in expected if country} == {
        country: number for country, number in expected.items() if country
    }


def test_retention_begins_with_everybody_who_enrolled(measured: Measured) -> None:
    enrolled = sum(
        any(each.enrolled_at < NOW for each in learner.enrolments) for learner in measured.learners
    )
    cohorts = {row["cohort"]: row["learners"] for row in measured.ask("retention", step="week")}
    drills = {event.student_id for event in measured.events if event.event_type == "course_enroll"}
    assert sum(cohorts.values()) == len(drills) >= enrolled


def test_learners_stop_before_the_hard_lesson(measured: Measured) -> None:
    """Over all courses, more have stopped there than anywhere else but before the first lesson and after the last."""
    away = Counter[int]()
    for course in measured.truth.courses:
        stopped = {
            row["lesson_id"]: row["stopped"]
            for row in measured.ask("course_lessons", course=course.course_id)
        }
        order = list(stopped)
        for place, lesson in enumerate(order[1:-1], 1):
            away[place - order.index(course.hard_lesson) + 1] += stopped[lesson]
    assert away.total() > 30
    assert max(away, key=lambda each: away[each]) == 0, away


def test_nobody_learns_in_a_course_that_cannot_be_reached(measured: Measured) -> None:
    (closed,) = (course for course in measured.truth.courses if course.closed_on)
    days = {
        row["day"]: row["active_learners"] for row in measured.ask("course_daily", course=closed.course_id)
    }
    day = closed.closed_on
    assert day is not None
    assert days.get(day, 0) == 0
    assert min(days.get(day + timedelta(days=each), 0) for each in (-7, 7)) > 3


def test_a_change_that_helped_is_seen(measured: Measured) -> None:
    """The hard lesson stops a quarter, after the change a twentieth: the interval holds a difference of 20 points."""
    rows = [
        row
        for course in measured.changed()
        for row in measured.ask("course_changes", course=course.course_id)
    ]
    assert len(rows) == 2
    assert all(row["earlier"] >= 5 and row["later"] >= 5 for row in rows)
    assert any(row["later_pct"] > row["earlier_pct"] for row in rows)
    assert all(row["low"] <= 20 <= row["high"] for row in rows)


def test_messages_that_help_by_a_known_amount(measured: Measured) -> None:
    """A quarter of those who would have stayed away come back: the pairs find it within their interval."""
    courses = {each.course_id for each in measured.truth.messages}
    found = [row for course in sorted(courses) for row in measured.ask("course_interventions", course=course)]
    known = [row for row in found if row["difference"] is not None]
    assert known
    for row in known:
        effect = 100 * measured.truth.effect * (1 - row["others_pct"] / 100)
        assert row["low"] <= effect <= row["high"]


def test_completions(measured: Measured) -> None:
    done: dict[str, set[bytes]] = defaultdict(set)
    for event in measured.events:
        if event.event_type == "course_complete":
            done[event.course_id].add(event.student_id)
    rows = {row["course_id"]: row for row in measured.ask("course_ranks")}
    assert {course: row["completed"] for course, row in rows.items()} == {
        course: len(done[course]) for course in rows
    }
    assert len(rows) >= 4
