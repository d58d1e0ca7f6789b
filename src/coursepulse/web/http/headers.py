"""What browsers may do with an answer: one set of headers for every answer of the server, errors included.

``docs/explanation/security.md`` says what each of them keeps away.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from litestar.types import BeforeMessageSendHookHandler, Message, Scope

from coursepulse.web.http.request import Connection

#: No script, style, font or picture from anywhere else, and none written into the page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors {}"
)

_UNFRAMED = _POLICY.format("'none'").encode()

Raw = tuple[bytes, bytes]

#: On every answer, whatever it is.
ALWAYS: list[Raw] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
    (b"cross-origin-resource-policy", b"same-origin"),
]

#: A year, as RFC 6797 recommends. Neighbours under the same domain are not ours to bind.
_HTTPS_ONLY: Raw = (b"strict-transport-security", b"max-age=31536000")

#: Files whose address changes with their content say so themselves; everything else is somebody's.
_SHARED = "/static/"
_KEPT_BY_NOBODY: Raw = (b"cache-control", b"private, no-store")

_FRAME = "frame_ancestor"


def allow_frame(connection: Connection, origin: str) -> None:
    """Let pages of ``origin`` show the answer to this request in a frame."""
    connection.scope["state"][_FRAME] = origin


def header_hook(public_url: str) -> BeforeMessageSendHookHandler:
    """Adds the headers to each answer as it leaves.

    :param public_url: where browsers reach the server, empty when they reach it directly
    """
    behind_https = urlsplit(public_url).scheme == "https"

    # Bytes, ready to send: the classes for headers would take ten times as long, on every event too.
    async def add_headers(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = [*message["headers"], *ALWAYS, (b"content-security-policy", _policy(scope))]
        if behind_https or scope.get("scheme") == "https":
            headers.append(_HTTPS_ONLY)
        if message["status"] >= 400 or not scope["path"].startswith(_SHARED):
            headers = [header for header in headers if header[0].lower() != _KEPT_BY_NOBODY[0]]
            headers.append(_KEPT_BY_NOBODY)
        message["headers"] = headers

    return add_headers


def _policy(scope: Scope) -> bytes:
    origin = scope.get("state", {}).get(_FRAME)
    return _POLICY.format(origin).encode() if origin else _UNFRAMED
