"""Who of a list is written to at once and who waits, by lot: the one comparison that can tell what a message does."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

#: Days from the draw on which those who wait are not yet written to: the day itself, and the seven that are compared.
WAIT = 8

#: Lists of fewer are not drawn: a teacher who picks a few people has a reason for each.
FEWEST = 10


def draw(people: Iterable[bytes], seed: int) -> frozenset[bytes]:
    """Those who are written to at once: half of them, and of an odd number one more or one fewer by the same lot.

    So everybody has a chance of one half, whatever the size of the list, and lists may be added up. The same people and
    the same seed always give the same half.
    """
    lot, everybody = Random(seed), sorted(set(people))  # noqa: S311
    half = len(everybody) // 2 + (lot.getrandbits(1) if len(everybody) % 2 else 0)
    return frozenset(lot.sample(everybody, half))
