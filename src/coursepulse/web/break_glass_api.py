"""Break-glass over HTTP: open a record with a typed reason, and see who did."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import JSONBody
from msgspec import Meta

from coursepulse.access.decide import Accounts, Action, Allowed, Person, Subject, decide
from coursepulse.access.viewer import Viewer
from coursepulse.collect.keys import READ
from coursepulse.events.event import Id
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.web.audit_search import may_search
from coursepulse.web.audited import note
from coursepulse.web.auth import api_viewer
from coursepulse.web.taking import Number

if TYPE_CHECKING:
    from coursepulse.web.services import Services

AnyRequest = Request[Any, Any, Any]

#: Characters in which a reason can be told.
_SHORTEST_REASON = 10


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose record, and why.

    :param student: the platform's id, or the pseudonym
    :param reason: typed by the person who looks; the student can read it
    """

    student: Id
    reason: Annotated[str, Meta(max_length=500)]


class Opened(msgspec.Struct, frozen=True):
    """One opened record. ``flagged`` until an administrator has acknowledged it."""

    id: int
    account: str
    role: str
    student_id: str
    reason: str
    opened_at: datetime
    expires_at: datetime
    flagged: bool
    acknowledged_at: datetime | None
    acknowledged_by: str


@post(
    "/v1/break-glass",
    tags=["break-glass"],
    sync_to_thread=True,
    # Litestar loses the name of a handler that shares its path with another.
    operation_id="V1BreakGlassOpenRecord",
    summary="OpenRecord",
    description="Open a student's record for an hour. The student and every administrator see who, when and why.",
)
def open_record(request: AnyRequest, data: JSONBody[Wish]) -> Opened:
    """Open a student's record for an hour. The student and every administrator see who, when and why."""
    services, viewer = _services(request), _viewer(request)
    student = services.metrics.identify(data.student)
    _require(viewer, Action.BREAK_GLASS, Person(student))
    reason = _read_reason(data.reason)
    # The trail first: what it cannot record must not happen.
    _write(services, viewer, "break_glass:student:open", to_text(student), reason)
    return _show(services.break_glass.open(viewer, student, reason, services.clock()))


@get("/v1/break-glass", tags=["break-glass"], sync_to_thread=True)
def list_opened(request: AnyRequest) -> list[Opened]:
    """Opened records: all of them for administrators and auditors, their own for everybody else."""
    services, viewer = _services(request), _viewer(request)
    everything = may_search(viewer)
    return [_show(opening) for opening in services.break_glass.find(None if everything else viewer.subject)]


@post("/v1/break-glass/{number:int}/acknowledge", tags=["break-glass"], status_code=200, sync_to_thread=True)
def acknowledge(request: AnyRequest, number: Number) -> Opened:
    """Note, as an administrator, that an opened record was looked into. The first note stays."""
    services, viewer = _services(request), _viewer(request)
    _require(viewer, Action.CHANGE, Accounts())
    _write(services, viewer, "break_glass:opening:acknowledge", str(number), "")
    opening = services.break_glass.acknowledge(number, viewer.subject, services.clock())
    if opening is None:
        raise RequestError("unknown_opening", f"There is no opened record {number}.", 404)
    return _show(opening)


def _require(viewer: Viewer, action: Action, subject: Subject) -> None:
    if not isinstance(decide(viewer, action, subject), Allowed):
        raise RequestError("forbidden", "You may not do this.", 403)


def _read_reason(text: str) -> str:
    reason = " ".join(text.split())
    if len(reason) < _SHORTEST_REASON or not reason.isprintable():
        sentence = f"Say in {_SHORTEST_REASON} characters or more why you need to see this record."
        raise RequestError("reason_too_short", sentence)
    return reason


def _write(services: Services, viewer: Viewer, tag: str, subject: str, reason: str) -> None:
    note(services, msgspec.structs.replace(viewer, purpose=reason or viewer.purpose), tag, subject)


def _show(opening: Any) -> Opened:
    return Opened(
        id=opening.id,
        account=opening.account,
        role=opening.role,
        student_id=str(opening.student_id),
        reason=opening.reason,
        opened_at=opening.opened_at,
        expires_at=opening.expires_at,
        flagged=opening.acknowledged_at is None,
        acknowledged_at=opening.acknowledged_at,
        acknowledged_by=opening.acknowledged_by,
    )


def _viewer(request: AnyRequest) -> Viewer:
    return api_viewer(request, READ)


def _services(request: AnyRequest) -> Services:
    services: Services = request.app.state.services
    return services


routes = [open_record, list_opened, acknowledge]
