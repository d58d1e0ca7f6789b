"""An event without its student."""

from __future__ import annotations

import msgspec

from coursepulse.events.event import Event
from coursepulse.privacy.erasable import DataSubject, replace_session

#: Text fields of a payload that name a part of the course, never a person. All others are removed, such as the number
#: of a certificate or an order.
KEPT_TEXTS = (
    "answer_id",
    "currency",
    "interactive_id",
    "live_session_id",
    "mode",
    "question_id",
    "video_quality",
)


def anonymise_event(event: Event, who: DataSubject) -> Event:
    """The event under the replacement: no network address or country, no text that could name a person."""
    return msgspec.structs.replace(
        event,
        student_id=who.replacement,
        session_id=replace_session(event.session_id, who.salt),
        ip="",
        country="",
        payload=scrub_payload(event.payload),
        thread_id="",
    )


def scrub_payload(payload: bytes) -> bytes:
    """The payload with its numbers, and only the text fields that name parts of the course."""
    fields = msgspec.json.decode(payload, type=dict[str, object])
    kept = {key: value for key, value in fields.items() if not isinstance(value, str) or key in KEPT_TEXTS}
    return msgspec.json.encode(kept)
