"""Every address that the server answers."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from coursepulse.web.audit import api as audit_api
from coursepulse.web.audit import pages as audit
from coursepulse.web.break_glass import api as break_glass_api
from coursepulse.web.break_glass import pages as openings
from coursepulse.web.dashboards import cards, embed, home, live
from coursepulse.web.dashboards import pages as boards
from coursepulse.web.http import health
from coursepulse.web.identity import api as identity_api
from coursepulse.web.identity import embed_api
from coursepulse.web.identity import pages as admin
from coursepulse.web.identity import provider_pages as sign_in_provider
from coursepulse.web.identity import set_up_pages as set_up
from coursepulse.web.identity import sign_in_pages as sign_in
from coursepulse.web.ingest import dead_letters as dead_letters_api
from coursepulse.web.ingest import events as events_api
from coursepulse.web.ingest import withdrawals as withdrawals_api
from coursepulse.web.metrics import api as metrics_api
from coursepulse.web.metrics import pages as definitions
from coursepulse.web.privacy import api as privacy_api
from coursepulse.web.privacy import compliance as compliance_api
from coursepulse.web.privacy import pages as privacy
from coursepulse.web.roster import api as roster_api
from coursepulse.web.roster import deliveries as deliveries_api

#: Everything that people open in a browser. Handlers get what they need from ``reach.py``.
PAGES: list[ControllerRouterHandler] = [
    *home.HANDLERS,
    *boards.HANDLERS,
    *openings.HANDLERS,
    *definitions.HANDLERS,
    cards.show_card,
    *set_up.HANDLERS,
    *sign_in.HANDLERS,
    *sign_in_provider.HANDLERS,
    *embed.HANDLERS,
    *admin.HANDLERS,
    *audit.HANDLERS,
    *privacy.HANDLERS,
]

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
    *PAGES,
]
