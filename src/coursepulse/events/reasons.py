"""Every way in which an event can be refused, as one finite vocabulary."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Reason(StrEnum):
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
NOT_KEPT = frozenset({Reason.NO_CONSENT, Reason.OVERLOADED})

#: What is said of an event of which nothing else may be kept: quotes nothing of it.
REASON_ALONE = {
    Reason.MALFORMED: "It could not be read as an event.",
    Reason.MISSING_FIELD: "A field that every event needs was missing.",
    Reason.INVALID_VALUE: "A value did not fit its field.",
    Reason.UNKNOWN_EVENT_TYPE: "Its event type is not one that is known here.",
    Reason.TIMESTAMP_IN_FUTURE: "Its time had not come yet.",
    Reason.TIMESTAMP_TOO_OLD: "It was older than events may be.",
    Reason.NO_CONSENT: "The student has not agreed.",
    Reason.OVERLOADED: "The server was behind and took in no such events.",
    Reason.UNSTORABLE: "It could not be stored.",
}

#: What a sender can say of a record that it could not read. The others are for the collector and the pipeline to say.
SAYABLE = frozenset(Reason) - NOT_KEPT - {Reason.UNSTORABLE}


class Rejected(msgspec.Struct, frozen=True):
    """The verdict on one refused event, and what it said.

    :param index: its place in the request, from 0
    :param event_id: as sent, or None when it could not be read
    :param path: JSON path of the fault, ``$`` for the event as a whole
    :param sentence: what is wrong and what to do about it
    :param body: the event as sent, so that it can be fixed and replayed
    """

    index: int
    event_id: str | None
    reason: Reason
    path: str
    sentence: str
    body: bytes
