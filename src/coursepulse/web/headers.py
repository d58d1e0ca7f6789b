"""What browsers may do with an answer: one set of headers for every answer of the server, errors included.

``docs/security.md`` says what each of them keeps away.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from litestar.datastructures import MutableScopeHeaders
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

from coursepulse.web.auth import Connection

_NOBODY = "'none'"

#: No script, style, font or picture from anywhere else, and none written into the page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors {}"
)

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}

#: A year, as RFC 6797 recommends. Neighbours under the same domain are not ours to bind.
_HTTPS_ONLY = "max-age=31536000"

#: Files whose address changes with their content say so themselves; everything else is somebody's.
_SHARED = "/static/"

_FRAME = "frame_ancestor"


def allow_frame(connection: Connection, origin: str) -> None:
    """Let pages of ``origin`` show the answer to this request in a frame."""
    connection.scope["state"][_FRAME] = origin


def header_hook(public_url: str) -> BeforeMessageSendHookHandler:
    """Adds the headers to each answer as it leaves.

    :param public_url: where browsers reach the server, empty when they reach it directly
    """
    behind_https = urlsplit(public_url).scheme == "https"

    async def add_headers(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in _ALWAYS.items():
            headers[name] = value
        headers["Content-Security-Policy"] = _POLICY.format(scope.get("state", {}).get(_FRAME) or _NOBODY)
        if behind_https or scope.get("scheme") == "https":
            headers["Strict-Transport-Security"] = _HTTPS_ONLY
        if message["status"] >= 400 or not scope["path"].startswith(_SHARED):
            headers["Cache-Control"] = "private, no-store"

    return add_headers
