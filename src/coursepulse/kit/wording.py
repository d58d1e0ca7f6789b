"""JSON decoding errors in the words of the sender."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec

_PATH = re.compile(r" - at `(\$[^`]*)`$")

_KINDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
    "datetime": "a date and time",
}

_BOUNDS = {">=": "of at least", "<=": "of at most", ">": "above", "<": "below"}

_MOMENT = "such as 2026-03-01T12:00:00Z"

#: Messages of msgspec, and what to say instead.
_SENTENCES: list[tuple[str, Callable[[re.Match[str]], str]]] = [
    (r"Expected `(.+)`, got `(\w+)`", lambda found: f"Send {_kind(found[1])} here, not {_kind(found[2])}"),
    (
        r"Expected `(.+)` of length (>=|<=) (\d+)",
        lambda found: f"Send {_kind(found[1])} {_BOUNDS[found[2]]} {_many(found[1], int(found[3]))} here",
    ),
    (
        r"Expected `(.+)` (>=|<=|>|<) (\S+)",
        lambda found: f"Send {_kind(found[1])} {_BOUNDS[found[2]]} {float(found[3]):.12g} here",
    ),
    (r"Expected `str` matching regex '(.*)'", lambda found: f"Send text of the form `{found[1]}` here"),
    (
        r"Expected `datetime` with a timezone component",
        lambda _: f"Say how far the time is from UTC, {_MOMENT}",
    ),
    (r"Invalid RFC3339 encoded datetime", lambda _: f"Send a date and time here, {_MOMENT}"),
    (r"Invalid RFC3339 encoded date", lambda _: "Send a date here, such as 2026-03-01"),
    (r"Invalid UUID", lambda _: "Send a UUID here, such as 018f3a52-9c41-7c1e-8a44-0a6b7f6f2d10"),
    (
        r"Object contains unknown field `(.+)`",
        lambda found: f"There is no field `{found[1][:64]}` here; leave it out",
    ),
    (
        r".* out of range",
        lambda _: "The number is too large to be kept; send one that fits into 64 bits",
    ),
]


def take_apart(error: msgspec.ValidationError) -> tuple[str, str]:
    """The path to the value (``$`` is the whole document) and the rest of the message."""
    message = str(error)
    found = _PATH.search(message)
    return (found[1] if found else "$"), _PATH.sub("", message)


def plainly(message: str) -> str:
    """What to send instead, without a full stop. An unknown message is returned unchanged."""
    for pattern, explain in _SENTENCES:
        if found := re.fullmatch(pattern, message):
            return explain(found)
    return message


def choices(kind: Any) -> Iterator[str]:
    """The values of every enum in a type, such as ``Role | None``."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        yield from (str(member.value) for member in kind)
    for part in get_args(kind):
        yield from choices(part)


def field_type(kind: Any, path: str) -> Any:
    """The type of the field at ``path``, such as ``$.assessments[0].kind``, within a struct."""
    for name in re.findall(r"\.(\w+)", path):
        kind = next((hints[name] for hints in _hints(kind) if name in hints), object)
    return kind


def _hints(kind: Any) -> Iterator[dict[str, Any]]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield _fields(kind)
    for part in get_args(kind):
        yield from _hints(part)


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, Any]:
    # Annotations are parsed from source: cached, so that ten thousand bad rows cost it once.
    return get_type_hints(kind, include_extras=True)


def _kind(name: str) -> str:
    return " or ".join(_KINDS.get(one, f"`{one}`") for one in name.split(" | "))


def _many(kind: str, number: int) -> str:
    thing = {"array": "item", "object": "field"}.get(kind, "character")
    return f"{number} {thing}{'' if number == 1 else 's'}"
