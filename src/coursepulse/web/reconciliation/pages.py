"""The page on which an administrator compares the learning platform's own file with what is known here."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get, post

from coursepulse.access.viewer import Role
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.dashboards.admin_pages import RECONCILIATION, tabs
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.uploads import LARGEST, read_upload
from coursepulse.web.http.viewer import role_viewer
from coursepulse.web.reconciliation.api import SheetReportFormat, answer
from coursepulse.web.reconciliation.service import ReconciliationReport, reconcile

#: Differences on the page; the files have all of them.
_ON_PAGE = 200


@get(RECONCILIATION, include_in_schema=False)
async def show_form(request: AnyRequest) -> Response[str]:
    """The form, and what it takes."""
    viewer = await asyncio.to_thread(role_viewer, request, Role.ADMIN)
    return _page(request, viewer)


@post(RECONCILIATION, include_in_schema=False, status_code=200, request_max_body_size=None)
async def compare_file(request: AnyRequest) -> Response[Any]:
    """The report on a file, on the page or as a file. What is wrong with it stands above the form."""
    viewer = await asyncio.to_thread(role_viewer, request, Role.ADMIN)
    try:
        upload = await read_upload(request, "file")
        course = upload.text("course")[:128]
        report = await asyncio.to_thread(
            reconcile, reach.reconciliation(request), viewer, upload.body, course
        )
    except RequestError as error:
        if not error.code.startswith(("sheet_", "file_")):
            raise
        return _page(request, viewer, fault=str(error), status=error.status)
    form = upload.text("form")
    if form in tuple(SheetReportFormat):
        return answer(report, SheetReportFormat(form))
    return _page(request, viewer, report=report, course=course)


def _page(
    request: AnyRequest,
    viewer: PageViewer,
    *,
    report: ReconciliationReport | None = None,
    fault: str = "",
    course: str = "",
    status: int = 200,
) -> Response[str]:
    return page(
        "reconciliation.html",
        status,
        title=say("reconcile.title"),
        path=request.url.path,
        viewer=viewer,
        tabs=tabs(),
        report=report,
        listed=report.listed[:_ON_PAGE] if report else [],
        fault=fault,
        course=course,
        most=LARGEST >> 20,
    )


routes = [show_form, compare_file]
