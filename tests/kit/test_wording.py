"""A value that does not fit is answered in words that its sender can act on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, get_type_hints
from uuid import UUID

import msgspec
import pytest
from msgspec import Meta

from coursepulse.campus import consents, courses, deliveries, enrolments, organisations, people
from coursepulse.events.event import Envelope
from coursepulse.events.taxonomy import TYPES
from coursepulse.kit.wording import choices, field_type, plainly, take_apart


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        (float | None, "3", "Send a number or null here, not text"),
        (str, 3, "Send text here, not a whole number"),
        (list[str], {}, "Send a list here, not an object"),
        (bool, None, "Send true or false here, not null"),
        (Annotated[float, Meta(ge=0)], -1.0, "Send a number of at least 0 here"),
        (Annotated[float, Meta(le=360_000)], 1e9, "Send a number of at most 360000 here"),
        (Annotated[float, Meta(gt=0)], 0.0, "Send a number above 0 here"),
        (Annotated[int, Meta(lt=10)], 10, "Send a whole number of at most 9 here"),
        (Annotated[str, Meta(min_length=1)], "", "Send text of at least 1 character here"),
        (Annotated[str, Meta(max_length=2)], "abc", "Send text of at most 2 characters here"),
        (Annotated[list[str], Meta(min_length=2)], ["a"], "Send a list of at least 2 items here"),
        (Annotated[str, Meta(pattern="^[A-Z]{3}$")], "eur", "Send text of the form `^[A-Z]{3}$` here"),
        (
            Annotated[datetime, Meta(tz=True)],
            "2026-03-01T12:00:00",
            "Say how far the time is from UTC, such as 2026-03-01T12:00:00Z",
        ),
        (date | None, "yesterday", "Send a date here, such as 2026-03-01"),
        (UUID, "x", "Send a UUID here, such as 018f3a52-9c41-7c1e-8a44-0a6b7f6f2d10"),
        (organisations.Organisation, {"n" * 99: ""}, f"There is no field `{'n' * 64}` here; leave it out"),
        (organisations.Organisation, {"nam": ""}, "There is no field `nam` here; leave it out"),
        (datetime, "yesterday", "Send a date and time here, such as 2026-03-01T12:00:00Z"),
    ],
)
def test_what_to_send_instead(kind: Any, value: object, sentence: str) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.json.decode(msgspec.json.encode([value]), type=tuple[kind])
    assert take_apart(raised.value)[0] == "$[0]"
    assert plainly(take_apart(raised.value)[1]) == sentence


def test_what_may_be_chosen_where() -> None:
    assert [*choices(field_type(people.Person, "$.role"))] == ["student", "instructor", "staff"]
    assert [*choices(field_type(courses.Course, "$.assessments[0].kind"))] == ["quiz", "assignment"]
    assert [*choices(field_type(people.Person, "$.no.such"))] == []


WRONG: list[object] = [None, True, -1, 0, 1.5, 1e12, "", "x", "x" * 5_000, "2026-03-01T12:00:00", [], [1], {}]
ROOMS = (consents, courses, deliveries, enrolments, organisations, people)


def every_struct() -> Iterator[type[msgspec.Struct]]:
    """What platforms send: the envelope, each payload, each row of the roster."""
    yield Envelope
    yield from {kind.payload for kind in TYPES.values()}
    for room in ROOMS:
        for kind in vars(room).values():
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                yield kind


@pytest.mark.parametrize("kind", sorted(set(every_struct()), key=str))
def test_no_field_is_answered_in_words_of_the_reader(kind: type[msgspec.Struct]) -> None:
    for name, hint in get_type_hints(kind, include_extras=True).items():
        for value in WRONG:
            try:
                msgspec.json.decode(msgspec.json.encode(value), type=hint)
            except msgspec.ValidationError as error:
                sentence = plainly(take_apart(error)[1])
                assert not sentence.startswith(("Expected", "Invalid")) or [*choices(hint)], (name, value)
