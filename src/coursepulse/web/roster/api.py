"""The roster and the consents over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, RawBody

from coursepulse.campus.board_names import BoardNameRow, check_board_name, explain, read_name
from coursepulse.campus.consents import ConsentRow, consent_checker
from coursepulse.campus.courses import Course, check_course
from coursepulse.campus.deliveries import Delivery
from coursepulse.campus.enrolments import Enrolment, Grant, Teaching, check_enrolment, check_teaching
from coursepulse.campus.organisations import Organisation, Team, check_nothing
from coursepulse.campus.people import Person, check_person
from coursepulse.campus.verdicts import RowFault, RowVerdict, read_rows
from coursepulse.collect.keys import ROSTER
from coursepulse.kit.clock import utc_date
from coursepulse.kit.ids import to_text
from coursepulse.privacy.consent import Purpose
from coursepulse.web import reach
from coursepulse.web.audit.writing import note, note_each, note_many
from coursepulse.web.http.auth import key_viewer, needs
from coursepulse.web.http.reading import takes_rows
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.roster.deliveries_api import TAKES_DELIVERY
from coursepulse.web.roster.parts import COURSE, ORGANISATION, RosterReceipt, keep, put_part, refer

if TYPE_CHECKING:
    from coursepulse.web.roster.ports import RosterServices


#: The roster makes somebody a teacher of a course or a leader of a team, who was not before.
GRANTED = "roster:person:granted"


class PersonInfo(msgspec.Struct, frozen=True):
    """A person on the roster. ``student_id`` is the pseudonym by which everything else knows them."""

    external_id: str
    student_id: str
    name: str
    time_zone: str
    is_staff: bool
    is_test: bool


class RecordedDecision(msgspec.Struct, frozen=True):
    """One decision, as it was recorded."""

    purpose: str
    granted: bool
    text_version: str
    source: str
    at: datetime


class ConsentRecord(msgspec.Struct, frozen=True):
    """What holds now, and every decision so far, oldest first. A purpose without a decision means no."""

    external_id: str
    current: dict[str, bool]
    history: list[RecordedDecision]


Ids = Annotated[
    list[str], QueryParameter(max_items=1000, description="Ids of the platform, or pseudonyms; repeat it.")
]


class CourseParts(StrEnum):
    """What happens to the parts of a course that is there already."""

    REPLACE = "replace"
    KEEP = "keep"


KeptParts = Annotated[
    CourseParts,
    QueryParameter(description="`keep` changes title and dates only, and leaves lessons and the like alone."),
]


@put_part(
    "/v1/roster/people",
    operation_class=takes_rows(Person),
    # Litestar loses the name of a handler that shares its path with one before it.
    operation_id="V1RosterPeoplePutPeople",
    summary="PutPeople",
    description="Add or change people: a JSON array of up to 10,000 rows. Sending it again changes nothing.",
)
def put_people(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Add or change people: a JSON array of up to 10,000 rows. Sending it again changes nothing."""
    campus = reach.roster(request).campus
    read = refer(read_rows(body, Person, check_person), ORGANISATION, campus.known_organisations)
    return keep(request, "people", read, campus.put_people)


@put_part("/v1/roster/organisations", operation_class=takes_rows(Organisation))
def put_organisations(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Add or change organisations."""
    read = read_rows(body, Organisation, check_nothing)
    return keep(request, "organisations", read, reach.roster(request).campus.put_organisations)


@put_part("/v1/roster/teams", operation_class=takes_rows(Team))
def put_teams(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Add teams or replace them with their managers and members. Takes effect with the next request."""
    campus = reach.roster(request).campus
    read = refer(read_rows(body, Team, check_nothing), ORGANISATION, campus.known_organisations)

    def put_rows(rows: list[Team]) -> None:
        _note_grants(request, campus.new_leading(rows))
        campus.put_teams(rows)

    return keep(request, "teams", read, put_rows)


@put_part("/v1/roster/courses", operation_class=takes_rows(Course))
def put_courses(request: AnyRequest, body: RawBody, parts: KeptParts = CourseParts.REPLACE) -> RosterReceipt:
    """Add or replace courses with their lessons, videos, assessments and instructors."""
    campus = reach.roster(request).campus

    def put_rows(rows: list[Course]) -> None:
        keeps = parts is CourseParts.KEEP
        if not keeps:
            _note_grants(request, campus.new_instructors(rows, _today(request)))
        campus.put_courses(rows, keep_parts=keeps)

    read = read_rows(body, Course, check_course)
    return keep(request, "courses", read, put_rows, _only(row.course_id for row in read.rows))


@put_part("/v1/roster/enrolments", operation_class=takes_rows(Enrolment), dependencies=TAKES_DELIVERY)
def put_enrolments(request: AnyRequest, body: RawBody, stamp: NamedDependency[Delivery]) -> RosterReceipt:
    """Add or change who is in which course. Takes effect with the next request."""
    campus = reach.roster(request).campus

    def put_rows(rows: list[Enrolment]) -> None:
        campus.put_enrolments(rows, stamp)

    read = refer(read_rows(body, Enrolment, check_enrolment), COURSE, campus.known_courses)
    return keep(request, "enrolments", read, put_rows)


@put_part("/v1/roster/teaching", operation_class=takes_rows(Teaching), dependencies=TAKES_DELIVERY)
def put_teaching(request: AnyRequest, body: RawBody, stamp: NamedDependency[Delivery]) -> RosterReceipt:
    """Add or change who teaches which course, from when to when. Takes effect with the next request."""
    campus = reach.roster(request).campus

    def put_rows(rows: list[Teaching]) -> None:
        _note_grants(request, campus.new_teaching(rows, _today(request)))
        campus.put_teaching(rows, stamp)

    read = refer(read_rows(body, Teaching, check_teaching), COURSE, campus.known_courses)
    return keep(request, "teaching", read, put_rows)


@put_part("/v1/consents", operation_class=takes_rows(ConsentRow))
def put_consents(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Record students' decisions. They reach the collector within a second; the latest by its own time counts."""
    services = reach.roster(request)
    read = read_rows(body, ConsentRow, consent_checker(list(Purpose), services.clock()))
    students = {to_text(services.campus.pseudonym(row.external_id)) for row in read.rows}
    _note_each(request, "consent:student:changed", students, f"rows={len(read.rows)}")
    services.campus.put_consents(read.rows)
    return RosterReceipt(len(read.rows), read.rejected)


@put_part("/v1/leaderboard-names", operation_class=takes_rows(BoardNameRow))
def put_board_names(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Give students who agree to the purpose `leaderboards` the names that they chose."""
    services = reach.roster(request)
    read = read_rows(body, BoardNameRow, check_board_name)
    students = {to_text(services.campus.pseudonym(row.external_id)) for row in read.rows}
    _note_each(request, "leaderboard:name:changed", students, f"rows={len(read.rows)}")
    verdicts = [
        verdict
        for row, place in zip(read.rows, read.places, strict=True)
        if (verdict := _choose(services, row, place))
    ]
    rejected = sorted([*read.rejected, *verdicts], key=lambda verdict: verdict.index)
    return RosterReceipt(len(read.rows) - len(verdicts), rejected)


def _choose(services: RosterServices, row: BoardNameRow, place: int) -> RowVerdict | None:
    history = services.campus.consents(row.external_id)
    if not {decided.purpose: decided.granted for decided in history}.get(Purpose.LEADERBOARDS):
        sentence = "The student does not agree to `leaderboards`; send the consent first."
        return RowVerdict(place, RowFault.NO_CONSENT, "$.external_id", sentence)
    student = services.campus.pseudonym(row.external_id)
    trouble = services.board_names.choose(student, str(read_name(row.name)), services.clock())
    return RowVerdict(place, *explain(trouble)) if trouble else None


@get("/v1/roster/people", guards=[needs(ROSTER)], tags=["roster"], sync_to_thread=True)
def get_people(request: AnyRequest, ids: Ids) -> list[PersonInfo]:
    """The people behind some ids. Ids that are not on the roster are left out."""
    known_ones = reach.roster(request).campus.people(ids)
    students = {to_text(known.student_id) for known in known_ones}
    _note_each(request, "roster:people:read", students, f"rows={len(known_ones)}")
    return [
        PersonInfo(
            external_id=known.external_id,
            student_id=to_text(known.student_id),
            name=known.name,
            time_zone=known.time_zone,
            is_staff=known.is_staff,
            is_test=known.is_test,
        )
        for known in known_ones
    ]


@get("/v1/consents/{external_id:str}", guards=[needs(ROSTER)], tags=["roster"], sync_to_thread=True)
def get_consents(request: AnyRequest, external_id: FromPath[str]) -> ConsentRecord:
    """What a student agrees to now, and every decision so far."""
    campus = reach.roster(request).campus
    _note(request, "consent:student:read", subject=to_text(campus.pseudonym(external_id)))
    history = [RecordedDecision(*decided) for decided in campus.consents(external_id)]
    current = {decision.purpose: decision.granted for decision in history}
    return ConsentRecord(external_id, current, history)


def _note(request: AnyRequest, tag: str, detail: str = "", subject: str = "") -> None:
    """Write down what is about to happen; where that fails, it does not happen."""
    note(reach.roster(request), key_viewer(request, ROSTER), tag, subject, detail)


def _note_each(request: AnyRequest, tag: str, students: set[str], detail: str) -> None:
    note_each(reach.roster(request), key_viewer(request, ROSTER), tag, students, detail)


def _note_grants(request: AnyRequest, grants: list[Grant]) -> None:
    """Write an entry about each person who is to see more: the roster alone decides whose classes somebody sees."""
    told = sorted((to_text(grant.person), grant.what) for grant in grants)
    note_many(reach.roster(request), key_viewer(request, ROSTER), GRANTED, told)


def _today(request: AnyRequest) -> date:
    return utc_date(reach.roster(request).clock())


def _only(ids: Iterable[str]) -> str:
    """The one that all rows are about; empty when there are several."""
    different = set(ids)
    return different.pop() if len(different) == 1 else ""


#: Everything this file serves.
routes = [
    put_people,
    put_organisations,
    put_teams,
    put_courses,
    put_enrolments,
    put_teaching,
    put_consents,
    put_board_names,
    get_people,
    get_consents,
]
