"""Break-glass over HTTP: open a record with a typed reason, and see who did."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
from litestar import get, post
from litestar.params import JSONBody
from msgspec import Meta

from coursepulse.access.grants import AccessGrant
from coursepulse.access.viewer import Viewer
from coursepulse.collect.keys import AUDIT
from coursepulse.events.event import Id
from coursepulse.web import reach
from coursepulse.web.break_glass.service import (
    LONGEST_REASON,
    acknowledge_grant,
    find_grants,
    open_for_reason,
)
from coursepulse.web.http.auth import api_viewer, brings
from coursepulse.web.http.reading import Number
from coursepulse.web.http.request import AnyRequest

if TYPE_CHECKING:
    pass


class BreakGlassRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose record, and why.

    :param student: the platform's id, or the pseudonym
    :param reason: typed by the person who looks; the student can read it
    """

    student: Id
    reason: Annotated[str, Meta(max_length=LONGEST_REASON)]


class AccessGrantInfo(msgspec.Struct, frozen=True):
    """One opened record, or what opens records for longer. ``flagged`` until an administrator has acknowledged it.

    :param student: in the answer to opening a record, as the request named the student; later the pseudonym, but
        empty for the viewer who opened it
    :param kind: ``record``; or ``account`` for one that was tied to a student, ``key`` for a new one that reads, and
        then ``about`` names it. Those two are flagged likewise
    """

    id: int
    account: str
    role: str
    student: str
    reason: str
    opened_at: datetime
    expires_at: datetime
    flagged: bool
    acknowledged_at: datetime | None
    acknowledged_by: str
    kind: str
    about: str


@post(
    "/v1/break-glass",
    guards=[brings(AUDIT)],
    tags=["break-glass"],
    sync_to_thread=True,
    # Litestar loses the name of a handler that shares its path with another.
    operation_id="V1BreakGlassOpenRecord",
    summary="OpenRecord",
    description="Open a student's record for an hour. The student and every administrator see who, when and why.",
)
def open_record(request: AnyRequest, data: JSONBody[BreakGlassRequest]) -> AccessGrantInfo:
    """Open a student's record for an hour. The student and every administrator see who, when and why."""
    return _show(
        open_for_reason(reach.break_glass(request), _viewer(request), data.student, data.reason), data.student
    )


@get("/v1/break-glass", tags=["break-glass"], sync_to_thread=True)
def list_opened(request: AnyRequest) -> list[AccessGrantInfo]:
    """Opened records: all of them for viewers who may search the trail, their own for everyone else."""
    viewer = _viewer(request)
    return [_show(grant, _whom(grant, viewer)) for grant in find_grants(reach.break_glass(request), viewer)]


@post("/v1/break-glass/{number:int}/acknowledge", tags=["break-glass"], status_code=200, sync_to_thread=True)
def acknowledge(request: AnyRequest, number: Number) -> AccessGrantInfo:
    """Acknowledge, as an administrator, a record that somebody else opened. The first acknowledgement stays."""
    viewer = _viewer(request)
    grant = acknowledge_grant(reach.break_glass(request), viewer, number)
    return _show(grant, _whom(grant, viewer))


def _whom(grant: AccessGrant, viewer: Viewer) -> str:
    """The pseudonym, but not for the viewer who typed a name: it would say whether that student exists."""
    own = grant.account == viewer.subject
    return "" if own or grant.student_id is None else str(grant.student_id)


def _show(grant: AccessGrant, student: str) -> AccessGrantInfo:
    return AccessGrantInfo(
        id=grant.id,
        account=grant.account,
        role=grant.role,
        student=student,
        reason=grant.reason,
        opened_at=grant.opened_at,
        expires_at=grant.expires_at,
        flagged=grant.acknowledged_at is None,
        acknowledged_at=grant.acknowledged_at,
        acknowledged_by=grant.acknowledged_by,
        kind=grant.kind,
        about=grant.about,
    )


def _viewer(request: AnyRequest) -> Viewer:
    # No key opens records: one that asks here looks over what others opened.
    return api_viewer(request, AUDIT)


routes = [open_record, list_opened, acknowledge]
