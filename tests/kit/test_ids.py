"""Spellings of one id."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coursepulse.kit.ids import to_bytes

ID = "82558aaf-26ae-54ff-a31d-1200d3e8ad44"


@pytest.mark.parametrize(
    "spelled",
    [
        ID.upper(),
        f"{{{ID}}}",
        f"{{{ID.upper()}}}",
        f"urn:uuid:{ID}",
        f"URN:UUID:{ID.upper()}",
        ID.replace("-", ""),
        ID.replace("-", "").upper(),
    ],
)
def test_a_uuid_is_the_same_one_however_it_is_spelled(spelled: str) -> None:
    assert to_bytes(spelled, "event") == bytes.fromhex(ID.replace("-", ""))


@pytest.mark.parametrize(
    "text", [f"{{{ID}", f"{ID}}}", ID.replace("-", "_"), f"x{ID[1:]}", ID[:-1], ID + "\n"]
)
def test_what_only_looks_like_one_is_a_text(text: str) -> None:
    assert to_bytes(text, "event") not in {bytes.fromhex(ID.replace("-", "")), to_bytes(ID, "event")}


_USUAL = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@settings(max_examples=200)
@given(st.integers(0, 35), st.sampled_from(["-", " ", "\t", "_", "g", "A", "\N{FULLWIDTH DIGIT ONE}", "\0"]))
@example(0, "0")
def test_one_other_character_makes_it_a_text(place: int, character: str) -> None:
    text = ID[:place] + character + ID[place + 1 :]
    plain = _USUAL.fullmatch(text) is not None
    assert (to_bytes(text, "event") == to_bytes(text, "session")) == plain
    if plain:
        assert to_bytes(text, "event") == bytes.fromhex(text.replace("-", ""))


def test_hyphens_elsewhere_make_it_a_text() -> None:
    for text in (ID[1:] + "-", f"{ID[:-2]} 4", f"{ID[:-4]}    ", "-" * 36, ID.replace("-", " ")):
        assert to_bytes(text, "event") != to_bytes(text, "session")
