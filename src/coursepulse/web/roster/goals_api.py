"""Goals that students set for themselves on the platform, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar.params import RawBody

from coursepulse.campus.goals import GoalRow, GoalStatus, check_goal
from coursepulse.campus.verdicts import RowFault, RowVerdict, read_rows
from coursepulse.collect.keys import ROSTER
from coursepulse.kit.ids import to_text
from coursepulse.privacy.consent import Purpose
from coursepulse.web import reach
from coursepulse.web.audit.writing import note_each
from coursepulse.web.http.auth import key_viewer
from coursepulse.web.http.reading import takes_rows
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.roster.parts import COURSE, RosterReceipt, put_part, refer

if TYPE_CHECKING:
    from coursepulse.web.roster.ports import RosterServices

#: The entry of the audit trail; it says whose goals, and not which.
CHANGED = "goals:student:changed"


@put_part("/v1/goals", operation_class=takes_rows(GoalRow))
def put_goals(request: AnyRequest, body: RawBody) -> RosterReceipt:
    """Set, change or withdraw the goals of students who agree to `analytics`. No key can read them."""
    services = reach.roster(request)
    read = refer(read_rows(body, GoalRow, check_goal), COURSE, services.campus.known_courses)
    students = {to_text(services.campus.pseudonym(row.external_id)) for row in read.rows}
    note_each(services, key_viewer(request, ROSTER), CHANGED, students, f"rows={len(read.rows)}")
    verdicts = [
        verdict
        for row, place in zip(read.rows, read.places, strict=True)
        if (verdict := _keep(services, row, place))
    ]
    rejected = sorted([*read.rejected, *verdicts], key=lambda verdict: verdict.index)
    return RosterReceipt(len(read.rows) - len(verdicts), rejected)


def _keep(services: RosterServices, row: GoalRow, place: int) -> RowVerdict | None:
    student = services.campus.pseudonym(row.external_id)
    if row.status is GoalStatus.WITHDRAWN:
        services.goals.drop(student, row.kind, row.course_id)
        return None
    history = services.campus.consents(row.external_id)
    if not {decided.purpose: decided.granted for decided in history}.get(Purpose.ANALYTICS):
        sentence = "The student does not agree to `analytics`; send the consent first."
        return RowVerdict(place, RowFault.NO_CONSENT, "$.external_id", sentence)
    services.goals.put(student, row.goal, services.clock())
    return None


#: Everything this file serves.
routes = [put_goals]
