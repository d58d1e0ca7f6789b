"""Every address that the server answers."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from coursepulse.web import (
    audit_api,
    break_glass_api,
    compliance_api,
    dead_letters_api,
    deliveries_api,
    embed_api,
    events_api,
    health,
    identity_api,
    live,
    metrics_api,
    pages,
    privacy_api,
    roster_api,
    withdrawals_api,
)

ROUTES: list[ControllerRouterHandler] = [
    *events_api.routes,
    *withdrawals_api.routes,
    *dead_letters_api.routes,
    *roster_api.routes,
    *deliveries_api.routes,
    *break_glass_api.routes,
    *privacy_api.routes,
    *metrics_api.routes,
    *audit_api.routes,
    *compliance_api.routes,
    *identity_api.routes,
    *embed_api.routes,
    *health.routes,
    *live.routes,
    *pages.routes,
]
