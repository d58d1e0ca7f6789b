"""What everyone sees first."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from coursepulse.access.viewer import Role
from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from coursepulse.dashboards.links import course_link, team_link
from coursepulse.dashboards.special.taught import AT_ONCE
from coursepulse.dashboards.text import say
from coursepulse.kit.ids import to_text
from coursepulse.web import reach
from coursepulse.web.break_glass.service import may_acknowledge
from coursepulse.web.dashboards.admin_pages import tabs
from coursepulse.web.dashboards.beginnings import steps_of_nobody
from coursepulse.web.dashboards.pages import Section, Trail, ask_about, board, board_of_many, home_name
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer


@get("/", include_in_schema=False)
async def home(request: AnyRequest) -> Response[Any]:
    """Students see themselves, instructors their courses, managers their teams, auditors the trail."""
    viewer = await asyncio.to_thread(page_viewer, request)
    match viewer.role:
        case Role.STUDENT:
            return await _show_student(request, viewer)
        case Role.INSTRUCTOR:
            return await _show_courses(request, viewer)
        case Role.MANAGER:
            return await _show_teams(request, viewer)
        case Role.AUDITOR:
            return Redirect("/admin/audit", status_code=303)
        case _:
            return await _show_platform(request, viewer)


async def _show_student(request: AnyRequest, viewer: PageViewer) -> Response[Any]:
    if viewer.student_id is None:
        return _show_nothing(request, viewer)
    card_request = ask_about(request, student=to_text(viewer.student_id))
    return await board(
        request,
        DASHBOARDS[Dashboard.STUDENT],
        card_request,
        say("home.student.title"),
        say("home.student.lead"),
    )


async def _show_courses(request: AnyRequest, viewer: PageViewer) -> Response[Any]:
    courses = await _list_courses(request, viewer)
    if not courses:
        return _show_nothing(request, viewer)
    shown = sorted(course for _, course in courses)[:AT_ONCE]
    others = [(name, course_link(course)) for name, course in courses if course not in shown]
    return await board(
        request,
        DASHBOARDS[Dashboard.TAUGHT],
        ask_about(request),
        say("home.instructor.title"),
        say("home.instructor.lead"),
        others=others,
    )


async def _show_teams(request: AnyRequest, viewer: PageViewer) -> Response[Any]:
    services = reach.dashboards(request)
    teams = await asyncio.to_thread(services.campus.teams, viewer.team_ids, viewer.organisation_id)
    if not teams:
        return _show_nothing(request, viewer)
    named = sorted((name or team, team) for team, name in teams.items())
    if len(named) == 1:
        return await _show_team(request, *named[0])
    sections = [Section(say("home.manager.compared"), ask_about(request), DASHBOARDS[Dashboard.TEAMS])]
    sections += [
        Section(name, ask_about(request, team=team), DASHBOARDS[Dashboard.LED], team_link(team))
        for name, team in named
    ]
    return await board_of_many(request, viewer, sections, say("home.manager.title"), say("home.manager.lead"))


@get("/teams/{team_id:str}", include_in_schema=False)
async def team_page(request: AnyRequest, team_id: FromPath[str]) -> Response[Any]:
    """One team, for those who lead it."""
    services = reach.dashboards(request)
    viewer = await asyncio.to_thread(page_viewer, request)
    wanted = viewer.team_ids & {team_id}
    teams = await asyncio.to_thread(services.campus.teams, wanted, viewer.organisation_id)
    trail = [(home_name(viewer), "/")] if len(viewer.team_ids) > 1 else []
    # Without a name for those who may not see it: the cards refuse.
    return await _show_team(request, teams.get(team_id) or team_id, team_id, trail)


async def _show_team(request: AnyRequest, name: str, team: str, trail: Trail = ()) -> Response[Any]:
    card_request = ask_about(request, team=team)
    return await board(request, DASHBOARDS[Dashboard.TEAM], card_request, name, say("home.team.lead"), trail)


async def _show_platform(request: AnyRequest, viewer: PageViewer) -> Response[Any]:
    services = reach.dashboards(request)
    flagged = await asyncio.to_thread(services.break_glass.count_flagged) if may_acknowledge(viewer) else 0
    lead = say("home.lead")
    return await board(
        request,
        DASHBOARDS[Dashboard.PLATFORM],
        ask_about(request),
        say("home.title"),
        lead,
        flagged=flagged,
        tabs=tabs(),
    )


async def _list_courses(request: AnyRequest, viewer: PageViewer) -> list[tuple[str, str]]:
    """Title and id of each course that the viewer teaches."""
    services = reach.dashboards(request)
    known = await asyncio.to_thread(services.campus.titles, viewer.course_ids)
    return sorted((known.get(course, course), course) for course in viewer.course_ids)


def _show_nothing(request: AnyRequest, viewer: PageViewer) -> Response[Any]:
    """For those who have no course, no team or no record yet."""
    role = viewer.role.value
    return page(
        "home.html",
        title=say(f"home.{role}.title"),
        lead=say(f"home.{role}.empty"),
        path=request.url.path,
        viewer=viewer,
        steps=steps_of_nobody(viewer, viewer.name),
        subject="",
    )


routes = [home, team_page]
