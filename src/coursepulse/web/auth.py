"""Who asks: API keys from the ``Authorization`` header."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from coursepulse.access.viewer import Role, Viewer
from coursepulse.collect.keys import Key
from coursepulse.privacy.addresses import truncate

if TYPE_CHECKING:
    from coursepulse.web.services import Services

Connection = ASGIConnection[Any, Any, Any, Any]


def bearer(connection: Connection) -> str | None:
    """The secret of an ``Authorization: Bearer …`` header (RFC 6750 section 2.1), or None."""
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None


def require(connection: Connection, scope: str) -> Key:
    """The key that asks, if it has ``scope``.

    :raises RequestError: 401 or 403
    """
    services: Services = connection.app.state.services
    return services.door.keys.require(bearer(connection), scope)


def needs(scope: str) -> Guard:
    """A guard that lets only keys with ``scope`` pass."""

    def guard(connection: Connection, _: BaseRouteHandler) -> None:
        require(connection, scope)

    return guard


def key_viewer(connection: Connection, scope: str) -> Viewer:
    """The key that asks, as a viewer.

    :raises RequestError: 401 or 403
    """
    key = require(connection, scope)
    return Viewer(
        role=Role.SERVICE,
        subject=f"key:{key.name}",
        scopes=key.scopes,
        request_id=request_id(connection),
        address=network(connection),
    )


def request_id(connection: Connection) -> str:
    """Ties together what is written down about one request."""
    known: dict[str, Any] = connection.scope["state"]
    name: str = known.setdefault("request_id", secrets.token_hex(8))
    return name


def network(connection: Connection) -> str:
    """Where a request comes from, as far as it may be written down."""
    return truncate(connection.client.host if connection.client else "")
