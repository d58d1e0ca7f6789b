"""The steps between a readable body and the log. Each takes events out, or adds what it found out."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import msgspec

from coursepulse.collect.keys import BACKFILL
from coursepulse.collect.request_context import Candidate, RequestContext
from coursepulse.events import decode as decoding
from coursepulse.events.event import Device, Event
from coursepulse.events.reasons import RejectionReason
from coursepulse.events.split import NotEvents
from coursepulse.events.taxonomy import Priority
from coursepulse.kit.clock import DAY, HOUR, MINUTE, Micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import NIL, to_bytes
from coursepulse.kit.settings import Settings
from coursepulse.log.port import BLOCK_EVENTS
from coursepulse.privacy.addresses import truncate
from coursepulse.privacy.consent import Consents, Purpose
from coursepulse.privacy.pseudonyms import Pseudonyms

#: How far a platform's clock may run ahead of ours.
AHEAD: Micros = 5 * MINUTE

#: What comes so long after it happened is late.
LATE: Micros = HOUR

#: What a device can be.
DEVICE_TYPES = frozenset({"desktop", "mobile", "tablet"})

_encode = msgspec.json.Encoder().encode


class Resources(NamedTuple):
    """What lies within reach of the steps.

    :param backlog: events that wait in the log for the pipeline
    """

    settings: Settings
    pseudonyms: Pseudonyms
    consents: Consents
    backlog: Callable[[], int]


Step = Callable[[Resources, RequestContext], None]


def decode(_: Resources, context: RequestContext) -> None:
    """Take the body apart into typed events."""
    try:
        decoded = decoding.decode(context.body, ndjson=context.ndjson, limit=BLOCK_EVENTS)
    except decoding.TooManyEvents as error:
        raise RequestError("too_many_events", str(error), 413) from None
    except NotEvents as error:
        raise RequestError("not_json", str(error), 400) from None
    context.candidates = [Candidate(sent) for sent in decoded.sent]
    context.rejected = decoded.rejected
    context.dropped = decoded.dropped


def measure(_: Resources, context: RequestContext) -> None:
    """How long the events were under way. The newest one waited least: it says what the clock of its sender says."""
    if BACKFILL in context.key.scopes or not context.candidates:
        return
    times, latest = [each.sent.at for each in context.candidates], context.received_at - LATE
    context.late = sum(at < latest for at in times) if min(times) < latest else 0
    context.ahead = context.received_at - max(times)


def check_clock(resources: Resources, context: RequestContext) -> None:
    """Refuse what has not happened yet, and what is older than anything we keep."""
    days = resources.settings.raw_retention_days
    latest = context.received_at + AHEAD
    earliest = 0 if BACKFILL in context.key.scopes else context.received_at - days * DAY
    on_time = []
    for candidate in context.candidates:
        at = candidate.sent.at
        if earliest <= at <= latest:
            on_time.append(candidate)
        elif at > latest:
            sentence = "The event lies more than 5 minutes in the future; check the clock of the sender."
            context.refuse(candidate, RejectionReason.TIMESTAMP_IN_FUTURE, "$.timestamp", sentence)
        else:
            sentence = (
                f"The event is older than {days} days; import it with a key that has the scope `backfill`."
            )
            if not earliest:
                sentence = "The event is older than 1970; check the timestamp."
            context.refuse(candidate, RejectionReason.TIMESTAMP_TOO_OLD, "$.timestamp", sentence)
    context.candidates = on_time


def pseudonymise(resources: Resources, context: RequestContext) -> None:
    """Give each student the name by which we know them."""
    name = resources.pseudonyms.of
    for candidate in context.candidates:
        candidate.student = name(candidate.sent.envelope.student_id)


def check_consent(resources: Resources, context: RequestContext) -> None:
    """Refuse behaviour of students who did not agree to analytics; what rests on contract passes."""
    allows, purpose = resources.consents.allows, Purpose.ANALYTICS
    # Global Privacy Control and Do Not Track speak for the moment, not for the past: the consent stands.
    honours = resources.settings.honour_gpc == "on"
    allowed = []
    for candidate in context.candidates:
        if candidate.sent.type.essential:
            allowed.append(candidate)
        elif honours and (context.opted_out or candidate.sent.envelope.opted_out):
            path = "$" if context.opted_out else "$.opted_out"
            sentence = "The student's browser asks not to be tracked; leave the event out."
            context.refuse(candidate, RejectionReason.NO_CONSENT, path, sentence)
        elif allows(candidate.student, purpose):
            allowed.append(candidate)
        else:
            sentence = (
                "The student has not agreed to analytics; send the consent first, or leave the event out."
            )
            context.refuse(candidate, RejectionReason.NO_CONSENT, "$.student_id", sentence)
    context.candidates = allowed


#: Characters of the name of a key that stand in an event.
_SENDER = 64


def strip_identifiers(_: Resources, context: RequestContext) -> None:
    """Make the event that is kept; what could name a person stays behind."""
    # A sender of past events is not where the students were.
    network = "" if BACKFILL in context.key.scopes else truncate(context.address)
    for candidate in context.candidates:
        candidate.event = _canonical(candidate, network, context.received_at, context.key.name[:_SENDER])


def shed(resources: Resources, context: RequestContext) -> None:
    """Under overload refuse P2 first, then P1, and P0 never."""
    backlog = resources.backlog()
    if backlog > resources.settings.shed_p1_backlog:
        least = Priority.P0
    elif backlog > resources.settings.shed_p2_backlog:
        least = Priority.P1
    else:
        return
    urgent = []
    for candidate in context.candidates:
        if candidate.sent.type.priority <= least:
            urgent.append(candidate)
        else:
            sentence = "The server is behind and takes more important events first; send it again later."
            context.refuse(candidate, RejectionReason.OVERLOADED, "$", sentence)
    context.candidates = urgent


#: The way of an event from its bytes to the log. The name of a step is also the name of its timing.
STEPS: tuple[Step, ...] = (decode, measure, check_clock, pseudonymise, check_consent, strip_identifiers, shed)


def _canonical(candidate: Candidate, network: str, received_at: Micros, sender: str) -> Event:
    sent = candidate.sent
    envelope = sent.envelope
    context, device = envelope.context, envelope.device
    return Event(
        to_bytes(envelope.event_id, "event"),
        envelope.event_type,
        sent.at,
        candidate.student,
        _session(envelope.session_id),
        context.course_id,
        context.lesson_id,
        context.video_id,
        context.assessment_id,
        _device_type(device),
        _label(device.os),
        _label(device.browser),
        network,
        envelope.country,
        received_at,
        _encode(sent.payload),
        *sent.payload.columns(),
        sender,
    )


@lru_cache(65_536)
def _session(session_id: str) -> bytes:
    return to_bytes(session_id, "session") if session_id else NIL


def _device_type(device: Device) -> str:
    name = device.type.lower()
    return name if name in DEVICE_TYPES else ""


def _label(text: str) -> str:
    """A system or browser name; an address that hides in the field is left out."""
    return "" if "@" in text else text
