"""The page on which a message to students is written, and from which it is taken into a mail program."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from litestar import Response, post

from coursepulse.access.viewer import Role
from coursepulse.campus.message_templates import LONGEST_SUBJECT, LONGEST_TEXT, MessageText, Placeholder
from coursepulse.dashboards.evidence import MOST
from coursepulse.dashboards.language import languages
from coursepulse.dashboards.text import say
from coursepulse.web import reach
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import role_viewer
from coursepulse.web.messages.drafts import Draft, Wish, draft_about_alerts, draft_to_class
from coursepulse.web.messages.recipients import Chosen

if TYPE_CHECKING:
    from coursepulse.web.messages.ports import MessageServices


@post("/messages", include_in_schema=False)
async def write_to_students(request: AnyRequest) -> Response[str]:
    """A draft to students who were chosen from a list of a course."""
    viewer = await asyncio.to_thread(role_viewer, request, Role.INSTRUCTOR)
    form = await read_own_form(request, people=MOST)
    return await asyncio.to_thread(_write, request, viewer, form)


def _write(request: AnyRequest, viewer: PageViewer, form: Form) -> Response[str]:
    services, chosen = reach.messages(request), list(_read_chosen(form))
    draft = draft_to_class(services, viewer, chosen, read_wish(form))
    # Those whom the viewer may not write to are not carried on.
    to = {letter.to.student for letter in draft.letters} | {each.chosen.student for each in draft.waiting}
    kept = [f"{UUID(bytes=each.student)} {each.course}" for each in chosen if each.student in to]
    return draft_page(services, viewer, draft, "/messages", {"student": kept})


def write_about_alerts(
    request: AnyRequest, viewer: PageViewer, alerts: list[bytes], form: Form
) -> Response[str]:
    """A draft to the students of some alerts."""
    services = reach.messages(request)
    draft = draft_about_alerts(services, viewer, alerts, read_wish(form))
    return draft_page(services, viewer, draft, "/alerts", {"alert": form.texts("alert")})


def read_wish(form: Form) -> Wish:
    """What a form says of the text; what was typed gives way to a template that is chosen."""
    template, shown = form.text("use")[:36], form.text("shown")[:36]
    texts = {} if form.text("with") == "template" else read_texts(form)
    return Wish(template, texts, shown, everybody=bool(form.text("everybody")))


def read_texts(form: Form) -> dict[str, MessageText]:
    """What was typed, by language."""
    texts = {
        name: MessageText(
            form.text(f"subject-{name}")[:LONGEST_SUBJECT].strip(),
            form.text(f"text-{name}").replace("\r\n", "\n")[:LONGEST_TEXT],
        )
        for name in languages()
    }
    return {name: text for name, text in texts.items() if text.text.strip()}


def draft_page(
    services: MessageServices,
    viewer: PageViewer,
    draft: Draft,
    action: str,
    to: Mapping[str, Sequence[str]],
) -> Response[str]:
    """The page about a draft.

    :param action: where its form goes, and ``to`` the fields that say again whom it is for
    """
    return page(
        "message_draft.html",
        title=say("inbox.message.title"),
        path="/alerts" if action == "/alerts" else "/",
        viewer=viewer,
        draft=draft,
        action=action,
        to=to,
        templates=services.messages.usable(viewer),
        places=tuple(Placeholder),
        longest=(LONGEST_SUBJECT, LONGEST_TEXT),
    )


def _read_chosen(form: Form) -> Iterator[Chosen]:
    """Pseudonyms and courses, as the boxes of lists have them."""
    for text in dict.fromkeys(form.texts("student")):
        student, _, course = text.partition(" ")
        try:
            yield Chosen(UUID(student).bytes, course)
        except ValueError:
            continue


routes = [write_to_students]
