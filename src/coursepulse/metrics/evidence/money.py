"""Why a sum of money is what it is: what each day and course adds to it."""

from __future__ import annotations

from functools import partial

from coursepulse.aggregates.row import Row
from coursepulse.events.currencies import MONEY_PARTS
from coursepulse.metrics.evidence import columns as e
from coursepulse.metrics.evidence.proof import Facts, ItemRule, Proof
from coursepulse.metrics.metric import Column, Unit

_QUERY = "evidence_payments"
_PARTS = Column(
    "parts", Unit.COUNT, "Ten-thousandths", "the same in ten-thousandths, which add up exactly", hidden=True
)


def _list_days(name: str, facts: Facts) -> list[Row]:
    """The days of what the row is about on which something came or went."""
    keys = {key: facts.row[key] for key in ("currency", "course_id", "month") if key in facts.row}
    rows = [row for row in facts.found[_QUERY] if all(row[key] == value for key, value in keys.items())]
    return [_tell(row, name) for row in rows if row["payments"] or row["refunds"]]


def _tell(row: Row, name: str) -> Row:
    parts = {
        "paid": row["paid_parts"],
        "refunded": row["refunded_parts"],
        "net": row["paid_parts"] - row["refunded_parts"],
    }.get(name, 0)
    return row | {"parts": parts, "amount": parts / MONEY_PARTS}


def _sum(name: str) -> Proof:
    amount = Column("amount", Unit.MONEY, "Amount", "what the day adds")
    return Proof(
        ItemRule.SUM,
        "days",
        (e.DAY, e.COURSE, e.COURSE_ID, amount, _PARTS),
        partial(_list_days, name),
        amount="parts",
        reads=(_QUERY,),
        scale=MONEY_PARTS,
        titled="course_id",
    )


def _count(name: str, title: str) -> Proof:
    column = Column(name, Unit.COUNT, title, "how many")
    return _sum(name)._replace(columns=(e.DAY, e.COURSE, e.COURSE_ID, column), amount=name, scale=1)


PAID, REFUNDED, NET = _sum("paid"), _sum("refunded"), _sum("net")
PAYMENTS, REFUNDS = _count("payments", "Payments"), _count("refunds", "Refunds")
