"""Pages for people: server-rendered, readable without scripts, brought up to date by small requests."""

from __future__ import annotations

from coursepulse.web.pages import (
    admin,
    audit,
    boards,
    cards,
    definitions,
    embed,
    home,
    openings,
    privacy,
    set_up,
    sign_in,
    sign_in_provider,
)
from coursepulse.web.pages.errors import error_page

__all__ = ["error_page", "routes"]

#: Everything that people open in a browser. Handlers read ``request.app.state.services``.
routes = [
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
