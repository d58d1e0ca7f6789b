"""A request as handlers see it."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State

#: Who asks is found in :mod:`coursepulse.web.http.auth`, so Litestar's own user and authentication stay empty.
AnyRequest = Request[None, None, State]

#: A request or a guard's view of one; Litestar gives guards no narrower type.
Connection = ASGIConnection[Any, Any, Any, Any]
