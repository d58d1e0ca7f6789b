"""The names on the leaderboard of a course, for those who teach it: they may remove one that does not belong there."""

from __future__ import annotations

import asyncio

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.links import course_link, leaderboard_link
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.metrics.query import Query
from coursepulse.web import reach
from coursepulse.web.audit.writing import note
from coursepulse.web.dashboards import titles
from coursepulse.web.http.forms import read_own_form
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer

#: The entry of the audit trail; it says whose name, and not which.
REMOVED = "leaderboard:name:remove"


@get("/courses/{course_id:str}/leaderboard", include_in_schema=False)
async def show_names(
    request: AnyRequest, course_id: FromPath[str], removed: FromQuery[bool] = False
) -> Response[str]:
    """Every name on the board."""
    return await asyncio.to_thread(_show, request, course_id, removed=removed)


@post("/courses/{course_id:str}/leaderboard", include_in_schema=False, status_code=303)
async def remove_name(request: AnyRequest, course_id: FromPath[str]) -> Redirect:
    """Take one name away; its student is on no leaderboard until they choose another one."""
    form = await read_own_form(request)
    await asyncio.to_thread(_remove, request, course_id, form.text("name"))
    return Redirect(f"{leaderboard_link(course_id)}?removed=true", status_code=303)


def _show(request: AnyRequest, course_id: str, *, removed: bool) -> Response[str]:
    services = reach.dashboards(request)
    viewer = page_viewer(request)
    names = _names(request, viewer, course_id)
    title = titles.course_title(services, viewer, course_id)
    return page(
        "leaderboard.html",
        title=say("board.names"),
        trail=[(say(f"nav.{viewer.role.value}"), "/"), (title, course_link(course_id))],
        path=request.url.path,
        viewer=viewer,
        names=names,
        removed=removed,
    )


def _remove(request: AnyRequest, course_id: str, name: str) -> None:
    services = reach.dashboards(request)
    viewer = page_viewer(request)
    found = services.board_names.find(name) if name in _names(request, viewer, course_id) else None
    if found is None:  # it is gone already
        return
    # Before it happens: what the trail cannot record must not happen.
    note(services, viewer, REMOVED, to_text(found), f"course={course_id}")
    services.board_names.remove(found, services.clock())


def _names(request: AnyRequest, viewer: Viewer, course_id: str) -> list[str]:
    """Every name on the board.

    :raises RequestError: ``forbidden`` for everybody who does not teach the course
    """
    if viewer.role is not Role.INSTRUCTOR:
        raise RequestError("forbidden", "You may not see this.", 403)
    query = Query(metric="course_leaderboard", course=course_id, sort="name")
    return [row["name"] for row in reach.dashboards(request).metrics.run(query, viewer).records()]


routes = [show_names, remove_name]
