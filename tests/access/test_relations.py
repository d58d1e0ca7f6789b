"""What the roster says holds from the next question on: real stores, asked through the metrics."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

from coursepulse.access.viewer import Role
from coursepulse.campus.consents import ConsentRow
from coursepulse.campus.courses import Course
from coursepulse.campus.enrolments import Status, Teaching
from coursepulse.campus.organisations import Organisation, Team
from coursepulse.campus.people import Person
from coursepulse.kit.clock import HOUR
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.metric import Scope
from tests.access.faculty import Faculty
from tests.metrics.small_course import ANN, BEN, COURSE, CY, DEE, NOW
from tests.support.campus_world import pseudonym


def march(day: int) -> date:
    return date(2026, 3, day)


def test_without_the_roster_events_say_who_is_in_the_course(faculty: Faculty) -> None:
    assert not faculty.sees(BEN)
    faculty.teach()
    assert [faculty.sees(student) for student in (ANN, BEN, CY)] == [True, True, False]


def test_an_enrolment_on_the_roster_outweighs_events(faculty: Faculty) -> None:
    faculty.teach()
    faculty.enrol("ben", Status.ENDED)
    faculty.enrol("cy")
    assert (faculty.sees(BEN), faculty.sees(CY)) == (False, True)
    faculty.enrol("ben")
    faculty.enrol("cy", ends_on=march(8))
    assert (faculty.sees(BEN), faculty.sees(CY)) == (True, False)


def test_days_count_to_the_last(faculty: Faculty) -> None:
    assert NOW.date() == march(9)
    cases: list[tuple[dict[str, date], bool]] = [
        ({"ends_on": march(9)}, True),
        ({"ends_on": march(8)}, False),
        ({"starts_on": march(9)}, True),
        ({"starts_on": march(10)}, False),
    ]
    for dates, seen in cases:
        faculty.teach(**dates)
        assert faculty.sees(BEN) is seen, dates
        faculty.teach()
        faculty.enrol("ann", Status.ACTIVE, **dates)
        assert faculty.sees(ANN) is seen, dates


def test_nobody_teaches_a_course_that_has_ended(faculty: Faculty) -> None:
    faculty.teach()
    faculty.roster.put_courses([Course(course_id=COURSE, ends_on=march(9))], keep_parts=True)
    assert faculty.sees(BEN)
    faculty.roster.put_courses([Course(course_id=COURSE, ends_on=march(8))], keep_parts=True)
    assert not faculty.sees(BEN)
    assert faculty.tied(Role.INSTRUCTOR).course_ids == frozenset()
    assert faculty.relations.enrolled(COURSE, [ANN], lambda _, students: students) == frozenset()


def test_a_course_names_its_instructors_for_short(faculty: Faculty) -> None:
    course = Course(course_id=COURSE, instructors=("tom", "ada"))
    faculty.roster.put_courses([course])
    assert faculty.tied(Role.INSTRUCTOR).course_ids == {COURSE}
    faculty.roster.put_courses([Course(course_id=COURSE, instructors=("ada",))])
    assert faculty.tied(Role.INSTRUCTOR).course_ids == frozenset()
    faculty.teach(ends_on=march(8))
    faculty.roster.put_courses([course])
    assert faculty.tied(Role.INSTRUCTOR).course_ids == frozenset(), "a row with dates says more"


def test_a_class_list_leaves_out_whom_the_roster_has_taken_out(faculty: Faculty) -> None:
    faculty.teach()
    assert faculty.listed() == {ANN, BEN, DEE}
    faculty.enrol("ben", Status.ENDED)
    for metric in ("course_students", "course_risk", "course_engagement"):
        assert BEN not in faculty.listed(metric=metric), metric


def test_a_past_period_does_not_bring_back_who_left(faculty: Faculty) -> None:
    faculty.teach()
    assert CY not in faculty.listed(start=march(1), end=march(4))
    assert BEN in faculty.listed(start=march(1), end=march(4))


def test_an_admin_sees_totals_and_nobody_until_a_record_is_opened(faculty: Faculty) -> None:
    assert faculty.world.ask("course_summary", viewer=faculty.tied(Role.ADMIN), course=COURSE)
    assert faculty.listed(Role.ADMIN) == set()
    assert not faculty.sees(BEN, Role.ADMIN)
    faculty.open(faculty.tied(Role.ADMIN), BEN)
    assert faculty.listed(Role.ADMIN) == {BEN}
    assert (faculty.sees(BEN, Role.ADMIN, ""), faculty.sees(ANN, Role.ADMIN, "")) == (True, False)


def test_a_record_closes_after_an_hour(faculty: Faculty) -> None:
    faculty.open(faculty.tied(Role.INSTRUCTOR), CY)
    assert faculty.sees(CY, course="")
    faculty.world.now += HOUR - 1
    assert faculty.sees(CY, course="")
    faculty.world.now += 1
    assert not faculty.sees(CY, course="")


def test_a_manager_names_members_who_agreed(faculty: Faculty) -> None:
    roster = faculty.roster
    roster.put_organisations([Organisation(organisation_id="acme"), Organisation(organisation_id="globex")])
    roster.put_people([Person(external_id="tom", organisation_id="acme")])
    team = Team(team_id="sales", organisation_id="acme", managers=("tom",), members=("ann", "ben"))
    other = Team(team_id="choir", organisation_id="acme", members=("tom", "ann"))
    roster.put_teams([team, other])
    viewer = faculty.tied(Role.MANAGER)
    assert viewer.team_ids == {"sales"}
    assert viewer.organisation_id == "acme"
    assert not faculty.sees(BEN, Role.MANAGER, "")
    for day, granted in ((1, True), (2, False)):
        roster.put_consents([agreement("ben", day, granted=granted)])
        assert faculty.sees(BEN, Role.MANAGER, "") is granted
    roster.put_consents([agreement("ann", 1, granted=True), agreement("dee", 1, granted=True)])
    assert (faculty.sees(ANN, Role.MANAGER, ""), faculty.sees(DEE, Role.MANAGER, "")) == (True, False)
    roster.put_people([Person(external_id="tom", organisation_id="globex")])
    assert not faculty.sees(ANN, Role.MANAGER, "")


def agreement(who: str, day: int, *, granted: bool) -> ConsentRow:
    at = datetime(2026, 3, day, tzinfo=UTC)
    return ConsentRow(external_id=who, purpose="employer_sharing", granted=granted, at=at)


def test_somebody_who_is_not_on_the_roster_is_tied_to_nothing(faculty: Faculty) -> None:
    viewer = faculty.tied(Role.INSTRUCTOR, None)
    assert not viewer.course_ids | viewer.team_ids | viewer.opened
    assert viewer.organisation_id == ""


def test_ties_are_read_within_a_millisecond(faculty: Faculty) -> None:
    courses = [Course(course_id=f"c{number}", instructors=("tom", f"t{number}")) for number in range(500)]
    faculty.roster.put_courses(courses)
    faculty.roster.put_teaching(
        [Teaching(course_id=f"c{n}", external_id=f"t{m}") for n in range(500) for m in range(20)]
    )
    with faculty.world.pool.connection() as connection:
        connection.execute("ANALYZE")
    took = []
    for _ in range(200):
        began = time.perf_counter()
        faculty.tied(Role.INSTRUCTOR, pseudonym("t7"))
        took.append(time.perf_counter() - began)
    assert sorted(took)[100] < 0.005, "the median of one look, with room for a busy machine"


def test_rows_about_single_students_are_declared_as_such() -> None:
    """Only of those are rows held back from viewers who may not see the student."""
    about_students = {
        slug
        for slug, metric in METRICS.items()
        if "student_id" in metric.names and metric.scope is not Scope.STUDENT
    }
    assert about_students == {slug for slug, metric in METRICS.items() if metric.named}
