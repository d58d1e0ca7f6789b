"""A student's own goals: set, changed and taken away."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import NamedTuple

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from coursepulse.access.viewer import Role
from coursepulse.campus.goals import MOST_MINUTES, Goal, GoalKind
from coursepulse.dashboards.reader import Record
from coursepulse.dashboards.text import say
from coursepulse.kit.clock import utc_date
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.metrics.query import LAST_DAY, Query
from coursepulse.privacy.consent import Purpose
from coursepulse.web import reach
from coursepulse.web.audit.writing import note
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer

#: The entry of the audit trail; it says whose goals, and not which.
CHANGED = "goals:student:changed"

_PATH = "/goals"


class _Owner(NamedTuple):
    """A student on their own page."""

    viewer: PageViewer
    student: bytes


@get(_PATH, include_in_schema=False)
async def show_goals(
    request: AnyRequest, done: FromQuery[str] = "", trouble: FromQuery[str] = ""
) -> Response[str]:
    """The goals with their forms.

    :param done: ``set`` or ``dropped``
    :param trouble: why a goal was not taken
    """
    return await asyncio.to_thread(_show, request, done, trouble)


@post(_PATH, include_in_schema=False, status_code=303)
async def change_goals(request: AnyRequest) -> Redirect:
    """Set a goal, or take one away."""
    form = await read_own_form(request)
    told = await asyncio.to_thread(_change, request, form)
    return Redirect(f"{_PATH}?{told}", status_code=303)


def _show(request: AnyRequest, done: str, trouble: str) -> Response[str]:
    owner = _owner(request)
    goals = _rows(request, owner, "student_goals")
    return page(
        "goals.html",
        title=say("goals.title"),
        path=request.url.path,
        viewer=owner.viewer,
        trail=[(say("nav.student"), "/")],
        agreed=_agrees(request, owner),
        goals=goals,
        minutes=next((row["minutes"] for row in goals if row["minutes"]), ""),
        most_minutes=MOST_MINUTES,
        courses=_courses(request, owner),
        today=utc_date(reach.dashboards(request).clock()),
        done=say(f"goals.done.{done}") if done in ("set", "dropped", "gone") else "",
        trouble=say(f"goals.trouble.{trouble}") if trouble in ("minutes", "course", "day") else "",
        secret="",
    )


def _change(request: AnyRequest, form: Form) -> str:
    """What the page says afterwards."""
    owner, services = _owner(request), reach.dashboards(request)
    if not _agrees(request, owner):
        raise RequestError("no_consent", say("consent.lacks.analytics"), 403)
    if form.text("drop"):
        kind, _, course = form.text("drop").partition(":")
        if kind not in set(GoalKind):
            return "done=gone"
        _note(request, owner)
        dropped = services.goals.drop(owner.student, GoalKind(kind), course)
        return "done=dropped" if dropped else "done=gone"
    goal = _read_goal(form, {course for course, _ in _courses(request, owner)}, _today(request))
    if isinstance(goal, str):
        return f"trouble={goal}"
    _note(request, owner)
    services.goals.put(owner.student, goal, services.clock())
    return "done=set"


def _read_goal(form: Form, courses: set[str], today: date) -> Goal | str:
    """The goal of a form, or what is wrong with it."""
    if form.text("kind") == GoalKind.WEEKLY_MINUTES:
        minutes = form.text("minutes")
        known = minutes.isascii() and minutes.isdecimal() and len(minutes) <= len(str(MOST_MINUTES))
        if not known or not 1 <= int(minutes) <= MOST_MINUTES:
            return "minutes"
        return Goal(GoalKind.WEEKLY_MINUTES, minutes=int(minutes))
    if form.text("course") not in courses:
        return "course"
    day = _read_day(form.text("finish_on"))
    if day is None or not today <= day < LAST_DAY:
        return "day"
    return Goal(GoalKind.FINISH_COURSE, form.text("course"), finish_on=day)


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _owner(request: AnyRequest) -> _Owner:
    """:raises RequestError: ``forbidden`` for everybody but students with a record of their own"""
    viewer = page_viewer(request)
    if viewer.role is not Role.STUDENT or viewer.student_id is None:
        raise RequestError("forbidden", say("goals.students_only"), 403, told=True)
    return _Owner(viewer, viewer.student_id)


def _agrees(request: AnyRequest, owner: _Owner) -> bool:
    return reach.dashboards(request).relations.agrees(owner.student, Purpose.ANALYTICS)


def _courses(request: AnyRequest, owner: _Owner) -> list[tuple[str, str]]:
    """Id and title of each course that could be finished."""
    rows = _rows(request, owner, "student_courses")
    open_ = [row for row in rows if row["status"] in (None, "enrolled")]
    return sorted(((row["course_id"], row["title"] or row["course_id"]) for row in open_), key=lambda c: c[1])


def _rows(request: AnyRequest, owner: _Owner, metric: str) -> list[Record]:
    query = Query(metric=metric, student=owner.student)
    return reach.dashboards(request).metrics.run(query, owner.viewer).records()


def _today(request: AnyRequest) -> date:
    return utc_date(reach.dashboards(request).clock())


def _note(request: AnyRequest, owner: _Owner) -> None:
    """Before it happens: what the trail cannot record must not happen."""
    note(reach.dashboards(request), owner.viewer, CHANGED, to_text(owner.student))


routes = [show_goals, change_goals]
