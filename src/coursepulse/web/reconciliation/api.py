"""``POST /v1/reconciliation``: a file of the learning platform beside what is known here."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated, Any

from litestar import Response, post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import QueryParameter

from coursepulse.collect.keys import READ
from coursepulse.web import reach
from coursepulse.web.http.auth import api_viewer
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.uploads import read_bytes
from coursepulse.web.reconciliation.service import ReconciliationReport, as_csv, check, reconcile


class SheetReportFormat(StrEnum):
    """How the differences come back."""

    JSON = "json"
    CSV = "csv"


class TakesSheet(Operation):
    """The body is a CSV file."""

    def __post_init__(self) -> None:
        content = {"text/csv": OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))}
        self.request_body = RequestBody(required=True, content=content)


OneCourse = Annotated[
    str, QueryParameter(description="The course of a file that has no column for it.", max_length=128)
]
Form = Annotated[SheetReportFormat, QueryParameter(name="format", description="json or csv.")]


@post(
    "/v1/reconciliation",
    tags=["operation"],
    status_code=200,
    operation_class=TakesSheet,
    # The limit is that of a file, and is watched while it is read.
    request_max_body_size=None,
)
async def reconcile_sheet(
    request: AnyRequest, course: OneCourse = "", form: Form = SheetReportFormat.JSON
) -> Response[Any]:
    """Compare enrolments or grades as the learning platform exports them (CSV, at most 20 MB) with what is known here.

    Says who is missing on either side, and whose state or grade differs, with a likely cause. Nothing of the file is
    kept. For administrators, and for keys with the scope `read`.
    """
    viewer, services = await asyncio.to_thread(api_viewer, request, READ), reach.reconciliation(request)
    # Before anything of the file is read.
    await asyncio.to_thread(check, services, viewer)
    body = await read_bytes(request)
    report = await asyncio.to_thread(reconcile, services, viewer, body, course)
    return answer(report, form)


def answer(report: ReconciliationReport, form: SheetReportFormat) -> Response[Any]:
    """The report as JSON, or its differences as CSV."""
    if form is SheetReportFormat.JSON:
        return Response(report, media_type="application/json")
    named = {"Content-Disposition": 'attachment; filename="reconciliation.csv"'}
    return Response("\ufeff" + as_csv(report), media_type="text/csv", headers=named)


routes = [reconcile_sheet]
