"""What a browser shows when a page cannot be shown."""

from __future__ import annotations

from litestar import Response

from coursepulse.dashboards.text import say
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest


def error_page(request: AnyRequest, status: int, sentence: str) -> Response[str]:
    """The problem in one sentence and the way home, in the frame that the person who is signed in knows."""
    # As far as the request had come: nothing is looked up for an error.
    viewer = request.scope["state"].get("viewer")
    return page("message.html", status, title=say("trouble.title"), lead=sentence, path="", viewer=viewer)
