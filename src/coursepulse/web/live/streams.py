"""The stream of an open page: server-sent events that say what has changed. The page then asks for what it shows."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromQuery, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from coursepulse.access.decide import READ
from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.alert import AlertNames
from coursepulse.dashboards.alert_words import alert_reason
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.http.auth import (
    bearer,
    find_living,
    is_in_force,
    key_viewer,
    session_in_use,
    session_viewer,
    sign_in_needed,
)
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.live.open_streams import Credential, OpenStreams
from coursepulse.web.live.ports import LiveServices
from coursepulse.web.live.rights import find_watched
from coursepulse.web.live.subjects import Watched

#: Seconds of silence after which the browser hears that the stream is still there.
BEAT = 15.0

#: Seconds after which a stream ends and the browser opens the next: rights are asked again, and nothing piles up for a
#: client that never reads. Up to a fifth longer, so that pages opened together do not come back together.
LASTING = 600.0

#: Milliseconds after which a browser without our script opens the next stream.
_RETRY = 3000

#: Seconds after which other servers may be heard again.
_PAUSE = 5

#: Things that one page may watch.
_MOST = 100

Watch = Annotated[list[str] | None, QueryParameter(max_items=_MOST)]


@get("/live/changes", include_in_schema=False)
async def stream_changes(
    request: AnyRequest, watch: Watch = None, after: FromQuery[str] = ""
) -> ServerSentEvent:
    """``changed`` at once with what was missed since the mark ``after``, then whenever something has changed."""
    services, streams = reach.live(request), _streams_of(request)
    if not services.live.is_whole:
        # A page that is refused asks for its cards by itself.
        raise RequestError("live_unavailable", say("trouble.live_unavailable"), 503, _PAUSE)
    viewer, credential = await asyncio.to_thread(_admit, request)
    watched = await asyncio.to_thread(find_watched, services, viewer, watch or ())
    mark = request.headers.get("last-event-id", "") or after
    sees_platform = viewer.role is Role.ADMIN
    return ServerSentEvent(
        _messages(services, streams, credential, watched, mark, sees_platform=sees_platform)
    )


def stream_address(mark: str, subjects: Sequence[str], **more: str) -> str:
    """Where a page finds the stream of what it shows.

    :param mark: how far what it shows is
    """
    query = [*(("watch", subject) for subject in dict.fromkeys(subjects)), ("after", mark), *more.items()]
    return f"/live/changes?{urlencode(query)}"


class NewsTeller(NamedTuple):
    """Writes what an open page is told.

    :param sees_platform: what is wrong with the platform is told as well, in full: the page could not ask for it while
        a store is down
    """

    services: LiveServices
    sees_platform: bool

    def tell(self, changed: Collection[str], mark: str, *, first: bool = False) -> ServerSentEventMessage:
        """What has changed, up to a mark."""
        news: dict[str, object] = {
            "changed": sorted(changed),
            "latest_data_at": self.services.live.latest_data_at,
            "now": self.services.clock(),
            "first": first,
        }
        if self.sees_platform:
            news["platform"] = [alert_reason(each, AlertNames()) for each in self.services.platform_alerts()]
        return ServerSentEventMessage(
            id=mark, event="changed", data=json.dumps(news), retry=_RETRY if first else None
        )


async def _messages(
    services: LiveServices,
    streams: OpenStreams,
    credential: Credential,
    watched: Watched,
    mark: str,
    *,
    sees_platform: bool = False,
) -> AsyncIterator[ServerSentEventMessage]:
    loop, recent = asyncio.get_running_loop(), services.live.recent
    teller = NewsTeller(services, sees_platform)
    ends = loop.time() + LASTING * random.uniform(1.0, 1.2)  # noqa: S311 - no secret
    async with services.live.listening(watched) as listener:
        with streams.holding(listener, credential):
            # Before looking back: what comes meanwhile is told twice.
            number = recent.number
            missed = recent.since(mark, watched) if mark else ()
            yield teller.tell(missed, recent.mark(number), first=True)
            while loop.time() < ends:
                news = await listener.next(BEAT)
                if listener.has_ended:
                    break
                if news is None:
                    yield ServerSentEventMessage(event="beat", data=str(services.clock()))
                elif news.changed:
                    yield teller.tell(news.changed, recent.mark(news.number))


def _admit(request: AnyRequest) -> tuple[Viewer, Credential]:
    if secret := bearer(request):
        return key_viewer(request, READ), Credential(secret, is_key=True)
    viewer = session_viewer(request)
    if viewer is None:
        raise sign_in_needed()
    return viewer, Credential(session_in_use(request), is_key=False)


def _streams_of(request: AnyRequest) -> OpenStreams:
    """The one list of this application."""
    state = request.app.state
    if "streams" not in state:
        state.streams = OpenStreams(lambda held: _find_ended(request, held))
    streams: OpenStreams = state.streams
    return streams


def _find_ended(request: AnyRequest, held: Collection[Credential]) -> set[Credential]:
    living = find_living(request, [each.secret for each in held if not each.is_key])
    return {
        each
        for each in held
        if not (is_in_force(request, each.secret, READ) if each.is_key else each.secret in living)
    }


routes = [stream_changes]
