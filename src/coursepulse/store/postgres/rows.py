"""Events as rows for a binary COPY.

COPY sends no types, so each value may be written as any type with the same bytes: a uuid as bytea, a timestamptz
as microseconds since 2000. Without the detour over ``UUID`` and ``datetime`` objects a row costs a quarter of the
processor time.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_network
from typing import TypeAlias

from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY
from coursepulse.kit.ids import NIL

#: PostgreSQL counts from 2000-01-01.
_EPOCH_DAYS = 10_957
_EPOCH = _EPOCH_DAYS * DAY

#: Address families of ``inet`` and ``cidr``: PGSQL_AF_INET, and one more for version 6 (utils/inet.h).
_FAMILY = {4: 2, 6: 3}

#: The first byte of a binary jsonb: the version of the format, which is text.
_JSONB = b"\x01"


#: The values of one staged event in the order of the query ``copy_events``; missing values are None.
Row: TypeAlias = tuple[bytes | int | str | None, ...]

#: The types of a :data:`Row` for psycopg.
TYPES = (
    "bytea", "bytea", "bytea", "int8", "int4", "int8", "int8",
    "text", "text", "text", "text", "text", "text", "text", "text", "bytea", "text", "bytea",
)  # fmt: skip


def to_row(position: int, event: Event) -> Row:
    """The row of an event at a log position.

    :raises ValueError: when an id is not 16 bytes long or the address is not a network
    """
    # PostgreSQL would report a protocol violation, which connection poolers also report for outages.
    if not len(event.event_id) == len(event.student_id) == len(event.session_id) == 16:
        raise ValueError("an id is not 16 bytes long")
    moment = event.at - _EPOCH
    return (
        event.event_id,
        event.student_id,
        None if event.session_id == NIL else event.session_id,
        moment,
        moment // DAY,
        position,
        event.received_at - _EPOCH,
        event.event_type,
        event.course_id or None,
        event.lesson_id or None,
        event.video_id or None,
        event.assessment_id or None,
        event.device_type or None,
        event.browser or None,
        event.os or None,
        _pack_network(event.ip) if event.ip else None,
        event.country or None,
        _JSONB + event.payload,
    )


@lru_cache(maxsize=1 << 16)
def _pack_network(text: str) -> bytes:
    network = ip_network(text)
    raw = network.network_address.packed
    # family, prefix length, is_cidr, length of the address
    return bytes((_FAMILY[network.version], network.prefixlen, 1, len(raw))) + raw
