"""How an answer is written for its reader: in which language, and on which clock."""

from __future__ import annotations

import asyncio
from datetime import UTC
from urllib.parse import unquote

from coursepulse.campus.zones import find_zone
from coursepulse.dashboards.language import SOURCE, best_language, language, languages, use_language, use_zone
from coursepulse.dashboards.text import say_or
from coursepulse.kit.errors import RequestError, StoreUnavailable
from coursepulse.web.http.auth import PageViewer, session_in_use, session_viewer
from coursepulse.web.http.request import AnyRequest

#: Keeps the language that a browser has chosen, for pages before the sign-in.
LANGUAGE_COOKIE = "language"

#: What programs ask for is in English: its sentences stand in logs and in the documentation.
_FOR_PROGRAMS = ("/v1/", "/static/", "/health", "/metrics")


async def follow_reader(request: AnyRequest) -> None:
    """Whatever this request writes is in the language and on the clock of its reader."""
    use_zone(find_zone(unquote(request.cookies.get("zone", ""))) or UTC)
    if request.scope["path"].startswith(_FOR_PROGRAMS):
        use_language(SOURCE)
        return
    viewer = await asyncio.to_thread(known_viewer, request) if session_in_use(request) else None
    use_language(language_for(request, viewer))


def language_for(request: AnyRequest, viewer: PageViewer | None) -> str:
    """What somebody has chosen; before that what their browser has chosen, and else what it asks for."""
    chosen = (viewer and viewer.language) or request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in languages() else best_language(request.headers.get("accept-language", ""))


def known_viewer(request: AnyRequest) -> PageViewer | None:
    """Who is signed in, as far as that can be found out: no page fails for it."""
    if not session_in_use(request):
        return None
    try:
        return session_viewer(request)
    except StoreUnavailable:
        return None


def words_for(error: RequestError) -> str:
    """The sentence of an error in the language of its reader, as far as there are words for its code."""
    as_it_is = error.told or language() == SOURCE
    return str(error) if as_it_is else say_or(f"error.{error.code}", str(error))
