"""One line of a tracking log, normalised."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from coursepulse.events.event import Context, Device, Envelope
from coursepulse.formats.agents import device_of
from coursepulse.formats.openedx.places import canonical_course, course_of, course_of_block, lesson_of
from coursepulse.formats.outcome import Refused, Skip, Skipped, invalid, missing
from coursepulse.formats.values import Json, derive_id, fit_id, mapping, moment, text

Result = list[Envelope] | Skipped | Refused


class TrackingLine(NamedTuple):
    """The fields common to all lines, wherever each kind of line has them.

    :param name: the name of the event, as ``event_type`` has it
    :param source: browser, server, mobile or task
    :param actor: the user who sent the request; for most events the learner
    :param learner: the user it is about; differs from the actor when staff enrol or grade someone
    :param data: the ``event`` field, decoded if it was a JSON string; text if it was not JSON
    :param page: the page of the browser
    :param key: an id that depends on the content alone
    """

    name: str
    source: str
    at: datetime
    actor: str
    learner: str
    session: str
    course_id: str
    data: Any
    page: str
    device: Device
    key: str

    @property
    def fields(self) -> Json:
        """``data`` as an object; empty if it is not one."""
        return mapping(self.data)

    def event(
        self, event_type: str, payload: dict[str, Any], *, part: str = "", lesson_id: str = "", **ids: str
    ) -> Envelope:
        """An event of this line.

        :param part: distinguishes several events of one line
        :param ids: ``video_id`` or ``assessment_id``
        """
        return Envelope(
            event_id=derive_id(self.key, part) if part else self.key,
            event_type=event_type,
            timestamp=self.at,
            student_id=self.learner,
            # The session is the actor's. Actions of staff are not part of the learner's session.
            session_id=self.session if self.learner == self.actor else "",
            context=Context(
                course_id=self.course_id, lesson_id=fit_id(lesson_id or lesson_of(self.page)), **ids
            ),
            device=self.device,
            payload=payload,
        )


def name_of(record: Json) -> str:
    """The event's name. Lines captured before the log have only ``name``."""
    return text(record.get("event_type")) or text(record.get("name"))


def read_line(record: Json) -> TrackingLine | Skipped | Refused:
    """A normalised line, unless it lacks a learner or a time."""
    context = mapping(record.get("context"))
    stamp = record.get("time") or record.get("timestamp")
    at = moment(stamp)
    if at is None:
        return invalid("$.time", "The time is not an ISO 8601 time.") if stamp else missing("$.time")
    data = _decode(record.get("event", record.get("data")))
    actor = text(context.get("user_id"))
    learner = text(mapping(data).get("user_id")) or text(mapping(data).get("attempt_user_id")) or actor
    if not learner:
        return Skipped(Skip.ANONYMOUS)
    return TrackingLine(
        name=name_of(record),
        source=_either(record, context, "event_source"),
        at=at,
        actor=fit_id(actor),
        learner=fit_id(learner),
        session=_session_of(record, context),
        course_id=fit_id(_course_of(record, context, mapping(data))),
        data=data,
        page=_page_of(record, context),
        device=_device_of(record, context),
        # The whole line: events in two courses or on two pages may differ only in that.
        key=derive_id("openedx", record),
    )


#: Fields of an event that name its course, and fields that name a block in it.
_COURSES, _BLOCKS = (
    ("course_id", "course_key", "courserun_key"),
    ("problem_id", "block_id", "module_id", "id"),
)


def _course_of(record: Json, context: Json, data: Json) -> str:
    """The course acted upon, which may differ from the one being viewed, so the event's own fields come first."""
    said = [text(data.get(field)) for field in _COURSES] + [text(context.get("course_id"))]
    found = next(filter(None, map(canonical_course, said)), "")
    if found:
        return found
    blocks = [text(data.get(field)) for field in _BLOCKS]
    blocks.append(text(mapping(context.get("module")).get("usage_key")))
    return next(filter(None, map(course_of_block, blocks)), "") or course_of(_page_of(record, context))


def _decode(data: Any) -> Any:
    """Browsers send the event as JSON in a string, servers as an object, and some as both."""
    if not isinstance(data, str):
        return data
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return data


def _either(record: Json, context: Json, field: str) -> str:
    return text(record.get(field)) or text(context.get(field))


def _page_of(record: Json, context: Json) -> str:
    page = _either(record, context, "page")
    return page if "/" in page else _either(record, context, "referer")


def _session_of(record: Json, context: Json) -> str:
    """The web session; apps have none, so the device id stands for it."""
    session = _either(record, context, "session")
    if session:
        return fit_id(session)
    device = mapping(mapping(context.get("client")).get("device"))
    return fit_id(text(device.get("id"))) or ("mobile" if record.get("event_source") == "mobile" else "")


def _device_of(record: Json, context: Json) -> Device:
    client = mapping(context.get("client"))
    if client.get("os") or record.get("event_source") == "mobile":
        system = text(mapping(client.get("os")).get("name"))
        return Device(type="mobile", os=system[:64])
    return device_of(_either(record, context, "agent"))
