"""What a browser shows when a page cannot be shown."""

from __future__ import annotations

from litestar import Response

from coursepulse.dashboards.text import say
from coursepulse.web.http.render import page


def error_page(status: int, sentence: str) -> Response[str]:
    """The problem in one sentence, and the way home."""
    return page("message.html", status, title=say("trouble.title"), lead=sentence, path="", viewer=None)
