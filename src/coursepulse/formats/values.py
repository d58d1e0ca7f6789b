"""Reads values that other systems write in many ways, and makes ids that are the same each time."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from coursepulse.kit.clock import from_micros
from coursepulse.kit.moments import NotAMoment, read_moment

MOST_SECONDS = 360_000
MOST_RATE = 16
LONGEST_ID = 128

Json = Mapping[str, Any]
Number = TypeVar("Number", int, float)

#: A duration of ISO 8601 without years and months, which have no length. Some leave the ``T`` out before seconds.
_SPAN = re.compile(
    r"(?P<sign>[-+]?)P(?=.)(?:(?P<weeks>N)W)?(?:(?P<days>N)D)?"
    r"(?:T(?=.)(?:(?P<hours>N)H)?(?:(?P<minutes>N)M)?(?:(?P<seconds>N)S)?|(?P<bare>N)S)?".replace(
        "N", r"\d+(?:[.,]\d+)?"
    ),
    re.ASCII | re.IGNORECASE,
)
_UNITS = {"weeks": 604_800, "days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1, "bare": 1}

_canonical = msgspec.json.Encoder(order="deterministic")


def mapping(value: Any) -> Json:
    """The value if it is a JSON object, otherwise an empty object."""
    return value if isinstance(value, Mapping) else {}


def first(value: Any) -> Any:
    """The value, or the first element when a system wraps single values in arrays."""
    if isinstance(value, list):
        return value[0] if value else None
    return value


def text(value: Any) -> str:
    """A string or whole number as text; empty for anything else."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def number(value: Any) -> float | None:
    """A finite number, also from text such as ``1.25`` or ``1.25x``; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip().removesuffix("x")
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def span(value: Any) -> float | None:
    """The seconds of an ISO 8601 duration such as ``PT4M30.5S``; None for anything else."""
    found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    parts = ((found[unit], size) for unit, size in _UNITS.items() if found[unit])
    whole = math.fsum(float(digits.replace(",", ".")) * size for digits, size in parts)
    return -whole if found["sign"] == "-" else whole


def seconds(value: Any) -> float | None:
    """A position in a video, as a number or a duration. Slightly negative values, as some players report, become 0."""
    found = number(value)
    if found is None:
        found = span(value)
    if found is None or found > MOST_SECONDS:
        return None
    return max(0.0, found)


def rate(value: Any) -> float | None:
    """A playback rate that a player can have."""
    found = number(value)
    return found if found is not None and 0 < found <= MOST_RATE else None


def length(value: Any) -> float | None:
    """A duration; players report 0 while it is unknown."""
    return seconds(value) or None


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time. One without an offset is UTC: systems that leave it out mean that."""
    if not isinstance(value, str):
        return None
    try:
        return from_micros(read_moment(value.strip(), UTC))
    except (NotAMoment, OverflowError):
        return None


def present(**fields: Any) -> dict[str, Any]:
    """A payload of the fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None and value not in ("", ())}


def fit_id(identifier: str) -> str:
    """An id of at most 128 characters: a longer one keeps its beginning and gains a hash of the whole."""
    if len(identifier) <= LONGEST_ID:
        return identifier
    digest = blake2b(identifier.encode(), digest_size=16).hexdigest()
    return f"{identifier[: LONGEST_ID - 33]}~{digest}"


def derive_id(*parts: Any) -> str:
    """A UUID that depends only on the parts, so that importing a record twice makes one event."""
    digest = blake2b(_canonical.encode(parts), digest_size=16, person=b"derived").digest()
    return str(uuid.UUID(bytes=digest))
