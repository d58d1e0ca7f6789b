"""Reports over HTTP, for the commands of the machine and for people who are signed in."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from coursepulse.access.viewer import Viewer
from coursepulse.collect.keys import ADMIN
from coursepulse.kit.clock import from_micros
from coursepulse.reports.schedule import ReportForm, ReportKind, ReportSchedule, Rhythm
from coursepulse.web import reach
from coursepulse.web.http.auth import api_viewer, brings
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.notifications.service import find_account
from coursepulse.web.reports.service import (
    NewReport,
    add_report,
    choose_letter,
    is_admin,
    list_reports,
    own_account,
    pause_report,
    remove_report,
    send_report,
    wants_letter,
)

Hour = Annotated[int, Meta(ge=0, le=23)]
Weekday = Annotated[int, Meta(ge=0, le=6)]
MonthDay = Annotated[int, Meta(ge=1, le=31)]
Login = Annotated[
    str,
    QueryParameter(max_length=320, description="Whose; empty for one's own, or for administrators of all."),
]


class ReportRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A report to be scheduled.

    :param page: address of a page without the host, such as ``/courses/algebra-1?days=28``
    :param account: login name of who gets it; left out, oneself. Others are for administrators
    :param form: ``pdf`` or ``csv`` attached, or only a ``link``
    :param weekday: 0 for Monday to 6; left out with ``month_day``
    :param month_day: 1 to 31, in shorter months the last; left out with ``weekday``
    :param hour: of the local clock
    :param time_zone: an IANA name; empty for the one on the roster
    """

    page: Annotated[str, Meta(max_length=1000)]
    account: Annotated[str, Meta(max_length=320)] = ""
    form: ReportForm = ReportForm.PDF
    weekday: Weekday | None = None
    month_day: MonthDay | None = None
    hour: Hour = 7
    time_zone: Annotated[str, Meta(max_length=64)] = ""


class ReportInfo(msgspec.Struct, frozen=True):
    """A report that is sent at regular times.

    :param account_id: who gets it, under whose rights it is made
    :param kind: ``page``, or ``letter`` for the weekly letter
    :param trouble: ``refused`` where it rests because its reader may not see the page any more
    :param by: the account or key that made it
    :param next_at: when it is sent next, unless it rests
    """

    report_id: UUID
    account_id: UUID
    kind: ReportKind
    title: str
    page: str
    form: ReportForm
    weekday: int | None
    month_day: int | None
    hour: int
    time_zone: str
    paused: bool
    trouble: str
    created_at: datetime
    by: str
    next_at: datetime


class ReportChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let a report rest, or go on."""

    paused: bool


class RemovedReport(msgspec.Struct, frozen=True):
    """A report that is sent no more."""

    report_id: UUID


class LetterChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether an account gets the weekly letter."""

    wanted: bool


# Handlers that share an address are async: Litestar registers them twice, and would wrap a sync one twice.


@get("/v1/reports", guards=[brings(ADMIN)], tags=["reports"])
async def get_reports(request: AnyRequest, account: Login = "") -> list[ReportInfo]:
    """List reports that are sent at regular times."""
    return await asyncio.to_thread(_list, request, account)


@post("/v1/reports", guards=[brings(ADMIN)], tags=["reports"])
async def post_report(request: AnyRequest, data: JSONBody[ReportRow]) -> ReportInfo:
    """Schedule a page: for oneself, or as an administrator for others."""
    return await asyncio.to_thread(_add, request, data)


@patch("/v1/reports/{report_id:uuid}", guards=[brings(ADMIN)], tags=["reports"])
async def patch_report(
    request: AnyRequest, report_id: FromPath[UUID], data: JSONBody[ReportChange]
) -> ReportInfo:
    """Let a report rest, or go on."""
    return await asyncio.to_thread(_pause, request, report_id, data)


@post("/v1/reports/{report_id:uuid}/send", guards=[brings(ADMIN)], tags=["reports"], status_code=200)
async def post_send(request: AnyRequest, report_id: FromPath[UUID]) -> ReportInfo:
    """Send a report now, and then at its times."""
    return await asyncio.to_thread(_send, request, report_id)


@delete("/v1/reports/{report_id:uuid}", guards=[brings(ADMIN)], tags=["reports"], status_code=200)
async def delete_report(request: AnyRequest, report_id: FromPath[UUID]) -> RemovedReport:
    """Remove a report, with what waits of it."""
    await asyncio.to_thread(_remove, request, report_id)
    return RemovedReport(report_id)


@get("/v1/accounts/{login_name:str}/weekly-letter", guards=[brings(ADMIN)], tags=["reports"])
async def get_letter(request: AnyRequest, login_name: FromPath[str]) -> LetterChoice:
    """Whether an account gets the weekly letter: its own for people, any for administrators."""
    return await asyncio.to_thread(_show_letter, request, login_name)


@put("/v1/accounts/{login_name:str}/weekly-letter", guards=[brings(ADMIN)], tags=["reports"])
async def put_letter(
    request: AnyRequest, login_name: FromPath[str], data: JSONBody[LetterChoice]
) -> LetterChoice:
    """Choose whether an account gets the weekly letter."""
    return await asyncio.to_thread(_choose_letter, request, login_name, data)


def _list(request: AnyRequest, login_name: str) -> list[ReportInfo]:
    services, viewer = reach.reports(request), api_viewer(request, ADMIN)
    account = _account(request, viewer, login_name) if login_name else None
    if account is None and not is_admin(viewer):
        account = own_account(viewer)
    return [_tell(each) for each in list_reports(services, viewer, account)]


def _add(request: AnyRequest, data: ReportRow) -> ReportInfo:
    services, viewer = reach.reports(request), api_viewer(request, ADMIN)
    account = _account(request, viewer, data.account) if data.account else own_account(viewer)
    new = NewReport(
        account,
        data.page,
        data.form,
        Rhythm(hour=data.hour, weekday=data.weekday, month_day=data.month_day, time_zone=data.time_zone),
    )
    return _tell(add_report(services, viewer, new))


def _pause(request: AnyRequest, report_id: UUID, data: ReportChange) -> ReportInfo:
    viewer = api_viewer(request, ADMIN)
    return _tell(pause_report(reach.reports(request), viewer, str(report_id), paused=data.paused))


def _send(request: AnyRequest, report_id: UUID) -> ReportInfo:
    return _tell(send_report(reach.reports(request), api_viewer(request, ADMIN), str(report_id)))


def _remove(request: AnyRequest, report_id: UUID) -> None:
    remove_report(reach.reports(request), api_viewer(request, ADMIN), str(report_id))


def _show_letter(request: AnyRequest, login_name: str) -> LetterChoice:
    account = _account(request, api_viewer(request, ADMIN), login_name)
    return LetterChoice(wants_letter(reach.reports(request), account))


def _choose_letter(request: AnyRequest, login_name: str, data: LetterChoice) -> LetterChoice:
    viewer = api_viewer(request, ADMIN)
    account = _account(request, viewer, login_name)
    choose_letter(reach.reports(request), viewer, account, wanted=data.wanted)
    return LetterChoice(wants_letter(reach.reports(request), account))


def _account(request: AnyRequest, viewer: Viewer, login_name: str) -> str:
    return find_account(reach.reports(request), viewer, login_name)


def _tell(schedule: ReportSchedule) -> ReportInfo:
    rhythm = schedule.rhythm
    return ReportInfo(
        report_id=UUID(schedule.report_id),
        account_id=UUID(schedule.account_id),
        kind=schedule.kind,
        title=schedule.title,
        page=schedule.address,
        form=schedule.form,
        weekday=rhythm.weekday,
        month_day=rhythm.month_day,
        hour=rhythm.hour,
        time_zone=rhythm.time_zone,
        paused=schedule.paused,
        trouble=schedule.trouble,
        created_at=from_micros(schedule.created_at),
        by=schedule.created_by,
        next_at=from_micros(schedule.next_at),
    )


routes = [get_reports, post_report, patch_report, post_send, delete_report, get_letter, put_letter]
