"""Pages for people: server-rendered, readable without scripts, brought up to date by small requests."""

from __future__ import annotations

from coursepulse.web.pages import boards, cards, definitions, privacy
from coursepulse.web.pages.errors import error_page

__all__ = ["error_page", "routes"]

#: Everything that people open in a browser. Handlers read ``request.app.state.services``.
routes = [*boards.HANDLERS, *privacy.HANDLERS, definitions.show_definitions, cards.show_card]
