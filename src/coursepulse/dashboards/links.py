"""Where things live: the addresses that cards point to."""

from __future__ import annotations

from urllib.parse import quote


def course_link(course_id: str) -> str:
    """The page of a course."""
    return f"/courses/{quote(course_id, safe='')}"


def video_link(course_id: str, video_id: str) -> str:
    """The second-by-second page of a video."""
    return f"{course_link(course_id)}/videos/{quote(video_id, safe='')}"


def learner_link(course_id: str, student_id: str) -> str:
    """The page of a student as far as one course is concerned."""
    return f"{course_link(course_id)}{student_link(student_id)}"


def student_link(student_id: str) -> str:
    """The page of a student, by pseudonym: the whole record."""
    return f"/students/{quote(student_id, safe='')}"
