"""Every reason for which an event can be refused."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class RejectionReason(StrEnum):
    """Why an event was not accepted. The value is stable: programs may act on it."""

    MALFORMED = "malformed"
    MISSING_FIELD = "missing_field"
    INVALID_VALUE = "invalid_value"
    UNKNOWN_EVENT_TYPE = "unknown_event_type"
    TIMESTAMP_IN_FUTURE = "timestamp_in_future"
    TIMESTAMP_TOO_OLD = "timestamp_too_old"
    NO_CONSENT = "no_consent"
    OVERLOADED = "overloaded"
    UNSTORABLE = "unstorable"


#: Refused events that never become dead letters: the first would keep what a student did not agree to,
#: the second would fill a disk that is already behind.
NOT_KEPT = frozenset({RejectionReason.NO_CONSENT, RejectionReason.OVERLOADED})

#: What is kept about an event when nothing else may be: quotes nothing from it.
REASON_ALONE = {
    RejectionReason.MALFORMED: "It could not be read as an event.",
    RejectionReason.MISSING_FIELD: "A field that every event needs was missing.",
    RejectionReason.INVALID_VALUE: "A value did not fit its field.",
    RejectionReason.UNKNOWN_EVENT_TYPE: "Its event type is unknown.",
    RejectionReason.TIMESTAMP_IN_FUTURE: "Its time was in the future.",
    RejectionReason.TIMESTAMP_TOO_OLD: "It was older than allowed.",
    RejectionReason.NO_CONSENT: "The student has not agreed.",
    RejectionReason.OVERLOADED: "The server was overloaded and did not accept such events.",
    RejectionReason.UNSTORABLE: "It could not be stored.",
}

#: Reasons that a sender may give for a record it could not read. Only the collector and the pipeline give the others.
SAYABLE = frozenset(RejectionReason) - NOT_KEPT - {RejectionReason.UNSTORABLE}


class Rejected(msgspec.Struct, frozen=True):
    """The verdict on one refused event, with the event itself.

    :param index: its place in the request, from 0
    :param event_id: as sent, or None when it could not be read
    :param path: JSON path of the fault, ``$`` for the event as a whole
    :param sentence: what is wrong and what to do about it
    :param body: the event as sent, so that it can be corrected and replayed
    """

    index: int
    event_id: str | None
    reason: RejectionReason
    path: str
    sentence: str
    body: bytes
