"""What pages are called: by the name of their subject, as far as one is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coursepulse.access.viewer import Viewer
from coursepulse.dashboards.people import name_of
from coursepulse.metrics.query import Query
from coursepulse.web.dashboards.service import student_bytes

if TYPE_CHECKING:
    from coursepulse.web.dashboards.ports import DashboardServices, HasStudentNames


def student_name(services: HasStudentNames, student_id: str) -> str:
    """The name of a student, or the beginning of the pseudonym.

    :raises RequestError: ``unknown_student`` for something that is no pseudonym
    """
    raw = student_bytes(student_id)
    return name_of(raw, services.campus.names([raw]).get(raw))


def course_title(services: DashboardServices, viewer: Viewer, course_id: str) -> str:
    """The title of a course, or the platform's id where the catalog has none.

    :raises RequestError: ``forbidden``, for a course that is not there too
    """
    # The cheapest metric that is about one course says whether the viewer may see it.
    services.metrics.run(Query(metric="clicks", course=course_id), viewer)
    return services.campus.titles([course_id]).get(course_id, course_id)


def learners_course(services: DashboardServices, viewer: Viewer, course_id: str, student_id: str) -> str:
    """The title of a course for those who may see the student in it, and for that student."""
    # Without learning analytics there are no rows, and the course has its title all the same.
    services.metrics.run(
        Query(metric="student_courses", course=course_id, student=student_bytes(student_id)), viewer
    )
    return services.campus.titles([course_id]).get(course_id, course_id)


def video_title(services: DashboardServices, viewer: Viewer, course_id: str, video_id: str) -> str:
    """The title of a video, or the platform's id where the catalog has none."""
    rows = services.metrics.run(Query(metric="course_videos", course=course_id), viewer).records()
    return next((row["title"] for row in rows if row["video_id"] == video_id and row["title"]), video_id)
