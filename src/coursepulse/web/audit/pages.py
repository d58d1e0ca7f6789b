"""The audit trail as pages: a searchable table for auditors, and the access log for each student."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream

from coursepulse.access.viewer import Viewer
from coursepulse.audit.chain import Head, Verification
from coursepulse.dashboards.text import say
from coursepulse.web import reach
from coursepulse.web.audit.access_log import find_accesses
from coursepulse.web.audit.api import TrailFormat, send_file
from coursepulse.web.audit.service import TAKES_SEARCH, After, TrailQuery, allow_search, find_entries
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer

if TYPE_CHECKING:
    from coursepulse.web.audit.ports import AuditServices


#: Entries on one page.
_AT_ONCE = 50


@get("/admin/audit", include_in_schema=False, dependencies=TAKES_SEARCH, sync_to_thread=True)
def show_trail(
    request: AnyRequest,
    asked: NamedDependency[TrailQuery],
    after: After = None,
    verify: FromQuery[bool] = False,
) -> Response[str]:
    """Entries that fit the filters, newest first; with ``verify`` the state of the chain above them."""
    services = reach.audit(request)
    viewer = page_viewer(request)
    found = find_entries(services, viewer, asked.search(services, after), _AT_ONCE)
    verdict, anchor = _check_chain(services, viewer) if verify else (None, None)
    return page(
        "audit.html",
        title=say("audit.title"),
        path=request.url.path,
        viewer=viewer,
        asked=asked,
        found=found,
        after=after,
        older=found[-1].link.number if len(found) == _AT_ONCE else None,
        verdict=verdict,
        anchor=anchor,
    )


def _check_chain(services: AuditServices, viewer: Viewer) -> tuple[Verification, Head | None]:
    allow_search(services, viewer, "verify")
    anchor = services.trail.anchored()
    return services.trail.verify(), anchor


@get("/admin/audit/export", include_in_schema=False, dependencies=TAKES_SEARCH, sync_to_thread=True)
def export_trail(
    request: AnyRequest,
    asked: NamedDependency[TrailQuery],
    form: Annotated[TrailFormat, QueryParameter(name="format")] = TrailFormat.CSV,
) -> Stream:
    """Everything that fits the filters, as a file."""
    services = reach.audit(request)
    wanted = asked.search(services)
    allow_search(services, page_viewer(request), "export", wanted)
    return send_file(services.trail.stream(wanted), form)


@get("/privacy/accesses", include_in_schema=False, sync_to_thread=True)
def show_accesses(request: AnyRequest, after: After = None) -> Response[str]:
    """Who looked at the record of the student who asks."""
    services = reach.audit(request)
    viewer = page_viewer(request)
    found = find_accesses(services, viewer, after)
    return page(
        "accesses.html",
        title=say("accesses.title"),
        path=request.url.path,
        viewer=viewer,
        accesses=found.accesses,
        older=found.next,
    )


@get("/privacy/accesses/card", include_in_schema=False, sync_to_thread=True)
def show_accesses_card(request: AnyRequest) -> Response[str]:
    """The latest accesses by others, as a card of a student's own page."""
    services = reach.audit(request)
    found = find_accesses(services, page_viewer(request), enough=5)
    return page("parts/accesses_card.html", accesses=found.accesses[:5])


routes = [show_trail, export_trail, show_accesses, show_accesses_card]
