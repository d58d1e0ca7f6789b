"""A draft of a message to the students that alerts are about. Nothing is sent from here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import KeptAlert
from coursepulse.dashboards.people import name_of
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.web.alerts.service import alert_inbox
from coursepulse.web.audit.writing import note_each

if TYPE_CHECKING:
    from coursepulse.web.alerts.ports import AlertInboxPort, AlertServices

#: How the trail calls it when somebody is shown a student's e-mail address to write to them.
WRITTEN_TO = "alerts:student:message"

#: Characters of an address beyond which mail programs cut it off.
_LONGEST_ADDRESS = 2000


class Addressee(NamedTuple):
    """A student to write to; the address is empty where the roster has none."""

    name: str
    address: str


class Chosen(NamedTuple):
    """A student of a course to whom somebody wants to write."""

    student: bytes
    course: str


class Draft(NamedTuple):
    """A message to several students, who do not learn of each other."""

    subject: str
    text: str
    recipients: Sequence[Addressee]

    @property
    def addresses(self) -> list[str]:
        """The addresses there are."""
        return [each.address for each in self.recipients if each.address]

    @property
    def unreached(self) -> list[str]:
        """The names of those without."""
        return [each.name for each in self.recipients if not each.address]

    @property
    def mailto(self) -> str:
        """Opens the message in a mail program (RFC 6068); empty where nobody has an address."""
        if not self.addresses:
            return ""
        hidden = ",".join(quote(address, safe="@") for address in self.addresses)
        return f"mailto:?bcc={hidden}&subject={quote(self.subject)}&body={quote(self.text)}"

    @property
    def fits(self) -> bool:
        """Whether mail programs take the address as it is."""
        return len(self.mailto) <= _LONGEST_ADDRESS


def draft_message(services: AlertServices, viewer: Viewer, alerts: Collection[bytes]) -> Draft:
    """A message to the students of some alerts, as far as the viewer may see them. Each finds it in their access log.

    :raises RequestError: ``nobody_to_write_to``
    """
    inbox = alert_inbox(services)
    found = [kept for kept in inbox.find(alerts, viewer) if kept.alert.student_id]
    students = {kept.alert.student_id for kept in found if kept.alert.student_id}
    if not students:
        raise RequestError("nobody_to_write_to", say("inbox.nobody"))
    note_each(services, viewer, WRITTEN_TO, {to_text(each) for each in students})
    inbox.note_messages(
        {(kept.alert.student_id, kept.alert.course_id) for kept in found if kept.alert.student_id}, viewer
    )
    known = inbox.contacts(students, viewer)
    recipients = [Addressee(name_of(each, known[each].name), known[each].email) for each in known]
    unknown = [Addressee(name_of(each, ""), "") for each in students - known.keys()]
    return Draft(
        say("inbox.message.subject", course=_course(inbox, viewer, found)),
        say("inbox.message.text", course=_course(inbox, viewer, found)),
        sorted(recipients + unknown),
    )


def draft_to_students(services: AlertServices, viewer: Viewer, chosen: Collection[Chosen]) -> Draft:
    """A message to students of the viewer's courses, as far as the viewer may know them by name.

    :raises RequestError: ``nobody_to_write_to``
    """
    own = [each for each in chosen if each.course in viewer.course_ids]
    students = {each.student for each in own}
    inbox = alert_inbox(services)
    known = inbox.contacts(students, viewer) if students else {}
    if not known:
        raise RequestError("nobody_to_write_to", say("inbox.nobody"))
    note_each(services, viewer, WRITTEN_TO, {to_text(each) for each in known})
    inbox.note_messages({(each.student, each.course) for each in own if each.student in known}, viewer)
    courses = {each.course for each in own}
    titles = services.campus.titles(courses)
    course = titles.get(*courses, *courses) if len(courses) == 1 else say("inbox.message.courses")
    return Draft(
        say("inbox.message.subject", course=course),
        say("inbox.message.text", course=course),
        sorted(Addressee(name_of(each, known[each].name), known[each].email) for each in known),
    )


def _course(inbox: AlertInboxPort, viewer: Viewer, found: Sequence[KeptAlert]) -> str:
    """What the alerts have in common: their course, if it is one."""
    titles = {names.course for names in inbox.names([kept.alert for kept in found], viewer)}
    return titles.pop() if len(titles) == 1 else say("inbox.message.courses")
