"""What is wrong with a text that should have been an event, in the words of its sender."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from coursepulse.events.currencies import CURRENCIES, is_exact
from coursepulse.events.payloads import PaymentPayload
from coursepulse.events.reasons import Rejected, RejectionReason
from coursepulse.events.taxonomy import EXTRA_PREFIX, RESERVED
from coursepulse.kit.wording import plainly, take_apart

_loose = msgspec.json.Decoder()

_CALIPER = "This is Caliper; save it to a file and run `coursepulse import caliper FILE`"

#: The most brackets of a broken event that is still searched for its fault.
_MOST_BRACKETS = 64

_MARK = b"\xef\xbb\xbf"


class InvalidEvent(Exception):
    """One event cannot be accepted."""

    def __init__(self, reason: RejectionReason, path: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason, self.path, self.sentence = reason, path, sentence

    def verdict(self, index: int, text: bytes) -> Rejected:
        return Rejected(index, event_id_of(text), self.reason, self.path, f"{self.sentence}.", text)


def malformed(text: bytes) -> InvalidEvent:
    """Why a text cannot be read at all."""
    if _is_knotted(text):
        return InvalidEvent(
            RejectionReason.MALFORMED, "$", "Not JSON, and nested too deeply to say where; send flat payloads"
        )
    return InvalidEvent(RejectionReason.MALFORMED, "$", why_not_json(text) or _why_not_strictly(text))


def too_deep() -> InvalidEvent:
    """A text that is nested too deeply to be read."""
    return InvalidEvent(RejectionReason.MALFORMED, "$", "The event is nested too deeply; send flat payloads")


def why_not_json(text: bytes) -> str | None:
    """Why a text is not JSON, or None if it is."""
    if not text.strip():
        return "There is nothing where an event should be; add the event or remove the gap"
    if text.startswith(_MARK):
        return "The text begins with a byte order mark; send UTF-8 without one"
    if _is_knotted(text):
        return None
    try:
        _read_loosely(text.decode())
    except UnicodeDecodeError as error:
        return f"The text is not UTF-8 at byte {error.start}; send UTF-8"
    except json.JSONDecodeError as error:
        return f"Not JSON: {error.msg} at character {error.pos}; correct the text there"
    except RecursionError:
        return None
    return None


def _is_knotted(text: bytes) -> bool:
    """Whether finding the place of the fault costs too much: it takes a thousand times as long as reading."""
    return text.count(b"[") + text.count(b"{") > _MOST_BRACKETS


def _why_not_strictly(text: bytes) -> str:
    """What Python's parser accepts and a strict one does not."""
    names: list[str] = []
    try:
        json.loads(text.decode(), parse_int=float, parse_constant=names.append)
    except RecursionError:
        return too_deep().sentence
    if names:
        return f"`{names[0]}` is not a number in JSON; leave the field out"
    return "A character is cut in half (a lone surrogate); send whole characters"


def _read_loosely(text: str) -> Any:
    # As floats: Python itself refuses an integer of thousands of digits, with advice that does not help a sender.
    return json.loads(text, parse_int=float)


def unknown_type(name: str) -> InvalidEvent:
    """A type that is not ours and has no ``x_`` prefix."""
    advice = "see docs/reference/events.md, or prefix your own with x_"
    if name == EXTRA_PREFIX:
        advice = "add a name after the prefix"
    elif name in RESERVED:
        advice = "the name is reserved for withdrawn events; choose another"
    return InvalidEvent(
        RejectionReason.UNKNOWN_EVENT_TYPE, "$.event_type", f"`{name}` is not an event type; {advice}"
    )


def explain(error: msgspec.ValidationError, text: bytes) -> InvalidEvent:
    """What is wrong with an event that is JSON."""
    if _is_caliper(text):
        return InvalidEvent(RejectionReason.INVALID_VALUE, "$", _CALIPER)
    path, message = take_apart(error)
    if path == "$" and re.fullmatch(r"Expected `object`, got `\w+`", message):
        advice = plainly(message).replace("Send", "send")
        return InvalidEvent(RejectionReason.MALFORMED, "$", f"An event is a JSON object; {advice}")
    return _worded(_whole(path, text), message)


def _is_caliper(text: bytes) -> bool:
    """Whether it is an envelope of 1EdTech's Caliper, or one of its events."""
    # Most texts are not, and reading the whole text would cost more than everything before.
    if b"caliper" not in text and b'"sensor"' not in text:
        return False
    try:
        found: Any = _loose.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    if not isinstance(found, dict) or "event_id" in found:
        return False
    return {"sensor", "data"} <= found.keys() or "caliper" in str(found.get("@context"))


def explain_payload(error: msgspec.ValidationError) -> InvalidEvent:
    """What is wrong with a payload that does not fit its event type."""
    path, message = take_apart(error)
    return _worded(f"$.payload{path[1:]}", message)


def check_payment(payment: PaymentPayload) -> None:
    """Let no payment pass that could not be added to others of its currency, or only after rounding it.

    :raises InvalidEvent: when it does not
    """
    if payment.currency not in CURRENCIES:
        sentence = f"`{payment.currency}` is not a currency of ISO 4217; send a code such as EUR"
        raise InvalidEvent(RejectionReason.INVALID_VALUE, "$.payload.currency", sentence)
    if not is_exact(payment.amount):
        sentence = "An amount has four decimals at the most; send what was charged"
        raise InvalidEvent(RejectionReason.INVALID_VALUE, "$.payload.amount", sentence)


def _worded(path: str, message: str) -> InvalidEvent:
    missing = re.fullmatch(r"Object missing required field `(\w+)`", message)
    if missing:
        return InvalidEvent(
            RejectionReason.MISSING_FIELD, f"{path}.{missing[1]}", f"`{missing[1]}` is required"
        )
    if path == "$.timestamp":
        message = message.replace("`str`", "`datetime`", 1)
    return InvalidEvent(RejectionReason.INVALID_VALUE, path, plainly(message))


class _Named(msgspec.Struct):
    event_id: str


_named = msgspec.json.Decoder(_Named)


class _Payload(msgspec.Struct):
    payload: dict[str, msgspec.Raw]


def _whole(path: str, text: bytes) -> str:
    """The path with the name of the payload's field, which msgspec's message leaves out."""
    if not path.startswith("$.payload[...]"):
        return path
    try:
        fields = msgspec.json.decode(text, type=_Payload).payload
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "$.payload"  # something later in the text is wrong too
    for name, value in fields.items():
        try:
            _loose.decode(value)
        except msgspec.ValidationError as error:
            return f"$.payload.{name[:64]}{take_apart(error)[0].partition('[...]')[0][1:]}"
    return "$.payload"


def event_id_of(text: bytes) -> str | None:
    """The event id in a text that may be broken, or None."""
    try:
        # Everything else is skipped: it may be large and is not needed here.
        return str(_named.decode(text).event_id)[:128]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None if _is_knotted(text) else _salvage(text)


def _salvage(text: bytes) -> str | None:
    """What can be read of a text that is almost JSON; broken characters are replaced."""
    try:
        found = _read_loosely(text.removeprefix(_MARK).decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    event_id = found.get("event_id") if isinstance(found, dict) else None
    return event_id.encode("utf-8", "replace").decode()[:128] if isinstance(event_id, str) else None
