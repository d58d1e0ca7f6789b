"""Why an outcome of a course is what it is: the learners it counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from coursepulse.aggregates.row import Row
from coursepulse.kit.clock import from_micros
from coursepulse.metrics.evidence import columns as e
from coursepulse.metrics.evidence.proof import Facts, ItemRule, Proof
from coursepulse.metrics.finish.outcomes import CHANGE_LEARNERS, LEARNERS, belongs, came_on, is_known
from coursepulse.metrics.metric import Column, Unit

_COLUMNS = (
    e.NAME,
    e.STUDENT_ID,
    Column("enrolled_on", Unit.DATE, "Enrolled on", "UTC day"),
    Column("completed_on", Unit.DATE, "Completed on", "UTC day; null without"),
    Column("done", Unit.FLAG, "Completed", "declared complete, or every lesson done"),
)


def _keep(counts: Callable[[Row, Facts], bool], facts: Facts) -> list[Row]:
    return [row for row in facts.found[LEARNERS] if belongs(row, facts.row) and counts(row, facts)]


def _known(row: Row, facts: Facts) -> bool:
    return is_known(row, from_micros(facts.query.moment).date())


def _completed(row: Row, facts: Facts) -> bool:
    return _known(row, facts) and bool(row["done"])


def _everybody(_: Row, __: Facts) -> bool:
    return True


def _proof(rule: ItemRule, counts: Callable[[Row, Facts], bool], amount: str = "") -> Proof:
    return Proof(rule, "learners", _COLUMNS, partial(_keep, counts), amount=amount, people=True)


KNOWN = _proof(ItemRule.COUNT, _known)
COMPLETED = _proof(ItemRule.COUNT, _completed)
COMPLETED_PCT = _proof(ItemRule.SHARE, _known, "done")
ENROLLED = _proof(ItemRule.COUNT, _everybody)


def _came(side: bool, facts: Facts) -> list[Row]:
    last = from_micros(facts.query.moment).date()
    found = [(row, came_on(row, facts.row, last)) for row in facts.found[CHANGE_LEARNERS]]
    return [
        row | {"came_on": each.came, "went_on": each.went}
        for row, each in found
        if each and each.later == side
    ]


_CAME = (
    e.NAME,
    e.STUDENT_ID,
    Column("came_on", Unit.DATE, "Came to it on", "UTC day on which the lesson before was completed"),
    Column("went_on", Unit.DATE, "Completed on", "UTC day; null without"),
)

CAME_BEFORE, CAME_LATER = (
    Proof(ItemRule.COUNT, "learners", _CAME, partial(_came, side), people=True) for side in (False, True)
)
