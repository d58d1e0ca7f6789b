"""Requests of students about their data, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import File
from msgspec import Meta

from coursepulse.access.decide import Action, StudentSubject
from coursepulse.access.viewer import Viewer
from coursepulse.collect.keys import PRIVACY
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.privacy.erasable import ErasureMode
from coursepulse.privacy.requests import FiledRequest
from coursepulse.web import reach
from coursepulse.web.audit.writing import NOT_ALLOWED, WRITTEN, note, require
from coursepulse.web.http.auth import key_viewer, needs
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.privacy.service import data_requests

Student = Annotated[str, Meta(min_length=1, max_length=128)]


class ErasureRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose data to erase, and how.

    :param student: the platform's own id, or a pseudonym
    :param keep_records: in mode ``delete``, keep academic records under a random id
    """

    student: Student
    mode: ErasureMode = ErasureMode.ANONYMISE
    keep_records: bool = False


class ExportRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose data to export."""

    student: Student


class StoreLine(msgspec.Struct, frozen=True):
    """One store in a receipt: rows changed, and what was done or is kept and why."""

    store: str
    rows: int
    note: str


class PrivacyRequest(msgspec.Struct, frozen=True):
    """A request and what has become of it.

    :param state: ``open``, ``sweeping`` (the rows are gone, free space is being rewritten) or ``done``
    :param receipt: one line per store; complete when done
    :param trouble: why it is not done yet, empty when nothing is wrong
    :param student: the pseudonym of the student, only in the answer to the request itself
    """

    request_id: UUID
    kind: str
    mode: str
    keep_records: bool
    state: str
    asked_by: str
    asked_at: datetime
    done_at: datetime | None
    receipt: list[StoreLine]
    trouble: str
    student: UUID | None = None


class RetentionRun(msgspec.Struct, frozen=True):
    """Something was older than its retention and went; ``oldest_left`` is the oldest that stayed."""

    at: datetime
    what: str
    removed: int
    oldest_left: datetime | None


Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="Rows at the most.")]


@post("/v1/privacy/erasures", guards=[needs(PRIVACY)], tags=["privacy"], status_code=202, sync_to_thread=True)
def ask_erasure(request: AnyRequest, data: JSONBody[ErasureRequest]) -> PrivacyRequest:
    """Erase a student from every store. The answer is the same whether or not the student is known."""
    privacy, viewer = data_requests(reach.privacy(request)), key_viewer(request, PRIVACY)
    about = _write_down(request, viewer, Action.ERASE, data.student, data.mode.value)
    number = privacy.erase(data.student, data.mode, viewer.subject, keep_records=data.keep_records)
    return _shown(privacy.find(number), about)


@post("/v1/privacy/exports", guards=[needs(PRIVACY)], tags=["privacy"], status_code=202, sync_to_thread=True)
def ask_export(request: AnyRequest, data: JSONBody[ExportRequest]) -> PrivacyRequest:
    """Export everything held about a student into one archive, kept for seven days."""
    privacy, viewer = data_requests(reach.privacy(request)), key_viewer(request, PRIVACY)
    about = _write_down(request, viewer, Action.ARCHIVE, data.student)
    return _shown(privacy.find(privacy.export(data.student, viewer.subject)), about)


@get("/v1/privacy/requests", guards=[needs(PRIVACY)], tags=["privacy"], sync_to_thread=True)
def list_requests(request: AnyRequest, limit: Limit = 100) -> list[PrivacyRequest]:
    """Requests, newest first. An erasure also removes the name of the student it was about."""
    note(reach.privacy(request), key_viewer(request, PRIVACY), "privacy:requests:read")
    return [_shown(filed) for filed in data_requests(reach.privacy(request)).requests(limit)]


@get("/v1/privacy/requests/{number:uuid}", guards=[needs(PRIVACY)], tags=["privacy"], sync_to_thread=True)
def find_request(request: AnyRequest, number: FromPath[UUID]) -> PrivacyRequest:
    """One request with its receipt."""
    return _shown(data_requests(reach.privacy(request)).find(number))


@get(
    "/v1/privacy/exports/{number:uuid}/archive",
    guards=[needs(PRIVACY)],
    tags=["privacy"],
    sync_to_thread=True,
)
def get_archive(request: AnyRequest, number: FromPath[UUID]) -> File:
    """The archive of a finished export: a zip with JSON, CSV and a readable summary."""
    whose, path = (
        data_requests(reach.privacy(request)).whose(number),
        data_requests(reach.privacy(request)).archive(number),
    )
    about = "" if whose is None else to_text(whose)
    note(
        reach.privacy(request),
        key_viewer(request, PRIVACY),
        "privacy:archive:read",
        about,
        f"request={number}",
    )
    if path is None:
        raise RequestError(
            "no_archive", "This archive does not exist or is no longer available; request a new export.", 404
        )
    return File(path=path, filename="my-data.zip", media_type="application/zip")


@get("/v1/privacy/retention", guards=[needs(PRIVACY)], tags=["privacy"], sync_to_thread=True)
def list_retention(request: AnyRequest, limit: Limit = 100) -> list[RetentionRun]:
    """What retention has removed, newest first; runs that removed nothing are not listed."""
    return [RetentionRun(*run) for run in data_requests(reach.privacy(request)).retention(limit)]


def _write_down(request: AnyRequest, viewer: Viewer, action: Action, student: str, detail: str = "") -> bytes:
    """Before it happens: what the trail cannot record must not happen. Returns the pseudonym."""
    services = reach.privacy(request)
    about = services.metrics.identify(student)
    require(services, viewer, action, StudentSubject(about), NOT_ALLOWED, to_text(about))
    note(services, viewer, WRITTEN[action], to_text(about), detail)
    return about


def _shown(filed: FiledRequest | None, about: bytes | None = None) -> PrivacyRequest:
    if filed is None:
        raise RequestError("unknown_request", "There is no request with this number.", 404)
    fields = msgspec.structs.asdict(filed)
    fields["receipt"] = [StoreLine(line.store, line.rows, line.note) for line in filed.receipt]
    return PrivacyRequest(**fields, student=None if about is None else UUID(bytes=about))


routes = [ask_erasure, ask_export, list_requests, find_request, get_archive, list_retention]
