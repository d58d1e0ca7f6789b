"""An alert: one occurrence of a rule's condition, from the moment it was raised until it cleared."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from coursepulse.alerts.rule import About, Audience, Rule, Severity
from coursepulse.kit.clock import Micros
from coursepulse.stream.processor import make_id


class AlertSubject(NamedTuple):
    """What an alert is about: a student in a course, a course, or, with neither, the platform."""

    course_id: str = ""
    student_id: bytes | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """What the rule says. What people did with it, they did to the :class:`KeptAlert`.

    :param alert_id: by :func:`make_alert_id`, so that the same occurrence is raised once
    :param audience: who is told; managers see only alerts that are for managers too
    :param item: the lesson, question, video or assessment, or empty
    :param raised_at: when the condition was met
    :param cleared_at: when it was met no more; None while the alert is open
    :param evidence: ids of the events behind it, as text
    :param values: numbers and names for its text
    """

    alert_id: bytes
    rule: str
    severity: Severity
    about: About
    audience: tuple[Audience, ...] = ()
    course_id: str = ""
    student_id: bytes | None = None
    item: str = ""
    raised_at: Micros
    updated_at: Micros
    cleared_at: Micros | None = None
    evidence: tuple[str, ...] = ()
    values: dict[str, int | float | str] = {}

    @property
    def subject(self) -> AlertSubject:
        """What it is about."""
        return AlertSubject(self.course_id, self.student_id)


class KeptAlert(NamedTuple):
    """An alert with what people did with it.

    :param number: of its latest change; later changes have higher numbers
    :param acknowledged_by: the account that acknowledged it, or empty
    :param snoozed_until: until then it is out of the way; None if nobody has snoozed it
    """

    alert: Alert
    number: int
    acknowledged_at: Micros | None = None
    acknowledged_by: str = ""
    snoozed_until: Micros | None = None
    snoozed_by: str = ""


class AlertNames(NamedTuple):
    """What an alert is about, in words; empty where nothing is known, or where the viewer may not know it.

    :param item: the title of a lesson, video or assessment; a skill has none but its own name
    """

    student: str = ""
    course: str = ""
    item: str = ""


class StudentContact(NamedTuple):
    """How to write to a student; empty where the roster does not say."""

    name: str
    email: str
    time_zone: str = "UTC"


class EvidenceEvent(NamedTuple):
    """An event behind an alert."""

    event_id: UUID
    event_type: str
    at: datetime
    lesson_id: str
    video_id: str
    assessment_id: str


def make_alert_id(rule: Rule, subject: AlertSubject, item: str, since: Micros) -> bytes:
    """The id of an occurrence, from facts alone."""
    texts = [text.encode() for text in (rule.name, subject.course_id, item)]
    facts = [fact for raw in texts for fact in (len(raw), raw)]
    return make_id("alert", *facts, subject.student_id or b"", since)
