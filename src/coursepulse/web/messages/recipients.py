"""Who a message goes to, and what its placeholders stand for when it does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.alert import StudentContact
from coursepulse.campus.message_templates import Placeholder, first_name
from coursepulse.dashboards.language import language, languages, moment, on_clock, speaking
from coursepulse.dashboards.people import name_of
from coursepulse.dashboards.text import enumerated
from coursepulse.definitions.activity import zone_of
from coursepulse.metrics.query import Query

if TYPE_CHECKING:
    from coursepulse.web.messages.ports import MessageServices


class Chosen(NamedTuple):
    """A student of a course to whom somebody wants to write."""

    student: bytes
    course: str


class ChosenStudent(NamedTuple):
    """A student to write to; the address is empty where the roster has none.

    :param values: what placeholders stand for, by name, in the language of the student
    """

    student: bytes
    name: str
    address: str
    language: str
    values: Mapping[str, str]


class DueWork(NamedTuple):
    """What a student is to hand in next."""

    title: str
    at: datetime


def find_recipients(
    services: MessageServices,
    viewer: Viewer,
    chosen: Collection[Chosen],
    contacts: Mapping[bytes, StudentContact],
    *,
    works: bool,
) -> list[ChosenStudent]:
    """Those of the chosen whom the viewer may know by name, by name.

    :param works: whether a text says what is due next
    """
    spoken = services.messages.languages(contacts.keys())
    titles = services.campus.titles({each.course for each in chosen})
    due = _find_due(services, viewer, {each.course for each in chosen}) if works else {}
    courses: dict[bytes, list[str]] = defaultdict(list)
    for each in sorted(set(chosen)):
        courses[each.student].append(each.course)
    found = [
        _recipient(
            student,
            contact,
            spoken.get(student, ""),
            [titles.get(course, course) for course in courses[student]],
            min(
                (due[student, course] for course in courses[student] if (student, course) in due),
                default=None,
                key=lambda work: work.at,
            ),
        )
        for student, contact in contacts.items()
    ]
    return sorted(found, key=lambda each: (each.name, each.student))


def _recipient(
    student: bytes, contact: StudentContact, spoken: str, courses: list[str], due: DueWork | None
) -> ChosenStudent:
    name = name_of(student, contact.name)
    own = spoken if spoken in languages() else language()
    with speaking(own), on_clock(zone_of(contact.time_zone)):
        values = {
            Placeholder.FIRST_NAME: first_name(contact.name),
            Placeholder.NAME: contact.name,
            Placeholder.COURSE: enumerated(courses),
            Placeholder.NEXT_WORK: due.title if due else "",
            Placeholder.NEXT_DUE: moment(due.at) if due else "",
        }
    return ChosenStudent(student, name, contact.email, own, {key.value: text for key, text in values.items()})


def _find_due(
    services: MessageServices, viewer: Viewer, courses: set[str]
) -> dict[tuple[bytes, str], DueWork]:
    """What each learner of some courses is to hand in next, as far as the viewer teaches them."""
    found: dict[tuple[bytes, str], DueWork] = {}
    for course in sorted(courses & viewer.course_ids) if viewer.role is Role.INSTRUCTOR else ():
        for row in services.metrics.run(Query(metric="course_open_work", course=course), viewer).records():
            if row["next_due_at"]:
                title = row["title"] or row["assessment_id"]
                found[row["student_id"].bytes, course] = DueWork(title, row["next_due_at"])
    return found
