"""Ids with a slash, as old courses of Open edX have them, in addresses: ``/courses/MITx%2F6.002x%2F2012_Fall``.

A server hands on the decoded path, in which such a slash looks like one between two parts of an address.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

#: Stands for a slash of an id while the route is looked up: a character for private use.
_SLASH = "\ue000"


def keep_slashes(app: ASGIApp) -> ASGIApp:
    """Look up routes by the parts that an address had before it was decoded."""

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        raw: bytes = scope.get("raw_path") or b""
        if b"%2f" in raw.lower():
            parts = raw.decode("ascii", "replace").split("/")
            scope["path"] = "/".join(unquote(each).replace("/", _SLASH) for each in parts)
        await app(scope, receive, send)

    return route


def restore_slashes(request: Request[Any, Any, Any]) -> None:
    """Give handlers the ids as they are, and pages their own address as it was asked for."""
    scope = request.scope
    if _SLASH not in scope["path"]:
        return
    values = scope["path_params"]
    values.update({name: text.replace(_SLASH, "/") for name, text in values.items() if _SLASH in str(text)})
    scope["path"] = scope["raw_path"].decode("ascii", "replace")
