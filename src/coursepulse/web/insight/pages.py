"""``/admin/models``: which model predicts and why, the cards of all, drift, training now, and the way back."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, NamedTuple

from litestar import Response, get, post
from litestar.params import QueryParameter

from coursepulse.access.viewer import Role
from coursepulse.dashboards.text import say
from coursepulse.insight.models_kept import KeptModel
from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.dashboards.admin_pages import MODELS, tabs
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.outcome import NOTHING_SENT, Outcome
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import role_viewer
from coursepulse.web.insight.service import ask_training, roll_back
from coursepulse.web.insight.shown import card_of, drift_lines, read_shown

if TYPE_CHECKING:
    from coursepulse.web.insight.ports import InsightServices

#: Models that are listed: those of two years.
_MOST = 104


class ListedModel(NamedTuple):
    """A model in the list of all."""

    kept: KeptModel
    trained: datetime


OneModel = Annotated[str, QueryParameter(name="model", max_length=100)]


@get(MODELS, include_in_schema=False)
async def show_models(request: AnyRequest, model: OneModel = "") -> Response[str]:
    """Every model, and the card of one."""
    viewer = await asyncio.to_thread(role_viewer, request, Role.ADMIN)
    return await asyncio.to_thread(_page, request, viewer, model, NOTHING_SENT)


@post(MODELS, include_in_schema=False, status_code=200)
async def change_models(request: AnyRequest) -> Response[str]:
    """Have a model trained, or return to the one before."""
    viewer = await asyncio.to_thread(role_viewer, request, Role.ADMIN)
    form = await read_own_form(request)
    return await asyncio.to_thread(_change, request, viewer, form)


def _change(request: AnyRequest, viewer: PageViewer, form: Form) -> Response[str]:
    try:
        done = _do(reach.insight(request), viewer, form.text("do"))
    except RequestError as error:
        return _page(request, viewer, "", Outcome(trouble=error))
    return _page(request, viewer, "", Outcome(done))


def _do(services: InsightServices, viewer: PageViewer, what: str) -> str:
    """What was done, in words.

    :raises RequestError: ``unknown_action``, ``no_model``
    """
    if what == "train":
        ask_training(services, viewer)
        return say("models.asked")
    if what == "roll_back":
        found = roll_back(services, viewer)
        return say("models.back", model=found.model) if found else say("models.back.rule")
    raise RequestError("unknown_action", say("trouble.unknown_action"))


def _page(request: AnyRequest, viewer: PageViewer, model: str, outcome: Outcome) -> Response[str]:
    services = reach.insight(request)
    overview = services.models.overview()
    chosen = services.models.find(model)
    card = card_of(chosen) if chosen else None
    titles = services.campus.titles([each.name for each in card.by_course]) if card else {}
    upkeep = overview.upkeep
    return page(
        "models.html",
        outcome.status,
        title=say("models.title"),
        path=request.url.path,
        viewer=viewer,
        tabs=tabs(),
        models=[ListedModel(each, from_micros(each.trained_at)) for each in overview.models[:_MOST]],
        champion=overview.champion,
        since=overview.champion.since if overview.champion else None,
        upkeep=upkeep,
        trained_at=upkeep.trained_at,
        verdicts=overview.verdicts,
        drift=drift_lines(overview.drift) if overview.drift else [],
        drift_at=overview.drift.measured_at if overview.drift else None,
        chosen=chosen,
        card=read_shown(chosen, titles) if chosen else None,
        **outcome.shown,
    )


routes = [show_models, change_models]
