"""A page, asked for in the name of its reader, without a connection: the handler, checks and rows of the screen."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from litestar import Litestar

from coursepulse.dashboards.language import speaking
from coursepulse.web.dashboards.page_files import CARDS_MISSING, ORDERED_BY, UNNAMED
from coursepulse.web.http.auth import PageViewer

#: Seconds that a page may take.
_TIMEOUT = 120.0

_TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_NAME = re.compile(r'filename="([^"]*)"')


class PageReader(NamedTuple):
    """In whose name a page is asked for, and how it speaks to them.

    :param zone: IANA name of their clock
    :param ordered_by: who had it made, where that is somebody else
    :param unnamed: leave out what names other people
    """

    viewer: PageViewer
    zone: str
    language: str
    ordered_by: str = ""
    unnamed: bool = False


class MadePage(NamedTuple):
    """An answer to a page or a file of it."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def title(self) -> str:
        """What the page is called; empty for a file."""
        found = _TITLE.search(self.content.decode("utf-8", "replace"))
        return unescape(found[1]).strip() if found else ""

    @property
    def name(self) -> str:
        """What the file is called."""
        found = _NAME.search(self.headers.get("content-disposition", ""))
        return found[1] if found else "report"

    @property
    def missing(self) -> int:
        """How many of its cards could not be read."""
        return int(self.headers.get(CARDS_MISSING.lower(), 0))

    @property
    def media_type(self) -> str:
        """What kind of file it is."""
        return self.headers.get("content-type", "").partition(";")[0]


class PageMaker:
    """Asks the pages of this server, one after the other, in a loop of its own. It opens with the first question.

    :param open_app: the application with the pages of cards
    """

    def __init__(self, open_app: Callable[[], Litestar]) -> None:
        self._open_app = open_app
        self._app: Litestar | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="reports", daemon=True)
        self._one = threading.Lock()

    def ask(self, address: str, reader: PageReader) -> MadePage:
        """The answer to an address of this server."""
        with self._one:
            if self._app is None:
                self._app = self._open_app()
                self._thread.start()
            asked = asyncio.run_coroutine_threadsafe(_ask(self._app, address, reader), self._loop)
            return asked.result(_TIMEOUT)

    def close(self) -> None:
        """No more questions."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


async def _ask(app: Litestar, address: str, reader: PageReader) -> MadePage:
    told: dict[str, Any] = {"status": 500, "headers": []}
    body = bytearray()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            told.update(message)
        body.extend(message.get("body", b""))

    with speaking(reader.language):
        await app(_scope(address, reader), receive, send)  # type: ignore[arg-type]
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in told["headers"]}
    return MadePage(told["status"], headers, bytes(body))


def _scope(address: str, reader: PageReader) -> dict[str, Any]:
    """A request that brings its viewer instead of a session: only code of this process can make one."""
    path, _, query = address.partition("?")
    headers = {
        "accept": "text/html",
        "accept-language": reader.language,
        "cookie": f"zone={quote(reader.zone)}",
    }
    state = {"viewer": reader.viewer, ORDERED_BY: reader.ordered_by, UNNAMED: reader.unnamed}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "root_path": "",
        "query_string": query.encode("ascii"),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": None,
        "server": ("localhost", 80),
        "state": state,
    }
