from __future__ import annotations

import hashlib
import hmac

import pytest

from coursepulse.privacy.pseudonyms import Pseudonyms

SECRET = b"sixteen bytes or more"


def test_a_pseudonym_is_a_truncated_hmac_that_anyone_with_the_secret_can_check() -> None:
    expected = hmac.new(SECRET, "Zoë".encode(), hashlib.sha256).digest()[:16]
    assert Pseudonyms(SECRET).of("Zoë") == expected


def test_a_student_keeps_one_pseudonym_and_shares_it_with_nobody() -> None:
    names = Pseudonyms(SECRET)
    assert names.of("s-1") == names.of("s-1") == Pseudonyms(SECRET).of("s-1")
    assert len({names.of(f"s-{n}") for n in range(1000)}) == 1000


def test_another_secret_gives_other_pseudonyms() -> None:
    assert Pseudonyms(SECRET).of("s-1") != Pseudonyms(SECRET + b"!").of("s-1")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Pseudonyms(b"x" * 15)
