"""What a page can be about: the words by which the pipeline, the server and the browser name it to each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from coursepulse.kit.ids import to_text

#: Everything together, for pages about the whole platform.
PLATFORM = "platform"

#: Everything that somebody teaches or leads; which that is stands in what they watch.
OWN = "own"

#: The alerts that somebody may see; which these are stands in what they watch.
ALERTS = "alerts"

#: Alerts that nobody can say any more what they were about.
ALERTS_GONE = "alerts-gone"

#: Said when nobody knows any more what somebody has missed.
EVERYTHING = "*"

#: By subject: what somebody who watches it is told has changed. For most, the subject itself.
Watched = Mapping[str, frozenset[str]]


def about_course(course_id: str) -> str:
    """A course with everybody in it."""
    return f"course:{course_id}"


def about_student(student_id: bytes) -> str:
    """A student in all courses."""
    return f"student:{to_text(student_id)}"


def about_learner(course_id: str, student_id: bytes) -> str:
    """A student in one course."""
    return f"learner:{to_text(student_id)}:{course_id}"


def about_team(team_id: str) -> str:
    """A team, by its members."""
    return f"team:{team_id}"


def alerts_about(subject: str = "") -> str:
    """Alerts about a course or a student, or any alert."""
    return f"{ALERTS}:{subject}"


def name_learners(learners: Iterable[tuple[str, bytes]]) -> Iterator[str]:
    """Everything that the numbers of these learners are part of."""
    yield PLATFORM
    for course_id, student_id in learners:
        yield about_course(course_id)
        yield about_student(student_id)
        yield about_learner(course_id, student_id)


def find_told(subjects: Iterable[str], watched: Watched) -> frozenset[str]:
    """What somebody is told when these subjects have changed."""
    return frozenset().union(*(watched[subject] for subject in subjects if subject in watched))
