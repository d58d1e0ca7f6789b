"""A student's own dashboard in a frame of the platform that they learn on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from litestar import Response, get

from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from coursepulse.dashboards.text import say
from coursepulse.kit.clock import MINUTE
from coursepulse.kit.ids import to_text
from coursepulse.web import reach
from coursepulse.web.audit.writing import note
from coursepulse.web.dashboards.service import answer_all
from coursepulse.web.dashboards.shown import CardRequest, arrange
from coursepulse.web.http.auth import EMBED_HEADER, PageViewer, embedded_viewer
from coursepulse.web.http.chosen_days import read_days
from coursepulse.web.http.headers import allow_frame
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.identity.embed_tokens import Embedding, expired, parse_origins
from coursepulse.web.identity.service import identity_of
from coursepulse.web.live.streams import stream_address
from coursepulse.web.metrics.pages import metric_name

if TYPE_CHECKING:
    from coursepulse.web.dashboards.ports import DashboardServices

#: How long an embedded page can bring itself up to date.
_LASTING = 60 * MINUTE


@get("/embed", include_in_schema=False)
async def show_embedded(request: AnyRequest) -> Response[str]:
    """The cards of the student that the token names. The token becomes a session of this page, and of no other."""
    services = reach.dashboards(request)
    identity = identity_of(services)
    origins = parse_origins(services.settings.embed_origins)
    allowed = identity.embed.read(request.query_params.get("token", ""), origins, services.clock())
    viewer, token = await asyncio.to_thread(_open, request, services, allowed)
    card_request = CardRequest(student=to_text(allowed.student_id), **read_days(request)._asdict())
    mark = services.live.mark
    shown = await answer_all(
        [(card, card_request) for card in DASHBOARDS[Dashboard.STUDENT]], services, viewer
    )
    allow_frame(request, allowed.origin)
    return page(
        "embed.html",
        title=say("embed.title"),
        viewer=viewer,
        **arrange(shown)._asdict(),
        as_of=max((each.as_of for each in shown if each.as_of), default=None),
        now=services.clock(),
        metric_name=metric_name,
        stream=stream_address(mark, [card_request.subject], embed=token),
        headers=json.dumps({EMBED_HEADER: token}),
    )


def _open(request: AnyRequest, services: DashboardServices, allowed: Embedding) -> tuple[PageViewer, str]:
    if services.campus.erased_since(allowed.student_id, allowed.signed_at):
        # Or the pseudonym, which has just left every file, would come back into some.
        raise expired()
    viewer = embedded_viewer(request, allowed.student_id)
    note(services, viewer, "identity:embed:open", to_text(allowed.student_id), allowed.origin)
    return viewer, identity_of(services).sessions.begin_embedded(allowed.student_id, _LASTING)


routes = [show_embedded]
