"""``GET /v1/compliance``: the compliance report of a period, as JSON or PDF."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from coursepulse import __version__
from coursepulse.collect.keys import AUDIT
from coursepulse.kit.clock import DAY, Micros, from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.reports.compliance import Compliance, shape_report
from coursepulse.reports.pdf import to_pdf
from coursepulse.web import reach
from coursepulse.web.audit.service import may_search, read_limit
from coursepulse.web.audit.writing import note
from coursepulse.web.http.auth import api_viewer
from coursepulse.web.http.request import AnyRequest

if TYPE_CHECKING:
    pass

#: The period when none is given.
_USUAL: Micros = 30 * DAY


class ReportFormat(StrEnum):
    """How a report is written."""

    JSON = "json"
    PDF = "pdf"


From = Annotated[
    str,
    QueryParameter(
        name="from", description="Not before this day or moment (UTC); 30 days before `to`.", max_length=40
    ),
]
To = Annotated[
    str, QueryParameter(name="to", description="Before this day or moment (UTC); now.", max_length=40)
]
Format = Annotated[ReportFormat, QueryParameter(name="format", description="`json` or `pdf`.")]


@get(
    "/v1/compliance",
    tags=["audit"],
    sync_to_thread=True,
    responses={200: ResponseSpec(Compliance, description="The report; with `format=pdf` the same as PDF")},
)
def make_report(
    request: AnyRequest, start: From = "", end: To = "", form: Format = ReportFormat.JSON
) -> Response[bytes]:
    """Count consents, requests, accesses, refusals, opened records and retention, and check the audit trail."""
    services = reach.privacy(request)
    viewer = api_viewer(request, AUDIT)
    if not may_search(viewer):
        note(services, viewer, "compliance:report:refused")
        raise RequestError("forbidden", "You may not see this.", 403)
    now = services.clock()
    first, last = _read_period(start, end, now)
    period = f"from={from_micros(first).isoformat()} to={from_micros(last).isoformat()} format={form}"
    note(
        services,
        viewer,
        "compliance:report:export" if form is ReportFormat.PDF else "compliance:report:read",
        "",
        period,
    )
    rows, verdict = services.compliance.read(first, last, now), services.trail.verify()
    report = shape_report(rows, verdict, start=first, end=last, now=now, version=__version__)
    return _send(report, form)


def _read_period(start: str, end: str, now: Micros) -> tuple[Micros, Micros]:
    last = read_limit("to", end)
    last = now if last is None else last
    first = read_limit("from", start)
    first = max(0, last - _USUAL) if first is None else first
    if first >= last:
        raise RequestError("invalid_period", "`from` must be before `to`.")
    return first, last


def _send(report: Compliance, form: ReportFormat) -> Response[bytes]:
    if form is ReportFormat.JSON:
        return Response(msgspec.json.encode(report), media_type="application/json")
    named = f'attachment; filename="compliance-{report.start:%Y-%m-%d}-{report.end:%Y-%m-%d}.pdf"'
    return Response(to_pdf(report), media_type="application/pdf", headers={"Content-Disposition": named})


routes = [make_report]
