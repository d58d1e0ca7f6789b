"""What organisations have their people learn, over HTTP: trainings, certificates, target profiles, seats, budgets."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from litestar.params import RawBody

from coursepulse.campus.certificates import Certificate, check_certificate
from coursepulse.campus.seats import Budget, SeatPool, check_budget, check_seats
from coursepulse.campus.target_profiles import TargetProfile, check_profile
from coursepulse.campus.trainings import Training, check_training
from coursepulse.campus.verdicts import Read, read_rows
from coursepulse.web import reach
from coursepulse.web.http.reading import takes_rows
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.roster.parts import COURSE, ORGANISATION, TEAM, RosterReceipt, keep, put_part, refer

AnyRow = TypeVar("AnyRow", bound=msgspec.Struct)


@put_part("/v1/roster/trainings", operation_class=takes_rows(Training))
def put_trainings(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Assign courses to teams or people, with due dates, or change that."""
    read = _known(request, read_rows(body, Training, check_training))
    return keep(request, "trainings", read, reach.roster(request).company.put_trainings)


@put_part("/v1/roster/certificates", operation_class=takes_rows(Certificate))
def put_certificates(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Add or change the certificates that people hold, the latest of each kind."""
    read = _known(request, read_rows(body, Certificate, check_certificate))
    return keep(request, "certificates", read, reach.roster(request).company.put_certificates)


@put_part("/v1/roster/profiles", operation_class=takes_rows(TargetProfile))
def put_profiles(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Add target profiles or replace them with their needs and people."""
    read = _known(request, read_rows(body, TargetProfile, check_profile))
    return keep(request, "profiles", read, reach.roster(request).company.put_profiles)


@put_part("/v1/roster/seats", operation_class=takes_rows(SeatPool))
def put_seats(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Add or change seats that were bought, and how many are assigned, activated and used."""
    read = _known(request, read_rows(body, SeatPool, check_seats))
    return keep(request, "seats", read, reach.roster(request).company.put_seats)


@put_part("/v1/roster/budgets", operation_class=takes_rows(Budget))
def put_budgets(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Add or change budgets for learning, and what is spent of them."""
    read = _known(request, read_rows(body, Budget, check_budget))
    return keep(request, "budgets", read, reach.roster(request).company.put_budgets)


def _known(request: AnyRequest, read: Read[AnyRow]) -> Read[AnyRow]:
    """The rows without those that name an organisation, a team or a course that there is not."""
    services = reach.roster(request)
    checks = (
        (ORGANISATION, services.campus.known_organisations),
        (TEAM, services.company.known_teams),
        (COURSE, services.campus.known_courses),
    )
    for reference, find_known in checks:
        if reference.field in (read.rows[0].__struct_fields__ if read.rows else ()):
            read = refer(read, reference, find_known)
    return read


#: Everything this file serves.
routes = [put_trainings, put_certificates, put_profiles, put_seats, put_budgets]
