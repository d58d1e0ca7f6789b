"""One row of the log, normalised."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from coursepulse.events.event import Context, Envelope
from coursepulse.formats.moodle.fields import Row, course_of, is_yes, other_of, person_of, thing_of, when
from coursepulse.formats.outcome import Refused, Skip, Skipped, missing
from coursepulse.formats.values import Json, derive_id

Result = list[Envelope] | Skipped | Refused

#: ``contextlevel`` of what happens in an activity.
IN_MODULE = "70"

#: Origins of rows that were not caused by a learner's browser or app.
_PROGRAMS = frozenset({"cli", "cron", "restore"})


class LogEntry(NamedTuple):
    """A normalised row of the log.

    :param name: of the event, such as ``\\core\\event\\course_viewed``
    :param actor: the user who did it; empty for a program
    :param learner: the user it is about
    :param cm: the module it happened in, or empty
    :param kind: the plugin of that module, or empty
    :param thing: the id of the row it is about, such as an attempt or a discussion
    :param key: an id that depends on the content alone
    """

    name: str
    at: datetime
    actor: str
    learner: str
    course_id: str
    cm: str
    kind: str
    thing: str
    other: Json
    session: str
    key: str

    def event(
        self, event_type: str, payload: dict[str, Any] | None = None, *, key: str = "", **ids: str
    ) -> list[Envelope]:
        """The event of this row.

        :param key: the key of an event that another table records too
        :param ids: ``lesson_id`` or ``assessment_id``
        """
        return [
            Envelope(
                event_id=key or self.key,
                event_type=event_type,
                timestamp=self.at,
                student_id=self.learner,
                session_id=self.session,
                context=Context(course_id=self.course_id, **ids),
                payload=payload or {},
            )
        ]


def session_of(student: str) -> str:
    """Moodle records no sessions: all events of a learner get one id, and gaps of 30 minutes split it."""
    return f"moodle-{student}"


def name_of(row: Row) -> str:
    """The event's name. Some programs double the backslashes in it."""
    name = row.get("eventname", "").replace("\\\\", "\\")
    return f"\\{name}" if name[:1] != "\\" and "\\" in name else name


def read_entry(row: Row, *, keyed: bool = True) -> LogEntry | Skipped | Refused:
    """A normalised row; skipped if no person caused it, or another person than it says.

    :param keyed: whether to compute its key, which takes most of the time
    """
    name = name_of(row)
    if not name:
        return missing("$.eventname")
    if is_yes(row.get("realuserid", "")):
        return Skipped(Skip.IMPERSONATED, name)
    actor = person_of(row.get("userid", ""))
    learner = person_of(row.get("relateduserid", "")) or actor
    if not learner or is_yes(row.get("anonymous", "")):
        return Skipped(Skip.ANONYMOUS, name)
    at = when(row, "timecreated")
    if isinstance(at, Refused):
        return at
    in_module = row.get("contextlevel") == IN_MODULE
    plugin = name.lstrip("\\").partition("\\")[0]
    return LogEntry(
        name=name,
        at=at,
        actor=actor,
        learner=learner,
        course_id=course_of(row.get("courseid", "")),
        cm=thing_of(row.get("contextinstanceid", "")) if in_module else "",
        kind=plugin.removeprefix("mod_") if in_module and plugin.startswith("mod_") else "",
        thing=thing_of(row.get("objectid", "")),
        other=other_of(row.get("other", "")),
        session=session_of(learner) if actor == learner and row.get("origin") not in _PROGRAMS else "",
        key=_key(row, name) if keyed else "",
    )


_TELLING = ("id", "timecreated", "userid", "relateduserid", "courseid", "contextinstanceid", "objectid")


def _key(row: Row, name: str) -> str:
    """Only parts of the row: programs write gaps and ``other`` differently."""
    return derive_id("moodle", name, *[row.get(column, "") for column in _TELLING])
