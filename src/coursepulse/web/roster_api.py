"""The roster and the consents over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from litestar import Request, get, put
from litestar.params import FromPath, QueryParameter, RawBody

from coursepulse.campus.consents import ConsentRow, consent_checker
from coursepulse.campus.courses import Course, check_course
from coursepulse.campus.people import Person, check_person
from coursepulse.campus.verdicts import Verdict, read_rows
from coursepulse.collect.keys import ROSTER
from coursepulse.kit.ids import to_text
from coursepulse.privacy.consent import Purpose
from coursepulse.web.audited import note
from coursepulse.web.auth import key_viewer, needs

if TYPE_CHECKING:
    from coursepulse.web.services import Services

AnyRequest = Request[Any, Any, Any]


class RosterReceipt(msgspec.Struct, frozen=True):
    """The answer to a bulk of rows: what is not listed in ``rejected`` is accepted, and stored."""

    accepted: int
    rejected: list[Verdict]


class Named(msgspec.Struct, frozen=True):
    """A person on the roster. ``student_id`` is the pseudonym by which everything else knows them."""

    external_id: str
    student_id: str
    name: str
    time_zone: str
    is_staff: bool
    is_test: bool


class Decision(msgspec.Struct, frozen=True):
    """One decision, as it was recorded."""

    purpose: str
    granted: bool
    text_version: str
    source: str
    at: datetime


class ConsentRecord(msgspec.Struct, frozen=True):
    """What holds now, and everything that led there, oldest first. A purpose never decided upon means no."""

    external_id: str
    current: dict[str, bool]
    history: list[Decision]


Ids = Annotated[
    list[str], QueryParameter(max_items=1000, description="Ids of the platform, or pseudonyms; repeat it.")
]


@put("/v1/roster/people", guards=[needs(ROSTER)], tags=["roster"], sync_to_thread=True)
def put_people(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Add or change people: a JSON array of up to 10,000 rows. Sending it again changes nothing."""
    read = read_rows(body, Person, check_person)
    _note(request, "roster:people:changed", f"rows={len(read.rows)}")
    _services(request).campus.put_people(read.rows)
    return RosterReceipt(len(read.rows), read.rejected)


@put("/v1/roster/courses", guards=[needs(ROSTER)], tags=["roster"], sync_to_thread=True)
def put_courses(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Add or replace courses with their lessons, videos, assessments and instructors."""
    read = read_rows(body, Course, check_course)
    _note(
        request, "roster:courses:changed", f"rows={len(read.rows)}", _only(row.course_id for row in read.rows)
    )
    _services(request).campus.put_courses(read.rows)
    return RosterReceipt(len(read.rows), read.rejected)


@put("/v1/consents", guards=[needs(ROSTER)], tags=["roster"], sync_to_thread=True)
def put_consents(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Record decisions of students. They hold at the door within a second; the last by its own time counts."""
    services = _services(request)
    read = read_rows(body, ConsentRow, consent_checker(list(Purpose), services.clock()))
    about = _only(row.external_id for row in read.rows)
    subject = to_text(services.campus.pseudonym(about)) if about else ""
    _note(request, "consent:student:changed", f"rows={len(read.rows)}", subject)
    services.campus.put_consents(read.rows)
    return RosterReceipt(len(read.rows), read.rejected)


@get("/v1/roster/people", guards=[needs(ROSTER)], tags=["roster"], sync_to_thread=True)
def get_people(request: AnyRequest, ids: Ids) -> list[Named]:
    """Who is behind some ids. Ids that are not on the roster are left out."""
    known_ones = _services(request).campus.people(ids)
    about = _only(to_text(known.student_id) for known in known_ones)
    _note(request, "roster:people:read", f"rows={len(known_ones)}", about)
    return [
        Named(
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
    """What a student agreed to, now and ever."""
    campus = _services(request).campus
    _note(request, "consent:student:read", subject=to_text(campus.pseudonym(external_id)))
    history = [Decision(*decided) for decided in campus.consents(external_id)]
    current = {decision.purpose: decision.granted for decision in history}
    return ConsentRecord(external_id, current, history)


def _note(request: AnyRequest, tag: str, detail: str = "", subject: str = "") -> None:
    """Write down what is about to happen; where that fails, it does not happen."""
    note(_services(request), key_viewer(request, ROSTER), tag, subject, detail)


def _only(ids: Iterable[str]) -> str:
    """The one that all rows are about; empty when there are several."""
    different = set(ids)
    return different.pop() if len(different) == 1 else ""


def _services(request: AnyRequest) -> Services:
    services: Services = request.app.state.services
    return services


#: Everything this file serves.
routes = [put_people, put_courses, put_consents, get_people, get_consents]
