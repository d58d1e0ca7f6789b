"""Every address that the server answers."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from coursepulse.web import (
    dead_letters_api,
    events_api,
    health,
    live,
    metrics_api,
    pages,
    privacy_api,
    roster_api,
)

ROUTES: list[ControllerRouterHandler] = [
    *events_api.routes,
    *dead_letters_api.routes,
    *roster_api.routes,
    *privacy_api.routes,
    *metrics_api.routes,
    *health.routes,
    *live.routes,
    *pages.routes,
]
