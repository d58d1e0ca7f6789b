"""What stands behind a number: a declaration beside the metric, and the rule by which its items make the number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from math import fsum
from typing import NamedTuple, TypeAlias

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.stats import quantile
from coursepulse.metrics.metric import Column
from coursepulse.metrics.query import Query


class ItemRule(StrEnum):
    """How items make a number."""

    #: What the items amount to, added up.
    SUM = "sum"
    #: How many items count.
    COUNT = "count"
    #: The items that count, in per cent of those that could.
    SHARE = "share"
    #: What the items amount to, in per cent of a number of the row.
    PART = "part"
    #: The mean of the amounts that there are.
    MEAN = "mean"
    #: The largest amount that counts.
    BEST = "best"
    #: The amount with a quarter of the others below, with half of them, and with a quarter above.
    LOWER = "lower"
    MEDIAN = "median"
    UPPER = "upper"


class Why(StrEnum):
    """Why there is nothing behind a number that could be shown."""

    #: It was told, by the platform or by a roster, and is made of nothing else.
    TOLD = "told"
    #: A formula makes it of other numbers of the same row.
    FORMULA = "formula"
    #: It compares with others, who would have to be shown.
    COMPARES = "compares"
    #: It is of this moment, which nobody keeps.
    NOW = "now"
    #: It is about one member, whose page shows what it is made of.
    RECORD = "record"
    #: It is about the system, not about what anybody did.
    SYSTEM = "system"
    #: It counts people of the whole platform, each once, and no list here names them.
    EVERYBODY = "everybody"
    #: No list here names what it is made of.
    UNLISTED = "unlisted"
    #: The numbers are covered, because the viewer may not see who is behind them.
    SMALL_GROUPS = "small_groups"
    #: Somebody is behind it whom the viewer may not see.
    PEOPLE = "people"
    #: There is no number.
    NOTHING = "nothing"
    #: The single events are no longer kept.
    EVENTS_GONE = "events_gone"
    #: It changed while the evidence was being read.
    MOVED = "moved"


class Facts(NamedTuple):
    """What items are made of.

    :param found: the rows of the metric's own queries and of those that the proof reads
    :param query: the question, narrowed to what the row is about
    :param row: the row of the metric with the number
    :param column: of the number
    """

    found: QueryRows
    query: Query
    row: Row
    column: str


#: Makes the items.
Make: TypeAlias = Callable[[Facts], list[Row]]

#: Adds up amounts.
Tally: TypeAlias = Callable[[Iterable[float]], float]


class Remainder(NamedTuple):
    """What those add to a number who are counted and not named: rounded, like the number itself.

    :param amount: what they amount to; of a mean their own mean
    :param of: of a share what could count, of a mean how many they are
    """

    amount: float
    of: float | None = None


class Proof(NamedTuple):
    """The evidence of a number.

    :param columns: of the items
    :param amount: column of the items that makes the number: what is added up, or whether an item counts
    :param of: with SHARE column of the items that says how much could count, empty for 1 each; with PART the column of
        the metric's row that is the whole; with MEAN, where there may be a rest, that which says over how many it is
    :param reads: named queries beside those of the metric
    :param scale: what the sum is divided by: sums of whole microseconds are exact, of seconds they are not
    :param tally: how amounts are added up; the rollups add decimals
    :param titled: column of the id whose title stands in the items, see :mod:`coursepulse.metrics.steps.label`
    :param people: each item is a student
    :param things: what the items are, as ``things.<word>`` says it to people
    :param opens: what an item is made of in turn
    """

    rule: ItemRule
    things: str
    columns: tuple[Column, ...]
    make: Make
    amount: str = ""
    of: str = ""
    reads: tuple[str, ...] = ()
    scale: int = 1
    tally: Tally = fsum
    titled: str = ""
    people: bool = False
    opens: Proof | None = None

    def work_out(self, items: Sequence[Row], row: Row) -> float | None:
        """The number that the items make."""
        return _RULES[self.rule](self, items, row)

    def parts(self, items: Sequence[Row], row: Row) -> tuple[float, float] | None:
        """The part and the whole of which the number is the share; None for other rules."""
        if self.rule not in (ItemRule.SHARE, ItemRule.PART):
            return None
        whole = row[self.of] if self.rule is ItemRule.PART else self._could(items)
        return self.tally(self.amounts(items)), whole

    def find_rest(self, items: Sequence[Row], row: Row, value: float) -> Remainder | None:
        """What is missing of the number when the items are only some of those behind it; None when nothing is."""
        return _RESTS[self.rule](self, items, row, value)

    def add_rest(self, items: Sequence[Row], row: Row, rest: Remainder) -> float | None:
        """The number that the items make together with a rest."""
        if self.rule is ItemRule.SHARE:
            part, whole = self.parts(items, row) or (0, 0)
            return min(100.0, 100 * (part + rest.amount) / (whole + (rest.of or 0)))
        own = self.work_out(items, row)
        if self.rule is ItemRule.MEAN:
            return _pool(rest, own, len(items))
        whole_sum = round((own or 0) * self.scale) + rest.amount
        return whole_sum if self.scale == 1 else whole_sum / self.scale

    def _could(self, items: Sequence[Row]) -> float:
        return self.tally(item[self.of] for item in items) if self.of else len(items)

    def amounts(self, items: Sequence[Row]) -> list[float]:
        """What the items amount to, as far as they do."""
        return [item[self.amount] for item in items if item[self.amount] is not None]


class Same(NamedTuple):
    """A number in a list that another metric has too: it is explained there.

    :param metric: the metric about one student or one course
    :param column: its column, if another than the one in the list
    :param week: the row is about the week that its column ``week`` begins, as far as the period goes
    """

    metric: str
    column: str = ""
    week: bool = False


#: By column: what stands behind its numbers, or why nothing does; an empty name is every other column.
Evidence: TypeAlias = Mapping[str, Proof | Same | Why]


def _sum(proof: Proof, items: Sequence[Row], _: Row) -> float:
    amounts = proof.amounts(items)
    whole = all(isinstance(each, int) for each in amounts)
    total = sum(amounts) if whole else proof.tally(amounts)
    return total if proof.scale == 1 else total / proof.scale


def _count(proof: Proof, items: Sequence[Row], _: Row) -> int:
    return sum(1 for item in items if not proof.amount or item[proof.amount])


def _share(proof: Proof, items: Sequence[Row], row: Row) -> float | None:
    part, whole = proof.parts(items, row) or (0, 0)
    return 100 * part / whole if whole else None


def _part(proof: Proof, items: Sequence[Row], row: Row) -> float | None:
    share = _share(proof, items, row)
    return None if share is None else min(100.0, share)


def _mean(proof: Proof, items: Sequence[Row], _: Row) -> float | None:
    amounts = proof.amounts(items)
    return proof.tally(amounts) / len(amounts) if amounts else None


def _best(proof: Proof, items: Sequence[Row], _: Row) -> float | None:
    counting = [item for item in items if not proof.of or item[proof.of]]
    return max(proof.amounts(counting), default=None)


def _quantile(level: float, proof: Proof, items: Sequence[Row], _: Row) -> float | None:
    return quantile(proof.amounts(items), level)


def _pool(rest: Remainder, own: float | None, items: int) -> float:
    """A mean over both, as :mod:`coursepulse.privacy.small_groups` makes it."""
    people = rest.of or 0
    return rest.amount if own is None else (rest.amount * people + own * items) / (people + items)


def _rest_of_sum(proof: Proof, items: Sequence[Row], row: Row, value: float) -> Remainder | None:
    own = proof.work_out(items, row) or 0
    missing = round(value * proof.scale) - round(own * proof.scale)
    return Remainder(missing) if missing else None


def _rest_of_share(proof: Proof, items: Sequence[Row], row: Row, value: float) -> Remainder | None:
    part, whole = proof.parts(items, row) or (0, 0)
    rest = Remainder(row[proof.amount] - part, row[proof.of] - whole)
    # Where too few of the others count, the share is that of the members who are named.
    return None if proof.work_out(items, row) == value else rest


def _rest_of_mean(proof: Proof, items: Sequence[Row], row: Row, value: float) -> Remainder | None:
    people, own = row[proof.of] - len(items), proof.work_out(items, row)
    if people <= 0:
        return None
    # Means of others are whole: each step that they are rounded to is.
    return Remainder(round((value * row[proof.of] - (own or 0) * len(items)) / people), people)


_RESTS: dict[ItemRule, Callable[[Proof, Sequence[Row], Row, float], Remainder | None]] = {
    ItemRule.SUM: _rest_of_sum,
    ItemRule.COUNT: _rest_of_sum,
    ItemRule.SHARE: _rest_of_share,
    ItemRule.MEAN: _rest_of_mean,
}

_RULES: dict[ItemRule, Callable[[Proof, Sequence[Row], Row], float | None]] = {
    ItemRule.SUM: _sum,
    ItemRule.COUNT: _count,
    ItemRule.SHARE: _share,
    ItemRule.PART: _part,
    ItemRule.MEAN: _mean,
    ItemRule.BEST: _best,
    ItemRule.LOWER: partial(_quantile, 0.25),
    ItemRule.MEDIAN: partial(_quantile, 0.5),
    ItemRule.UPPER: partial(_quantile, 0.75),
}
