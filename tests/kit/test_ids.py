"""Spellings of one id."""

from __future__ import annotations

import pytest

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
