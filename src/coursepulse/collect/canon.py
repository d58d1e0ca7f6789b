"""What an event in the log must be like, no matter who wrote it.

The collector makes no others. What is read from the log, or put back into it, is looked at again all the same: a file
can be written by others, and one event that nobody foresaw must not hold up those behind it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from ipaddress import ip_network

import msgspec

from coursepulse.collect.steps import DEVICE_TYPES
from coursepulse.events.closing import is_closing
from coursepulse.events.event import Event
from coursepulse.events.payloads import Payload
from coursepulse.events.reasons import RejectionReason
from coursepulse.events.taxonomy import event_type
from coursepulse.kit.clock import Micros
from coursepulse.privacy.addresses import truncate

_COUNTRY, _CURRENCY = re.compile(r"[A-Z]{2}"), re.compile(r"[A-Z]{3}")

_NOTHING = b"{}"

#: Reads payloads of one kind.
_Reader = msgspec.json.Decoder[Payload]


class Flaw(Exception):
    """An event that does not belong in the log; says why without quoting it."""

    def __init__(self, reason: RejectionReason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


def inspect(event: Event, latest: Micros) -> None:
    """Whether an event may go on to the stores. Its limits were checked when it was read.

    :param latest: what happened later has not happened yet
    :raises Flaw: when it may not
    """
    kind = event_type(event.event_type)
    if kind is None:
        raise Flaw(RejectionReason.UNKNOWN_EVENT_TYPE, "The event in the log has an unknown type.")
    if event.at > latest or event.received_at > latest:
        raise Flaw(RejectionReason.TIMESTAMP_IN_FUTURE, "The event in the log lies in the future.")
    if "@" in event.os or "@" in event.browser or not _is_place(event):
        raise Flaw(
            RejectionReason.INVALID_VALUE, "The event in the log has an invalid device, country or network."
        )
    if event.currency and not _CURRENCY.fullmatch(event.currency):
        raise Flaw(RejectionReason.INVALID_VALUE, "The event in the log has an invalid currency.")
    if event.payload != _NOTHING:
        _read_payload(kind.payload, event.payload)


def restore(event: Event) -> Event:
    """A sound event again: its columns as the payload says, and of the payload only what its type knows.

    :raises Flaw: when the payload does not fit the type
    """
    kind = event_type(event.event_type)
    if kind is None:
        raise Flaw(RejectionReason.UNKNOWN_EVENT_TYPE, "No event has this type.")
    if is_closing(event):
        return event
    payload = _read_payload(kind.payload, event.payload)
    facts = payload.columns()._asdict()
    return msgspec.structs.replace(event, payload=msgspec.json.encode(payload), **facts)


def _read_payload(kind: type[Payload], payload: bytes) -> Payload:
    try:
        return _reader(kind).decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Flaw(RejectionReason.INVALID_VALUE, "The payload of the event does not fit its type.") from None


@cache
def _reader(kind: type[Payload]) -> _Reader:
    return msgspec.json.Decoder(kind)


def _is_place(event: Event) -> bool:
    return (
        (not event.device_type or event.device_type in DEVICE_TYPES)
        and (not event.country or _COUNTRY.fullmatch(event.country) is not None)
        and (not event.ip or _is_truncated(event.ip))
    )


@lru_cache(4096)
def _is_truncated(network: str) -> bool:
    """Whether it is a network as the collector writes it, not a full address."""
    try:
        return truncate(str(ip_network(network).network_address)) == network
    except ValueError:
        return False
