"""The pages of administrators beside the first: the data themselves, and the system."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from coursepulse.dashboards.text import say
from coursepulse.web.dashboards.pages import ask_about, board
from coursepulse.web.http.request import AnyRequest

#: The pages of administrators, by what they are about and with their address.
PAGES = {Dashboard.PLATFORM: "/", Dashboard.QUALITY: "/admin/quality", Dashboard.SYSTEM: "/admin/system"}

#: The pages that are no boards of cards.
MODELS, RECONCILIATION = "/admin/models", "/admin/reconciliation"


def tabs() -> list[tuple[str, str]]:
    """Their names and addresses."""
    boards = [(say(f"tab.{dashboard}"), href) for dashboard, href in PAGES.items()]
    return [*boards, (say("tab.models"), MODELS), (say("tab.reconciliation"), RECONCILIATION)]


@get(PAGES[Dashboard.QUALITY], include_in_schema=False)
async def quality_page(request: AnyRequest) -> Response[Any]:
    """What is wrong with the data, by sender and course."""
    return await _show(request, Dashboard.QUALITY)


@get(PAGES[Dashboard.SYSTEM], include_in_schema=False)
async def system_page(request: AnyRequest) -> Response[str]:
    """How the system does, what waits, and a way into the audit trail."""
    return await _show(request, Dashboard.SYSTEM)


async def _show(request: AnyRequest, dashboard: Dashboard) -> Response[Any]:
    words = say(f"{dashboard}.title"), say(f"{dashboard}.lead")
    return await board(request, DASHBOARDS[dashboard], ask_about(request), *words, tabs=tabs())


routes = [quality_page, system_page]
