"""The audit trail over HTTP: all of it for auditors, and the access log for each student."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.response import Stream

from coursepulse.audit.chain import Head, Link
from coursepulse.audit.sheet import HEADING, to_line, to_row
from coursepulse.collect.keys import AUDIT, READ
from coursepulse.kit.clock import from_micros
from coursepulse.web import reach
from coursepulse.web.audit.access_log import AccessLogEntry, find_accesses
from coursepulse.web.audit.service import TAKES_SEARCH, After, TrailQuery, allow_search, find_entries
from coursepulse.web.http.auth import api_viewer
from coursepulse.web.http.request import AnyRequest

if TYPE_CHECKING:
    pass


#: Entries that leave together: one at a time would cost more in wrapping than in reading.
_TOGETHER = 500


class TrailFormat(StrEnum):
    """How an export is written."""

    CSV = "csv"
    JSONL = "jsonl"


class EntryRow(msgspec.Struct, frozen=True):
    """One entry. ``number`` counts without gaps; ``hash`` ties it to the entry before.

    :param who: the login name of the account, or the name of the key; of an account that is gone the id
    """

    number: int
    at: datetime
    actor: str
    who: str
    role: str
    tag: str
    subject: str
    purpose: str
    request_id: str
    address: str
    detail: str
    hash: str


class EntryPage(msgspec.Struct, frozen=True):
    """Entries, newest first; ``next`` is the ``after`` of the next page, null on the last."""

    entries: list[EntryRow]
    next: int | None


class HeadRow(msgspec.Struct, frozen=True):
    """An entry by number and hash. Kept elsewhere, it shows whether later entries were cut off."""

    number: int
    hash: str


class Verified(msgspec.Struct, frozen=True):
    """What walking the chain found.

    :param checked: entries that hold
    :param broken: the first that does not, or is missing; null when all is well
    :param head: the last that holds
    :param anchor: the head that was last kept beside the log
    """

    holds: bool
    checked: int
    broken: int | None
    reason: str
    head: HeadRow
    anchor: HeadRow | None


class AccessPage(msgspec.Struct, frozen=True):
    """The access log of a record, newest first; ``next`` is the ``after`` of the next page, null on the last."""

    accesses: list[AccessLogEntry]
    next: int | None


Limit = Annotated[int, QueryParameter(description="Entries at the most.", ge=1, le=1000)]
Format = Annotated[TrailFormat, QueryParameter(name="format", description="`csv` or `jsonl`.")]


@get("/v1/audit", tags=["audit"], dependencies=TAKES_SEARCH, sync_to_thread=True)
def search_trail(
    request: AnyRequest, asked: NamedDependency[TrailQuery], after: After = None, limit: Limit = 100
) -> EntryPage:
    """Entries that match all filters, newest first. Each search is an entry itself."""
    services = reach.audit(request)
    viewer = api_viewer(request, AUDIT)
    found = find_entries(services, viewer, asked.search(services, after), limit)
    older = found[-1].link.number if len(found) == limit else None
    return EntryPage([show_entry(*each) for each in found], older)


@get("/v1/audit/verify", tags=["audit"], sync_to_thread=True)
def verify_trail(request: AnyRequest) -> Verified:
    """Walk the whole chain. Takes a few seconds per 100,000 entries."""
    services = reach.audit(request)
    allow_search(services, api_viewer(request, AUDIT), "verify")
    anchor = services.trail.anchored()
    verdict = services.trail.verify()
    return Verified(
        holds=verdict.broken is None,
        checked=verdict.checked,
        broken=verdict.broken,
        reason=verdict.reason,
        head=_head(verdict.head),
        anchor=None if anchor is None else _head(anchor),
    )


@get(
    "/v1/audit/export",
    tags=["audit"],
    dependencies=TAKES_SEARCH,
    sync_to_thread=True,
    responses={200: ResponseSpec(str, description="CSV (RFC 4180), or one JSON object per line")},
)
def export_trail(
    request: AnyRequest, asked: NamedDependency[TrailQuery], form: Format = TrailFormat.CSV
) -> Stream:
    """All matching entries, oldest first, streamed. Each export is an entry itself."""
    services = reach.audit(request)
    viewer = api_viewer(request, AUDIT)
    wanted = asked.search(services)
    allow_search(services, viewer, "export", wanted)
    return send_file(services.trail.stream(wanted), form)


@get("/v1/students/me/accesses", tags=["audit"], sync_to_thread=True)
def list_accesses(request: AnyRequest, after: After = None) -> AccessPage:
    """Who looked at the student's own record: when, in which role, why and at what."""
    found = find_accesses(reach.audit(request), api_viewer(request, READ), after)
    return AccessPage(found.accesses, found.next)


def send_file(links: Iterator[Link], form: TrailFormat) -> Stream:
    """Entries as a file, sent as they are read."""
    named = {"Content-Disposition": f'attachment; filename="audit.{form}"'}
    media = "text/csv" if form is TrailFormat.CSV else "application/x-ndjson"
    return Stream(_write(links, form), media_type=media, headers=named)


def show_entry(link: Link, who: str) -> EntryRow:
    """An entry as the API says it."""
    fields: dict[str, Any] = msgspec.structs.asdict(link.entry) | {"who": who}
    return EntryRow(
        **fields | {"number": link.number, "at": from_micros(link.entry.at), "hash": link.hash.hex()}
    )


def _write(links: Iterator[Link], form: TrailFormat) -> Iterator[bytes]:
    if form is TrailFormat.CSV:
        yield HEADING
    write = to_row if form is TrailFormat.CSV else to_line
    while some := b"".join(write(link) for link in islice(links, _TOGETHER)):
        yield some


def _head(head: Head) -> HeadRow:
    return HeadRow(head.number, head.hash.hex())


routes = [search_trail, verify_trail, export_trail, list_accesses]
