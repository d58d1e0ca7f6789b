"""A look counts for a while."""

from __future__ import annotations

from coursepulse.stream.attention import LASTS, Attention


def test_nobody_looks_until_somebody_does_and_some_time_after() -> None:
    now = [100.0]
    attention = Attention(lambda: now[0])
    assert not attention.paid()
    attention.note()
    now[0] += LASTS - 1
    assert attention.paid()
    now[0] += 1
    assert not attention.paid()
    attention.note()
    assert attention.paid()
