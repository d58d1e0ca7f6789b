"""Revenue and the ranks of courses, counted event by event and learner by learner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from coursepulse.events.event import Event
from coursepulse.kit.clock import from_micros


class RevenueKey(NamedTuple):
    """What a row of revenue is about."""

    month: date
    currency: str
    course: str


class RevenueSums(NamedTuple):
    """What came and went."""

    payments: int = 0
    refunds: int = 0
    paid: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        return self.paid - self.refunded


def add_payments(
    events: Iterable[Event], first: date, after: date, left_out: Collection[bytes] = ()
) -> dict[RevenueKey, RevenueSums]:
    """Payments and refunds of the days from ``first``, each event once."""
    found = defaultdict[RevenueKey, RevenueSums](RevenueSums)
    for event in {each.event_id: each for each in events}.values():
        day, amount = from_micros(event.at).date(), Decimal(event.amount) / 10_000
        if not first <= day < after or event.student_id in left_out:
            continue
        key = RevenueKey(day.replace(day=1), event.currency, event.course_id)
        sums = found[key]
        if event.event_type == "payment_completed":
            found[key] = sums._replace(payments=sums.payments + 1, paid=sums.paid + amount)
        elif event.event_type == "payment_refunded":
            found[key] = sums._replace(refunds=sums.refunds + 1, refunded=sums.refunded + amount)
    return {key: sums for key, sums in found.items() if sums.payments or sums.refunds}
