"""Reads many rows of one request: each gets its own verdict, and a bad one never fails its neighbours."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

import msgspec

from coursepulse.events.split import NotEvents, split
from coursepulse.kit.errors import RequestError
from coursepulse.kit.moments import cut_moments
from coursepulse.kit.wording import choices, field_type, plainly, take_apart

#: The most rows of one request.
MOST_ROWS = 10_000

_NUL = b"\\u0000"

Row = TypeVar("Row", bound=msgspec.Struct)


class RowFault(StrEnum):
    """Every reason for which a row of the roster or a consent can be refused. Values are stable."""

    MALFORMED = "malformed"
    MISSING_FIELD = "missing_field"
    INVALID_VALUE = "invalid_value"
    UNKNOWN_TIME_ZONE = "unknown_time_zone"
    UNKNOWN_LESSON = "unknown_lesson"
    UNKNOWN_PURPOSE = "unknown_purpose"
    UNKNOWN_COURSE = "unknown_course"
    UNKNOWN_ORGANISATION = "unknown_organisation"
    UNKNOWN_TEAM = "unknown_team"
    ONE_OF_TWO = "one_of_two"
    MORE_THAN_THERE_ARE = "more_than_there_are"
    DUPLICATE_ID = "duplicate_id"
    ENDS_BEFORE_START = "ends_before_start"
    INVALID_NAME = "invalid_name"
    NAME_TAKEN = "name_taken"
    NO_CONSENT = "no_consent"
    TIMESTAMP_IN_FUTURE = "timestamp_in_future"


class Trouble(NamedTuple):
    """What is wrong with a row, where, and what to do about it."""

    reason: RowFault
    path: str
    sentence: str


class RowVerdict(msgspec.Struct, frozen=True):
    """The verdict on a refused row. ``index`` is its place in the request, from 0."""

    index: int
    reason: RowFault
    path: str
    sentence: str


class Read(NamedTuple, Generic[Row]):
    """A decoded request: the rows to keep with their places in the request, and a verdict on each other row."""

    rows: list[Row]
    places: list[int]
    rejected: list[RowVerdict]


class Reference(NamedTuple):
    """A field that refers to something that must exist already.

    :param noun: what it names, such as ``course``
    """

    field: str
    reason: RowFault
    noun: str


def refuse_unknown(read: Read[Row], reference: Reference, known: Container[str]) -> Read[Row]:
    """The request without rows whose ``reference`` is not ``known``. An empty field refers to nothing."""
    kept: list[Row] = []
    places: list[int] = []
    rejected = list(read.rejected)
    for row, place in zip(read.rows, read.places, strict=True):
        name = getattr(row, reference.field)
        if name and name not in known:
            sentence = f"`{name}` is not a known {reference.noun}; send the {reference.noun} first."
            rejected.append(RowVerdict(place, reference.reason, f"$.{reference.field}", sentence))
        else:
            kept.append(row)
            places.append(place)
    return Read(kept, places, sorted(rejected, key=lambda verdict: verdict.index))


def read_rows(body: bytes, kind: type[Row], check: Callable[[Row], Iterator[Trouble]]) -> Read[Row]:
    """The rows of a JSON array of ``kind``, each checked against its types and then by ``check``.

    :raises RequestError: when the body is not a JSON array, or holds more than :data:`MOST_ROWS` rows
    """
    texts = _split_rows(body)
    decoder = msgspec.json.Decoder(kind)
    rows: list[Row] = []
    places: list[int] = []
    rejected: list[RowVerdict] = []
    for index, text in enumerate(texts):
        found = _read_row(text, decoder, check)
        if isinstance(found, Trouble):
            rejected.append(RowVerdict(index, *found))
        else:
            rows.append(found)
            places.append(index)
    return Read(rows, places, rejected)


def _split_rows(body: bytes) -> list[bytes]:
    if body.lstrip()[:1] != b"[":
        raise RequestError("not_an_array", "The body is not a JSON array; send rows as `[{…}, {…}]`.")
    try:
        texts = split(body)
    except NotEvents as error:
        raise RequestError("not_json", str(error)) from None
    if len(texts) > MOST_ROWS:
        sentence = f"{len(texts):,} rows in one request; send at most {MOST_ROWS:,}."
        raise RequestError("too_many_rows", sentence, 413)
    return texts


def _read_row(
    text: bytes, decoder: msgspec.json.Decoder[Row], check: Callable[[Row], Iterator[Trouble]]
) -> Row | Trouble:
    if _NUL in text:
        return Trouble(RowFault.INVALID_VALUE, "$", "The row contains the character U+0000; remove it.")
    try:
        row = decoder.decode(cut_moments(text))
    except msgspec.ValidationError as error:
        return _explain(*take_apart(error), decoder.type)
    except RecursionError:
        return Trouble(RowFault.MALFORMED, "$", "The row is nested too deeply; send a flat object.")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Trouble(RowFault.MALFORMED, "$", f"Not a JSON object: {error}.")
    return next(check(row), row)


def _explain(path: str, message: str, kind: type[msgspec.Struct]) -> Trouble:
    missing = re.fullmatch(r"Object missing required field `(\w+)`", message)
    if missing:
        return Trouble(RowFault.MISSING_FIELD, f"{path}.{missing[1]}", f"`{missing[1]}` is required.")
    if message.startswith("Invalid enum value"):
        message = f"Send one of {', '.join(choices(field_type(kind, path)))} here"
    return Trouble(RowFault.INVALID_VALUE, path, f"{plainly(message)}.")
