"""What a browser shows when a page cannot be shown."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import MediaType, Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from coursepulse.dashboards.language import use_language
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web.http.reader import known_viewer, language_for, words_for
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest


def error_page(request: AnyRequest, error: RequestError) -> Response[str]:
    """The problem in one sentence and the way home, in the frame that the person who is signed in knows."""
    return _ErrorAnswer(request, error)


class _ErrorAnswer(Response[str]):
    """Written only as it is sent: who is signed in is asked of a store, for which the loop cannot wait."""

    def __init__(self, request: AnyRequest, error: RequestError) -> None:
        super().__init__("", status_code=error.status, media_type=MediaType.HTML)
        self._request, self._error = request, error

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        """What sends it."""
        return _LatePage(self)

    def write(self) -> Response[str]:
        """The page. Reads the store: not for the loop."""
        viewer = known_viewer(self._request)
        use_language(language_for(self._request, viewer))
        lead, title = words_for(self._error), say("trouble.title")
        shown = page("message.html", self._error.status, title=title, lead=lead, path="", viewer=viewer)
        shown.headers.update(self.headers)
        return shown


class _LatePage(ASGIResponse):
    def __init__(self, answer: _ErrorAnswer) -> None:
        super().__init__(status_code=answer.status_code or 500)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        written = await asyncio.to_thread(self._answer.write)
        request = AnyRequest(scope, receive, send)
        await written.to_asgi_response(None, request)(scope, receive, send)
