"""Traces of a student in text that nobody could read."""

from __future__ import annotations

import pytest

from coursepulse.privacy.erasable import DataSubject
from coursepulse.privacy.traces import Traces
from tests.privacy.dead_letters import bodies

NAME, MAIL, IDENT = "Zo\u00eb M\u00fcller", "zoe+x@m\u00fcller.example", "zz-4711/\u00fc"

WHO = DataSubject(
    student=bytes(range(100, 116)), replacement=bytes(16), salt="", external_id=IDENT, email=MAIL, name=NAME
)


@pytest.mark.parametrize("body", bodies(NAME, MAIL, IDENT))
def test_a_trace_is_found_in_every_shape(body: bytes) -> None:
    assert Traces(WHO)(body)


@pytest.mark.parametrize(
    "body",
    [
        "ZO\u00cb M\u00dcLLER".encode("cp1252"),
        "Zoe\u0308 Mu\u0308ller".encode(),
        b"Zo%EB%20M%FCller",
        b"x" + WHO.student + b"x",
        WHO.student.hex().upper().encode(),
        b"64656667-6869-6A6B-6c6d-6e6f70717273",
        b"\\ud83e\\udd86 zoe+x@m\\u00fcller.example",
    ],
)
def test_and_in_every_encoding(body: bytes) -> None:
    assert Traces(WHO)(body)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        None,
        "",
        b"M\xc3\xbcller",
        b"zz-4712",
        b"\\u",
        b"%",
        b"%zz",
        b"\\ud800",
        b"Zo\xeb",
        b"\xff\x00\xd8",
    ],
)
def test_nothing_is_found_where_nothing_is(text: bytes | str | None) -> None:
    assert not Traces(WHO)(text)


def test_somebody_of_whom_little_is_known_is_not_everywhere() -> None:
    nobody = DataSubject(student=WHO.student, replacement=bytes(16), salt="", external_id=" ")
    assert not Traces(nobody)(b"anything at all")
