"""What those who teach a course say of a prediction about one of its learners: right, dismissed, or wrong, because."""

from __future__ import annotations

import asyncio

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.links import learner_link
from coursepulse.insight.predictions import TeacherVerdict
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.metrics.query import Query
from coursepulse.web import reach
from coursepulse.web.audit.writing import note
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer

#: The entry of the audit trail; it says about whom and what, and not why.
SAID = "insight:student:verdict"


@post("/courses/{course_id:str}/predictions", include_in_schema=False, status_code=303)
async def say_verdict(request: AnyRequest, course_id: FromPath[str]) -> Redirect:
    """Keep what somebody says of a prediction."""
    form = await read_own_form(request)
    student = await asyncio.to_thread(_judge, request, course_id, form)
    return Redirect(learner_link(course_id, student), status_code=303)


def _judge(request: AnyRequest, course_id: str, form: Form) -> str:
    """The pseudonym of the student, as it stands in addresses.

    :raises RequestError: ``forbidden``, ``invalid_request``, ``reason_missing``, ``reason_too_long``
    """
    services, viewer = reach.dashboards(request), page_viewer(request)
    student = services.metrics.identify(form.text("student"))
    _check(request, viewer, course_id, student)
    told = form.text("verdict")
    if told not in set(TeacherVerdict):
        raise RequestError("invalid_request", f"`verdict` must be one of {', '.join(TeacherVerdict)}.")
    verdict = TeacherVerdict(told)
    # Before it happens: what the trail cannot record must not happen.
    note(services, viewer, SAID, to_text(student), f"course={course_id} verdict={verdict}")
    services.predictions.judge(
        course_id, student, verdict, form.text("because"), viewer.subject, services.clock()
    )
    return to_text(student)


def _check(request: AnyRequest, viewer: Viewer, course_id: str, student: bytes) -> None:
    """:raises RequestError: ``forbidden`` for everybody who does not teach the course with this student in it"""
    if viewer.role is not Role.INSTRUCTOR or course_id not in viewer.course_ids:
        raise RequestError("forbidden", "You may not see this.", 403)
    query = Query(metric="student_prediction", student=student, course=course_id)
    if not reach.dashboards(request).metrics.run(query, viewer).records():
        raise RequestError("forbidden", "You may not see this.", 403)


routes = [say_verdict]
