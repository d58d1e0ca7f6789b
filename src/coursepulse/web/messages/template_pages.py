"""The page on which teachers keep their own templates, and administrators those of the organisation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromQuery

from coursepulse.access.viewer import Role
from coursepulse.campus.message_templates import (
    LONGEST_NAME,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MessageTemplate,
    Placeholder,
    unknown_places,
)
from coursepulse.dashboards.evidence import MOST
from coursepulse.dashboards.language import language, languages, own_name
from coursepulse.dashboards.text import enumerated, say
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.audit.writing import note
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.outcome import NOTHING_SENT, Outcome
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import role_viewer
from coursepulse.web.messages.draft_pages import read_texts

if TYPE_CHECKING:
    from coursepulse.web.messages.ports import MessageServices

_PATH = "/messages/templates"

#: Who keeps templates.
_KEEPERS = (Role.INSTRUCTOR, Role.ADMIN)

#: How the trail calls it.
KEPT, REMOVED = "messages:template:kept", "messages:template:removed"

# Handlers that share an address are async: Litestar registers them twice, and would wrap a sync one twice.


@get(_PATH, include_in_schema=False)
async def show_templates(request: AnyRequest, template: FromQuery[str] = "") -> Response[str]:
    """The templates, and a form for a new one or for the one that is asked for."""
    viewer = await asyncio.to_thread(role_viewer, request, *_KEEPERS)
    return await asyncio.to_thread(_show, request, viewer, template)


@post(_PATH, include_in_schema=False)
async def change_templates(request: AnyRequest) -> Response[str]:
    """Keep a template, or take one away."""
    viewer = await asyncio.to_thread(role_viewer, request, *_KEEPERS)
    # A draft that is kept as a template comes with everybody whom it is for.
    form = await read_own_form(request, people=MOST)
    return await asyncio.to_thread(_change, request, viewer, form)


def _change(request: AnyRequest, viewer: PageViewer, form: Form) -> Response[str]:
    services, typed = reach.messages(request), None
    try:
        if form.text("do") == "remove":
            return _show(request, viewer, "", Outcome(_remove(services, viewer, _key(form.text("template")))))
        typed = _read_template(viewer, form)
        return _show(request, viewer, "", Outcome(_keep(services, viewer, typed)))
    except RequestError as error:
        # What was typed is still there.
        return _show(request, viewer, "", Outcome(trouble=error), typed)


def _keep(services: MessageServices, viewer: PageViewer, template: MessageTemplate) -> str:
    """What was done.

    :raises RequestError: ``incomplete_template``, ``unknown_placeholder``, ``template_name_taken``
        or ``unknown_template``
    """
    if not template.name or not template.texts or not all(each.subject for each in template.texts.values()):
        raise RequestError("incomplete_template", say("templates.incomplete"))
    if unknown := unknown_places(template.texts.values()):
        names = enumerated(f"{{{name}}}" for name in unknown)
        raise RequestError("unknown_placeholder", say("templates.unknown_place", names=names))
    # No name and no text: they may say something about somebody.
    note(services, viewer, KEPT, str(template.template_id), " ".join(sorted(template.texts)))
    try:
        kept = services.messages.put(template, viewer, services.clock())
    except RequestError as error:
        raise RequestError(error.code, say("templates.name_taken")) from None
    if not kept:
        raise RequestError("unknown_template", say("templates.not_yours"), 404)
    return say("templates.kept", name=template.name)


def _remove(services: MessageServices, viewer: PageViewer, template: UUID) -> str:
    kept = {each.template_id: each for each in services.messages.usable(viewer)}.get(template)
    if kept is None:
        raise RequestError("unknown_template", say("templates.not_yours"), 404)
    note(services, viewer, REMOVED, str(template), " ".join(sorted(kept.texts)))
    if not services.messages.drop(template, viewer):
        raise RequestError("unknown_template", say("templates.not_yours"), 404)
    return say("templates.removed", name=kept.name)


def _read_template(viewer: PageViewer, form: Form) -> MessageTemplate:
    key = _key(form.text("template")) if form.text("template") else uuid4()
    owner = "" if viewer.role is Role.ADMIN else viewer.subject
    return MessageTemplate(key, owner, form.text("name").strip()[:LONGEST_NAME], read_texts(form))


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RequestError("unknown_template", say("templates.not_yours"), 404) from None


def _show(
    request: AnyRequest,
    viewer: PageViewer,
    wanted: str,
    outcome: Outcome = NOTHING_SENT,
    typed: MessageTemplate | None = None,
) -> Response[str]:
    templates = reach.messages(request).messages.usable(viewer)
    shared = viewer.role is Role.ADMIN
    own = [each for each in templates if shared or each.owner]
    edited = typed or next((each for each in own if str(each.template_id) == wanted), None)
    return page(
        "message_templates.html",
        outcome.status,
        title=say("templates.title"),
        path=_PATH,
        viewer=viewer,
        own=own,
        shared=[] if shared else [each for each in templates if not each.owner],
        edited=edited,
        spoken={each.template_id: enumerated(map(own_name, each.texts)) for each in templates},
        known={each.template_id for each in own},
        texts=edited.texts if edited else {},
        written={name: own_name(name) for name in sorted(languages(), key=lambda name: name != language())},
        places=tuple(Placeholder),
        longest=(LONGEST_NAME, LONGEST_SUBJECT, LONGEST_TEXT),
        **outcome.shown,
    )


routes = [show_templates, change_templates]
